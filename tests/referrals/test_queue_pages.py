"""A triager's day: the queue, one referral, and every act, as pages."""

import re
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.nhsuk.dates import say_date
from portal.trail.models import Entry
from referrals import casework, intake, reading
from referrals.models import Referral
from referrals.transitions import State, hold, move
from tests.factories import make_user
from tests.referrals.conftest import MakeTeam, Team, act_on, fresh, page_of, submit_to, unlock

pytestmark = pytest.mark.django_db

QUEUE = reverse("queue")


# --- The list


def test_the_queue_shows_what_is_due_first_and_puts_the_look_in_the_trail(team: Team, desk: Client) -> None:
    later, sooner = submit_to(team, "Later Person"), submit_to(team, "Sooner Person")
    Referral.objects.filter(pk=sooner.pk).update(act_by=timezone.localdate() - timedelta(days=1))
    html = desk.get(QUEUE).content.decode()
    assert html.index("Sooner Person") < html.index("Later Person")
    assert later.get_state_display() in html
    assert Entry.objects.filter(verb="queue.listed").count() == 1


def test_filters_stand_in_a_link_and_tell_nothing(team: Team, desk: Client) -> None:
    mine, other = submit_to(team, "Mine Person"), submit_to(team, "Other Person")
    casework.claim(mine, unlocked=team.unlocked(team.triager))
    html = desk.get(QUEUE, {"whose": "mine"}).content.decode()
    assert "Mine Person" in html
    assert "Other Person" not in html
    html = desk.get(QUEUE, {"whose": "nobodys", "state": "received"}).content.decode()
    assert "Other Person" in html
    assert "Mine Person" not in html
    assert str(other.pk) in html


@pytest.mark.parametrize("query", [{"after": "x"}, {"after": "_"}, {"state": "\0"}, {"whose": "9" * 999}])
def test_a_link_that_is_none_of_ours_does_no_harm(team: Team, desk: Client, query: dict[str, str]) -> None:
    assert desk.get(QUEUE, query).status_code in {200, 400}


def test_a_referral_for_the_lead_is_not_in_a_triagers_queue(team: Team, desk: Client, leads_desk: Client) -> None:
    referral = submit_to(team, "Hidden Person", lead_first=True)
    assert "Hidden Person" not in desk.get(QUEUE).content.decode()
    assert desk.get(page_of(referral)).status_code == 404
    assert desk.get(act_on(referral, "note")).status_code == 404
    assert desk.post(act_on(referral, "claim")).status_code == 404
    assert "Hidden Person" in leads_desk.get(QUEUE).content.decode()


def test_another_providers_referral_is_not_there(team: Team, desk: Client, make_team: MakeTeam) -> None:
    referral = submit_to(make_team("elsewhere"))
    for address in (page_of(referral), reverse("queue_referral", args=[uuid4()])):
        assert desk.get(address).status_code == 404


def test_pages_follow_one_another(team: Team, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referrals.reading.PAGE", 2)
    names = {f"Person {number}" for number in range(5)}
    for name in names:
        submit_to(team, name)
    Referral.objects.filter(pk=Referral.objects.values("pk")[:1]).update(
        state=State.FIRST_HELD, act_by=None, triaged_on=timezone.localdate(), first_held_on=timezone.localdate()
    )
    seen, address = [], QUEUE
    while address:
        answer = desk.get(address)
        seen += [row.name for row in answer.context["page"].rows]
        following = answer.context["page"].following
        address = f"{QUEUE}?after={following}" if following else ""
    assert sorted(seen) == sorted(names)


def test_the_queue_costs_the_same_with_more_referrals(team: Team, desk: Client) -> None:
    submit_to(team)
    desk.get(QUEUE)

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            desk.get(QUEUE)
        return len(found)

    with_one = statements()
    submit_to(team)
    intake.withdraw(submit_to(team))
    intake.withdraw(submit_to(team))
    assert statements() == with_one


def test_a_caller_is_found_by_a_part_of_their_name_which_is_written_nowhere(team: Team, desk: Client) -> None:
    submit_to(team, "Amélie Ọláolúwa")
    submit_to(team, "Somebody Else")
    html = desk.post(reverse("queue_find"), {"name": "amelie ola"}).content.decode()
    assert "Amélie" in html
    assert "Somebody Else" not in html
    assert not Entry.objects.filter(details__icontains="amelie").exists()
    assert desk.get(reverse("queue_find"), {"name": "amelie"}).headers["Location"] == reverse("queue")


def ended(team: Team, name: str, days_ago: int = 0) -> Referral:
    referral = submit_to(team, name)
    move(hold(referral), State.WITHDRAWN, on=timezone.localdate() - timedelta(days=days_ago))
    return referral


def test_what_has_ended_is_listed_the_latest_first_and_found_by_name(
    team: Team, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("referrals.reading.PAGE", 2)
    names = [f"Person {days_ago}" for days_ago in range(5)]
    for days_ago, name in enumerate(names):
        ended(team, name, days_ago)
    submit_to(team, "Person open")
    seen, address = [], f"{QUEUE}?state=withdrawn"
    while address:
        answer = desk.get(address)
        seen += [row.name for row in answer.context["page"].rows]
        following = answer.context["page"].following
        address = f"{QUEUE}?state=withdrawn&after={following}" if following else ""
    assert seen == names
    open_ones = desk.post(reverse("queue_find"), {"name": "person"}).content.decode()
    ended_ones = desk.post(reverse("queue_find"), {"name": "person", "ended": "on"}).content.decode()
    for name in names:
        assert name in ended_ones
        assert name not in open_ones
    assert "Person open" not in ended_ones


def test_whoever_withdraws_is_not_rung_up_because_nobody_saw_it(team: Team, desk: Client) -> None:
    referral = submit_to(team, "Leaving Person")
    Referral.objects.update(announced=True)
    casework.claim(referral, unlocked=team.unlocked(team.triager))

    intake.withdraw(referral)

    referral.refresh_from_db()
    assert not referral.announced
    html = desk.get(QUEUE, {"whose": "mine"}).content.decode()
    assert "Withdrawn by the person" in html
    assert "Leaving Person" in html
    assert f"Withdrawn, on {say_date(timezone.localdate())}" in " ".join(
        desk.get(page_of(referral)).content.decode().split()
    )
    assert "Leaving Person" not in desk.get(QUEUE).content.decode()


@pytest.mark.parametrize("name", ["", "x", "\0\0", "y" * 201])
def test_what_is_no_name_finds_nobody(team: Team, desk: Client, name: str) -> None:
    assert desk.post(reverse("queue_find"), {"name": name}).status_code == 422


# --- One referral


def test_a_referral_is_opened_and_the_trail_says_by_whom(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    answer = desk.get(page_of(referral))
    html = answer.content.decode()
    for said in ("Canary Name", "Canary story", "01632 960 001", "Lock now"):
        assert said in html
    assert "no-store" in answer.headers["Cache-Control"]
    entry = Entry.objects.get(verb="referral.opened")
    assert entry.actor == team.triager.user
    assert entry.details == {}


def test_what_somebody_else_wrote_is_shown_once_there_is_consent(team: Team, desk: Client) -> None:
    referral = submit_to(team, submitter={"submitter": "A Friend", "how": "On the phone"})
    html = desk.get(page_of(referral)).content.decode()
    assert "01632 960 001" in html
    assert "Canary story" not in html
    for who in (desk.get(QUEUE), desk.post(reverse("queue_find"), {"name": "canary"})):  # they may be on the phone
        assert "Canary Name" in who.content.decode()
    desk.post(act_on(referral, "consent"), {"text": "Spoke with them today."})
    referral.refresh_from_db()
    assert referral.consent_verified_by == team.triager
    assert referral.received_on == timezone.localdate()
    html = desk.get(page_of(referral)).content.decode()
    assert "Canary story" in html
    assert "A Friend" in html


def test_a_code_alone_does_not_open_what_somebody_else_wrote(team: Team, desk: Client) -> None:
    """Whoever submitted it has the code, too: they cannot give the person's consent."""
    referral = submit_to(team, submitter={"submitter": "A Friend", "how": "On the phone"})
    intake.confirm(referral)
    html = desk.get(page_of(referral)).content.decode()
    assert "Canary story" not in html
    assert "confirmed it with the code" in html
    desk.post(act_on(referral, "consent"), {"text": "Spoke with them today."})
    html = desk.get(page_of(referral)).content.decode()
    assert "Canary story" in html
    assert "Record the person" not in html
    assert desk.post(act_on(referral, "consent"), {"text": "Once more."}).status_code == 409


def test_a_referral_by_phone_is_sealed_at_once(team: Team, desk: Client) -> None:
    page = desk.get(reverse("queue_by_phone")).content.decode()
    code = re.search(r'name="code" value="([0-9A-Z-]+)"', page)
    assert code
    said = {"offer": str(team.offer.pk), "name": "Caller Name", "phone": "01632 960 002", "code": code[1]}
    for _ in range(2):  # a second press of the button, or a reload
        assert code[1] in desk.post(reverse("queue_by_phone"), said).content.decode()
    assert Referral.objects.count() == 1
    assert "Caller Name" in desk.get(QUEUE).content.decode()
    assert desk.post(reverse("queue_by_phone"), {**said, "code": "0000"}).status_code == 422
    answer = desk.post(reverse("queue_by_phone"), {"offer": str(team.offer.pk), "name": "Caller"})
    assert answer.status_code == 422
    assert "at least one way" in answer.content.decode()


def test_who_took_a_referral_by_phone_stands_inside_the_seal_and_the_trail_has_the_day_alone(
    team: Team, desk: Client
) -> None:
    intake.submit(team.offer, contact={"name": "Caller"}, story={"text": "Told"}, taken_by=team.triager.user)
    entry = Entry.objects.get(verb="referral.taken")
    assert (entry.actor, entry.details) == (None, {})
    assert timezone.localtime(entry.at).time() == time(0)
    whole = desk.get(page_of(Referral.objects.get())).context["whole"]
    assert ("Taken by phone by", team.triager.user.name) in whole.story_rows


def test_a_note_that_comes_while_somebody_reads_is_news_anew(
    team: Team, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = submit_to(team)
    intake.add_note(referral, "The first")
    read = reading.read

    def read_while_a_note_comes(*about: Any) -> reading.Whole | None:
        whole = read(*about)
        intake.add_note(referral, "The second")
        return whole

    monkeypatch.setattr(reading, "read", read_while_a_note_comes)
    assert "The second" not in desk.get(page_of(referral)).content.decode()
    monkeypatch.undo()
    assert "News" in desk.get(QUEUE).content.decode()
    assert "The second" in desk.get(page_of(referral)).content.decode()
    assert "News" not in desk.get(QUEUE).content.decode()


def test_exporting_is_a_deed_of_its_own(team: Team, desk: Client) -> None:
    referral = submit_to(team)
    address = reverse("queue_export", args=[referral.pk])
    assert "Canary story" not in desk.get(address).content.decode()
    assert not Entry.objects.filter(verb="referral.exported").exists()
    answer = desk.post(address)
    assert "Canary story" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert Entry.objects.filter(verb="referral.exported").count() == 1


# --- Who gets nowhere


@pytest.mark.parametrize("name", ["queue", "queue_unlock", "queue_keys", "queue_team", "queue_by_phone"])
def test_whoever_is_in_no_team_is_refused(team: Team, client: Client, name: str) -> None:
    client.force_login(make_user(is_superuser=True, is_staff=True))
    assert client.get(reverse(name)).status_code in {302, 403}
    assert client.get(reverse(name), follow=True).status_code in {200, 403}
    assert "Canary" not in client.get(reverse(name)).content.decode()


def test_the_member_of_a_team_of_another_provider_has_their_own_queue(team: Team, make_team: MakeTeam) -> None:
    submit_to(team, "Ours Person")
    other = make_team("elsewhere")
    assert "Ours Person" not in unlock(fresh(other.triager)).get(QUEUE).content.decode()
