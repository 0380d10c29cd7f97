"""The register by the code on the facilitator's screen: two browsers, and a picture that came too late."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from cohorts import presence
from cohorts.models import Booking, Session
from portal.qr_codes import draw
from tests.browser.letterbox import Letterbox, code_in
from tests.browser.on_the_screen import address_on_the_screen, address_that_is_too_late
from tests.browser.person import Finger, Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_programme,
    make_session,
    make_user,
)
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Finger(), Keyboard()], ids=["finger", "keyboard"])
def test_somebody_marks_themselves_by_the_code_on_the_screen(
    somebody: Callable[[Hand], Person], mails: Sink, hand: Hand
) -> None:
    # Given a session that is about to begin, its facilitator, and somebody who is booked
    cohort = make_cohort(make_programme(name="Perinatal programme"))
    session = make_session(make_component(cohort.programme, title="Training day 1"), cohort)
    midwife = make_user(name="Demo Midwife", email="midwife@trust.example")
    booking = make_booking(make_membership(midwife, cohort).user, session)
    leads = make_user(name="Demo Facilitator")
    session.facilitators.add(make_facilitator(leads))
    soon = timezone.now() + timedelta(minutes=15)
    Session.objects.filter(pk=session.pk).update(starts_at=soon, ends_at=soon + timedelta(hours=6))

    # When the facilitator shows the code
    facilitator, participant = somebody(Mouse()), somebody(hand)
    facilitator.is_signed_in_with_a_second_step(leads)
    facilitator.opens(f"/facilitate/sessions/{session.pk}/register/", "Training day 1")
    facilitator.follows("Show a code", "Say that you are here")
    shown = facilitator.page.request.get(facilitator.page.locator("#presence-code").evaluate("image => image.src"))
    assert shown.body() in {
        draw(address_on_the_screen(session, facilitator.origin, seconds_ago=ago)) for ago in (0, presence.LASTS)
    }

    # Then whoever opens it at once signs in, and is marked
    participant.opens(address_on_the_screen(session, participant.origin), "Sign in")
    participant.types("Email address", midwife.email)
    participant.presses("Continue", "Enter the code")
    participant.types("Code", code_in(Letterbox(mails, midwife.email).gets("Your sign-in code")))
    participant.presses("Continue", "Are you here?")
    participant.sees("Training day 1")
    participant.presses("I am here", "You are marked as here")
    facilitator.opens(f"/facilitate/sessions/{session.pk}/register/", "Training day 1")
    facilitator.sees("marked by Demo Midwife")
    assert Booking.objects.get(pk=booking.pk).state == Booking.State.ATTENDED

    # And a picture of it that somebody passes on does nothing
    colleague = somebody(Mouse())
    colleague.is_signed_in(make_booking(make_membership(cohort=cohort).user, session).user)
    colleague.opens(address_that_is_too_late(session, colleague.origin), "This code has changed")
    assert session.bookings.filter(state=Booking.State.BOOKED).count() == 1
