"""The key ceremony and the team, as pages that a lead and their colleagues follow."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from referrals import ceremony, enveloping, gate, intake, keyring, receipts, sealing
from referrals.models import Envelope, Provider, Triager
from tests.factories import make_user
from tests.referrals.conftest import PASSPHRASE, MakeTeam, Team, fresh, readable_sections, signed_in

pytestmark = pytest.mark.django_db

KEYS, TEAM, PASS = reverse("queue_keys"), reverse("queue_team"), reverse("queue_passphrase")
PART = re.compile(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){10}-[0-9A-Z]\b")
PIN = re.compile(r"REFERRAL_ROOTS=(\S+?)=(\S+?)<")


def said(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_lead_goes_through_the_whole_ceremony(settings: Any) -> None:
    settings.REFERRAL_ROOTS = {}
    provider = Provider.objects.create(name="Demo listening", slug="listening")
    person = make_user()
    lead = ceremony.invite_triager(provider, person.email, "", by=person, is_lead=True)
    browser = signed_in(lead)

    assert browser.get(reverse("queue")).headers["Location"] == PASS
    assert browser.post(PASS, {"new_passphrase": "too short"}).status_code == 422
    assert browser.post(PASS, {"new_passphrase": PASSPHRASE}).headers["Location"] == PASS
    assert "Go to the keys" in said(browser.get(PASS))

    found = reverse("queue_found")
    assert browser.post(found, {"passphrase": "wrong"}).status_code == 422
    page = said(browser.post(found, {"passphrase": PASSPHRASE}))
    parts = PART.findall(page)
    assert len(parts) == 3
    assert not PART.findall(said(browser.get(KEYS)))
    assert browser.post(found, {"passphrase": PASSPHRASE}).status_code == 409

    match = PIN.search(said(browser.get(KEYS)))
    assert match
    assert "takes no referrals" in said(browser.get(KEYS))
    settings.REFERRAL_ROOTS = {match[1]: match[2]}
    assert "You need 2 people or more" in said(browser.get(TEAM))
    assert "takes no referrals" in said(browser.get(KEYS))

    drill = reverse("queue_drill")
    assert browser.post(drill, {"one_part": parts[0], "other_part": parts[0]}).status_code == 422
    assert browser.post(drill, {"one_part": parts[0], "other_part": "nonsense"}).status_code == 422
    assert "works" in said(browser.post(drill, {"one_part": parts[0].lower(), "other_part": parts[2]}))
    provider.refresh_from_db()
    assert provider.recovery_drilled_on == timezone.localdate()


class TestTeam:
    """Who comes, comes back and goes."""

    def test_somebody_is_invited_keyed_compared_and_admitted(self, team: Team) -> None:
        lead = signed_in(team.lead)
        said_ = {"name": "Demo Colleague", "email": "colleague@provider.example"}
        assert lead.post(reverse("queue_invite"), said_).headers["Location"] == TEAM
        assert lead.post(reverse("queue_invite"), said_).status_code == 409
        member = Triager.objects.get(user__email="colleague@provider.example")
        browser = signed_in(member)
        browser.post(PASS, {"new_passphrase": PASSPHRASE})
        member = fresh(member)
        key = ceremony.key_fingerprint(member)
        assert key in said(browser.get(PASS))
        admit = reverse("queue_admit", args=[member.pk])
        assert key in said(lead.get(admit))
        assert lead.post(admit, {"key_seen": key, "passphrase": PASSPHRASE}).status_code == 422
        answer = lead.post(admit, {"key_seen": key, "compared": "on", "passphrase": PASSPHRASE})
        assert answer.headers["Location"] == TEAM
        assert browser.post(reverse("queue_unlock"), {"passphrase": PASSPHRASE}).status_code == 302

    def test_who_lost_the_passphrase_comes_back_by_two_approvals(self, team: Team) -> None:
        other = team.admit()
        browser = signed_in(team.triager)
        assert (
            browser.post(reverse("queue_lost_passphrase"), {"new_passphrase": PASSPHRASE}).headers["Location"] == PASS
        )
        lead, colleague = signed_in(team.lead), signed_in(other)
        admit = reverse("queue_admit", args=[team.triager.pk])
        key = ceremony.key_fingerprint(fresh(team.triager))
        sent = {"key_seen": key, "compared": "on", "passphrase": PASSPHRASE}
        assert "Confirm that the new key is theirs" in said(lead.get(TEAM))
        assert lead.post(admit, sent).status_code == 409
        vouch = reverse("queue_vouch", args=[team.triager.pk])
        assert key in said(colleague.get(vouch))
        colleague.post(vouch)
        assert lead.post(admit, sent).headers["Location"] == TEAM

    def test_a_leaver_is_taken_out_and_what_is_there_sealed_anew(self, team: Team) -> None:
        receipt = intake.submit(team.offer, contact={"name": "Canary"}, story={})
        lead = signed_in(team.lead)
        out = reverse("queue_take_out", args=[team.triager.pk])
        assert lead.post(out, {"passphrase": "wrong"}).status_code == 422
        assert lead.post(out, {"passphrase": PASSPHRASE}).headers["Location"] == reverse("queue_enveloping")
        lead.post(reverse("queue_unlock"), {"passphrase": PASSPHRASE})
        assert "2 entries are still sealed" in said(lead.get(reverse("queue_enveloping")))
        assert "All is sealed anew" in said(lead.post(reverse("queue_enveloping")))
        assert not Envelope.objects.filter(epoch__ended_on__isnull=False).exists()
        referral = receipts.find(receipt.code)
        assert referral
        unlocked = team.unlocked(team.lead)
        sections = readable_sections(referral.sections.all(), unlocked)
        assert sealing.open_section(sections[0], unlocked).content["name"] == "Canary"

    def test_the_last_lead_is_not_taken_out(self, team: Team) -> None:
        answer = signed_in(team.lead).post(reverse("queue_take_out", args=[team.lead.pk]), {"passphrase": PASSPHRASE})
        assert answer.status_code == 409

    def test_somebody_is_made_a_lead(self, team: Team) -> None:
        make = reverse("queue_make_lead", args=[team.triager.pk])
        signed_in(team.lead).post(make, {"passphrase": PASSPHRASE})
        assert fresh(team.triager).is_lead

    @pytest.mark.parametrize("name", ["queue_admit", "queue_make_lead", "queue_take_out"])
    def test_what_a_lead_does_is_not_there_for_others(self, team: Team, name: str) -> None:
        browser = signed_in(team.triager)
        address = reverse(name, args=[team.lead.pk])
        assert browser.get(address).status_code == 404
        assert browser.post(address, {"passphrase": PASSPHRASE}).status_code == 404
        assert browser.get(reverse("queue_invite")).status_code == 404

    def test_somebody_of_another_team_is_not_there(self, team: Team, make_team: MakeTeam) -> None:
        other = make_team("elsewhere")
        for name in ("queue_vouch", "queue_admit", "queue_make_lead", "queue_take_out"):
            assert signed_in(team.lead).get(reverse(name, args=[other.triager.pk])).status_code == 404

    def test_the_page_costs_the_same_with_more_people(self, team: Team) -> None:
        browser = signed_in(team.lead)
        browser.get(TEAM)

        def statements() -> int:
            with CaptureQueriesContext(connection) as found:
                browser.get(TEAM)
            return len(found)

        with_two = statements()
        for _ in range(2):
            person = make_user()
            ceremony.invite_triager(team.provider, person.email, "", by=team.lead.user)
        assert statements() == with_two


def test_a_lead_who_lost_everything_recovers_with_two_parts(team: Team) -> None:
    browser = signed_in(team.lead)
    browser.post(reverse("queue_lost_passphrase"), {"new_passphrase": PASSPHRASE})
    recover = reverse("queue_recover")
    parts = {"one_part": team.parts[1], "other_part": team.parts[2], "passphrase": PASSPHRASE}
    assert recover in said(browser.get(PASS))
    assert browser.post(recover, {**parts, "other_part": "x"}).status_code == 422
    answer = browser.post(recover, {"one_part": team.parts[1], "other_part": team.parts[2], "passphrase": PASSPHRASE})
    assert answer.headers["Location"] == reverse("queue_unlock")
    assert browser.post(reverse("queue_unlock"), {"passphrase": PASSPHRASE}).status_code == 302


def test_a_triager_recovers_nothing(team: Team) -> None:
    answer = signed_in(team.triager).post(
        reverse("queue_recover"),
        {"one_part": team.parts[1], "other_part": team.parts[2], "passphrase": PASSPHRASE},
    )
    assert answer.status_code == 409


def test_changing_the_passphrase(team: Team) -> None:
    browser = signed_in(team.triager)
    new = "a quite different passphrase"
    assert browser.post(PASS, {"passphrase": "wrong", "new_passphrase": new}).status_code == 422
    assert browser.post(PASS, {"passphrase": PASSPHRASE, "new_passphrase": "password123456789"}).status_code in {
        302,
        422,
    }
    assert browser.post(PASS, {"passphrase": PASSPHRASE, "new_passphrase": new}).status_code in {302, 422}


def test_a_new_epoch_by_hand(team: Team) -> None:
    answer = signed_in(team.lead).post(reverse("queue_new_epoch"), {"passphrase": PASSPHRASE})
    assert answer.headers["Location"] == reverse("queue_enveloping")
    assert keyring.present_epoch(team.provider).name == "epoch 2"
    assert signed_in(team.triager).post(reverse("queue_new_epoch"), {"passphrase": PASSPHRASE}).status_code == 409


def test_sealing_anew_goes_on_where_it_stopped(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        intake.submit(team.offer, contact={"name": "Canary"}, story={})
    ceremony.begin_epoch(team.lead, PASSPHRASE)
    monkeypatch.setattr(enveloping, "BATCH", 4)
    unlocked = team.unlocked(team.triager)
    assert [enveloping.left(team.provider), enveloping.seal_anew(team.provider, unlocked)] == [6, 4]
    assert [enveloping.left(team.provider), enveloping.seal_anew(team.provider, unlocked)] == [2, 2]
    assert enveloping.left(team.provider) == enveloping.seal_anew(team.provider, unlocked) == 0


def test_a_full_gate_asks_to_try_again_and_says_when(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise gate.Busy

    monkeypatch.setattr("referrals.unlocking.unwrap", full)
    answer = signed_in(team.triager).post(reverse("queue_unlock"), {"passphrase": PASSPHRASE})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "try again" in said(answer).lower() or "again in a few seconds" in said(answer)


def test_a_superuser_is_shown_no_page(team: Team, client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@demo.example", "Demo Superuser"))
    for address in (KEYS, TEAM, PASS, reverse("queue_found")):
        assert client.get(address).status_code in {302, 403}
        assert team.provider.name not in client.get(address).content.decode()
