"""Referrals under many hands, on real connections: one decision each, and nothing that nobody can read."""

from datetime import time
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from referrals import casework, ceremony, enveloping, gate, intake, receipts, sealing
from referrals.models import Envelope, Referral, Section
from referrals.transitions import State, WrongState
from tests.concurrency.at_once import at_once
from tests.referrals.conftest import PASSPHRASE, Team, make_team, readable_sections, team

__all__ = ["make_team", "team"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _light_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referrals.vault.ARGON2_KIB", 32)


def submit(team: Team) -> Referral:
    found = receipts.find(intake.submit(team.offer, contact={"name": "Canary"}, story={"text": "Canary"}).code)
    assert found
    return found


def test_of_two_who_claim_one_has_it(team: Team) -> None:
    for _ in range(10):
        referral = submit(team)
        lead, triager = team.unlocked(team.lead), team.unlocked(team.triager)
        told = at_once(
            partial(casework.claim, referral, unlocked=lead), partial(casework.claim, referral, unlocked=triager)
        )
        assert sorted(type(answer).__name__ for answer in told) == ["CaseworkRefused", "NoneType"]


def test_of_two_who_decide_one_does(team: Team) -> None:
    for _ in range(10):
        referral = submit(team)
        lead, triager = team.unlocked(team.lead), team.unlocked(team.triager)
        told = at_once(
            partial(casework.accept, referral, "Yes", unlocked=lead),
            partial(casework.decline, referral, "No", unlocked=triager),
            partial(intake.withdraw, referral),
        )
        referral.refresh_from_db()
        decided = sum(answer is None for answer in told)
        # Accepting and then withdrawing follow one another; two ends do not.
        assert decided == (2 if referral.triaged_on else 1)
        assert all(answer is None or isinstance(answer, WrongState) for answer in told)
        assert referral.state in {State.TRIAGED, State.DECLINED, State.WITHDRAWN}


def test_of_two_who_close_one_does_and_it_is_written_once(team: Team) -> None:
    referral = submit(team)
    lead, triager = team.unlocked(team.lead), team.unlocked(team.triager)
    casework.accept(referral, "Yes", unlocked=lead)
    casework.offer_appointment(referral, timezone.localdate(), time(10), "Demo", "Online", unlocked=lead)
    referral.refresh_from_db()
    assert referral.received_on
    casework.record_held(referral, referral.received_on, unlocked=lead)
    before = Section.objects.count()
    at_once(
        partial(casework.close, referral, "Well", unlocked=lead),
        partial(casework.close, referral, "Well", unlocked=triager),
    )
    assert Section.objects.count() == before + 1


def test_a_yes_and_a_no_at_once_have_one_outcome(team: Team) -> None:
    for _ in range(10):
        receipt = intake.submit(team.offer, contact={}, story={}, submitter={"submitter": "A friend"})
        referral = receipts.find(receipt.code)
        assert referral
        at_once(partial(intake.confirm, referral), partial(intake.decline, referral))
        referral.refresh_from_db()
        assert (referral.state == State.RECEIVED) == Envelope.objects.filter(section__referral=referral).exists()


def test_epochs_change_while_referrals_arrive_and_none_is_unreadable(team: Team) -> None:
    codes: list[str] = []

    def arrive() -> None:
        codes.extend(intake.submit(team.offer, contact={"name": "Canary"}, story={}).code for _ in range(8))

    def rotate() -> None:
        for _ in range(3):
            ceremony.begin_epoch(team.lead, PASSPHRASE)
            unlocked = team.unlocked(team.triager)
            while enveloping.seal_anew(team.provider, unlocked):
                pass

    told = at_once(arrive, arrive, arrive, rotate)
    assert told == [None] * 4
    unlocked = team.unlocked(team.triager)
    while enveloping.seal_anew(team.provider, unlocked):
        pass
    assert not Envelope.objects.filter(epoch__ended_on__isnull=False).exists()
    assert len(codes) == 24
    for code in codes:
        referral = receipts.find(code)
        assert referral
        sections = readable_sections(referral.sections.all(), unlocked)
        assert sealing.open_section(sections[0], unlocked).content == {"name": "Canary"}


def test_what_a_lead_narrows_while_it_is_sealed_anew_stays_narrow(team: Team) -> None:
    for _ in range(8):
        referral = submit(team)
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        lead, triager = team.unlocked(team.lead), team.unlocked(team.triager)
        told = at_once(
            partial(casework.choose_readers, referral, [team.lead], unlocked=lead),
            partial(enveloping.seal_anew, team.provider, triager),
        )
        assert told[0] is None
        assert isinstance(told[1], int)
        readers: Any = Envelope.objects.filter(section__referral=referral).values_list("epoch", "triager").distinct()
        assert set(readers) == {(None, team.lead.pk), (None, None)}


def test_who_is_admitted_while_an_epoch_begins_opens_it(team: Team) -> None:
    for number in range(4):
        comer = ceremony.set_passphrase(
            ceremony.invite_triager(team.provider, f"comer{number}@demo.example", "Demo Comer", by=team.lead.user),
            PASSPHRASE,
        )
        seen = ceremony.key_fingerprint(comer)
        told = at_once(
            partial(ceremony.admit, comer, lead=team.lead, passphrase=PASSPHRASE, key_seen=seen),
            partial(ceremony.begin_epoch, team.lead, PASSPHRASE),
        )
        assert not [answer for answer in told if isinstance(answer, Exception)]
        assert set(comer.grants.values_list("epoch", flat=True)) == set(
            team.provider.epochs.values_list("pk", flat=True)
        )


def test_few_pass_the_gate_at_once_and_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PATIENCE", 0.3)
    inside, most = [0], [0]

    def pass_through() -> str:
        with gate.gate():
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.1)")
            inside[0] -= 1
        return "passed"

    told = at_once(*[pass_through] * 10)
    assert most == [1]
    assert told.count("passed") == 2
    assert sum(isinstance(answer, gate.Busy) for answer in told) == 8
