"""Which materials somebody sees with a session: some as soon as they have booked, others once it is over."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from cohorts.models import Booking, Material, Session
from portal.attachments.kinds import Kind, kind_of
from portal.prepared import Given, Prepared

HAS_A_PLACE = frozenset({Booking.State.BOOKED, *Booking.REGISTERED})
"""Who had a place gets what there is to take home, also if they could not come after all."""

_OF_A_SESSION = Prepared(
    lambda: (
        Material.objects.filter(Q(session=Given("session")) | Q(component=Given("component")))
        .order_by("-shown", "position", "id")
        .values_list("shown", "title", "link", "text", "file__uid", "file__kind", "file__size")
    )
)


class Shown(NamedTuple):
    """A material as a page shows it."""

    shown: str
    title: str
    link: str
    text: str
    file: UUID | None = None
    """By which its file is asked for, if it has one; `kind` and `size` in bytes are that file's."""
    kind: str | None = None
    size: int | None = None

    @property
    def file_kind(self) -> Kind | None:
        """Return of which kind its file is, if it has one."""
        return kind_of(self.kind) if self.kind else None

    @property
    def is_for_afterwards(self) -> bool:
        """Say whether people see it only once the session has ended."""
        return self.shown == Material.Shown.AFTER


def all_of(session: Session) -> list[Shown]:
    """Return every material of a session, as whoever leads it sees them: those before it first, each in its order."""
    return [Shown(*row) for row in _OF_A_SESSION.all(session=session.pk, component=session.component_id)]


def seen_with(booking: Booking | None, session: Session) -> list[Shown]:
    """Return the materials that a booking lets somebody see; none without a place."""
    if booking is None or booking.state not in HAS_A_PLACE:
        return []
    return [each for each in all_of(session) if session.has_ended or not each.is_for_afterwards]


def to_prepare(sessions: Sequence[Session]) -> Mapping[int, list[str]]:
    """Return the titles of what there is to look at before each of some sessions, by its number: one statement."""
    of_these = Q(session__in=sessions) | Q(component__in={session.component_id for session in sessions})
    rows = Material.objects.filter(of_these, shown=Material.Shown.BEFORE).order_by("position", "id")
    found = list(rows.values_list("session", "component", "title"))
    return {
        session.pk: [title for of, component, title in found if of == session.pk or component == session.component_id]
        for session in sessions
    }
