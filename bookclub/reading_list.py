"""A cohort's list as people read it, and what cohorts have read: in a constant number of statements."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any, Final, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Now

from bookclub.models import Backing, Book, Copy, ListedBook, Loan, MeetingPlan, Prompt, Reading, Suggestion
from cohorts import page_keys
from cohorts.models import Cohort, Session
from portal.accounts.models import User
from portal.prepared import Given, GivenMany, Prepared

PAGE: Final = 20
"""So many cohorts' lists stand on one page."""
DECIDED: Final = 20
"""Of so many suggestions members read what became of them: of the latest."""


ON_IT_FIRST: Final = (F("position").asc(nulls_last=True), "taken_off_at", "pk")
"""In the order of the list, and then what is off it in the order in which it went."""


def _with_where(books: QuerySet[ListedBook]) -> QuerySet[Any]:
    """Read with each book where the person who is given is in it."""
    own = Reading.objects.filter(listed=OuterRef("pk"), reader=Given("reader"))
    return books.annotate(state=Subquery(own.values("state")), place=Subquery(own.values("place")))


def _with_copies(books: QuerySet[ListedBook]) -> QuerySet[Any]:
    """Read with each book, of every copy that the programme which is given has to lend, whether it is lent."""
    copies = Copy.objects.in_use().filter(programme=Given("programme"), book=OuterRef("book"))
    lent = Exists(Loan.objects.out().filter(copy=OuterRef("pk")))
    return books.annotate(copies_lent=ArraySubquery(copies.values_list(lent)))


_OF_COHORT: Prepared[Any] = Prepared(
    lambda: _with_where(
        _with_copies(
            ListedBook.objects.select_related("book", "meeting__component", "swapped_for__book")
            .filter(cohort=Given("cohort"))
            .order_by(*ON_IT_FIRST)
        )
    )
)
_AT_MEETING: Prepared[Any] = Prepared(
    lambda: _with_where(
        ListedBook.objects.live().select_related("book").filter(cohort=Given("cohort"), meeting=Given("meeting"))
    )
)
_PROMPTS: Prepared[Prompt] = Prepared(lambda: Prompt.objects.live().filter(plan__session=Given("meeting")))
# A row for each prompt, or one without. The guide is not among what members' pages read at all.
_SET: Prepared[Any] = Prepared(
    lambda: (
        MeetingPlan.objects.filter(session=Given("meeting"))
        .order_by("prompts__position")
        .values_list("chapters", "prompts__pk", "prompts__position", "prompts__text")
    )
)
_GUIDE: Prepared[Any] = Prepared(lambda: MeetingPlan.objects.filter(session=Given("meeting")).values_list("guide"))

_EVER: Prepared[ListedBook] = Prepared(
    lambda: ListedBook.objects.select_related("book").filter(cohort=Given("cohort")).order_by(*ON_IT_FIRST)
)
_WAITING: Prepared[Any] = Prepared(
    lambda: (
        Suggestion.objects.waiting()
        .filter(cohort=Given("cohort"))
        .annotate(
            backed=Count("backings"),
            backs=Exists(Backing.objects.filter(suggestion=OuterRef("pk"), backed_by=Given("reader"))),
        )
        .order_by("-backed", "suggested_at", "pk")
    )
)
_DECIDED: Prepared[Any] = Prepared(
    lambda: (
        Suggestion.objects.decided()
        .filter(cohort=Given("cohort"))
        .annotate(
            on_list=Exists(ListedBook.objects.live().called(OuterRef("title")).filter(cohort=OuterRef("cohort"))),
            in_catalogue=Exists(Book.objects.called(OuterRef("title"))),
        )
        .order_by("-state_since", "-pk")[:DECIDED]
    )
)

# Each cohort with a book on its list, and a row more than a page has.
_COHORTS_THAT_READ: Prepared[Cohort] = Prepared(
    lambda: (
        Cohort.objects.filter(
            Exists(ListedBook.objects.filter(cohort=OuterRef("pk"), taken_off_at=None)),
            page_keys.earlier("starts_on"),
        )
        .select_related("programme")
        .order_by("-starts_on", "-pk")[: PAGE + 1]
    )
)
_READ_BY: Prepared[ListedBook] = Prepared(
    lambda: (
        ListedBook.objects.live()
        .select_related("book")
        .filter(cohort__in=GivenMany("cohorts"))
        .order_by("cohort_id", "position")
    )
)


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


class Where(NamedTuple):
    """Where somebody is in a book that they have begun: `place` is the chapter or page, if they said it."""

    state: str
    place: str


class Decided(NamedTuple):
    """A suggestion that the programme team has decided about, and where a book of that title is now."""

    suggestion: Suggestion
    on_list: bool
    in_catalogue: bool


class Lists(NamedTuple):
    """A page of what cohorts read. `next_before` is the key of the page that follows, empty on the last."""

    rows: Sequence[OfCohort]
    next_before: str


class InHand(NamedTuple):
    """A book of the list, and where the reader is in it; None: not begun.

    Of the programme's copies `lent` says one by one whether they are lent: among what a cohort reads, not at a meeting.
    """

    listed: ListedBook
    where: Where | None
    lent: Sequence[bool] = ()


class Read(NamedTuple):
    """A book that at least one cohort has talked about."""

    title: str
    authors: str
    edition: str
    description: str


def of_cohort(cohort: Cohort, reader: User) -> tuple[list[InHand], list[ListedBook]]:
    """Return what a cohort reads, in order, and what it once had on its list, the earliest first.

    Of the former each has its book and meeting, where the reader is in it, and its copies; of the latter, what took its
    place, if anything did.
    """
    rows = _OF_COHORT.all(cohort=cohort.pk, programme=cohort.programme_id, reader=reader.pk)
    on_list = [_in_hand(listed)._replace(lent=listed.copies_lent) for listed in rows if listed.is_on_list]
    return on_list, [each for each in rows if not each.is_on_list]


def ever_on_list(cohort: Cohort) -> list[ListedBook]:
    """Return the books that a cohort reads, in order, and then those that it once had on its list."""
    return _EVER.all(cohort=cohort.pk)


def at_meeting(cohort: Cohort, meeting: Session, reader: User) -> list[InHand]:
    """Return what a cohort talks about at one meeting, in the order of its list, and where the reader is in it."""
    found = _AT_MEETING.all(cohort=cohort.pk, meeting=meeting.pk, reader=reader.pk)
    return [_in_hand(listed) for listed in found]


def _in_hand(listed: Any) -> InHand:
    return InHand(listed, Where(listed.state, listed.place) if listed.state else None)


def what_is_set(meeting: Session) -> tuple[str, list[Prompt]]:
    """Return what members read of a meeting: the chapters to have read, and the prompts in their order."""
    rows = _SET.all(meeting=meeting.pk)
    prompts = [Prompt(pk=pk, position=position, text=text) for _, pk, position, text in rows if position]
    return (rows[0][0] if rows else ""), prompts


def guide(meeting: Session) -> str:
    """Return how to lead a meeting: for whoever sets it alone."""
    found = _GUIDE.first(meeting=meeting.pk)
    return found[0] if found else ""


def prompts(meeting: Session) -> list[Prompt]:
    """Return what there is to talk about at a meeting, in order."""
    return _PROMPTS.all(meeting=meeting.pk)


def suggestions(cohort: Cohort, reader: User) -> list[Suggested]:
    """Return the books that wait, the one that most back first."""
    found = _WAITING.all(cohort=cohort.pk, reader=reader.pk)
    return [Suggested(row, row.backed, row.backs, row.suggested_by_id == reader.pk) for row in found]


def decided(cohort: Cohort) -> list[Decided]:
    """Return what was decided about last, the latest first."""
    return [Decided(row, row.on_list, row.in_catalogue) for row in _DECIDED.all(cohort=cohort.pk)]


def lists(*, before: str = "") -> Lists:
    """Return a page of what every cohort reads, the latest cohort first; `before` is a `next_before` given out before.

    Raises nothing for what is no key: that is the first page.
    """
    begins = page_keys.read(before, page_keys.AFTER_ALL)
    rows = _COHORTS_THAT_READ.all(moment=begins.moment.date(), row=begins.row)
    shown = rows[:PAGE]
    books: dict[int, list[Book]] = {}
    for listed in _READ_BY.all(cohorts=[cohort.pk for cohort in shown]):
        books.setdefault(listed.cohort_id, []).append(listed.book)
    last = datetime.combine(shown[-1].starts_on, time(), UTC) if len(rows) > PAGE else None
    return Lists(
        [OfCohort(cohort.name, cohort.programme.name, books.get(cohort.pk, [])) for cohort in shown],
        page_keys.page_key(last, shown[-1].pk) if last else "",
    )


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
