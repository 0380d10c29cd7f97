"""What a person does about a group session: book, look, cancel. Nobody is signed in here.

Who they are is sealed to the provider's team before it is stored. The receipt's code is made with the page on which
they book, so that sending twice books once; it also stands for a key, to which the team seals the link to join.
"""

import json
from datetime import UTC, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from icalendar import Calendar, Event, vDatetime

from portal import trail
from portal.accounts.models import User
from referrals import vault
from referrals.keyring import EpochReader, hold_present_epoch, require_open, takes_referrals
from referrals.models import GroupBooking, GroupSession
from referrals.provenance import is_ours
from referrals.vault import Unopenable

GROUP: Final = "group"
CALENDAR: Final = "calendar"
MEETING: Final = "Meeting"
"""What stands in a calendar: other people may look into it."""

LINK_BEFORE = timedelta(days=1)


class GroupFull(Exception):
    """Every place is taken."""


class GroupOver(Exception):
    """The session has begun, or was called off."""


def dates() -> list[GroupSession]:
    """Return the sessions to come of providers who could read a booking."""
    found = list(GroupSession.objects.to_come().select_related("provider"))
    providers = {session.provider_id: session.provider for session in found}
    taking = {pk for pk, provider in providers.items() if takes_referrals(provider)}
    return [session for session in found if session.provider_id in taking]


def book(session: GroupSession, *, code: str, name: str, reach: str) -> GroupBooking:
    """Take a place under a receipt's code; booking again under the same code changes nothing.

    Raises GroupFull, GroupOver, Unsigned where nobody could read it, and Unopenable for a code of another session.
    """
    receipt = vault.code_hash(code, GROUP)
    try:
        return _take_place(session, receipt, code=code, name=name, reach=reach)
    except IntegrityError:  # the same code was sent for another session at this moment
        raise Unopenable from None


def _take_place(session: GroupSession, receipt: bytes, *, code: str, name: str, reach: str) -> GroupBooking:
    with transaction.atomic():
        session = (
            GroupSession.objects.select_for_update(of=("self",), no_key=True)
            .select_related("provider")
            .get(pk=session.pk)
        )
        before = GroupBooking.objects.filter(receipt=receipt).select_related("session__provider").first()
        if before:
            if before.session_id != session.pk:
                raise Unopenable
            return before
        if not session.is_to_come:
            raise GroupOver
        if session.is_full:
            raise GroupFull
        require_open(session.provider)
        reader = hold_present_epoch(session.provider)
        booking = GroupBooking(pk=uuid4(), session=session, receipt=receipt)
        seal_guest(booking, reader, name=name, reach=reach)
        booking.public_key = vault.key_of_code(code).public().raw
        booking.save(force_insert=True)
        trail.record_day("group.booked", subject=f"group:{session.pk}")
    return booking


def seal_guest(booking: GroupBooking, epoch: EpochReader, *, name: str, reach: str) -> None:
    """Seal who it is, and how to reach them, to an epoch, in the place of what was sealed before."""
    booking.epoch, booking.suite = epoch.epoch, vault.SUITE
    key, booking.sealed = vault.seal_content(json.dumps({"name": name, "reach": reach}).encode(), *names(booking))
    booking.key = epoch.key.seal(key, *names(booking, epoch.name))


def find(code: str) -> GroupBooking | None:
    """Return the booking of a code, however it was typed, or None."""
    found = GroupBooking.objects.filter(receipt=vault.code_hash(code, GROUP))
    return found.select_related("session__provider", "epoch").first()


def cancel(booking: GroupBooking, *, by: User | None = None) -> None:
    """Give a place back, and delete who had it: at the person's own word, or by one of the team.

    Doing it again changes nothing. Raises GroupOver once it has begun.
    """
    with transaction.atomic():
        session = GroupSession.objects.select_for_update(no_key=True).get(pk=booking.session_id)
        booking.refresh_from_db(fields=["cancelled_on"])
        if booking.cancelled_on:
            return
        if session.starts_at <= timezone.now():
            raise GroupOver
        booking.cancelled_on = timezone.localdate()
        booking.sealed, booking.key, booking.link = b"", b"", None
        booking.save(update_fields=["cancelled_on", "sealed", "key", "link"])
        if by:
            trail.record("group.taken_off", actor=by, subject=f"provider:{session.provider_id}", group=str(session.pk))
        else:
            trail.record_day("group.cancelled", subject=f"group:{session.pk}")


def link_from(session: GroupSession) -> bool:
    """Say whether the link to join is shown now: from the day before until the session is over."""
    today = timezone.localdate()
    return today >= timezone.localdate(session.starts_at) - LINK_BEFORE and timezone.now() < session.ends_at


def has_link(booking: GroupBooking) -> bool:
    """Say whether the team has given the link to a booking. One that somebody put there by hand is none."""
    return booking.link is not None and is_ours(booking)


def join_link(booking: GroupBooking, code: str) -> str | None:
    """Return the link to join if it is shown now and the team has given it out; None otherwise."""
    session = booking.session
    if booking.cancelled_on or session.cancelled_on or not has_link(booking) or not link_from(session):
        return None
    key = vault.key_of_code(code)
    try:
        return key.open(bytes(booking.link or b""), *link_names(booking.pk), suite=booking.suite).decode()
    except Unopenable:
        return None


def calendar_file(booking: GroupBooking, code: str) -> bytes:
    """Return an entry for a calendar that says when, and nothing else: no title, no place, no host of ours.

    Its name is made from the receipt's code, so that no row in the database is found by what stands in a calendar.
    """
    session = booking.session
    entry = Event()
    entry.add("uid", vault.code_hash(code, CALENDAR).hex())
    entry.add("summary", MEETING)
    entry.add("sequence", session.version)
    entry.add("class", "PRIVATE")
    entry.add("dtstamp", vDatetime(timezone.now().astimezone(UTC)))
    entry.add("dtstart", vDatetime(session.starts_at.astimezone(UTC)))
    entry.add("dtend", vDatetime(session.ends_at.astimezone(UTC)))
    calendar = Calendar()
    calendar.add("prodid", "-//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def names(booking: GroupBooking, *reader: str) -> tuple[str | int, ...]:
    """Return what a booking is bound to: its session, itself, the epoch; and its key to the reader too."""
    return (GROUP, str(booking.session_id), str(booking.pk), booking.epoch.number, *reader)


def link_names(booking_id: UUID) -> tuple[str, str]:
    """Return what a link that is given to a booking is bound to."""
    return ("group link", str(booking_id))
