"""What people are told of their bookings: each letter is true when it is sent, or is not sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import messages, scheduling, waiting_list
from cohorts.models import Booking, Session
from portal import outbox
from portal.nhsuk.dates import say_when
from portal.outbox import rules
from portal.outbox.composing import Composer, Letter
from portal.outbox.models import Message
from tests.factories import (
    fill,
    make_admin,
    make_booking,
    make_cohort,
    make_membership,
    make_open_session,
    make_session,
    make_user,
    make_venue,
    make_waiting,
)

pytestmark = pytest.mark.django_db


def composed(rule: str, booking: Booking):
    """Compose the newest letter of this rule to a booking's holder, or None where it no longer applies."""
    message = Message.objects.filter(rule=rule, person=booking.user).latest("id")
    loaded = rules.named(rule).load([message.subject])
    return rules.named(rule).compose(loaded[message.subject], booking.user)


def written(rule: str, booking: Booking) -> Letter:
    """Return the newest letter of this rule to a booking's holder, as it goes over the wire."""
    message = Message.objects.filter(rule=rule, person=booking.user).latest("id")
    letter = Composer([message]).compose(message)
    assert isinstance(letter, Letter)
    return letter


def bring_near(session: Session, hours: float) -> None:
    """Let time pass until the session starts in so many hours (negative: until it has begun that long ago)."""
    starts_at = timezone.now() + timedelta(hours=hours)
    Session.objects.filter(pk=session.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=3))


def test_every_letter_is_known_to_the_outbox() -> None:
    for letter in messages.LETTERS:
        assert rules.named(letter.rule).name == letter.rule


def test_a_booked_letter_says_what_and_when_and_brings_the_calendar_entry() -> None:
    session = make_open_session(venue=make_venue())
    booking = make_booking(make_user(), session)

    mail = composed("booking.booked", booking)

    assert mail.subject.startswith(f"Booked: {session.component.title}, ")
    assert mail.calendar.method == "REQUEST"
    assert mail.link.url == booking.get_absolute_url()
    assert "9.30am to 12.30pm" in mail.context["when"]


def test_a_letter_that_a_later_change_overtook_is_not_sent() -> None:
    booking = make_booking(make_user(), make_open_session())
    verbs.cancel(booking, by=booking.user)

    assert composed("booking.booked", booking) is None
    assert composed("booking.cancelled", booking).calendar.method == "CANCEL"


def test_leaving_the_queue_takes_nothing_out_of_a_calendar() -> None:
    session = make_open_session(places=1)
    fill(session)
    waiting = make_waiting(make_user(), session)
    verbs.cancel(waiting, by=waiting.user)

    assert composed("booking.left_queue", waiting).calendar is None


@pytest.mark.parametrize("rule", ["booking.cancelled", "booking.left_queue"])
def test_a_reason_is_read_on_the_page_and_never_in_the_mail(rule: str) -> None:
    session = make_open_session(places=1)
    (booking,) = fill(session)
    if rule == "booking.left_queue":
        booking = make_waiting(make_user(), session)
    verbs.cancel(booking, by=make_admin(), reason="Your ward asked for it.")

    letter = written(rule, booking)

    for text in (letter.body, str(letter.alternatives[0][0])):
        assert "A reason was given." in text
        assert booking.get_absolute_url() in text
        assert "ward" not in text


def test_without_a_reason_the_letter_leads_to_the_session() -> None:
    booking = make_booking(make_user(), make_open_session())
    verbs.cancel(booking, by=booking.user)

    letter = written("booking.cancelled", booking)

    assert "A reason was given." not in letter.body
    assert booking.session.get_absolute_url() in letter.body


def test_an_offer_says_until_when_it_is_held() -> None:
    session = make_open_session(places=1, days=2)
    (holder,) = fill(session)
    waiting = make_waiting(make_user(), session)
    verbs.cancel(holder, by=holder.user)

    mail = composed("booking.offered", waiting)

    assert "We hold it until " in mail.context["lead"]
    assert mail.calendar is None


def test_a_moved_letter_to_who_now_has_a_clash_says_so() -> None:
    member = make_membership()
    make_booking(member.user, make_session(cohort=member.cohort, days=20))
    session = make_session(cohort=member.cohort, days=14)
    booking = make_booking(member.user, session)
    by_days = make_session(cohort=member.cohort, days=20)
    scheduling.move(session, by_days.starts_at, by_days.ends_at, by=make_admin())

    mail = composed("session.moved", booking)

    assert mail.context["clashing"] is True
    assert mail.calendar.method == "REQUEST"


def test_a_moved_letter_to_who_waits_puts_nothing_in_their_calendar() -> None:
    session = make_open_session(places=1)
    fill(session)
    waiting = make_waiting(make_user(), session)
    scheduling.move(session, session.starts_at.replace(hour=18), session.ends_at.replace(hour=22), by=make_admin())

    assert composed("session.moved", waiting).calendar is None


def test_a_letter_about_a_booking_that_is_no_more_is_left_out() -> None:
    assert messages.load(["booking:999999999:0"]) == {}


@pytest.mark.parametrize(
    ("rule", "hours", "is_sent"),
    [
        ("booking.reminder_7", 25, True),
        ("booking.reminder_7", 23, False),
        ("booking.reminder_1", 1, True),
        ("booking.reminder_1", -1, False),
        ("booking.booked", -1, True),
    ],
)
def test_a_letter_that_waited_for_the_mail_server_is_sent_while_it_is_of_use(
    *, rule: str, hours: float, is_sent: bool
) -> None:
    booking = make_booking(make_user(), make_open_session())
    outbox.write(rule, subject=f"booking:{booking.pk}:{booking.sequence}", person=booking.user_id)
    bring_near(booking.session, hours)

    assert (composed(rule, booking) is not None) is is_sent


def test_a_place_given_before_the_start_is_not_told_after_it() -> None:
    session = make_open_session(places=1)
    (holder,) = fill(session)
    waiting = make_waiting(make_user(), session)
    verbs.cancel(holder, by=holder.user)
    assert composed("booking.promoted", waiting) is not None

    bring_near(session, -1)

    assert composed("booking.promoted", waiting) is None


def test_an_offer_that_has_run_out_is_not_made_even_before_it_is_swept_up() -> None:
    session = make_open_session(places=1, days=2)
    (holder,) = fill(session)
    waiting = make_waiting(make_user(), session)
    verbs.cancel(holder, by=holder.user)
    Booking.objects.filter(pk=waiting.pk).update(offer_expires_at=timezone.now() - timedelta(minutes=1))

    assert composed("booking.offered", waiting) is None


def test_whom_no_place_came_free_for_is_told_so() -> None:
    session = make_open_session(places=1)
    fill(session)
    waiting = make_waiting(make_user(), session)
    bring_near(session, -1)
    waiting_list.end_queues()

    mail = composed("booking.queue_ended", waiting)

    assert mail.subject.startswith("No place came free: ")
    assert mail.link.url == session.get_absolute_url()
    assert mail.calendar is None


LINK_TO_COME = "The link to join online is on your booking page"
PLACE_TO_COME = "We will tell you the place"


@pytest.mark.parametrize(
    ("held", "has_venue", "where", "says", "says_not"),
    [
        ("in_person", True, "Where: Demo Hall\n1 Example Street", "", (LINK_TO_COME, PLACE_TO_COME)),
        ("in_person", False, "Where: In person", PLACE_TO_COME, (LINK_TO_COME,)),
        ("hybrid", True, "Where: Demo Hall, or online\n1 Example Street", LINK_TO_COME, (PLACE_TO_COME,)),
        ("hybrid", False, "Where: In person and online", PLACE_TO_COME, ()),
        ("online", False, "Where: Online", LINK_TO_COME, (PLACE_TO_COME,)),
        ("online", True, "Where: Online", LINK_TO_COME, (PLACE_TO_COME, "Demo Hall", "Example Street")),
    ],
)
def test_a_letter_says_where_and_promises_a_link_only_where_there_will_be_one(
    *, held: str, has_venue: bool, where: str, says: str, says_not: tuple[str, ...]
) -> None:
    venue = make_venue(name="Demo Hall") if has_venue else None
    letter = written("booking.booked", make_booking(make_user(), make_open_session(format=held, venue=venue)))

    for text in (letter.body, str(letter.alternatives[0][0])):
        assert says in text
        assert not [words for words in says_not if words in text]
    assert where in letter.body


def test_who_waits_is_promised_no_link() -> None:
    session = make_open_session(places=1, format="online")
    fill(session)

    letter = written("booking.waiting", make_waiting(make_user(), session))

    assert "Where: Online" in letter.body
    assert LINK_TO_COME not in letter.body


@pytest.mark.parametrize("number", [1, 3])
def test_a_batch_is_loaded_in_two_statements(number: int, django_assert_num_queries) -> None:
    session = make_open_session()
    bookings = [make_booking(make_user(), session) for _ in range(number)]
    people = [booking.user for booking in bookings]
    letter = messages.LETTERS[0]

    with django_assert_num_queries(2):
        loaded = messages.load([f"booking:{booking.pk}:0" for booking in bookings])
        mails = [messages.compose(letter, about, person) for about, person in zip(loaded.values(), people, strict=True)]
    assert None not in mails


def test_a_session_that_is_cancelled_says_why_and_leads_to_other_dates() -> None:
    booking = make_booking(make_user(), make_open_session())
    scheduling.cancel_session(booking.session, by=make_admin(), reason="The room was flooded.")

    letter = written("session.cancelled", booking)

    for text in (letter.body, str(letter.alternatives[0][0])):
        assert "Reason: The room was flooded." in text
        assert "Choose another date" in text
        assert booking.get_absolute_url() in text
        assert "These dates have places left now" not in text


def test_a_session_that_is_cancelled_offers_the_next_dates_with_places() -> None:
    member = make_membership()
    gone = make_session(cohort=member.cohort, days=10)
    booking = make_booking(member.user, gone)
    offered = [make_session(gone.component, member.cohort, days=20), make_session(gone.component, None, days=21)]
    others = [make_session(gone.component, make_cohort(member.cohort.programme), days=22)]
    others.append(make_session(gone.component, member.cohort, days=23, places=1))
    make_booking(make_membership(cohort=member.cohort).user, others[-1])
    scheduling.cancel_session(gone, by=make_admin())

    letter = written("session.cancelled", booking)

    for text in (letter.body, str(letter.alternatives[0][0])):
        assert "These dates have places left now" in text
        assert all(say_when(each.starts_at, each.ends_at) in text for each in offered)
        assert not any(say_when(each.starts_at, each.ends_at) in text for each in others)
