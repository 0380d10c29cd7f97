"""How long what members suggest, where they are in their books, what they write, talk about and borrow, is kept.

Reading lists stay, with what was set for each meeting: every cohort can look up what others read.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest, TruncDate

from bookclub.models import CopyRequest, Digest, Loan, Post, PostReport, Reading, Reflection, Suggestion, Thread
from portal.retention import holds
from portal.retention.categories import Category, register
from portal.retention.models import Hold
from portal.retention.periods import end_of, months


def _suggested(by: date) -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(cohort__ends_on__lte=by)


def _read(by: date) -> QuerySet[Reading]:
    return Reading.objects.filter(listed__cohort__ends_on__lte=by)


def _delete_readings(keys: Sequence[int]) -> int:
    Reading.objects.filter(pk__in=keys).delete()
    return len(keys)


def _delete(keys: Sequence[int]) -> int:
    Suggestion.objects.filter(pk__in=keys).delete()
    return len(keys)


def _written_long_ago(by: date) -> QuerySet[Reflection]:
    return Reflection.objects.filter(cohort__ends_on__lte=by, changed_at__lt=end_of(by))


def _delete_reflections(keys: Sequence[int]) -> int:
    return Reflection.objects.filter(pk__in=keys).delete()[0]


def _given_back(by: date) -> QuerySet[Loan]:
    return Loan.objects.filter(ended_on__lte=by).exclude(outcome=Loan.Outcome.OUT)


def _delete_loans(keys: Sequence[int]) -> int:
    return Loan.objects.filter(pk__in=keys).delete()[0]


def _asked(by: date) -> QuerySet[CopyRequest]:
    return CopyRequest.objects.filter(cohort__ends_on__lte=by)


def _delete_requests(keys: Sequence[int]) -> int:
    return CopyRequest.objects.filter(pk__in=keys).delete()[0]


register(
    Category(
        name="book-loans",
        heading="Books that were borrowed",
        holds="Who borrowed which copy, from when to when. What is still on loan stays until it is back or lost",
        why="So that the programme can ask once more about a copy that came back damaged, or was lost and turns up",
        counted_from="the day on which the copy came back, or was counted as lost",
        period=months(6),
        least=months(1),
        due=_given_back,
        kept=holds.keeps("borrower"),
        dated="ended_on",
        dispose=_delete_loans,
    )
)
register(
    Category(
        name="book-requests",
        heading="Books that members ask to borrow",
        holds="Which copy somebody asked for, and what they were answered",
        why="So that the programme team can lend, and whoever asked can look up the answer",
        counted_from="the day on which the cohort ended",
        period=months(6),
        least=months(1),
        due=_asked,
        kept=holds.keeps("asked_by"),
        dated="cohort__ends_on",
        dispose=_delete_requests,
    )
)


def _talked_long_ago(by: date) -> QuerySet[Thread]:
    return Thread.objects.filter(cohort__ends_on__lte=by)


def _delete_threads(keys: Sequence[int]) -> int:
    cohorts = set(Thread.objects.filter(pk__in=keys).values_list("cohort", flat=True))
    PostReport.objects.filter(post__thread__in=keys).delete()
    posts = Post.objects.filter(thread__in=keys)
    posts.filter(reply_to__isnull=False).delete()
    posts.delete()
    Digest.objects.filter(~Exists(Post.objects.filter(digest=OuterRef("pk"))), cohort__in=cohorts).delete()
    return Thread.objects.filter(pk__in=keys).delete()[0]


def _writes_there() -> Q:
    """Say of a hold that its person has written in the thread, or reported something there."""
    thread = OuterRef(OuterRef("pk"))
    posts = Post.objects.filter(author=OuterRef("person"), thread=thread)
    reports = PostReport.objects.filter(reported_by=OuterRef("person"), post__thread=thread)
    return Q(Exists(posts)) | Q(Exists(reports))


register(
    Category(
        name="book-suggestions",
        heading="Books that members suggest",
        holds="Which book somebody suggested to their cohort, why, and who backs it",
        why="So that the cohort and the programme team can choose what to read",
        counted_from="the day on which the cohort ended",
        period=months(12),
        least=months(1),
        due=_suggested,
        kept=holds.keeps("suggested_by"),
        dated="cohort__ends_on",
        dispose=_delete,
    )
)
register(
    Category(
        name="book-readings",
        heading="Where members are in each book",
        holds="Which books somebody has begun or finished, and at which chapter or page they are",
        why="So that they find their way back, and whoever leads a meeting knows how many have read",
        counted_from="the day on which the cohort ended",
        period=months(12),
        least=months(1),
        due=_read,
        kept=holds.keeps("reader"),
        dated="listed__cohort__ends_on",
        dispose=_delete_readings,
    )
)
REFLECTIONS: Final = register(
    Category(
        name="book-reflections",
        heading="Book club reflections",
        holds="What members wrote for themselves, what they shared of it, and drafts",
        why="So that they can read it and write on, and those with whom they share it can read it",
        counted_from="the day on which the cohort ended, or on which its author last wrote in it, whichever is later",
        period=months(24),
        least=months(12),
        due=_written_long_ago,
        kept=holds.keeps("author"),
        dated=Greatest("cohort__ends_on", TruncDate("changed_at")),
        dispose=_delete_reflections,
    )
)
THREADS: Final = register(
    Category(
        name="book-threads",
        heading="Threads of book clubs",
        holds="What members and facilitators wrote to one another around a meeting, and what was reported of it",
        why="So that those who took part can read it",
        counted_from="the day on which the cohort ended",
        period=months(24),
        least=months(1),
        due=_talked_long_ago,
        kept=Exists(Hold.objects.standing().filter(_writes_there())),
        dated="cohort__ends_on",
        dispose=_delete_threads,
        at_once=10,
    )
)
