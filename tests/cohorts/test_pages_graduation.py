"""The page on which somebody answers an invitation, and the admin pages of a graduation."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import graduating, graduation_letters, scheduling
from cohorts.models import Booking, Certificate, Graduation, GraduationInvitation, Session
from portal.accounts.models import User
from tests import factories as make
from tests.cohorts.pages import address, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def graduation() -> Graduation:
    """Return a graduation with 2 guests each and 3 places."""
    return make.make_graduation(make.make_cohort(), guests_each=2, places=3)


@pytest.fixture
def guest_of_honour(graduation: Graduation) -> Client:
    """Return the browser of somebody who is invited."""
    return browser_of(make.make_invitation(graduation=graduation).user)


def browser_of(person: User) -> Client:
    """Return somebody's browser."""
    client = Client()
    client.force_login(person)
    return client


def test_somebody_accepts_with_guests_changes_that_and_says_no(graduation: Graduation, guest_of_honour: Client) -> None:
    here = address("graduation", graduation.pk)
    assert "Can you come?" in words(guest_of_honour.get(here))

    said = words(guest_of_honour.post(here, {"coming": "yes", "guests": "2"}, follow=True))
    assert "You are coming." in said
    assert "You and 2 guests" in said

    guest_of_honour.post(here, {"coming": "yes", "guests": "1"})
    assert Booking.objects.get().guests == 1

    assert "you cannot come" in words(guest_of_honour.post(here, {"coming": "no"}, follow=True))
    assert Booking.objects.get().state == "cancelled"


def test_what_is_missing_or_no_number_is_said_and_what_was_chosen_stays(
    graduation: Graduation, guest_of_honour: Client
) -> None:
    here = address("graduation", graduation.pk)
    for sent in ({}, {"coming": "maybe"}, {"coming": "yes", "guests": "9"}, {"coming": "yes", "guests": "x"}):
        response = guest_of_honour.post(here, sent)
        assert response.status_code == 422
    assert not Booking.objects.exists()


def test_a_full_house_offers_fewer_guests_or_the_waiting_list(graduation: Graduation, guest_of_honour: Client) -> None:
    here = address("graduation", graduation.pk)
    verbs.book(make.make_invitation(graduation=graduation).user, graduation.session_id, guests=1)

    refused = guest_of_honour.post(here, {"coming": "yes", "guests": "2"})
    assert refused.status_code == 409
    assert "not enough places left for you and 2 guests" in words(refused)
    assert re.search(r'value="2"[^>]*checked', refused.content.decode())

    said = words(guest_of_honour.post(here, {"coming": "yes", "guests": "2", "wait": "yes"}, follow=True))
    assert "You are number 1 on the waiting list." in said

    said = words(guest_of_honour.post(here, {"coming": "yes", "guests": "0"}, follow=True))
    assert "You are coming." in said


def test_who_is_not_invited_finds_nothing(graduation: Graduation) -> None:
    stranger = browser_of(make.make_complete(cohort=graduation.cohorts.get()).user)
    for page in (address("graduation", graduation.pk), address("session", graduation.session_id)):
        assert stranger.get(page).status_code == 404
    assert stranger.post(address("book", graduation.session_id)).status_code == 404


def test_booking_the_session_leads_to_the_invitation(graduation: Graduation, guest_of_honour: Client) -> None:
    response = guest_of_honour.get(address("book", graduation.session_id))
    assert response.headers["Location"] == address("graduation", graduation.pk)


def test_the_booking_leads_back_to_the_answer_and_nowhere_to_swap(
    graduation: Graduation, guest_of_honour: Client
) -> None:
    guest_of_honour.post(address("graduation", graduation.pk), {"coming": "yes"})
    booking = Booking.objects.get()
    page = guest_of_honour.get(booking.get_absolute_url()).content.decode()
    assert address("graduation", graduation.pk) in page
    assert address("swap", booking.uid) not in page
    assert address("swap", booking.uid) not in guest_of_honour.get(address("cancel", booking.uid)).content.decode()


@pytest.mark.parametrize("how", ["closed", "cancelled", "begun"])
def test_once_it_cannot_be_answered_no_answer_is_asked_for(
    graduation: Graduation, guest_of_honour: Client, admin: User, how: str
) -> None:
    now = timezone.now()
    if how == "cancelled":
        scheduling.cancel_session(graduation.session, by=admin)
    elif how == "closed":
        Session.objects.filter(pk=graduation.session_id).update(booking_closes_at=now)
    else:
        Session.objects.filter(pk=graduation.session_id).update(starts_at=now - timedelta(hours=1))
    here = address("graduation", graduation.pk)

    assert "Can you come?" not in words(guest_of_honour.get(here))
    assert guest_of_honour.post(here, {"coming": "yes"}).status_code == 409
    assert not Booking.objects.exists()


def test_the_letter_says_when_and_until_when_and_is_not_sent_once_it_is_answered(graduation: Graduation) -> None:
    invitation = make.make_invitation(graduation=graduation)
    subject = f"graduationinvitation:{invitation.pk}"

    def letter() -> object:
        found = graduation_letters.load([subject])[subject]
        return graduation_letters.compose(graduation_letters.REMINDED, found, invitation.user)

    mail = letter()
    assert mail is not None
    verbs.book(invitation.user, graduation.session_id)
    assert letter() is None


def test_the_team_makes_a_graduation_invites_and_reads_the_answers(desk: Client, admin: User) -> None:
    complete = make.make_complete(make.make_user(name="Demo Amina"))
    cohort = complete.cohort
    make.make_component(cohort.programme, required=False)
    make.make_membership(make.make_user(name="Demo Idle"), cohort)
    component = make.make_component(make.make_programme(shape="invitation"), title="Graduation")
    session = make.make_session(component, days=30)

    made = desk.post(
        address("admin:cohorts_graduation_add"),
        {"name": "Graduation 2026", "session": session.pk, "cohorts": [cohort.pk], "guests_each": 2},
    )
    assert made.status_code == 302
    graduation = Graduation.objects.get()
    page = address("admin:cohorts_graduation_invite", graduation.pk)
    assert "This invites 1 person" in words(desk.get(page))
    desk.post(page, {"confirmed": "yes"})
    assert "Nobody is eligible who was not invited already" in words(desk.get(page))

    verbs.book(complete.user, session.pk, guests=2)
    answers = address("admin:cohorts_graduationinvitation_changelist")
    assert "Demo Amina" in words(desk.get(answers, {"answer": "coming"}))
    assert "Demo Amina" not in words(desk.get(answers, {"answer": "none"}))

    door = words(desk.get(address("register_on_paper", session.pk)))
    assert "1 person and 2 guests: 3 in all." in door
    assert complete.user.email not in door

    page = address("admin:cohorts_graduation_certify", graduation.pk)
    assert "to 1 person" in words(desk.get(page))
    desk.post(page, {"confirmed": "yes"})
    assert Certificate.objects.get().holder == complete.user


def test_who_is_nearly_there_is_named_with_what_is_missing(desk: Client) -> None:
    cohort = make.make_cohort()
    done = make.make_component(cohort.programme)
    make.make_component(cohort.programme, title="Training day 2")
    make.make_attended(make.make_user(name="Demo Nearly"), make.make_session(done, cohort))
    graduation = make.make_graduation(cohort)

    said = words(desk.get(address("admin:cohorts_graduation_invite", graduation.pk)))

    assert "Demo Nearly" in said
    assert "Still to do: “Training day 2”." in said


def test_a_session_that_is_not_by_invitation_is_refused(desk: Client) -> None:
    cohort = make.make_cohort()
    refused = desk.post(
        address("admin:cohorts_graduation_add"),
        {"name": "X", "session": make.make_open_session().pk, "cohorts": [cohort.pk], "guests_each": 9},
    )
    assert "whose shape is “By invitation”" in words(refused)
    assert not Graduation.objects.exists()


def test_who_keeps_not_all_of_its_programmes_does_not_see_it(sign_in: Callable[[User], Client]) -> None:
    graduation = make.make_graduation(make.make_cohort())
    make.make_invitation(graduation=graduation)
    other = sign_in(make.make_admin_of(graduation.session.component.programme))
    page = other.get(address("admin:cohorts_graduation_invite", graduation.pk))
    assert page.status_code == 404
    listed = other.get(address("admin:cohorts_graduationinvitation_changelist"))
    assert "0 graduation invitations" in words(listed)


def test_the_lists_cost_the_same_with_one_row_and_with_three(desk: Client) -> None:
    pages = [address("admin:cohorts_graduationinvitation_changelist"), address("admin:cohorts_graduation_changelist")]
    costs = []
    for number in (1, 2):
        for _ in range(number):
            graduation = make.make_graduation(make.make_cohort())
            graduating.decline(make.make_invitation(graduation=graduation))
        for page in pages:
            desk.get(page)
        with CaptureQueriesContext(connection) as asked:
            for page in pages:
                assert desk.get(page).status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]
    assert GraduationInvitation.objects.count() == 3
