"""Who reads what people need in order to come, at which sessions, and when it is forgotten; `portal.accounts.needs`.

It is read by whoever takes the register of a session with a room, of those who have a place there or came, and never
of those who cancelled, wait or were away; from booking until a week after the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef

from cohorts.models import Booking, Session
from cohorts.rules import who_takes_registers_of
from portal.accounts import needs
from portal.accounts.models import Needs, User

"""How long what somebody said is kept after they said it, or after the last session that they booked, if later."""

COMES: Final = (Booking.State.BOOKED, Booking.State.ATTENDED)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who reads what somebody needs today, by name: at which sessions, whoever leads them, and who keeps them."""

    sessions: Sequence[Session]
    leading: Sequence[str]
    keeping: Sequence[str]


def of_session(session: Session) -> list[tuple[str, needs.Needed]]:
    """Return the name and the needs of everybody who comes to a session and has said some, in one statement.

    Whether they may be read is for `rules.session_with_needs` to say.
    """
    coming = Needs.objects.filter(user__bookings__session=session, user__bookings__state__in=COMES)
    rows = coming.order_by("user__name", "pk").values_list("user__name", "sealed")
    return [(name, needs.opened(sealed)) for name, sealed in rows]


def readers(person: User) -> Readers:
    """Return who reads today what a person needs, or would once they say something, in two statements."""
    coming = Booking.objects.filter(session=OuterRef("pk"), user=person, state__in=COMES)
    sessions = Session.objects.telling_needs().filter(Exists(coming))
    people: list[Any] = list(who_takes_registers_of(sessions).exclude(pk=person.pk).order_by("name", "pk"))
    return Readers(
        list(sessions.select_related("component").order_by("starts_at", "pk")),
        leading=[reader.name for reader in people if reader.leads],
        keeping=[reader.name for reader in people if not reader.leads],
    )
