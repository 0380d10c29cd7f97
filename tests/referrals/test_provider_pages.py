"""What a provider says and offers, and the trail of its team, as its lead has them."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals import intake, reading, receipts, team_trail
from referrals.models import Offer
from tests.referrals.conftest import MakeTeam, Team, page_of, signed_in, submit_to, unlock

pytestmark = pytest.mark.django_db
PROVIDER, NEW, TRAIL = reverse("queue_provider"), reverse("queue_new_offer"), reverse("queue_trail")


@pytest.fixture
def lead(team: Team) -> Client:
    return signed_in(team.lead)


def test_the_lead_says_who_they_are(team: Team, lead: Client) -> None:
    assert lead.post(PROVIDER, {"about": "We listen.", "emergency": ""}).headers["Location"] == PROVIDER
    assert "We listen." in Client().get(reverse("referral_new")).content.decode()


def test_an_offer_is_added_changed_and_taken_off_the_form(team: Team, lead: Client) -> None:
    said = {
        "name": "Couples",
        "who_for": "Everybody",
        "commissioner": team.offer.commissioner_id,
        "position": 2,
        "active": "on",
    }
    assert lead.post(NEW, {}).status_code == 422
    assert lead.post(NEW, said).headers["Location"] == PROVIDER
    offer = Offer.objects.get(name="Couples")
    assert offer.provider == team.provider
    page = reverse("queue_offer", args=[offer.pk])
    assert lead.post(page, {**said, "name": "\0"}).status_code == 422
    del said["active"]
    lead.post(page, said)
    offer.refresh_from_db()
    assert not offer.active


def test_another_providers_offer_is_not_there(team: Team, lead: Client, make_team: MakeTeam) -> None:
    other = make_team("elsewhere").offer
    assert lead.get(reverse("queue_offer", args=[other.pk])).status_code == 404


def test_the_lead_reads_who_opened_what_and_of_no_other_team(team: Team, lead: Client, make_team: MakeTeam) -> None:
    elsewhere = make_team("elsewhere")
    referral, theirs = (
        receipts.find(intake.submit(each.offer, contact={}, story={}).code) for each in (team, elsewhere)
    )
    assert referral
    assert theirs
    reading.open_referral(team.unlocked(team.triager), referral.pk)
    reading.open_referral(elsewhere.unlocked(elsewhere.triager), theirs.pk)
    html = lead.get(TRAIL).content.decode()
    assert f"?referral={referral.pk}" in html
    assert team.triager.user.name in html
    assert str(theirs.pk) not in html


@pytest.mark.parametrize("before", ["x", "0", "-1", "9" * 30, "\0"])
def test_a_link_that_is_none_of_ours_does_no_harm(lead: Client, before: str) -> None:
    assert lead.get(TRAIL, {"before": before}).status_code == 200


def test_the_trail_is_paged_by_key_and_costs_the_same(
    team: Team, lead: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_trail, "PAGE", 2)
    lead.get(TRAIL)

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            lead.get(TRAIL)
        return len(found)

    with_few = statements()
    for _ in range(3):
        intake.submit(team.offer, contact={}, story={})
    assert statements() == with_few
    first = team_trail.read(team.provider)
    second = team_trail.read(team.provider, before=first.following)
    assert {entry.pk for entry in first.entries}.isdisjoint(entry.pk for entry in second.entries)


def test_the_trail_of_one_referral_is_its_own(team: Team, lead: Client, make_team: MakeTeam) -> None:
    one, another, elsewhere = submit_to(team), submit_to(team), submit_to(make_team("elsewhere"))
    unlock(team.triager).get(page_of(one))

    html = lead.get(TRAIL, {"referral": str(one.pk)}).content.decode()

    assert f"Who opened referral {str(one.pk)[:8]}" in html
    assert "Opened it" in html
    assert "The person, or somebody for them" in html
    assert "midnight" not in html
    assert team.triager.user.name in html
    assert str(another.pk) not in html
    assert "Nothing was done" in lead.get(TRAIL, {"referral": str(elsewhere.pk)}).content.decode()
    assert lead.get(TRAIL, {"referral": "' OR 1=1"}).status_code == 404


def test_the_leads_page_of_a_referral_leads_to_who_opened_it(team: Team) -> None:
    referral = submit_to(team)
    for triager, led in ((team.lead, True), (team.triager, False)):
        html = unlock(triager).get(page_of(referral)).content.decode()
        assert (f"{TRAIL}?referral={referral.pk}" in html) is led
