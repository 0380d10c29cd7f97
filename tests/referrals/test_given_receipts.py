"""A receipt that a triager gives: to somebody who lost theirs, or for whom somebody else submitted."""

import re
from datetime import time

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.trail.models import Entry
from referrals import casework, intake, receipts
from referrals.models import Referral
from referrals.transitions import State, WrongState, hold, move
from referrals.vault import new_code
from tests.referrals.conftest import Team, page_of, unlock

pytestmark = pytest.mark.django_db

RECEIPT = reverse("referral_receipt")
SUBMITTER = {"name": "A friend", "consent": "On the phone"}


def give(desk: Client, referral: Referral) -> str:
    """Give a receipt on the triager's page, and return its code."""
    address = reverse("queue_give_receipt", args=[referral.pk])
    code = re.search(r'name="code" value="([0-9A-Z-]+)"', desk.get(address).content.decode())
    assert code
    refused = desk.post(address, {"code": code[1]})
    assert refused.status_code == 422
    assert "Confirm that you are speaking with the person" in refused.content.decode()
    for _ in range(2):  # a second press of the button, or a reload
        answer = desk.post(address, {"code": code[1], "sure": "on"})
        assert code[1] in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]
    return code[1]


def test_whoever_lost_theirs_is_given_another_and_the_lost_one_ends(client: Client, team: Team, desk: Client) -> None:
    lost = intake.submit(team.offer, contact={}, story={}).code
    referral = Referral.objects.get()

    given = give(desk, referral)

    assert receipts.find(lost) is None
    assert "Withdraw" in client.post(RECEIPT, {"code": given}).content.decode()
    assert Entry.objects.filter(verb="referral.receipt_given").count() == 1


def test_the_person_for_whom_somebody_submitted_gets_one_of_their_own(client: Client, team: Team, desk: Client) -> None:
    theirs = intake.submit(team.offer, contact={}, story={}, submitter=SUBMITTER).code
    referral = Referral.objects.get()
    casework.verify_consent(referral, "On the phone today.", unlocked=team.unlocked(team.triager))

    given = give(desk, referral)

    seen = client.post(RECEIPT, {"code": theirs, "act": "withdraw"}).content.decode()
    assert "It was received on" in seen
    assert "Withdraw" not in seen
    assert "is withdrawn" in client.post(RECEIPT, {"code": given, "act": "withdraw"}).content.decode()
    referral.refresh_from_db()
    assert referral.state == State.WITHDRAWN
    assert "withdrawn" not in client.post(RECEIPT, {"code": theirs}).content.decode()


def test_the_trail_says_that_one_was_given_and_by_whom_stands_inside_the_seal(team: Team, desk: Client) -> None:
    """It is given on the phone, and a switchboard knows who rang at which minute."""
    intake.submit(team.offer, contact={}, story={})
    referral = Referral.objects.get()

    give(desk, referral)

    entry = Entry.objects.get(verb="referral.receipt_given")
    assert (entry.actor, entry.details) == (None, {})
    assert timezone.localtime(entry.at).time() == time(0)
    html = desk.get(page_of(referral)).content.decode()
    assert html.count(f"Receipt code given by {team.triager.user.name} on") == 1
    trail = unlock(team.lead).get(reverse("queue_trail"), {"referral": str(referral.pk)}).content.decode()
    assert "One of the team: the referral says who" in trail


@pytest.mark.parametrize("confirmed", [False, True])
def test_none_is_given_before_a_triager_has_spoken_with_the_person(
    team: Team, desk: Client, *, confirmed: bool
) -> None:
    intake.submit(team.offer, contact={}, story={}, submitter=SUBMITTER)
    referral = Referral.objects.get()
    if confirmed:
        intake.confirm(referral)
    address = reverse("queue_give_receipt", args=[referral.pk])

    assert address not in desk.get(page_of(referral)).content.decode()
    assert desk.get(address).status_code == 302
    assert desk.post(address, {"code": new_code(), "sure": "on"}).status_code == 409
    referral.refresh_from_db()
    assert referral.own_receipt is None


def test_none_is_given_once_it_has_ended(team: Team) -> None:
    intake.submit(team.offer, contact={}, story={})
    referral = Referral.objects.get()
    move(hold(referral), State.WITHDRAWN)
    with pytest.raises(WrongState):
        casework.give_receipt(referral, new_code(), unlocked=team.unlocked(team.triager))


@pytest.mark.parametrize("code", ["", "0000", "x" * 50, "\0" * 20])
def test_a_code_that_the_page_did_not_make_is_not_taken(team: Team, desk: Client, code: str) -> None:
    kept = intake.submit(team.offer, contact={}, story={}).code
    referral = Referral.objects.get()
    answer = desk.post(reverse("queue_give_receipt", args=[referral.pk]), {"code": code, "sure": "on"})
    assert answer.status_code == 422
    assert receipts.find(kept) == referral


def test_a_triager_who_may_not_see_it_gives_none(team: Team, desk: Client) -> None:
    intake.submit(team.offer, contact={}, story={}, lead_first=True)
    address = reverse("queue_give_receipt", args=[Referral.objects.get().pk])
    assert desk.get(address).status_code == 404
    assert desk.post(address, {"code": new_code(), "sure": "on"}).status_code == 404
