"""Calendar files and private calendar feeds (RFC 5545), by way of the `icalendar` library.

A booking is one entry for the whole of its life: its UID never changes, its SEQUENCE rises with each change.
"""

from datetime import UTC, timedelta
from email.utils import parseaddr
from typing import Literal

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vDatetime, vText

from cohorts.models import Booking, CalendarFeed, Session
from cohorts.models.sessions import place_of
from portal import trail
from portal.accounts.models import User
from portal.prepared import Given, Prepared

Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
IN_A_CALENDAR = (Booking.State.BOOKED, Booking.State.ATTENDED)
FEED_REACHES_BACK = timedelta(days=90)
_IN_A_FEED = Prepared(
    lambda: (
        Booking.objects.filter(user=Given("person"), state__in=IN_A_CALENDAR, during__endswith__gte=Given("since"))
        .with_session()
        .order_by("during")
    )
)
_READER = Prepared(
    lambda: User.objects.filter(pk=Given("person"), is_active=True, calendar_feed__version=Given("version"))
)
_signer = signing.Signer(salt="cohorts.calendars.feed")


def calendar_file(booking: Booking, method: Method) -> bytes:
    """Return one booking's entry as a calendar file: REQUEST puts it in or moves it, CANCEL takes it out.

    Those 2 are for the person who holds the booking, who has accepted by booking; PUBLISH is for nobody in particular.
    """
    calendar = _calendar(method)
    entry = _entry(booking, cancelled=method == "CANCEL")
    if method != "PUBLISH":
        _invite(entry, booking.user)
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def feed(user: User) -> bytes:
    """Return the person's booked sessions, from 90 days ago on, as a calendar to subscribe to."""
    calendar = _calendar("PUBLISH")
    since = timezone.now() - FEED_REACHES_BACK
    for booking in _IN_A_FEED.all(person=user.pk, since=since):
        calendar.add_component(_entry(booking, cancelled=False))
    return bytes(calendar.to_ical())


def feed_address(user: User) -> str:
    """Return the person's private feed address. Whoever has it reads their bookings, so it can be reset."""
    calendar_feed, _ = CalendarFeed.objects.get_or_create(user=user)
    token = _signer.sign(f"{user.pk}-{calendar_feed.version}").replace(":", ".")
    return f"{settings.ORIGIN}{reverse('feed', args=[token])}"


def user_of_feed(token: str) -> User | None:
    """Return whose feed `token` opens; None for a token that is not ours or was reset."""
    try:
        user_id, version = _signer.unsign(token.replace(".", ":")).split("-")
    except signing.BadSignature:
        return None
    return _READER.first(person=int(user_id), version=int(version))


@transaction.atomic
def reset_feed(user: User) -> None:
    """Make a new feed address; the old one stops working at once."""
    CalendarFeed.objects.filter(user=user).update(version=F("version") + 1)
    trail.record("calendar_feed.reset", actor=user, subject=user)


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", f"-//{settings.ORGANISATION_NAME}//Cohort Portal//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method)
    return calendar


def _entry(booking: Booking, *, cancelled: bool) -> Event:
    session = booking.session
    entry = Event()
    entry.add("UID", f"booking-{booking.uid}@{settings.ORIGIN.split('//')[1]}")
    entry.add("SEQUENCE", booking.sequence)
    # Times in UTC need no VTIMEZONE and mean the same everywhere.
    entry.add("DTSTAMP", vDatetime(timezone.now().astimezone(UTC)))
    entry.add("DTSTART", vDatetime(session.starts_at.astimezone(UTC)))
    entry.add("DTEND", vDatetime(session.ends_at.astimezone(UTC)))
    entry.add("SUMMARY", vText(session.component.title))
    entry.add("STATUS", "CANCELLED" if cancelled else "CONFIRMED")
    entry.add("LOCATION", vText(_place(session)))
    entry.add("URL", f"{settings.ORIGIN}{session.get_absolute_url()}")
    return entry


def _invite(entry: Event, person: User) -> None:
    """Say who asks whom, without which a calendar may pass over a change or a cancellation (RFC 5546, 3.2.2, 3.2.5)."""
    _, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organiser = vCalAddress(f"mailto:{address}")
    organiser.params["CN"] = settings.ORGANISATION_NAME
    entry.add("ORGANIZER", organiser)
    attendee = vCalAddress(f"mailto:{person.email}")
    attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    entry.add("ATTENDEE", attendee)


def _place(session: Session) -> str:
    """Return where to go. A join link never stands in a calendar: it is shown from the day before, on the page."""
    venue = session.venue
    return place_of(session.format, f"{venue.name}, {', '.join(venue.address.splitlines())}" if venue else None)
