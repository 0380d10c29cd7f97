"""A cohort's list as people read it, and what cohorts have read: in a constant number of statements."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from bookclub.models import Backing, Book, ListedBook, MeetingPlan, Prompt, Reading, Suggestion
from cohorts.models import Cohort, Session
from portal.accounts.models import User
from portal.prepared import Given, Prepared

_OF_COHORT: Prepared[ListedBook] = Prepared(
    lambda: ListedBook.objects.live().select_related("book", "meeting__component").filter(cohort=Given("cohort"))
)
_SWAPPED: Prepared[ListedBook] = Prepared(
    lambda: (
        ListedBook.objects.filter(cohort=Given("cohort"), taken_off_at__isnull=False)
        .select_related("book", "swapped_for__book")
        .order_by("taken_off_at", "pk")
    )
)
_AT_MEETING: Prepared[ListedBook] = Prepared(
    lambda: ListedBook.objects.live().select_related("book").filter(cohort=Given("cohort"), meeting=Given("meeting"))
)
_READINGS: Prepared[Reading] = Prepared(
    lambda: Reading.objects.filter(listed__cohort=Given("cohort"), reader=Given("reader"))
)
_PLAN: Prepared[MeetingPlan] = Prepared(lambda: MeetingPlan.objects.filter(session=Given("meeting")))
_PROMPTS: Prepared[Prompt] = Prepared(lambda: Prompt.objects.live().filter(plan__session=Given("meeting")))


class OfCohort(NamedTuple):
    """What one cohort reads, for whoever looks over all lists."""

    cohort: str
    programme: str
    books: Sequence[Book]


class Suggested(NamedTuple):
    """A book that waits: how many back it, whether the reader does, and whether it is their own."""

    suggestion: Suggestion
    backed_by: int
    backs: bool
    is_own: bool


class Read(NamedTuple):
    """A book that at least one cohort has talked about."""

    title: str
    authors: str
    edition: str
    description: str


def of_cohort(cohort: Cohort) -> list[ListedBook]:
    """Return what a cohort reads, in order, each with its book and meeting."""
    return _OF_COHORT.all(cohort=cohort.pk)


def at_meeting(cohort: Cohort, meeting: Session) -> list[ListedBook]:
    """Return what a cohort talks about at one meeting, in the order of its list, each with its book."""
    return _AT_MEETING.all(cohort=cohort.pk, meeting=meeting.pk)


def where(cohort: Cohort, reader: User) -> dict[int, Reading]:
    """Return where somebody is in each book of a cohort that they have begun, by the listed book's key."""
    return {reading.listed_id: reading for reading in _READINGS.all(cohort=cohort.pk, reader=reader.pk)}


def plan(meeting: Session) -> MeetingPlan | None:
    """Return what is set for a meeting, with the guide, which is for whoever leads it alone."""
    return _PLAN.first(meeting=meeting.pk)


def prompts(meeting: Session) -> list[Prompt]:
    """Return what there is to talk about at a meeting, in order."""
    return _PROMPTS.all(meeting=meeting.pk)


def off_list(cohort: Cohort) -> list[ListedBook]:
    """Return what a cohort once had on its list, the earliest first, each with what took its place, if anything did."""
    return _SWAPPED.all(cohort=cohort.pk)


def suggestions(cohort: Cohort, reader: User) -> list[Suggested]:
    """Return the books that wait, the one that most back first."""
    own = Backing.objects.filter(suggestion=OuterRef("pk"), backed_by=reader)
    rows: QuerySet[Any] = Suggestion.objects.waiting().filter(cohort=cohort)
    found = rows.annotate(backed=Count("backings"), backs=Exists(own)).order_by("-backed", "suggested_at", "pk")
    return [Suggested(row, row.backed, row.backs, row.suggested_by_id == reader.pk) for row in found]


def lists() -> list[OfCohort]:
    """Return what every cohort reads, the latest cohort first."""
    rows = ListedBook.objects.live().select_related("book", "cohort__programme")
    found = rows.order_by("-cohort__starts_on", "-cohort", "position")
    return [
        OfCohort(cohort.name, cohort.programme.name, [row.book for row in group])
        for cohort, group in groupby(found, lambda row: row.cohort)
    ]


def read_by_cohorts() -> list[Read]:
    """Return the books that cohorts of published programmes have talked about at a meeting that is over."""
    talked_about = ListedBook.objects.filter(
        taken_off_at=None,
        cohort__programme__published=True,
        meeting__ends_at__lt=Now(),
        meeting__cancelled_at=None,
        book=OuterRef("pk"),
    )
    rows = Book.objects.filter(Exists(talked_about)).order_by("title", "pk")
    return [Read(*row) for row in rows.values_list(*Read._fields)]
