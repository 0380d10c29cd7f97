"""A participant's way through the portal, by mouse on a wide screen and by keyboard alone on a narrow one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)

from cohorts.models import Booking, Component, Membership, Session
from portal.accounts.models import User
from portal.nhsuk.dates import say_date, say_when
from tests.browser.letterbox import Letterbox, calendar_in, code_in, link_in, text_of
from tests.browser.passing_time import beat_ticks, time_passes_until
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_programme,
    make_session,
    make_user,
    make_venue,
)
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser


@dataclass
class Course:
    """A cohort with a training day on two dates and a book club whose one date is full."""

    member: Membership
    training: Component
    early: Session
    late: Session
    book_club: Session
    last_place: Booking
    facilitator: User


def given_a_course() -> Course:
    """Make it."""
    cohort = make_cohort(make_programme(name="Perinatal programme"))
    training = make_component(cohort.programme, title="Training day 1", slug="training-day-1")
    club = make_component(cohort.programme, title="Book club", slug="book-club", kind=Component.Kind.BOOK_CLUB)
    venue = make_venue(name="The Example Centre")
    book_club = make_session(club, cohort, days=16, clock="17:00", hours=1, places=1)
    late = make_session(training, cohort, days=12, clock="13:00", venue=venue)
    facilitator = make_user(name="Demo Facilitator", email="facilitator@trust.example")
    late.facilitators.add(make_facilitator(facilitator))
    return Course(
        member=make_membership(make_user(name="Demo Participant", email="participant@trust.example"), cohort),
        training=training,
        early=make_session(training, cohort, days=10, clock="09:30", venue=venue),
        late=late,
        book_club=book_club,
        last_place=make_booking(make_user(name="Demo Colleague", email="colleague@trust.example"), book_club),
        facilitator=facilitator,
    )


def signs_in_by_code(person: Person, user: User, mails: Sink) -> None:
    """Ask for a code, read it in the mail, send it."""
    asks_for_a_code(person, user, mails)
    person.presses("Continue", "Your programme")


def asks_for_a_code(person: Person, user: User, mails: Sink) -> None:
    """Ask for a code, read it in the mail, type it."""
    person.opens("/accounts/login/", "Sign in")
    person.types("Email address", user.email)
    person.presses("Continue", "Enter the code that we sent")
    person.types("Code", code_in(Letterbox(mails, user.email).gets("Your sign-in code")))


def when(session: Session) -> str:
    """Say when a session takes place, as pages do."""
    return say_when(session.starts_at, session.ends_at)


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_from_signing_in_to_progress(somebody: Callable[[Hand], Person], mails: Sink, hand: Hand) -> None:
    course = given_a_course()
    user = course.member.user
    post = Letterbox(mails, user.email)
    participant = somebody(hand)

    signs_in_by_code(participant, user, mails)
    participant.sees("You have done 0 of the 2 things")
    participant.sees_task("Training day 1", "Choose a date")

    books_the_early_date(participant, course)
    booked = post.gets(f"Booked: Training day 1, {say_date(course.early.starts_at)}")
    entry = calendar_in(booked)
    assert "METHOD:REQUEST" in entry
    participant.opens(link_in(booked), "Your place is booked")
    assert uid_of(participant.downloads("Add it to your calendar")) == uid_of(entry)

    swaps_to_the_late_date(participant, course)
    moved = calendar_in(post.gets(f"Your new date: Training day 1, {say_date(course.late.starts_at)}"))
    assert uid_of(moved) == uid_of(entry)

    joins_the_waiting_list(participant, course)
    post.gets("You are on the waiting list: Book club")

    colleague = somebody(hand)
    signs_in_by_code(colleague, course.last_place.user, mails)
    cancels_the_book_club(colleague)
    promoted = post.gets("You have a place: Book club")
    participant.opens(link_in(promoted), "Your place is booked")

    time_passes_until(course.late.starts_at - timedelta(days=6, hours=12))
    beat_ticks("cohorts.tasks.write_due_reminders")
    assert "If you cannot come, swap or cancel now" in text_of(post.gets("Coming up: Training day 1"))

    course.late.refresh_from_db()
    time_passes_until(course.late.starts_at + timedelta(minutes=10))
    takes_the_register(somebody(hand), course, mails)
    participant.turns_to("Your programme")
    participant.sees_task("Training day 1", "Completed")
    participant.sees("You have done 1 of the 2 things")


def books_the_early_date(participant: Person, course: Course) -> None:
    """Choose it from the component's dates, check, book."""
    participant.follows("Training day 1", "Training day 1")
    participant.follows(f"Book this date on {when(course.early)}", "Check before you book")
    participant.sees("The Example Centre", when(course.early))
    participant.presses("Book this date", "Your place is booked")
    participant.sees("We will remind you 7 days and 1 day before")


def swaps_to_the_late_date(participant: Person, course: Course) -> None:
    """Choose another date, check, swap in one step."""
    participant.follows("Swap to another date", "Swap to another date")
    participant.follows(f"Swap to this date on {when(course.late)}", "Check before you swap")
    participant.presses("Swap to this date", "Your place is booked")
    participant.sees(when(course.late))


def joins_the_waiting_list(participant: Person, course: Course) -> None:
    """Come upon a full date from the task list, and wait."""
    participant.turns_to("Your programme")
    participant.sees_task("Training day 1", "Booked")
    participant.follows("Book club", "Book club")
    participant.follows(f"Join the waiting list on {when(course.book_club)}", "Join the waiting list")
    participant.presses("Join the waiting list", "You are on the waiting list")
    participant.sees("You are number 1 in the queue")


def cancels_the_book_club(colleague: Person) -> None:
    """Find the booking in the list, say why, cancel."""
    colleague.turns_to("My bookings")
    colleague.follows("Book club", "Your place is booked")
    colleague.follows("Cancel this booking", "Cancel this booking")
    colleague.types("Why are you cancelling?", "I am on another shift that day.")
    colleague.presses("Cancel this booking", "This booking is cancelled")


def takes_the_register(facilitator: Person, course: Course, mails: Sink) -> None:
    """Sign in with a second factor, find today's session, mark the one person who came."""
    secret = generate_totp_secret()
    TOTP.activate(course.facilitator, secret)
    asks_for_a_code(facilitator, course.facilitator, mails)
    facilitator.presses("Continue", "Confirm that it is you")
    _, now, _ = yield_hotp_counters_from_time()
    facilitator.types("Code", format_hotp_value(hotp_value(secret, now)))
    facilitator.presses("Continue", "My sessions")
    facilitator.follows("Training day 1", "Training day 1")
    facilitator.chooses("Attended", group="Demo Participant")
    facilitator.presses("Save the register", "Training day 1")
    facilitator.sees("Last saved by Demo Facilitator")


def uid_of(calendar: str) -> str:
    """Return the UID of a calendar's one entry, its long lines unfolded."""
    (uid,) = re.findall(r"^UID:(.+?)\r?$", re.sub(r"\r?\n[ \t]", "", calendar), re.MULTILINE)
    return str(uid)


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_what_is_held_about_somebody_is_theirs_to_have(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    user = make_user()
    person = somebody(hand)
    person.is_signed_in(user)

    person.opens("/privacy/", "Privacy and cookies")
    person.follows("download what we keep about you", "What we hold about you")

    assert user.email in person.downloads("Download what we hold about you")

    person.follows("change your name and where you work", "Name and workplace")
    person.types("Full name", "Demo Amína Newname")
    person.presses("Save", "Name and workplace")
    person.sees("Your details are saved.")
    person.follows("What we hold about you", "What we hold about you")
    person.sees("Demo Amína Newname")
