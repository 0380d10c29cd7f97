"""What people are told of their bookings: one table of letters, all set by one template.

A message is about a booking as it stood at one of its changes (`booking:<id>:<sequence>`). When a later change has
overtaken it, that change has a message of its own, and the older one is not sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Literal, NamedTuple

from django.utils import timezone

from cohorts import materials
from cohorts.calendars import Method, calendar_file
from cohorts.dates import open_dates
from cohorts.models import Booking, Session
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date, say_moment, say_when

State = Booking.State
AT_THE_START = timedelta(0)


@dataclass(frozen=True, slots=True)
class Letter:
    """One reason to write: `subject` gets the session's `{title}` and `{date}`, `states` say when it is still true.

    `may_have_reason`: somebody may have said why, which stands on the booking's page and, being private, not in a mail.
    `why` is the field of the session in which the team may have said why it was cancelled or moved; that is no secret.
    `leads_to_session`: there is nothing more to do on the booking's page, unless a reason stands there.
    `stale_from` is how long before the session starts it stops being worth reading; None: it is always told.
    """

    rule: str
    subject: str
    lead: str
    states: frozenset[str]
    button: str = "See your booking"
    calendar: Method | None = None
    may_have_reason: bool = False
    stale_from: timedelta | None = None
    why: Literal["", "cancel_reason", "move_reason"] = ""
    leads_to_session: bool = False


LETTERS = (
    Letter(
        "booking.booked",
        "Booked: {title}, {date}",
        "Your place is booked.",
        frozenset({State.BOOKED}),
        calendar="REQUEST",
    ),
    Letter(
        "booking.waiting",
        "You are on the waiting list: {title}, {date}",
        "This session is full and you are on its waiting list. Your booking page shows your place in the queue. "
        "When your turn comes, we will write to you.",
        frozenset({State.WAITING}),
        button="See your place in the queue",
    ),
    Letter(
        "booking.promoted",
        "You have a place: {title}, {date}",
        "A place has come free and it is yours. You do not need to do anything to keep it. "
        "If you can no longer come, cancel so that the next person can.",
        frozenset({State.BOOKED}),
        calendar="REQUEST",
        stale_from=AT_THE_START,
    ),
    Letter(
        "booking.offered",
        "A place is yours if you want it: {title}, {date}",
        "A place has come free for you. We hold it until {offer_expires}. After that it goes to the next person.",
        frozenset({State.OFFERED}),
        button="Accept or decline the place",
        stale_from=AT_THE_START,
    ),
    Letter(
        "booking.offer_expired",
        "The offer of a place has expired: {title}, {date}",
        "The place that we held for you has gone to the next person. "
        "You can join the waiting list again if you would still like to come.",
        frozenset({State.CANCELLED}),
        button="See the session",
        leads_to_session=True,
    ),
    Letter(
        "booking.swapped",
        "Your new date: {title}, {date}",
        "You have swapped to another date. Your old place has been given up.",
        frozenset({State.BOOKED}),
        calendar="REQUEST",
    ),
    Letter(
        "booking.cancelled",
        "Cancelled: {title}, {date}",
        "Your booking is cancelled. If another date suits you, you can book it at any time.",
        frozenset({State.CANCELLED}),
        button="See the session",
        leads_to_session=True,
        calendar="CANCEL",
        may_have_reason=True,
    ),
    Letter(
        "booking.left_queue",
        "No longer on the waiting list: {title}, {date}",
        "You are no longer on the waiting list for this session.",
        frozenset({State.CANCELLED}),
        button="See the session",
        leads_to_session=True,
        may_have_reason=True,
    ),
    Letter(
        "booking.queue_ended",
        "No place came free: {title}, {date}",
        "We are sorry: no place came free for you on this date. "
        "Other dates may be open, and you can join the waiting list of another one.",
        frozenset({State.CANCELLED}),
        button="See the session",
        leads_to_session=True,
    ),
    Letter(
        "session.moved",
        "New time: {title}, {date}",
        "This session has been moved. The new date and time are below, and your booking moves with it. "
        "If you cannot come, you can swap to another date or cancel.",
        frozenset({State.BOOKED, State.WAITING, State.OFFERED}),
        calendar="REQUEST",
        why="move_reason",
    ),
    Letter(
        "session.relocated",
        "New place: {title}, {date}",
        "This session is now held somewhere else. The place is below; the date and time are the same. "
        "If you cannot come, you can swap to another date or cancel.",
        frozenset({State.BOOKED, State.WAITING, State.OFFERED}),
        calendar="REQUEST",
    ),
    Letter(
        "session.cancelled",
        "Session cancelled: {title}, {date}",
        "We are sorry: this session will not take place. Please choose another date.",
        frozenset({State.CANCELLED}),
        button="Choose another date",
        calendar="CANCEL",
        why="cancel_reason",
    ),
    Letter(
        "booking.reminder_7",
        "Coming up: {title}, {date}",
        "This is a reminder of your session. If you cannot come, swap or cancel now, so that somebody else can.",
        frozenset({State.BOOKED}),
        # The reminder of the day before follows: it says what this one would.
        stale_from=timedelta(days=1),
    ),
    Letter(
        "booking.reminder_1",
        "Coming up: {title}, {date}",
        "This is a reminder that your session is very soon. The page has all that you need on the day.",
        frozenset({State.BOOKED}),
        stale_from=AT_THE_START,
    ),
)


class Subject(NamedTuple):
    """A booking, and the change of it that a message is about; and what there is to look at before its session."""

    booking: Booking
    sequence: int
    to_prepare: Sequence[str]
    instead: Sequence[str]
    """When else it could be booked, where its session was cancelled."""


def register() -> None:
    """Make these letters known to the outbox."""
    for letter in LETTERS:
        outbox.register(outbox.Rule(name=letter.rule, load=load, compose=partial(compose, letter)))


def load(subjects: Sequence[str]) -> Mapping[str, Subject]:
    """Read the bookings of a batch of messages with what there is to say of them: three statements at the most."""
    keys = {subject: _parse(subject) for subject in subjects}
    bookings = Booking.objects.with_session().select_related("user").in_bulk([pk for pk, _ in keys.values()])
    sessions = [booking.session for booking in bookings.values()]
    to_prepare = materials.to_prepare(sessions)
    instead = open_dates([session for session in sessions if session.is_cancelled])
    return {
        subject: Subject(
            bookings[pk],
            sequence,
            to_prepare[bookings[pk].session_id],
            [say_when(other.starts_at, other.ends_at) for other in instead.get(bookings[pk].session_id, ())],
        )
        for subject, (pk, sequence) in keys.items()
        if pk in bookings
    }


def compose(letter: Letter, about: Subject, person: User) -> outbox.Mail | None:
    """Write the letter, or return None when a later change, or the time, has overtaken it."""
    booking, session = about.booking, about.booking.session
    if booking.sequence != about.sequence or booking.state not in letter.states or _is_stale(letter, booking):
        return None
    words = {"title": session.component.title, "date": say_date(session.starts_at)}
    if booking.offer_expires_at:
        words["offer_expires"] = say_moment(booking.offer_expires_at)
    gone = booking.state == State.CANCELLED
    has_reason = letter.may_have_reason and bool(booking.cancel_reason)
    about_it = session if letter.leads_to_session and not has_reason else booking
    has_place = booking.state == State.BOOKED
    method = letter.calendar if gone or has_place else None
    return outbox.Mail(
        subject=letter.subject.format(**words),
        template="cohorts/booking",
        context={
            "lead": letter.lead.format(**words),
            "session": session,
            "when": say_when(session.starts_at, session.ends_at),
            "clashing": booking.clashing,
            "guests": 0 if gone else booking.guests,
            "gone": gone,
            "has_reason": has_reason,
            "why": getattr(session, letter.why) if letter.why else "",
            "instead": about.instead if letter.rule == "session.cancelled" else (),
            "place_to_come": session.venue is None and session.format != Session.Format.ONLINE and not gone,
            "may_join_online": session.format != Session.Format.IN_PERSON and has_place,
            "joining_instructions": session.joining_instructions if has_place else "",
            "to_prepare": about.to_prepare if has_place else (),
        },
        link=outbox.Link("See the reason" if has_reason else letter.button, about_it.get_absolute_url()),
        calendar=outbox.Calendar(calendar_file(booking, method), method) if method else None,
    )


def _is_stale(letter: Letter, booking: Booking) -> bool:
    """Say whether it comes too late to be of use, as it may after the mail server was away."""
    now = timezone.now()
    if booking.offer_expires_at and booking.offer_expires_at <= now:
        return True
    return letter.stale_from is not None and booking.session.starts_at - letter.stale_from <= now


def _parse(subject: str) -> tuple[int, int]:
    """Read `booking:<id>:<sequence>`."""
    _, pk, sequence = subject.split(":")
    return int(pk), int(sequence)
