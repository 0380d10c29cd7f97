"""What waits for a programme admin of book clubs: posts that were reported, books that members suggest, and copies:
asked for, due, and left with somebody who takes part no more."""

from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from bookclub.models import CopyRequest, Loan, PostReport, Suggestion
from bookclub.moderators import left_to_others
from cohorts.admin.first_few import Facts, Kind, first_few
from cohorts.rules import programmes_kept
from portal.accounts.models import User
from portal.admin_needs import Need, Task, what_needs_doing
from portal.nhsuk.dates import say_date

PATIENCE: Final = timedelta(days=3)
"""How long after the day on which a copy is due back it waits for an admin."""


def _suggested(user: User) -> QuerySet[Suggestion]:
    return Suggestion.objects.waiting().filter(cohort__programme__in=programmes_kept(user))


def _say(key: int, facts: Facts) -> Task:
    since = say_date(datetime.fromisoformat(facts["since"]), weekday=False)
    address = reverse("admin:bookclub_suggestion_change", args=[key])
    return Task(f"{facts['cohort']}, “{facts['title']}”: since {since}", address)


BOOKS_SUGGESTED: Final = Kind(
    "Books that members suggest",
    _suggested,
    "suggested_at",
    {"title": "title", "cohort": "cohort__name", "since": "suggested_at"},
    _say,
    lambda: f"{reverse('admin:bookclub_suggestion_changelist')}?state__exact={Suggestion.State.OPEN}",
)


def _asked_for(user: User) -> QuerySet[CopyRequest]:
    return CopyRequest.objects.waiting().filter(cohort__programme__in=programmes_kept(user))


def _say_asked(key: int, facts: Facts) -> Task:
    since = say_date(datetime.fromisoformat(facts["since"]), weekday=False)
    address = reverse("admin:bookclub_copyrequest_change", args=[key])
    return Task(f"{facts['cohort']}, “{facts['title']}”: since {since}", address)


def _due_back(user: User) -> QuerySet[Loan]:
    """Return what is due back for some days: on the day itself people have just been written to."""
    rows = Loan.objects.out().filter(copy__programme__in=programmes_kept(user))
    return rows.filter(due_on__lte=timezone.localdate() - PATIENCE).of_members()


def _with_leavers(user: User) -> QuerySet[Loan]:
    return Loan.objects.out().filter(copy__programme__in=programmes_kept(user)).of_leavers()


def _say_loan(key: int, facts: Facts) -> Task:
    due_on = say_date(date.fromisoformat(facts["due_on"]), weekday=False)
    address = reverse("admin:bookclub_loan_change", args=[key])
    return Task(f"{facts['cohort']}, “{facts['title']}” ({facts['label']}): due back {due_on}", address)


COPIES_ASKED_FOR: Final = Kind(
    "Copies that members ask for",
    _asked_for,
    "asked_at",
    {"title": "book__title", "cohort": "cohort__name", "since": "asked_at"},
    _say_asked,
    lambda: f"{reverse('admin:bookclub_copyrequest_changelist')}?state__exact={CopyRequest.State.OPEN}",
)
OF_A_LOAN: Final = {
    "title": "copy__book__title",
    "label": "copy__label",
    "cohort": "cohort__name",
    "due_on": "due_on",
}
COPIES_DUE_BACK: Final = Kind(
    "Copies that were due back",
    _due_back,
    "due_on",
    OF_A_LOAN,
    _say_loan,
    lambda: f"{reverse('admin:bookclub_loan_changelist')}?due=now",
)
COPIES_WITH_LEAVERS: Final = Kind(
    "Copies that somebody has who has left",
    _with_leavers,
    "due_on",
    OF_A_LOAN,
    _say_loan,
    lambda: f"{reverse('admin:bookclub_loan_changelist')}?due=left",
)


def _reported(user: User) -> QuerySet[PostReport]:
    """Return the reports that wait for somebody: not of what they wrote themselves, nor what they leave to others."""
    kept = PostReport.objects.waiting().filter(post__thread__cohort__programme__in=programmes_kept(user))
    return kept.exclude(post__author=user).exclude(pk__in=left_to_others(user))


def _say_reported(key: int, facts: Facts) -> Task:
    due_on = date.fromisoformat(facts["due_on"])
    said = "was to be decided by" if due_on < timezone.localdate() else "decide by"
    address = reverse("admin:bookclub_postreport_change", args=[key])
    return Task(f"{facts['cohort']}: {said} {say_date(due_on, weekday=False)}", address)


POSTS_REPORTED: Final = Kind(
    "Posts that were reported",
    _reported,
    "reported_at",
    {"cohort": "post__thread__cohort__name", "due_on": "due_on"},
    _say_reported,
    lambda: f"{reverse('admin:bookclub_postreport_changelist')}?state__exact={PostReport.State.WAITS}",
)


@what_needs_doing
def of_book_clubs(user: User) -> list[Need]:
    """Tell what waits in the book clubs of the programmes that somebody keeps."""
    return first_few((POSTS_REPORTED, BOOKS_SUGGESTED, COPIES_ASKED_FOR, COPIES_DUE_BACK, COPIES_WITH_LEAVERS), user)
