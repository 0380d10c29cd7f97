"""A register as a facilitator sees it, and saving what they chose without undoing what another saved meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cohorts import register
from cohorts.models import Booking, Session
from portal.accounts.models import User
from portal.prepared import Given, GivenMany, Prepared
from portal.trail.models import Entry

State = Booking.State
ON_THE_SHEET = (State.BOOKED, *register.MARKS)
# People on a page; a form with many more fields than this is refused.
PAGE = 200


@dataclass(frozen=True, slots=True)
class Saving:
    """That somebody set a mark: who and when, and which mark they changed, if there was one."""

    by: str
    at: datetime
    instead_of: str


@dataclass(frozen=True, slots=True)
class Line:
    """One person on the register. `chosen` is the mark shown as chosen, `conflict` that it is not the one saved."""

    booking_id: int
    name: str
    organisation: str | None
    state: str
    chosen: str
    saved: Saving | None = None
    conflict: bool = False

    @property
    def field(self) -> str:
        """Return the name under which the page sends what was chosen."""
        return f"mark-{self.booking_id}"

    @property
    def state_in_words(self) -> str:
        """Return the saved mark as people call it."""
        return State(self.state).label


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a register, in order of names."""

    lines: Sequence[Line]
    last_saved: Saving | None
    has_more: bool

    @property
    def unmarked(self) -> int:
        """How many people have no mark yet."""
        return sum(line.state == State.BOOKED for line in self.lines)

    @property
    def seen(self) -> str:
        """What the page shows of each booking, to go along with the answer."""
        return ",".join(f"{line.booking_id}:{line.state}" for line in self.lines)

    def with_choices(self, chosen: Mapping[int, str], conflicts: Mapping[int, str]) -> "Sheet":
        """Return the sheet with what somebody chose and could not, or not yet, save."""
        lines = [
            replace(line, chosen=chosen.get(line.booking_id, line.chosen), conflict=line.booking_id in conflicts)
            for line in self.lines
        ]
        return replace(self, lines=lines)


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving: how many marks were set, which choices stand against another's, who is no longer booked."""

    marked: int
    conflicts: Mapping[int, str] = field(default_factory=dict)
    cancelled: Sequence[str] = ()
    elsewhere: int = 0

    @property
    def is_whole(self) -> bool:
        """Say whether everything that was chosen is now so."""
        return not (self.conflicts or self.cancelled or self.elsewhere)


# Whole, and cut to a page afterwards: a session has some hundreds of people at most.
_ROWS = Prepared(
    lambda: (
        Booking.objects.filter(session=Given("session"), state__in=ON_THE_SHEET)
        .order_by("user__name", "pk")
        .values_list("pk", "user__name", "membership__organisation__name", "state", "guests")
    )
)
_SAVINGS = Prepared(
    lambda: (
        Entry.objects.filter(verb="register.marked", subject__in=GivenMany("subjects", "text"))
        .order_by("subject", "-id")
        .distinct("subject")
        .values_list("subject", "actor__name", "at", "details__was")
    )
)


def names(session: Session) -> dict[int, str]:
    """Return the name of the person of each booking of a session, by the booking's id."""
    return dict(session.bookings.values_list("pk", "user__name"))


def read(session: Session, *, page: int = 1) -> Sheet:
    """Return a page of a session's register, in two statements."""
    start = (page - 1) * PAGE
    rows = _ROWS.all(session=session.pk)[start : start + PAGE + 1]
    savings = _savings([pk for pk, *_ in rows])
    lines = [
        Line(pk, name, organisation, state, chosen=state, saved=savings.get(pk))
        for pk, name, organisation, state, _ in rows[:PAGE]
    ]
    last = max(savings.values(), key=lambda saving: saving.at, default=None)
    return Sheet(lines, last, has_more=len(rows) > PAGE)


def everybody(session: Session) -> list[tuple[str, str | None, int]]:
    """Return name, organisation and number of guests of everybody on a session's register, for a sheet of paper."""
    return [(name, organisation, guests) for _, name, organisation, _, guests in _ROWS.all(session=session.pk)]


def save(session: Session, *, seen: Mapping[int, str], chosen: Mapping[int, str], by: User) -> Saved:
    """Set the marks that somebody chose, by booking id, unless another has set a different one since they looked.

    `seen` is what their page showed. A choice that is what it showed is none: it undoes nothing. Raises
    RegisterClosed, or ValueError for what is no mark.
    """
    with transaction.atomic():
        session = Session.objects.select_for_update(of=("self",)).get(pk=session.pk)
        choices = {pk: mark for pk, mark in chosen.items() if mark != seen.get(pk)}
        now = {
            pk: (state, name)
            for pk, state, name in session.bookings.filter(pk__in=choices).values_list("pk", "state", "user__name")
        }
        marks: dict[int, str] = {}
        conflicts: dict[int, str] = {}
        cancelled: list[str] = []
        for pk, mark in choices.items():
            state, name = now.get(pk, (None, ""))
            if state == State.CANCELLED:
                cancelled.append(name)
            elif state in (seen.get(pk), mark):
                marks[pk] = mark
            elif state is not None:
                conflicts[pk] = mark
        marked = register.mark(session, marks, by=by)
    return Saved(len(marked), conflicts, cancelled, elsewhere=len(choices.keys() - now.keys()))


def _savings(booking_ids: Sequence[int]) -> dict[int, Saving]:
    """Return who set each booking's mark last, as the trail has it."""
    entries = _SAVINGS.all(subjects=[f"booking:{pk}" for pk in booking_ids])
    return {
        int(subject.partition(":")[2]): Saving(
            by=name or "the portal",
            at=timezone.localtime(at),
            instead_of=State(was).label if was in register.MARKS else "",
        )
        for subject, name, at, was in entries
    }
