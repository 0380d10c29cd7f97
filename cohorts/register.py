"""The register: who attended, who did not, who sent apologies; and the evidence that follows from it."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from cohorts import progress
from cohorts.models import Booking, Evidence, Session
from portal import trail
from portal.accounts.models import User

# People arrive before the start, and a register is taken as they do.
OPENS_BEFORE = timedelta(hours=1)

MARKS = Booking.REGISTERED


class RegisterClosed(Exception):
    """The session is cancelled, or its register is not open yet. `str()` says which, in words for the facilitator."""


def is_open(session: Session) -> bool:
    """Say whether the register can be taken: from an hour before the start, and for corrections ever after."""
    return not session.is_cancelled and timezone.now() >= session.starts_at - OPENS_BEFORE


def mark(session: Session, marks: Mapping[int, str], *, by: User) -> list[Booking]:
    """Set the register's marks, by booking id, and return the bookings whose mark changed.

    Each change stands in the trail; attendance writes evidence for a member, and a correction withdraws it. A booking
    that was cancelled meanwhile or belongs to another session is left alone. Raises RegisterClosed, or ValueError for
    what is no mark.
    """
    if unknown := set(marks.values()) - set(MARKS):
        raise ValueError(f"Not a mark of the register: {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        session = Session.objects.select_for_update(of=("self",)).select_related("component").get(pk=session.pk)
        if not is_open(session):
            raise RegisterClosed(
                "This session was cancelled."
                if session.is_cancelled
                else "The register opens an hour before the start."
            )
        bookings = session.bookings.filter(
            pk__in=marks.keys(), state__in=[Booking.State.BOOKED, *Booking.REGISTERED]
        ).select_related("membership__cohort")
        changed = [booking for booking in bookings if booking.state != marks[booking.pk]]
        trail.record_many(
            "register.marked",
            actor=by,
            entries=[(booking, {"was": booking.state, "now": marks[booking.pk]}) for booking in changed],
        )
        for booking in changed:
            booking.state = marks[booking.pk]
            booking.clashing = False
            booking.next_reminder_at = None
        Booking.objects.bulk_update(changed, ["state", "clashing", "next_reminder_at"])
        _follow_with_evidence(session, changed, by=by)
    return changed


def _follow_with_evidence(session: Session, changed: list[Booking], *, by: User) -> None:
    """Make the ledger say what the register now says."""
    if not session.component.is_booked:
        return
    standing = {evidence.booking_id: evidence for evidence in Evidence.objects.standing().filter(booking__in=changed)}
    attended = [booking for booking in changed if booking.state == Booking.State.ATTENDED]
    progress.record_all(
        [
            Evidence(
                membership=booking.membership,
                component=session.component,
                kind=Evidence.Kind.ATTENDANCE,
                fulfilled_on=timezone.localdate(session.starts_at),
                booking=booking,
            )
            for booking in attended
            if booking.membership and booking.pk not in standing
        ],
        by=by,
    )
    progress.withdraw(*(standing[b.pk] for b in changed if b not in attended and b.pk in standing), by=by)
