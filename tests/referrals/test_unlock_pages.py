"""Unlocking the queue and locking it, as pages: what opens, and what does not."""

import json
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.signing import get_cookie_signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from referrals import casework, ceremony, unsent, vault
from referrals.models import Section, Triager, Unlock, Unsent
from referrals.unlocking import IDLE
from referrals.vault import PublicKey
from tests.referrals.conftest import PASSPHRASE, MakeTeam, Team, act_on, fresh, page_of, signed_in, submit_to, unlock
from tests.referrals.sessions import announce, book
from tests.referrals.test_groups import begin

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


def test_a_browser_that_is_merely_signed_in_destroys_no_key(team: Team) -> None:
    TOTP.activate(team.triager.user, generate_totp_secret())
    browser, before = signed_in(team.triager), bytes(team.triager.public_key or b"")
    address = reverse("queue_lost_passphrase")
    sent = browser.post(address, {"new_passphrase": PASSPHRASE})
    assert "reauthenticate" in browser.get(sent.headers["Location"]).headers["Location"]
    assert PASSPHRASE not in str(dict(browser.session))  # where allauth keeps a form until then
    assert bytes(fresh(team.triager).public_key or b"") == before
    assert team.triager.grants.exists()


def test_who_is_asked_into_another_team_keeps_their_own_queue(team: Team, make_team: MakeTeam) -> None:
    other = make_team("elsewhere")
    invited = ceremony.invite_triager(other.provider, team.triager.user.email, "", by=other.lead.user)
    Triager.objects.filter(pk=invited.pk).update(since=timezone.localdate() - timedelta(days=9))
    assert unlock(team.triager).get(QUEUE).status_code == 200
    ceremony.set_passphrase(team.triager, PASSPHRASE)
    waiting = signed_in(team.triager).get(reverse("queue_passphrase")).content.decode()
    assert ceremony.key_fingerprint(fresh(team.triager)) in waiting


class TestPuttingBack:
    """What was being typed stands in its form again, and waits no longer once it is sent."""

    def test_an_act(self, team: Team, desk: Client) -> None:
        referral = submit_to(team, "Canary Name")
        browser = unlock(team.triager)
        browser.post(reverse("queue_lock"))
        browser.post(act_on(referral, "attempt"), {"how": "phone", "text": "Half a sent"})
        browser = unlock(team.triager)
        page = browser.get(reverse("queue_unsent")).content.decode()
        assert "Record a contact attempt: Canary Name" in page
        (kept,) = unsent.kept(team.unlocked(team.triager))
        form = browser.get(kept.way_back)
        assert form.status_code == 200
        assert "Half a sent" in form.content.decode()
        assert browser.post(kept.way_back, {"how": "phone", "text": ""}).status_code == 422
        assert Unsent.objects.exists()
        assert browser.post(kept.way_back, {"how": "phone", "text": "The whole."}).status_code == 302
        assert not Unsent.objects.exists()

    def test_a_referral_by_phone(self, team: Team) -> None:
        browser = unlock(team.triager)
        browser.post(reverse("queue_lock"))
        said = {"offer": str(team.offer.pk), "name": "Caller Name", "phone": "01632 960 002"}
        browser.post(reverse("queue_by_phone"), {**said, "code": "never kept"})
        browser = unlock(team.triager)
        assert "Take a referral by phone" in browser.get(reverse("queue_unsent")).content.decode()
        (kept,) = unsent.kept(team.unlocked(team.triager))
        form = browser.get(kept.way_back).context["form"]
        answer = browser.post(kept.way_back, {**said, "code": form["code"].value()})
        assert answer.status_code == 200
        assert form["code"].value() in answer.content.decode()

    def test_it_waits_until_what_it_asks_for_is_done(self, team: Team, desk: Client) -> None:
        referral = submit_to(team)
        Unlock.objects.all().delete()
        desk.post(act_on(referral, "accept"), {"text": "My long reasons"})
        casework.decline(referral, "Meanwhile.", unlocked=team.unlocked(team.lead))
        browser = unlock(team.triager)
        (kept,) = unsent.kept(team.unlocked(team.triager))
        assert browser.post(kept.way_back, {"text": "My long reasons"}).status_code == 409
        assert [each.pk for each in unsent.kept(team.unlocked(team.triager))] == [kept.pk]

    def test_when_the_queue_locks_again_no_stale_copy_is_left_beside_it(self, team: Team, desk: Client) -> None:
        note = act_on(submit_to(team), "note")
        Unlock.objects.all().delete()
        desk.post(note, {"text": "Half"})
        (first,) = unsent.kept(team.unlocked(team.triager))
        desk.post(first.way_back, {"text": "Half a sentence"})
        (second,) = unsent.kept(team.unlocked(team.triager))
        assert (second.path, second.fields) == (note, [("text", "Half a sentence")])
        keep = f"{reverse('queue_keep')}?{urlencode({'next': second.way_back})}"  # as a page that clears itself does
        unlock(team.triager).post(keep, {"text": "Half a sentence and more"})
        (third,) = unsent.kept(team.unlocked(team.triager))
        assert (third.path, third.fields) == (note, [("text", "Half a sentence and more")])
        assert third.pk not in {first.pk, second.pk}

    def test_a_form_that_asks_only_to_be_sure_is_not_kept(self, team: Team, desk: Client) -> None:
        referral = submit_to(team)
        Unlock.objects.all().delete()
        desk.post(act_on(referral, "vouch"), {"sure": "on", "seen": "what stood there"})
        assert not Unsent.objects.exists()

    def test_the_register_of_a_group(self, team: Team, desk: Client) -> None:
        session = announce(team)
        _, booking = book(session)
        begin(session)
        address = reverse("queue_group_register", args=[session.pk])
        Unlock.objects.all().delete()
        desk.post(address, {str(booking.pk): "came"})
        browser = unlock(team.triager)
        page = browser.get(reverse("queue_unsent")).content.decode()
        assert "The register of a group session" in page
        assert str(booking.pk) not in page
        (kept,) = unsent.kept(team.unlocked(team.triager))
        assert browser.get(kept.way_back).context["form"][str(booking.pk)].value() == "came"
        assert browser.post(kept.way_back, {str(booking.pk): "came"}).status_code == 302
        booking.refresh_from_db()
        assert booking.attended
        assert not Unsent.objects.exists()

    def test_only_a_form_that_can_take_it_is_offered(self, team: Team, desk: Client) -> None:
        Unlock.objects.all().delete()
        desk.post(reverse("queue_find"), {"name": "Canary Caller"})
        page = unlock(team.triager).get(reverse("queue_unsent")).content.decode()
        assert "Canary Caller" in page
        assert "Put it back in the form" not in page

    @pytest.mark.parametrize(
        "said",
        [
            [],
            {},
            {"path": 5, "fields": 5},
            {"path": "/queue/", "fields": [["one"]]},
            {"path": "/queue/", "fields": [["text", "\ud800"]]},
            {"path": ["x"], "fields": [[1, 2]]},
            {"path": "https://evil.example/", "fields": [["text", "Mine"]]},
        ],
    )
    def test_what_somebody_sealed_by_hand_breaks_no_page_and_leads_nowhere(
        self, team: Team, desk: Client, said: object
    ) -> None:
        row = Unsent(triager=team.triager, suite=vault.SUITE)
        key, row.sealed = vault.seal_content(json.dumps(said).encode(), *unsent._names(row))
        row.key = PublicKey(bytes(team.triager.public_key or b"")).seal(key, *unsent._names(row))
        row.save()
        answer = desk.get(reverse("queue_unsent"), follow=True)
        assert answer.status_code == 200
        assert "evil" not in answer.content.decode()
        assert "Put it back in the form" not in answer.content.decode()

    @pytest.mark.parametrize("number", ["", "x", "\0", "00000000-0000-0000-0000-000000000000"])
    def test_a_number_that_is_none_gives_an_empty_form(self, team: Team, desk: Client, number: str) -> None:
        referral = submit_to(team)
        answer = desk.get(act_on(referral, "note"), {"unsent": number})
        assert answer.status_code == 200
        assert not answer.context["form"].is_bound

    def test_nobody_elses_is_put_back(self, team: Team) -> None:
        referral = submit_to(team)
        browser = unlock(team.lead)
        browser.post(reverse("queue_lock"))
        browser.post(act_on(referral, "note"), {"text": "The lead's own"})
        (kept,) = unsent.kept(team.unlocked(team.lead))
        assert "The lead's own" not in unlock(team.triager).get(kept.way_back).content.decode()


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
        assert "What you typed is kept, sealed" in answer.content.decode()
        assert "typed" not in answer.cookies
        (kept,) = unsent.kept(team.unlocked(team.triager))
        assert kept.fields == [("text", "Canary half a sentence")]

    def test_kept_by_a_page_that_cleared_itself_it_ends_with_its_referral(self, team: Team) -> None:
        referral = submit_to(team)
        out = Client()
        signed = get_cookie_signer(salt="last_person" + "last_person").sign(str(team.triager.user_id))
        out.cookies["last_person"] = signed
        address = f"{reverse('queue_keep')}?{urlencode({'next': act_on(referral, 'note')})}"
        assert out.post(address, {"text": "Canary half a sentence"}).status_code == 403
        (kept,) = unsent.kept(team.unlocked(team.triager))
        assert kept.path == act_on(referral, "note")
        casework.erase(referral, unlocked=team.unlocked(team.lead))
        assert unsent.kept(team.unlocked(team.triager)) == []

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
