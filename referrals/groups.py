"""Group reflective practice as its team keeps it: dates, who comes, the link to join, the register, and erasing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal import trail
from referrals import vault
from referrals.group_booking import GroupOver, cancel, has_link, link_names, names, seal_guest
from referrals.keyring import hold_present_epoch
from referrals.models import GroupBooking, GroupSession, Provider, Triager
from referrals.provenance import attest, is_ours
from referrals.unlocking import Unlocked
from referrals.vault import Unopenable, Unsigned

LISTED_FOR = timedelta(days=60)
"""How long after a session the team still sees it in the list."""

PLANNED_AHEAD = timedelta(days=730)


class GroupRefused(Exception):
    """It cannot be done as things stand, or not by somebody whom no signed roster has; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be known of a session. `link` may be empty, and come later."""

    theme: str
    starts_at: datetime
    places: int
    facilitators: Sequence[Triager]
    link: str = ""


@dataclass(frozen=True, slots=True)
class Guest:
    """A booking, opened. `name` and `reach` are empty where it cannot be opened any more."""

    booking: GroupBooking
    name: str
    reach: str


def of_team(provider: Provider) -> list[GroupSession]:
    """Return a provider's sessions to come, and those of the last weeks, with who leads them."""
    since = timezone.now() - LISTED_FOR
    return list(provider.group_sessions.filter(starts_at__gt=since).prefetch_related("facilitators__user"))


def may_see_guests(triager: Triager, session: GroupSession) -> bool:
    """Say whether somebody is told who comes: who leads the session, and the team's lead."""
    return triager.is_lead or leads(triager, session)


def leads(triager: Triager, session: GroupSession) -> bool:
    """Say whether somebody leads this session, and keeps its register."""
    return triager in session.facilitators.all()


@transaction.atomic
def plan(opened: Unlocked, planned: Plan) -> GroupSession:
    """Announce a session. Raises GroupRefused for one in the past, and Unsigned."""
    _require_to_come(planned)
    session = GroupSession(
        provider=opened.triager.provider, theme=planned.theme, starts_at=planned.starts_at, places=planned.places
    )
    _seal_link(session, planned.link)
    session.save(force_insert=True)
    session.facilitators.set(planned.facilitators)
    _did("group.planned", session, opened)
    return session


@transaction.atomic
def change(session: GroupSession, opened: Unlocked, planned: Plan) -> GroupSession:
    """Change what is known of a session. Who is booked finds it by their receipt; a new link is to be given out anew.

    Raises GroupRefused once it has begun or was called off, or for fewer places than are taken; and Unsigned.
    """
    session = _hold(session)
    _require_open(session)
    _require_to_come(planned)
    if planned.places < session.taken:
        raise GroupRefused("More people than that are booked. Keep the places that are taken.")
    session.version += session.starts_at != planned.starts_at
    session.theme, session.starts_at, session.places = planned.theme, planned.starts_at, planned.places
    if planned.link != link_of(session, opened):
        _seal_link(session, planned.link)
        session.bookings.update(link=None)
    session.save()
    session.facilitators.set(planned.facilitators)
    _did("group.changed", session, opened)
    return session


@transaction.atomic
def call_off(session: GroupSession, opened: Unlocked) -> None:
    """Call a session off: it is announced no more, and says so to who is booked. Doing it again changes nothing.

    Raises GroupRefused once it has begun.
    """
    session = _hold(session)
    if session.cancelled_on:
        return
    _require_open(session)
    session.cancelled_on = timezone.localdate()
    session.save(update_fields=["cancelled_on"])
    _did("group.called_off", session, opened)


def link_of(session: GroupSession, opened: Unlocked) -> str:
    """Return the link to join, or nothing where there is none that is ours and can be opened."""
    if session.epoch is None or session.sealed is None or not is_ours(session):
        return ""
    reader = f"epoch {session.epoch.number}"
    try:
        private = opened.epoch_key(session.epoch_id or 0)
        key = private.open(bytes(session.key or b""), *_link_names(session), reader, suite=session.suite)
        content = vault.open_content(key, bytes(session.sealed), *_link_names(session), suite=session.suite)
    except (Unopenable, KeyError):
        return ""
    return content.decode()


def guests(session: GroupSession, opened: Unlocked) -> list[Guest]:
    """Return who is booked, in the order of their names, and put in the trail that they were looked at."""
    rows = session.bookings.filter(cancelled_on__isnull=True).select_related("epoch")
    found = [_opened(booking, opened) for booking in rows]
    _record("group.guests_opened", session, opened)
    return sorted(found, key=lambda guest: guest.name.casefold())


def _opened(booking: GroupBooking, opened: Unlocked) -> Guest:
    try:
        private = opened.epoch_key(booking.epoch_id)
        reader = names(booking, f"epoch {booking.epoch.number}")
        key = private.open(bytes(booking.key), *reader, suite=booking.suite)
        said = vault.open_object(key, bytes(booking.sealed), *names(booking), suite=booking.suite)
    except (Unopenable, KeyError):
        return Guest(booking, "", "")
    return Guest(booking, str(said.get("name", "")), str(said.get("reach", "")))


@transaction.atomic
def give_link(session: GroupSession, opened: Unlocked) -> int:
    """Seal the link to everybody who is booked and has it not yet; return how many that were.

    Their receipt shows it from the day before. Raises GroupRefused where there is no link.
    """
    session = _hold(session)
    _require_open(session)
    link = link_of(session, opened)
    if not link:
        raise GroupRefused("Add the link to join first.")
    booked = session.bookings.filter(cancelled_on__isnull=True)
    waiting = [booking for booking in booked if not has_link(booking)]
    for booking in waiting:
        public = vault.PublicKey(bytes(booking.public_key))
        booking.link = public.seal(link.encode(), *link_names(booking.pk), suite=booking.suite)
        attest(booking)
    GroupBooking.objects.bulk_update(waiting, ["link", "code"])
    _did("group.link_given", session, opened)
    return len(waiting)


@transaction.atomic
def take_off(session: GroupSession, opened: Unlocked, guest: UUID) -> None:
    """Cancel somebody's booking at the team's own decision; who they are is deleted. Doing it again changes nothing.

    Raises GroupRefused once it has begun.
    """
    _require_in_team(opened)
    booking = session.bookings.filter(pk=guest).first()
    if booking is None:
        return
    try:
        cancel(booking, by=opened.triager.user)
    except GroupOver:
        raise GroupRefused("This session has begun.") from None


@transaction.atomic
def mark(session: GroupSession, opened: Unlocked, came: Mapping[UUID, bool | None]) -> None:
    """Keep the register of these guests: who came, who did not. What is marked of others stays.

    Raises GroupRefused before it begins.
    """
    session = _hold(session)
    if session.cancelled_on or session.starts_at > timezone.now():
        raise GroupRefused("The register opens when the session begins.")
    rows = list(session.bookings.filter(cancelled_on__isnull=True, pk__in=came))
    for booking in rows:
        booking.attended = came[booking.pk]
    GroupBooking.objects.bulk_update(rows, ["attended"])
    _did("group.register_kept", session, opened)


def left_to_seal_anew(provider: Provider) -> int:
    """Return how many links and bookings are still sealed to an epoch that has ended."""
    ended = {"epoch__ended_on__isnull": False}
    bookings = GroupBooking.objects.filter(session__provider=provider, cancelled_on__isnull=True, **ended)
    return provider.group_sessions.filter(**ended).count() + bookings.count()


@transaction.atomic
def seal_anew(provider: Provider, opened: Unlocked) -> int:
    """Seal to the present epoch the links and bookings that are sealed to one that has ended; return how many.

    What the triager cannot open stays as it is. Raises Unsigned.
    """
    ended = Q(epoch__ended_on__isnull=False)
    outdated = provider.group_sessions.filter(ended | Q(bookings__epoch__ended_on__isnull=False)).values("pk")
    # All sessions first and the epoch then, as whoever books takes them.
    sessions = list(_locked().filter(pk__in=outdated).order_by("pk"))
    present, sealed = hold_present_epoch(provider), 0
    for session in sessions:
        link = link_of(session, opened)
        if link and session.epoch and session.epoch.ended_on:
            _seal_link(session, link)
            session.save(update_fields=["epoch", "suite", "sealed", "key", "code"])
            sealed += 1
        for booking in session.bookings.filter(ended, cancelled_on__isnull=True).select_related("epoch"):
            guest = _opened(booking, opened)
            if guest.name:
                seal_guest(booking, present, name=guest.name, reach=guest.reach)
                booking.save(update_fields=["epoch", "suite", "sealed", "key"])
                sealed += 1
    return sealed


def erase_past() -> int:
    """Delete the bookings of sessions that are over for so many days, with their links; return of how many sessions."""
    before = timezone.now() - timedelta(days=settings.REFERRAL_GROUP_KEPT_DAYS)
    over = GroupSession.objects.filter(starts_at__lt=before, erased_on__isnull=True)
    return sum(_erase(pk) for pk in over.values_list("pk", flat=True))


@transaction.atomic
def _erase(pk: UUID) -> bool:
    session = GroupSession.objects.select_for_update(no_key=True).get(pk=pk)
    if session.erased_on:
        return False
    session.bookings.all().delete()
    session.erased_on = timezone.localdate()
    session.epoch, session.sealed, session.key = None, None, None
    session.save(update_fields=["erased_on", "epoch", "sealed", "key"])
    trail.record("group.erased", actor=trail.SYSTEM, subject=f"provider:{session.provider_id}", group=str(pk))
    return True


def _locked() -> QuerySet[GroupSession]:
    return GroupSession.objects.select_for_update(of=("self",), no_key=True).select_related("provider", "epoch")


def _hold(session: GroupSession) -> GroupSession:
    return _locked().get(pk=session.pk)


def _require_open(session: GroupSession) -> None:
    if session.cancelled_on:
        raise GroupRefused("This session was called off.")
    if session.starts_at <= timezone.now():
        raise GroupRefused("This session has begun.")


def _require_to_come(planned: Plan) -> None:
    if not timezone.now() < planned.starts_at < timezone.now() + PLANNED_AHEAD:
        raise GroupRefused(f"Choose a time to come, within {PLANNED_AHEAD.days} days from today.")


def _seal_link(session: GroupSession, link: str) -> None:
    """Seal the link to the team. Raises Unsigned."""
    if not link:
        session.epoch, session.sealed, session.key = None, None, None
        return
    reader = hold_present_epoch(session.provider)
    session.epoch, session.suite = reader.epoch, vault.SUITE
    key, session.sealed = vault.seal_content(link.encode(), *_link_names(session))
    session.key = reader.key.seal(key, *_link_names(session), reader.name)
    attest(session)


def _link_names(session: GroupSession) -> tuple[str | int, ...]:
    return ("link of a group", str(session.pk), session.epoch.number if session.epoch else 0)


def _require_in_team(opened: Unlocked) -> None:
    """Raise GroupRefused for somebody whom no signed roster has (`Unlocked.require_in_team`)."""
    try:
        opened.require_in_team()
    except Unsigned as unsigned:
        raise GroupRefused(str(unsigned)) from None


def _did(verb: str, session: GroupSession, opened: Unlocked) -> None:
    """Put a deed in the trail, of somebody who is in the signed team. Raises GroupRefused."""
    _require_in_team(opened)
    _record(verb, session, opened)


def _record(verb: str, session: GroupSession, opened: Unlocked) -> None:
    subject = f"provider:{session.provider_id}"
    trail.record(verb, actor=opened.triager.user, subject=subject, group=str(session.pk))
