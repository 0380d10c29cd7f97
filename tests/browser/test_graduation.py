"""A graduation, from the team's invitation to the list for the door; and an alumna who stays welcome afterwards."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cohorts import booking as verbs
from cohorts.models import Certificate, Cohort
from portal.accounts.models import User
from tests.browser.letterbox import Letterbox, link_in, text_of
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import (
    make_admin,
    make_cohort,
    make_complete,
    make_component,
    make_graduation,
    make_invitation,
    make_membership,
    make_programme,
    make_series,
    make_session,
    make_user,
    make_venue,
)
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard-320"])
def test_the_team_invites_a_graduate_comes_with_a_guest_and_the_door_knows(
    somebody: Callable[[Hand], Person], at_the_desk: Callable[[User, Hand], Person], mails: Sink, hand: Hand
) -> None:
    # Given a graduation with 4 places, two of which somebody has taken for themselves and a guest
    cohort = make_cohort(make_programme(name="Perinatal programme"), name="Perinatal cohort 4")
    midwife = make_complete(make_user(name="Demo Amína Osei", email="midwife@trust.example"), cohort).user
    make_membership(make_user(name="Demo Colleague"), cohort)
    graduation = make_graduation(cohort, guests_each=2, places=4, venue=make_venue())
    earlier = make_invitation(make_user(name="Demo Earlier"), graduation).user
    verbs.book(earlier, graduation.session_id, guests=1)

    # When the team invites whoever is eligible
    admin = at_the_desk(make_admin(), Mouse())
    admin.opens(reverse("admin:cohorts_graduation_change", args=[graduation.pk]), "Change graduation")
    admin.follows("Who is eligible, and inviting them", "Invite to Graduation 2026")
    admin.sees("This invites 1 person", "Demo Amína Osei", "Perinatal cohort 4")
    admin.presses("Invite 1 person", "Change graduation")
    admin.sees("Invited: 1 person.")

    # Then she gets a letter; for all three of them there is no room, and with one guest there is
    letter = Letterbox(mails, midwife.email).gets("You are invited: Graduation 2026")
    assert "up to 2 guests" in text_of(letter)
    graduate = somebody(hand)
    graduate.is_signed_in(midwife)
    graduate.opens("/me/", "Your programme")
    graduate.follows("Graduation 2026", "Graduation 2026")
    graduate.opens(link_in(letter), "Graduation 2026")
    graduate.presses("Send your answer", "Graduation 2026")
    graduate.sees("There is a problem", "Select whether you can come")
    graduate.chooses("Yes, I am coming")
    graduate.chooses("2 guests")
    graduate.presses("Send your answer", "Graduation 2026")
    graduate.sees("There are not enough places left for you and 2 guests.")
    graduate.chooses("1 guest")
    graduate.presses("Try again", "Graduation 2026")
    graduate.sees("You are coming.", "You and 1 guest")
    confirmed = Letterbox(mails, midwife.email).gets("Booked: Graduation 2026")
    assert "you and 1 guest" in text_of(confirmed)

    # And who answers later finds a full house, and waits
    late = make_invitation(make_user(name="Demo Late"), graduation).user
    latecomer = somebody(hand)
    latecomer.is_signed_in(late)
    latecomer.opens(graduation.get_absolute_url(), "Graduation 2026")
    latecomer.chooses("Yes, I am coming")
    latecomer.presses("Send your answer", "Graduation 2026")
    latecomer.sees("This session is now full.")
    latecomer.presses("Join the waiting list", "Graduation 2026")
    latecomer.sees("You are number 1 on the waiting list.")

    # And the team reads the answers, prints the list for the door, and issues the certificates
    admin.follows("Answers", "Select graduation invitation")
    admin.sees("Coming", "On the waiting list")
    admin.opens(reverse("admin:cohorts_graduation_change", args=[graduation.pk]), "Change graduation")
    admin.follows("Issue certificates", "Issue certificates for Graduation 2026")
    admin.presses("Issue 1 certificate", "Change graduation")
    admin.sees("Issued: 1 certificate.")
    assert Certificate.objects.get().holder == midwife
    admin.follows("List for the door", "Graduation 2026")
    admin.sees("2 people and 2 guests: 4 in all.", "Demo Amína Osei")
    admin.does_not_see("midwife@trust.example")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard-320"])
def test_an_alumna_books_an_open_session_after_her_cohort_has_ended(
    somebody: Callable[[Hand], Person], hand: Hand
) -> None:
    alumna = make_complete(cohort=make_cohort(make_programme(name="Perinatal programme"), name="Perinatal cohort 4"))
    today = timezone.localdate()
    Cohort.objects.filter(pk=alumna.cohort_id).update(
        starts_on=today - timedelta(days=200), ends_on=today - timedelta(days=1)
    )
    make_session(make_component(make_series(name="Conversations"), title="Names matter"))
    later = make_cohort(alumna.cohort.programme)
    make_session(make_component(later.programme, title="Learning day"), later, days=20, open_to_alumni=True)

    person = somebody(hand)
    person.is_signed_in(alumna.user)
    person.opens("/me/", "Your programme")
    person.sees("What goes on", "What you have completed", "Perinatal cohort 4")
    for title in ("Names matter", "Learning day"):
        person.opens("/me/", "Your programme")
        person.follows(title, title, nth=0)
        person.presses("Book this date", "Check before you book")
        person.presses("Book this date", "Your place is booked")
