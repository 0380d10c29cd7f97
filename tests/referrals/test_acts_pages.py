"""What is done with a referral, as pages: every act, who may do it, and when it comes too late."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.nhsuk.dates import say_date
from portal.trail.models import Entry
from referrals import casework, intake, receipts
from referrals.models import Disposal, Envelope, Referral, Section
from referrals.transitions import State, hold, move
from referrals.views.acts import ACTS, SECTIONS
from tests.referrals.conftest import Team, act_on, page_of, submit_to, unlock

pytestmark = pytest.mark.django_db

QUEUE = reverse("queue")

TEXT = {"text": "Canary words"}
TODAY = {f"on_{part}": str(getattr(timezone.localdate(), part)) for part in ("day", "month", "year")}
FROM_TRIAGE = [
    ("claim", {}, State.RECEIVED),
    ("note", TEXT, State.RECEIVED),
    ("attempt", {"how": "phone", **TEXT}, State.RECEIVED),
    ("keep", TEXT, State.RECEIVED),
    ("reason", {"reason": "no_capacity"}, State.RECEIVED),
    ("accept", TEXT, State.TRIAGED),
    ("appointment", {**TODAY, "begins": "10am", "therapist": "Dr Demo", "how": "Online"}, State.APPOINTMENT_OFFERED),
    ("missed", TEXT, State.APPOINTMENT_OFFERED),
    ("appointment", {**TODAY, "begins": "11.15am", "therapist": "Dr Demo", "how": "Online"}, State.APPOINTMENT_OFFERED),
    ("held", TODAY, State.FIRST_HELD),
    ("session", TODAY, State.FIRST_HELD),
    ("close", TEXT, State.CLOSED),
]


def test_a_referral_goes_its_way_from_triage_to_its_close(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    for key, said, state in FROM_TRIAGE:
        assert desk.get(act_on(referral, key)).status_code == 200, key
        answer = desk.post(act_on(referral, key), said)
        assert answer.status_code == 302, (key, answer.content.decode())
        referral.refresh_from_db()
        assert referral.state == state, key
        assert desk.get(page_of(referral)).status_code == 200
    html = desk.get(page_of(referral)).content.decode()
    for words in (
        f"{say_date(timezone.localdate())}, 10am",
        f"{say_date(timezone.localdate())}, 11.15am",
        "Canary words",
        "No appointment was free",
    ):
        assert words in html
    assert referral.triaged_on == referral.first_held_on == referral.ended_on == timezone.localdate()
    assert referral.purge_on


@pytest.mark.parametrize("key", ["accept", "signpost", "decline"])
@pytest.mark.parametrize("first", ["accept", "signpost"])
def test_of_two_who_decide_the_second_is_told_and_keeps_what_they_typed(
    team: Team, desk: Client, first: str, key: str
) -> None:
    referral = submit_to(team)
    getattr(casework, first)(referral, "First.", unlocked=team.unlocked(team.lead))
    referral.refresh_from_db()
    was = referral.state
    answer = desk.post(act_on(referral, key), {"text": "What I typed."})
    assert answer.status_code == 409
    assert "What I typed." in answer.content.decode()
    referral.refresh_from_db()
    assert referral.state == was


@pytest.mark.parametrize("key", ["accept", "signpost", "decline"])
def test_nothing_is_decided_before_somebody_has_spoken_with_the_person(team: Team, desk: Client, key: str) -> None:
    referral = submit_to(team, submitter={"submitter": "A Friend"})
    intake.confirm(referral)
    assert act_on(referral, key) not in desk.get(page_of(referral)).content.decode()
    assert desk.get(act_on(referral, key)).status_code == 302
    answer = desk.post(act_on(referral, key), TEXT)
    assert answer.status_code == 409
    assert "Speak with the person first" in answer.content.decode()
    desk.post(act_on(referral, "consent"), TEXT)
    assert act_on(referral, key) in desk.get(page_of(referral)).content.decode()


def test_what_a_colleague_has_is_taken_over_by_handing_it_over(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    casework.claim(referral, unlocked=team.unlocked(team.lead))
    assert act_on(referral, "claim") not in desk.get(page_of(referral)).content.decode()
    answer = desk.post(act_on(referral, "claim"))
    assert answer.status_code == 409
    assert "Hand it over" in answer.content.decode()


def test_a_referral_is_handed_to_nobody_who_cannot_open_it(team: Team, leads_desk: Client) -> None:
    referral = submit_to(team, lead_first=True)
    assert team.triager.user.name not in leads_desk.get(act_on(referral, "hand-over")).content.decode()


def appointment_on(day: date) -> dict[str, str]:
    boxes = {f"on_{part}": str(getattr(day, part)) for part in ("day", "month", "year")}
    return {**boxes, "begins": "2pm", "therapist": "Dr Demo", "how": "Online"}


def accepted(team: Team) -> Referral:
    referral = submit_to(team)
    casework.accept(referral, "Soon.", unlocked=team.unlocked(team.triager))
    return referral


def test_an_appointment_after_the_promise_is_recorded_and_says_so(team: Team, desk: Client) -> None:
    referral = accepted(team)
    referral.refresh_from_db()
    assert referral.first_due_on
    last, after = (appointment_on(referral.first_due_on + timedelta(days=more)) for more in (0, 1))
    in_time = desk.post(act_on(referral, "appointment"), last, follow=True).content.decode()
    assert "after the date that was promised" not in in_time
    late = desk.post(act_on(referral, "appointment"), after, follow=True).content.decode()
    assert "after the date that was promised" in late


@pytest.mark.parametrize(
    ("days", "why"),
    [(-1, "The day cannot be before the referral was received."), (400, "more than a year ahead. Check the year.")],
)
def test_an_appointment_on_a_day_that_cannot_be(team: Team, desk: Client, days: int, why: str) -> None:
    referral = accepted(team)
    said = appointment_on(timezone.localdate() + timedelta(days=days))
    answer = desk.post(act_on(referral, "appointment"), said)
    assert answer.status_code == 409
    assert why in answer.content.decode()
    assert "Dr Demo" in answer.content.decode()


@pytest.mark.parametrize(
    ("key", "state"), [("signpost", State.DECLINED), ("decline", State.DECLINED), ("unreachable", State.UNREACHABLE)]
)
def test_other_ends(team: Team, desk: Client, key: str, state: State) -> None:
    referral = submit_to(team)
    desk.post(act_on(referral, key), TEXT)
    referral.refresh_from_db()
    assert referral.state == state
    assert referral.act_by is None
    assert referral.warn_on is None


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("note", {}),
        ("note", {"text": "x" * 10_001}),
        ("note", {"text": "\0"}),
        ("attempt", {"how": "pigeon", "text": "x"}),
        ("reason", {"reason": "because"}),
        ("hand-over", {"to": "nonsense"}),
        ("hand-over", {"to": str(uuid4())}),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_done(team: Team, desk: Client, key: str, said: dict[str, str]) -> None:
    referral = submit_to(team)
    answer = desk.post(act_on(referral, key), said)
    assert answer.status_code == 422
    assert Section.objects.count() == 2


def test_a_day_in_the_future_or_before_receipt_is_refused_and_what_was_typed_stays(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    for state in (State.TRIAGED, State.APPOINTMENT_OFFERED):
        move(hold(referral), state)
    for day in (timezone.localdate() + timedelta(days=1), timezone.localdate() - timedelta(days=1)):
        answer = desk.post(act_on(referral, "held"), {"on_day": day.day, "on_month": day.month, "on_year": day.year})
        assert answer.status_code == 409
        assert f'value="{day.year}"' in answer.content.decode()


def test_of_two_who_decide_the_second_is_told_and_loses_nothing(team: Team, desk: Client, leads_desk: Client) -> None:
    referral = submit_to(team)
    desk.post(act_on(referral, "decline"), TEXT)
    answer = leads_desk.post(act_on(referral, "accept"), {"text": "My long reasons"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "My long reasons" in html
    assert "Declined" in html


def test_an_act_that_does_not_fit_is_not_asked_for(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    assert desk.get(act_on(referral, "close")).headers["Location"] == page_of(referral)
    assert desk.get(act_on(referral, "nonsense")).status_code == 404


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("claim", {}),
        ("note", {"text": "Canary"}),
        ("attempt", {"how": "phone", "text": "Canary"}),
        ("letter", {"text": "Canary", "number": str(uuid4())}),
        ("keep", {"text": "Canary"}),
        ("reason", {"reason": "no_capacity"}),
    ],
)
def test_what_was_withdrawn_meanwhile_is_left_alone(
    team: Team, desk: Client, settings: Any, key: str, said: dict[str, str]
) -> None:
    settings.REFERRAL_RELAYS = {team.provider.slug: "smtp://127.0.0.1:9"}
    settings.REFERRAL_SENDERS = {team.provider.slug: "team@provider.example"}
    referral = submit_to(team)
    intake.withdraw(referral)
    before = Section.objects.count()
    assert desk.post(act_on(referral, key), said).status_code == 409
    assert Section.objects.count() == before
    referral.refresh_from_db()
    assert (referral.assignee, referral.reason) == (None, "")


def test_what_waits_for_consent_is_not_held_so_that_a_no_deletes_it(team: Team, leads_desk: Client) -> None:
    referral = submit_to(team, submitter={"submitter": "A Friend", "how": "On the phone"})
    assert leads_desk.post(act_on(referral, "hold"), {"text": "Why"}).status_code == 409
    intake.decline(referral)
    referral.refresh_from_db()
    assert referral.purged_on


@pytest.mark.parametrize("key", ["readers", "hold", "release", "vouch"])
def test_what_a_lead_does_is_not_for_others(team: Team, desk: Client, key: str) -> None:
    referral = submit_to(team)
    assert desk.get(act_on(referral, key)).status_code == 302
    said = {"who": "team", "text": "Why", "sure": "on", "seen": "what stood there"}
    assert desk.post(act_on(referral, key), said).status_code == 409


def test_every_act_stands_under_one_heading_of_a_referrals_page() -> None:
    assert sorted(key for keys in SECTIONS.values() for key in keys) == sorted(ACTS)


def test_handing_over(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    desk.post(act_on(referral, "hand-over"), {"to": str(team.lead.pk)})
    referral.refresh_from_db()
    assert referral.assignee == team.lead
    answer = desk.post(act_on(referral, "claim"))
    assert answer.status_code == 409
    assert team.lead.user.name in answer.content.decode()


def test_all_of_a_sick_colleagues_work_is_handed_over(team: Team) -> None:
    for _ in range(2):
        casework.claim(submit_to(team), unlocked=team.unlocked(team.triager))
    lead = team.unlocked(team.lead)
    assert casework.hand_over_all(team.triager, team.lead, unlocked=lead) == 2
    assert Referral.objects.filter(assignee=team.lead).count() == 2
    with pytest.raises(casework.CaseworkRefused):
        casework.hand_over_all(team.lead, team.triager, unlocked=team.unlocked(team.triager))


def test_a_lead_hands_a_colleagues_work_over_on_a_page(team: Team, desk: Client, leads_desk: Client) -> None:
    casework.claim(submit_to(team), unlocked=team.unlocked(team.triager))
    page_ = reverse("queue_hand_over_all", args=[team.triager.pk])
    assert "1 open referral." in " ".join(leads_desk.get(page_).content.decode().split())
    assert leads_desk.post(page_, {"to": str(team.triager.pk)}).status_code == 422
    assert leads_desk.post(page_, {"to": str(team.lead.pk)}).headers["Location"] == QUEUE
    assert Referral.objects.get().assignee == team.lead
    assert desk.get(page_).status_code == 404


class TestWhoMaySee:
    """Decided by envelopes, and not by a filter."""

    def test_the_lead_shows_it_to_one_and_not_to_another(self, team: Team, leads_desk: Client) -> None:
        other = team.admit()
        referral = submit_to(team, lead_first=True)
        leads_desk.post(act_on(referral, "readers"), {"who": "named", "readers": [str(team.lead.pk), str(other.pk)]})
        assert unlock(other).get(page_of(referral)).status_code == 200
        assert unlock(team.triager).get(page_of(referral)).status_code == 404

    def test_a_triager_who_is_the_person_referred_loses_sight_of_it(self, team: Team, leads_desk: Client) -> None:
        referral = submit_to(team)
        assert unlock(team.triager).get(page_of(referral)).status_code == 200
        leads_desk.post(act_on(referral, "readers"), {"who": "named", "readers": [str(team.lead.pk)]})
        assert unlock(team.triager).get(page_of(referral)).status_code == 404
        casework.add_note(referral, "About them", unlocked=team.unlocked(team.lead))
        held = referral.sections.filter(envelopes__triager=team.triager) | referral.sections.filter(
            envelopes__epoch__isnull=False
        )
        assert not held.exists()

    def test_the_lead_gives_it_to_the_whole_team(self, team: Team, leads_desk: Client) -> None:
        referral = submit_to(team, lead_first=True)
        page = leads_desk.get(act_on(referral, "readers")).content.decode()
        assert re.search(r'value="named"[^>]*checked', page)
        for nothing in ({}, {"who": "named"}):
            assert leads_desk.post(act_on(referral, "readers"), nothing).status_code == 422
        assert unlock(team.triager).get(page_of(referral)).status_code == 404
        assert team.lead.user.name in leads_desk.get(page_of(referral)).content.decode()
        leads_desk.post(act_on(referral, "readers"), {"who": "team"})
        assert unlock(team.triager).get(page_of(referral)).status_code == 200
        assert "The whole team" in leads_desk.get(page_of(referral)).content.decode()

    def test_whoever_is_in_charge_does_not_lose_sight_of_it(self, team: Team, leads_desk: Client) -> None:
        referral = submit_to(team)
        casework.claim(referral, unlocked=team.unlocked(team.triager))
        answer = leads_desk.post(act_on(referral, "readers"), {"who": "named", "readers": [str(team.lead.pk)]})
        assert answer.status_code == 409


def test_what_the_person_says_to_the_team_is_recorded(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    desk.post(act_on(referral, "withdrawn"), {"text": "Told me on the phone."})
    referral.refresh_from_db()
    assert referral.state == State.WITHDRAWN

    unwanted = submit_to(team, submitter={"submitter": "A Friend", "how": "On the phone"})
    answer = desk.post(act_on(unwanted, "no"), {"sure": "on"}, follow=True)
    assert "It is deleted." in answer.content.decode()
    unwanted.refresh_from_db()
    assert (unwanted.state, unwanted.disposal.why) == (State.DECLINED, Disposal.Why.DECLINED)
    assert not Envelope.objects.filter(section__referral=unwanted).exists()


def test_how_to_be_in_touch_is_changed_at_the_persons_word(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    page = act_on(referral, "contact")
    assert 'value="canary@post.example"' in desk.get(page).content.decode()
    said = {"name": "New Name", "ways": ["phone"], "phone": "01632 960 099", "voicemail": "no", "safe": "After 6pm"}
    assert desk.post(page, {**said, "phone": "abc"}).status_code == 422
    html = desk.post(page, said, follow=True).content.decode()
    assert "How to be in touch is changed." in html
    assert "01632 960 099" in html
    assert "Email: canary@post.example" in html
    assert "Email the person" not in html
    assert "New Name" in desk.get(QUEUE).content.decode()


def test_a_note_of_the_person_shows_in_the_queue_until_somebody_looks(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    Referral.objects.update(announced=True)
    intake.add_note(referral, "Canary: evenings are best")
    assert "News" in desk.get(QUEUE).content.decode()
    assert not Referral.objects.get().announced
    assert "evenings are best" in desk.get(page_of(referral)).content.decode()
    assert "News" not in desk.get(QUEUE).content.decode()


def test_what_was_done_is_said(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    answer = desk.post(act_on(referral, "claim"), follow=True).content.decode()
    assert "You are in charge of it." in answer
    assert "Take charge of it" not in answer
    assert team.triager.user.name not in desk.get(act_on(referral, "hand-over")).content.decode().split("<form")[-1]


def test_no_email_is_offered_where_it_is_not_safe(team: Team, desk: Client) -> None:
    safe, unsafe = (
        submit_to(team),
        intake.submit(
            team.offer, contact={"name": "Phone Person", "ways": ["phone"], "phone": "01632 960 001"}, story={}
        ),
    )
    found = receipts.find(unsafe.code)
    assert found
    assert "Email the person" in desk.get(page_of(safe)).content.decode()
    html = desk.get(page_of(found)).content.decode()
    assert "Email the person" not in html
    assert "Not answered: do not leave one" in html


def test_a_legal_hold_is_put_on_and_taken_off(team: Team, leads_desk: Client) -> None:
    referral = submit_to(team)
    for key, held in (("hold", True), ("release", False)):
        assert leads_desk.post(act_on(referral, key)).status_code == 422
        page = leads_desk.post(act_on(referral, key), {"text": "Canary solicitor"}, follow=True).content.decode()
        assert "Canary solicitor" in page
        referral.refresh_from_db()
        assert referral.on_hold is held


def test_a_lead_erases_a_referral_at_the_persons_word(team: Team, desk: Client, leads_desk: Client) -> None:
    referral = submit_to(team)
    page = act_on(referral, "erase")
    assert desk.post(page, {"sure": "on"}).status_code == 409
    assert leads_desk.post(page).status_code == 422
    casework.put_on_hold(referral, held=True, unlocked=team.unlocked(team.lead))
    answer = leads_desk.post(page, {"sure": "on"})
    assert "Take the hold off first." in answer.content.decode()
    casework.put_on_hold(referral, held=False, unlocked=team.unlocked(team.lead))
    assert Envelope.objects.exists()

    assert leads_desk.post(page, {"sure": "on"}).headers["Location"] == QUEUE
    referral.refresh_from_db()
    assert (referral.state, referral.disposal.why) == (State.WITHDRAWN, Disposal.Why.ERASURE)
    assert not Envelope.objects.exists()
    assert leads_desk.get(page_of(referral)).status_code == 404
    assert Entry.objects.filter(verb="referral.erased", actor_id=team.lead.user_id).count() == 1
