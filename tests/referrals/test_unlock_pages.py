"""Unlocking the queue and locking it, as pages: what opens, and what does not."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.signing import get_cookie_signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from referrals import casework, ceremony, unsent
from referrals.models import Section, Triager, Unlock, Unsent
from referrals.unlocking import IDLE
from tests.referrals.conftest import PASSPHRASE, MakeTeam, Team, act_on, page_of, signed_in, submit_to, unlock

pytestmark = pytest.mark.django_db

QUEUE, UNLOCK = reverse("queue"), reverse("queue_unlock")


def test_who_has_not_unlocked_is_led_to_do_so_and_back(team: Team) -> None:
    referral = submit_to(team)
    client = signed_in(team.triager)
    answer = client.get(page_of(referral))
    assert answer.headers["Location"].startswith(UNLOCK)
    answer = client.post(answer.headers["Location"], {"passphrase": PASSPHRASE, "next": page_of(referral)})
    assert answer.headers["Location"] == page_of(referral)
    cookie = answer.cookies["queue"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/queue/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/queue//evil.example", "/me/", "\\", ""]
)
def test_unlocking_leads_to_no_page_but_the_queues(team: Team, target: str) -> None:
    answer = signed_in(team.triager).post(UNLOCK, {"passphrase": PASSPHRASE, "next": target})
    assert answer.headers["Location"] == QUEUE


@pytest.mark.parametrize("passphrase", ["", "wrong", "x" * 300, "\0"])
def test_a_wrong_passphrase_is_told_so(team: Team, passphrase: str) -> None:
    answer = signed_in(team.triager).post(UNLOCK, {"passphrase": passphrase})
    assert answer.status_code == 422
    assert "queue" not in answer.cookies


def test_guesses_are_slowed_down_and_lock_nobody_out(team: Team) -> None:
    stolen = signed_in(team.triager)
    told = [stolen.post(UNLOCK, {"passphrase": "wrong"}).status_code for _ in range(8)]
    assert told == [422] * 6 + [429] * 2
    assert signed_in(team.triager).post(UNLOCK, {"passphrase": PASSPHRASE}).status_code == 302


def test_locking_closes_it_in_every_browser(team: Team, desk: Client) -> None:
    other = unlock(team.triager)
    assert other.get(QUEUE).status_code == 200
    desk.post(reverse("queue_lock"))
    assert other.get(QUEUE).status_code == 302
    assert not Unlock.objects.exists()


def test_the_cookie_of_another_sign_in_opens_nothing(team: Team, desk: Client) -> None:
    thief = signed_in(team.triager)
    thief.cookies["queue"] = desk.cookies["queue"].value
    assert thief.get(QUEUE).status_code == 302


def test_what_was_being_typed_when_it_locked_is_shown_again_and_to_nobody_else(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    Unlock.objects.all().delete()
    answer = desk.post(act_on(referral, "note"), {"text": "Canary half a sentence", "csrfmiddlewaretoken": "x"})
    assert answer.headers["Location"].startswith(UNLOCK)
    assert not Section.objects.filter(kind="note").exists()
    row = team.triager.unsent.get()
    assert b"Canary" not in bytes(row.sealed)
    answer = desk.post(UNLOCK, {"passphrase": PASSPHRASE}, follow=True)
    html = answer.content.decode()
    assert "Canary half a sentence" in html
    assert act_on(referral, "note") in html
    assert unsent.kept(team.unlocked(team.lead)) == []
    assert desk.post(reverse("queue_unsent"), {"row": str(row.pk)}).headers["Location"] == QUEUE
    assert not team.triager.unsent.exists()


def test_a_page_that_clears_itself_has_what_was_typed_kept_whether_or_not_it_has_locked(
    team: Team, desk: Client
) -> None:
    page = act_on(submit_to(team), "note")
    answer = desk.post(f"{reverse('queue_keep')}?{urlencode({'next': page})}", {"text": "Canary half a sentence"})
    assert answer.headers["Location"] == f"{UNLOCK}?{urlencode({'next': page})}"
    assert not Section.objects.filter(kind="note").exists()
    (kept,) = unsent.kept(team.unlocked(team.triager))
    assert (kept.path, kept.fields) == (page, [("text", "Canary half a sentence")])


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/me/", "\0"])
def test_what_is_kept_leads_to_no_page_but_the_queues(team: Team, target: str) -> None:
    keep = f"{reverse('queue_keep')}?{urlencode({'next': target})}"
    answer = signed_in(team.triager).post(keep, {"text": "Half a sentence"})
    assert answer.headers["Location"] == f"{UNLOCK}?{urlencode({'next': QUEUE})}"
    (kept,) = unsent.kept(team.unlocked(team.triager))
    assert kept.path == QUEUE


def test_typing_keeps_it_open_and_does_not_open_it_again(team: Team, desk: Client) -> None:
    almost = timezone.now() - IDLE + timedelta(seconds=10)
    Unlock.objects.update(used_at=almost)
    assert desk.post(reverse("queue_stay")).status_code == 204
    assert Unlock.objects.get().used_at > almost
    Unlock.objects.update(used_at=timezone.now() - IDLE)
    assert desk.post(reverse("queue_stay")).status_code == 302
    assert desk.get(QUEUE).status_code == 302


@pytest.mark.parametrize("row", ["", "nonsense", "\0"])
def test_a_row_that_is_none_is_not_discarded(team: Team, desk: Client, row: str) -> None:
    assert desk.post(reverse("queue_unsent"), {"row": row}).status_code == 302


def test_new_keys_are_made_no_faster_than_others_can_unlock(team: Team) -> None:
    told = []
    for _ in range(7):
        answer = signed_in(team.triager).post(reverse("queue_lost_passphrase"), {"new_passphrase": PASSPHRASE})
        told.append(answer.status_code)
    assert told == [302] * 6 + [429]
    assert unlock(team.lead).get(QUEUE).status_code == 200


def test_who_is_asked_into_another_team_keeps_their_own_queue(team: Team, make_team: MakeTeam) -> None:
    other = make_team("elsewhere")
    invited = ceremony.invite_triager(other.provider, team.triager.user.email, "", by=other.lead.user)
    Triager.objects.filter(pk=invited.pk).update(since=timezone.localdate() - timedelta(days=9))
    assert unlock(team.triager).get(QUEUE).status_code == 200


class TestTypedWithoutASignIn:
    """It is sealed to whose it is, and never waits where the portal keeps what others typed."""

    def test_a_note_is_shown_once_the_queue_is_open_again(self, team: Team) -> None:
        referral = submit_to(team)
        browser = unlock(team.triager)
        remembered = browser.post(reverse("queue_lock"))
        assert remembered.status_code == 302
        signed = get_cookie_signer(salt="last_person" + "last_person").sign(str(team.triager.user_id))
        out = Client()
        out.cookies["last_person"] = signed
        answer = out.post(act_on(referral, "note"), {"text": "Canary half a sentence"})
        assert answer.status_code == 403
        assert "We have kept what you typed" in answer.content.decode()
        assert "typed" not in answer.cookies
        (kept,) = unsent.kept(team.unlocked(team.triager))
        assert kept.fields == [("text", "Canary half a sentence")]

    def test_a_passphrase_and_the_parts_are_kept_nowhere(self, team: Team) -> None:
        out = Client()
        signed = get_cookie_signer(salt="last_person" + "last_person").sign(str(team.lead.user_id))
        out.cookies["last_person"] = signed
        out.post(reverse("queue_passphrase"), {"new_passphrase": "a long one that is secret"})
        answer = out.post(reverse("queue_drill"), {"one_part": team.parts[0], "other_part": team.parts[1]})
        assert "We have kept" not in answer.content.decode()
        assert unsent.kept(team.unlocked(team.lead)) == []

    def test_it_ends_with_its_referral_and_with_who_leaves(self, team: Team, desk: Client) -> None:
        referral = submit_to(team)
        Unlock.objects.all().delete()
        desk.post(act_on(referral, "note"), {"text": "Canary"})
        assert team.triager.unsent.get().referral == referral
        casework.erase(referral, unlocked=team.unlocked(team.lead))
        assert not team.triager.unsent.exists()
        desk.post(reverse("queue_find"), {"name": "Canary"})
        assert team.triager.unsent.count() == 1
        ceremony.leave(team.triager, lead=team.lead, passphrase=PASSPHRASE)
        assert not Unsent.objects.exists()
