"""The pages of group sessions for the team, with the queue open."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.trail.models import Entry
from referrals import group_booking, groups, keyring, vault
from referrals.models import GroupBooking, GroupSession
from tests.referrals.conftest import MakeTeam, Team, unlock
from tests.referrals.sessions import LINK, NAME, REACH, announce, book
from tests.referrals.test_groups import begin

pytestmark = pytest.mark.django_db
DATES, RECEIPT = reverse("referral_groups"), reverse("referral_group_receipt")


def text(response: Any) -> str:
    """Return a page with its white space made even."""
    return " ".join(response.content.decode().split())


def page_of(session: GroupSession) -> str:
    return reverse("referral_group", args=[session.pk])


def code_on(answer: Any) -> str:
    """Return the code that a page came with."""
    found = re.search(r'name="code"[^>]*value="([0-9A-Z-]+)"', answer.content.decode())
    assert found
    return found[1]


def planned(**changed: Any) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=20)
    given = {
        "theme": "Listening",
        "day_day": str(day.day),
        "day_month": str(day.month),
        "day_year": str(day.year),
        "clock": "5.30pm",
        "places": "8",
        "link": LINK,
    }
    return given | changed


class TestTeam:
    """With the queue open."""

    def test_the_lead_plans_a_session(self, team: Team) -> None:
        client = unlock(team.lead)
        assert client.get(reverse("queue_group_plan")).status_code == 200
        answer = client.post(reverse("queue_group_plan"), planned(facilitators=[str(team.triager.pk)]))
        session = GroupSession.objects.get()
        assert answer.headers["Location"] == reverse("queue_group", args=[session.pk])
        assert timezone.localtime(session.starts_at).strftime("%H:%M") == "17:30"
        page = text(client.get(answer.headers["Location"]))
        assert "The session is announced." in page
        assert LINK in page
        assert "Listening" in text(client.get(reverse("queue_groups")))

    @pytest.mark.parametrize(
        ("changed", "status", "said"),
        [
            ({}, 422, "Select who leads it"),
            ({"facilitators": ["nobody"]}, 422, "Select a valid choice"),
            ({"day_year": "2020", "facilitators": "me"}, 409, "Choose a time to come"),
            ({"places": "0", "facilitators": "me"}, 422, "greater than or equal to 1"),
            ({"places": "many", "facilitators": "me"}, 422, "must be a number"),
            ({"link": "javascript:alert(1)", "facilitators": "me"}, 422, "Enter a link"),
            ({"clock": "25:00", "facilitators": "me"}, 422, "Enter a time, like"),
        ],
    )
    def test_what_cannot_be_planned(self, team: Team, changed: dict[str, Any], status: int, said: str) -> None:
        if changed.get("facilitators") == "me":
            changed = {**changed, "facilitators": [str(team.triager.pk)]}
        answer = unlock(team.lead).post(reverse("queue_group_plan"), planned(**changed))
        assert answer.status_code == status
        assert said in text(answer)
        assert not GroupSession.objects.exists()

    def test_the_lead_changes_it(self, team: Team) -> None:
        session = announce(team)
        client = unlock(team.lead)
        address = reverse("queue_group_change", args=[session.pk])
        assert LINK in text(client.get(address))
        answer = client.post(address, planned(facilitators=[str(team.lead.pk)], theme=""))
        assert answer.status_code == 302
        session.refresh_from_db()
        assert (session.theme, session.places, session.version) == ("", 8, 1)
        assert list(session.facilitators.all()) == [team.lead]

    def test_fewer_places_than_are_taken(self, team: Team) -> None:
        session = announce(team)
        book(session)
        book(session)
        address = reverse("queue_group_change", args=[session.pk])
        answer = unlock(team.lead).post(address, planned(facilitators=[str(team.lead.pk)], places="1"))
        assert answer.status_code == 409
        assert "More people than that are booked" in text(answer)

    def test_calling_off_asks_first(self, team: Team) -> None:
        session = announce(team)
        client = unlock(team.lead)
        address = reverse("queue_group_call_off", args=[session.pk])
        assert "Do you want to call the session off?" in text(client.get(address))
        page = text(client.post(address, follow=True))
        assert "The session is called off" in page
        assert "Called off" in text(client.get(reverse("queue_groups")))

    def test_who_comes_is_for_who_leads_it(self, team: Team) -> None:
        session = announce(team)
        book(session)
        address = reverse("queue_group", args=[session.pk])
        for triager in (team.triager, team.lead):
            page = text(unlock(triager).get(address))
            assert NAME in page
            assert REACH in page
        other = team.admit("Somebody else")
        page = text(unlock(other).get(address))
        assert NAME not in page
        assert "for those who lead the session" in page

    def test_another_teams_session_is_not_there(self, team: Team, make_team: MakeTeam) -> None:
        other = make_team("elsewhere")
        session = announce(other)
        client = unlock(team.lead)
        for address in ("queue_group", "queue_group_change", "queue_group_call_off", "queue_group_register"):
            assert client.get(reverse(address, args=[session.pk])).status_code == 404
        assert client.post(reverse("queue_group_link", args=[session.pk])).status_code == 404
        assert session.title not in text(client.get(reverse("queue_groups")))

    def test_giving_out_the_link(self, team: Team) -> None:
        session = announce(team, days=0.5)
        code, _ = book(session)
        client = unlock(team.triager)
        address = reverse("queue_group", args=[session.pk])
        assert "1 of them cannot see the link to join yet" in text(client.get(address))
        page = text(client.post(reverse("queue_group_link", args=[session.pk]), follow=True))
        assert "The link is given to 1 more person" in page
        assert LINK in text(Client().post(RECEIPT, {"code": code}))

    def test_no_link_to_give(self, team: Team) -> None:
        session = announce(team, link="")
        book(session)
        client = unlock(team.triager)
        page = text(client.post(reverse("queue_group_link", args=[session.pk]), follow=True))
        assert "Add the link to join first" in page

    def test_the_lead_cancels_a_booking_and_asks_first(self, team: Team) -> None:
        session = announce(team, places=1)
        _, booking = book(session, "Invented Name")
        address = reverse("queue_group_take_off", args=[session.pk, booking.pk])
        assert address not in text(unlock(team.triager).get(reverse("queue_group", args=[session.pk])))
        assert unlock(team.triager).get(address).status_code == 404
        client = unlock(team.lead)
        assert address in client.get(reverse("queue_group", args=[session.pk])).content.decode()
        assert "Do you want to cancel this booking?" in text(client.get(address))
        booking.refresh_from_db()
        assert booking.cancelled_on is None
        assert "The booking is cancelled" in text(client.post(address, follow=True))
        session.refresh_from_db()
        assert session.taken == 0
        assert "Invented Name" not in text(client.get(reverse("queue_group", args=[session.pk])))
        assert "This booking is cancelled already" in text(client.post(address, follow=True))  # a second press
        assert Entry.objects.filter(verb="group.taken_off", actor=team.lead.user).count() == 1

    def test_a_guest_who_cancelled_meanwhile_is_not_an_error(self, team: Team) -> None:
        session = announce(team)
        _, booking = book(session)
        client, address = unlock(team.lead), reverse("queue_group_take_off", args=[session.pk, booking.pk])
        group_booking.cancel(booking)
        for ask in (client.get, client.post):
            assert "This booking is cancelled already" in text(ask(address, follow=True))
        assert client.get(reverse("queue_group_take_off", args=[session.pk, uuid4()])).status_code == 404

    def test_who_is_taken_off_is_not_told_that_they_did_it(self, team: Team) -> None:
        session = announce(team)
        code, booking = book(session)
        groups.take_off(session, team.unlocked(team.lead), booking.pk)
        page = text(Client().post(RECEIPT, {"code": code}))
        assert "It was cancelled on" in page
        assert "You cancelled" not in page

    def test_words_of_no_form_in_a_guests_place_keep_no_page_back(self, team: Team) -> None:
        session = announce(team)
        _, booking = book(session)
        reader = keyring.present_epoch(team.provider)
        key, sealed = vault.seal_content(b'["nobody"]', *group_booking.names(booking))
        GroupBooking.objects.update(sealed=sealed, key=reader.key.seal(key, *group_booking.names(booking, reader.name)))
        assert "Cannot be opened" in text(unlock(team.lead).get(reverse("queue_group", args=[session.pk])))

    def test_a_register_that_says_nothing_of_somebody_changes_nothing_of_them(self, team: Team) -> None:
        session = announce(team)
        _, one = book(session, "One")
        _, other = book(session, "Other")
        begin(session)
        address = reverse("queue_group_register", args=[session.pk])
        unlock(team.triager).post(address, {str(one.pk): "came"})
        unlock(team.triager).post(address, {str(other.pk): "did_not"})
        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.attended, other.attended) == (True, False)

    def test_the_register(self, team: Team) -> None:
        session = announce(team)
        _, came = book(session, "Came")
        _, missed = book(session, "Missed")
        client = unlock(team.triager)
        address = reverse("queue_group_register", args=[session.pk])
        early = client.post(address, {str(came.pk): "came"})
        assert early.status_code == 409
        assert "The register opens when the session begins" in text(early)
        begin(session)
        assert client.post(address, {str(came.pk): "perhaps"}).status_code == 422
        answer = client.post(address, {str(came.pk): "came", str(missed.pk): "did_not"}, follow=True)
        assert "The register is kept" in text(answer)
        came.refresh_from_db()
        missed.refresh_from_db()
        assert (came.attended, missed.attended) == (True, False)
        # The lead, who does not lead this session, keeps no register of it.
        assert unlock(team.lead).get(address).status_code == 404

    def test_erased_it_says_so(self, team: Team) -> None:
        session = announce(team)
        book(session)
        begin(session, days=40)
        groups.erase_past()
        page = text(unlock(team.lead).get(reverse("queue_group", args=[session.pk])))
        assert "Who came was erased on" in page

    @pytest.mark.parametrize("page", ["queue_groups", "queue_group", "queue_group_register"])
    def test_statements_do_not_grow_with_the_rows(self, team: Team, page: str) -> None:
        session = announce(team, places=5)
        client = unlock(team.triager)
        asked = []
        for number in (1, 3):
            while session.bookings.count() < number:
                book(session)
                announce(team, days=30)
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse(page, args=[] if page == "queue_groups" else [session.pk]))
            asked.append(len(captured))
        assert asked[0] == asked[1]

    def test_what_is_not_seen_is_not_looked_at_either(self, team: Team) -> None:
        """Of a session that somebody does not lead nothing is opened, and so nothing is in the trail."""
        session = announce(team, facilitators=[team.lead])
        book(session)
        unlock(team.triager).get(reverse("queue_group", args=[session.pk]))
        assert not Entry.objects.filter(verb="group.guests_opened").exists()
