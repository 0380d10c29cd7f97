"""What a receipt opens, and a person's own yes or no."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from referrals import intake, pace
from referrals.models import Envelope, Referral, Section
from referrals.transitions import State, hold, move
from tests.referrals.conftest import Team, submit_to
from tests.referrals.sessions import announce, book

pytestmark = pytest.mark.django_db

RECEIPT, CONSENT = reverse("referral_receipt"), reverse("referral_consent")
SUBMITTER = {"name": "A friend", "consent": "On the phone"}


def submit(team: Team, **how: Any) -> intake.Receipt:
    return intake.submit(team.offer, contact={"name": "Canary"}, story={"text": "Canary"}, **how)


def test_a_receipt_shows_how_it_stands_and_nothing_of_what_was_written(client: Client, team: Team) -> None:
    receipt = submit(team)
    answer = client.post(RECEIPT, {"code": receipt.code.lower().replace("-", " ")})
    html = answer.content.decode()
    assert "was received on" in html
    assert "Canary" not in html
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("state", [State.TRIAGED, State.APPOINTMENT_OFFERED, State.FIRST_HELD, State.CLOSED])
def test_each_state_has_its_words(client: Client, team: Team, state: State) -> None:
    receipt = submit(team)
    way = [State.TRIAGED, State.APPOINTMENT_OFFERED, State.FIRST_HELD, State.CLOSED]
    for step in way[: way.index(state) + 1]:
        move(hold(Referral.objects.get()), step)
    html = client.post(RECEIPT, {"code": receipt.code}).content.decode()
    assert "ended on" in html if state == State.CLOSED else "was received on" in html
    for word in ("triage", "Triage", "therapy"):
        assert word not in html


@pytest.mark.parametrize("code", ["", "nonsense", "A" * 20, "A" * 61, "\0", "00000-00000-00000-00000"])
def test_what_is_no_code_is_told_so_and_stays(client: Client, team: Team, code: str) -> None:
    for address in (RECEIPT, CONSENT):
        answer = client.post(address, {"code": code})
        assert answer.status_code == 422
        assert "id_code_error" in answer.content.decode()


def test_a_code_of_another_page_is_told_where_it_is_for(client: Client, team: Team) -> None:
    receipt = submit(team, submitter=SUBMITTER)
    group_code, _ = book(announce(team))
    for address, code, where in (
        (RECEIPT, receipt.handover, "Use it at “Somebody gave me a code”"),
        (CONSENT, receipt.code, "This is a receipt code"),
        (RECEIPT, group_code, "This is the code of a group session"),
        (reverse("referral_group_receipt"), receipt.code, "This is a receipt code"),
    ):
        answer = client.post(address, {"code": code})
        assert answer.status_code == 422
        assert where in answer.content.decode()


def test_notes_are_slowed_down_by_referral(client: Client, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "ADDING_NOTES", pace.Pace("notes", times=1, within=60))
    one, other = submit(team), submit(team)
    told = [client.post(RECEIPT, {"code": one.code, "act": "note", "text": "Hello"}).status_code for _ in range(3)]
    assert told == [200, 200, 429]
    answer = client.post(RECEIPT, {"code": one.code, "act": "note", "text": "The fourth"})
    assert "The fourth" in answer.content.decode()
    assert answer.headers["Retry-After"] == "10"
    assert client.post(RECEIPT, {"code": other.code, "act": "note", "text": "Hello"}).status_code == 200


def test_what_stands_for_a_referral_while_notes_are_counted_lives_for_minutes(team: Team) -> None:
    referral = submit_to(team)
    stood = pace.by_referral(referral)
    assert stood == pace.by_referral(referral)
    assert str(referral.pk) not in stood
    cache.delete(pace.SALT)  # as its time being over does
    assert pace.by_referral(referral) != stood
    assert pace.ADDING_NOTES.within <= pace.SALT_LIVES


def test_a_code_in_an_address_does_nothing(client: Client, team: Team) -> None:
    receipt = submit(team, submitter=SUBMITTER)
    for address in (RECEIPT, CONSENT):
        for code in (receipt.code, receipt.handover):
            html = client.get(address, {"code": code, "act": "confirm"}).content.decode()
            assert code not in html
    assert Referral.objects.get().state == State.AWAITING_CONSENT


def test_withdrawing_is_asked_first_and_then_done(client: Client, team: Team) -> None:
    code = {"code": submit(team).code}
    assert "Withdraw your referral?" in client.post(RECEIPT, {**code, "act": "ask"}).content.decode()
    assert Referral.objects.get().state == State.RECEIVED
    for _ in range(2):
        assert "is withdrawn" in client.post(RECEIPT, {**code, "act": "withdraw"}).content.decode()
    assert Referral.objects.get().state == State.WITHDRAWN
    html = client.post(RECEIPT, {**code, "act": "ask"}).content.decode()
    assert "It was withdrawn on" in html


def test_what_has_ended_is_not_withdrawn(client: Client, team: Team) -> None:
    code = {"code": submit(team).code}
    move(hold(Referral.objects.get()), State.UNREACHABLE)
    assert client.post(RECEIPT, {**code, "act": "withdraw"}).status_code == 409
    assert Referral.objects.get().state == State.UNREACHABLE


def test_a_note_is_sealed_to_the_provider(client: Client, team: Team) -> None:
    code = {"code": submit(team).code}
    answer = client.post(RECEIPT, {**code, "act": "note", "text": "Please call after six."})
    assert "is sent" in answer.content.decode()
    assert Section.objects.filter(kind="correspondence").count() == 1


@pytest.mark.parametrize(("text", "status"), [("", 422), ("x" * 2001, 422), ("\0", 422)])
def test_a_note_that_cannot_be_sent_stays_on_the_page(client: Client, team: Team, text: str, status: int) -> None:
    code = {"code": submit(team).code}
    answer = client.post(RECEIPT, {**code, "act": "note", "text": text})
    assert answer.status_code == status
    assert not Section.objects.filter(kind="correspondence").exists()


def test_a_note_that_comes_too_late_is_not_lost(client: Client, team: Team, settings: Any) -> None:
    code = {"code": submit(team).code}
    settings.REFERRAL_ROOTS = {}
    answer = client.post(RECEIPT, {**code, "act": "note", "text": "My note"})
    assert answer.status_code == 409
    assert "My note" in answer.content.decode()


@pytest.mark.parametrize("act", ["", "ask", "withdraw", "note", "confirm", "nonsense"])
def test_whoever_submitted_for_another_sees_that_it_was_received_and_does_nothing(
    client: Client, team: Team, act: str
) -> None:
    receipt = submit(team, submitter=SUBMITTER)
    intake.confirm(Referral.objects.get())
    move(hold(Referral.objects.get()), State.TRIAGED)
    html = client.post(RECEIPT, {"code": receipt.code, "act": act, "text": "Hello"}).content.decode()
    assert "It was received on" in html
    for said in ("read it", "appointment is by", "Withdraw", "note to the provider"):
        assert said not in html
    assert Referral.objects.get().state == State.TRIAGED
    assert Section.objects.count() == 2


class TestConsent:
    """The person's own word, by the code that they were handed."""

    @pytest.fixture
    def code(self, team: Team) -> dict[str, str]:
        return {"code": submit(team, submitter=SUBMITTER).handover}

    def test_looking_changes_nothing(self, client: Client, code: dict[str, str]) -> None:
        html = client.post(CONSENT, code).content.decode()
        assert "Would you like this support?" in html
        assert "A friend" not in html
        assert Referral.objects.get().state == State.AWAITING_CONSENT

    def test_yes_starts_the_clocks(self, client: Client, code: dict[str, str]) -> None:
        assert "Thank you" in client.post(CONSENT, {**code, "act": "confirm"}).content.decode()
        assert Referral.objects.get().received_on == timezone.localdate()

    def test_no_deletes_it_at_once(self, client: Client, code: dict[str, str]) -> None:
        assert "It is deleted" in client.post(CONSENT, {**code, "act": "decline"}).content.decode()
        assert Referral.objects.get().purged_on == timezone.localdate()
        assert not Envelope.objects.exists()

    @pytest.mark.parametrize("first", ["confirm", "decline"])
    def test_a_code_works_once_and_does_not_say_for_what(
        self, client: Client, code: dict[str, str], first: str
    ) -> None:
        """Whoever submitted it has the code, too, and is to learn nothing."""
        client.post(CONSENT, {**code, "act": first})
        was = Referral.objects.get().state
        for act in ("confirm", "decline", ""):
            page = client.post(CONSENT, {**code, "act": act}).content.decode()
            assert "This code was used, or is no longer valid" in page
        assert Referral.objects.get().state == was

    def test_a_receipts_code_is_no_consent(self, client: Client, team: Team) -> None:
        receipt = submit(team, submitter=SUBMITTER)
        assert client.post(CONSENT, {"code": receipt.code, "act": "confirm"}).status_code == 422
        assert client.post(RECEIPT, {"code": receipt.handover}).status_code == 422


def test_guesses_are_slowed_down_over_all_processes(
    client: Client, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "TRYING_CODES", pace.Pace("codes", times=2, within=60))
    guesses = [Client().post(RECEIPT, {"code": "A" * 20}).status_code for _ in range(5)]
    assert guesses == [422, 422, 422, 429, 429]  # the third goes on, as one does every ten seconds
    answer = client.post(RECEIPT, {"code": "MY-CODE"})
    assert answer.status_code == 429
    assert "MY-CODE" in answer.content.decode()


def test_who_has_a_code_is_not_kept_waiting_by_who_guesses(client: Client, team: Team) -> None:
    receipt = submit(team)
    for _ in range(40):
        wrong = client.post(RECEIPT, {"code": "00000-00000-00000-00000"})
    assert wrong.status_code == 429
    note = {"code": receipt.code, "act": "note", "text": "Evenings are best."}
    assert "Your note is sent" in client.post(RECEIPT, note).content.decode()


def test_a_status_costs_one_statement(client: Client, team: Team) -> None:
    receipt = submit(team)
    with CaptureQueriesContext(connection) as statements:
        client.post(RECEIPT, {"code": receipt.code})
    assert len(statements) == 1
