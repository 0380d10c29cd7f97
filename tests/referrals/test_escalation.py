"""Telling the team: once for each level, at fixed times, and nothing of what it is about."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.outbox.models import Message
from portal.outbox.sending import send_what_waits
from referrals import casework, clocks, escalation, intake, receipts, retention
from referrals.models import Disposal, Envelope, Escalation, Referral, Section, Triager
from referrals.transitions import State, hold, move
from tests.referrals.conftest import Team, fresh

pytestmark = pytest.mark.django_db
Level = Escalation.Level

# Monday 1 June 2026: triage is due on Monday the 8th, warned of from Thursday the 4th.
DAY = date(2026, 6, 1)


def at(day: int, hour: int = 9, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=timezone.get_default_timezone())


def submit(team: Team, **how: Any) -> Referral:
    receipt = intake.submit(team.offer, contact={"name": "Canary"}, story={"text": "Canary"}, **how)
    referral = receipts.find(receipt.code)
    assert referral
    if referral.received_on:
        clocks.start(referral, DAY)
    else:
        referral.submitted_on, referral.consent_due_on = DAY, DAY + timedelta(days=7)
        referral.purge_on = DAY + timedelta(days=14)
    clocks.wind(referral)
    referral.announced = True
    referral.save()
    return referral


def levels() -> list[tuple[str, int]]:
    return list(Escalation.objects.order_by("clock", "level").values_list("clock", "level"))


def told() -> list[tuple[str, int | None]]:
    return sorted(Message.objects.filter(rule=escalation.LOOK).values_list("subject", "person"))


def test_each_level_is_told_once(team: Team) -> None:
    submit(team)
    for day in range(1, 18):
        for hour in (9, 13, 17):
            escalation.sweep(at(day, hour))
    assert levels() == [("triage", level) for level in (Level.WARNING, Level.DUE, Level.BREACH, Level.BREACH_7)]


def test_after_ten_days_without_beat_only_the_highest_goes_out(team: Team) -> None:
    submit(team)
    escalation.sweep(at(19))
    assert levels() == [("triage", Level.BREACH_7)]
    assert len(told()) == 1


def test_a_level_that_falls_on_a_weekend_is_told_on_monday(team: Team) -> None:
    referral = submit(team)
    clocks.start(referral, date(2026, 6, 5))  # due on Friday the 12th, broken from Saturday the 13th
    clocks.wind(referral)
    referral.save()
    for day in (13, 14):
        assert escalation.sweep(at(day)) == 0
    escalation.sweep(at(15))
    assert levels() == [("triage", Level.BREACH)]


def test_nobody_is_told_before_the_first_of_the_fixed_times(team: Team) -> None:
    submit(team)
    assert escalation.sweep(at(8, 8)) == 0
    assert escalation.sweep(at(8, 9)) == 1


def test_who_is_in_charge_is_warned_and_the_lead_when_it_is_due(team: Team) -> None:
    referral = submit(team)
    casework.claim(referral, unlocked=team.unlocked(team.triager))
    escalation.sweep(at(4))
    assert [person for _, person in told()] == [team.triager.user_id]
    escalation.sweep(at(8))
    assert {person for subject, person in told() if "06-08" in subject} == {team.triager.user_id, team.lead.user_id}


def test_nobodys_referral_is_the_leads(team: Team) -> None:
    submit(team)
    escalation.sweep(at(4))
    assert [person for _, person in told()] == [team.lead.user_id]


def test_many_at_once_make_one_mail_each(team: Team) -> None:
    for _ in range(3):
        submit(team)
    escalation.sweep(at(8))
    assert len(told()) == 1
    assert Escalation.objects.count() == 3


def test_the_next_clock_is_told_of_in_its_turn(team: Team) -> None:
    referral = submit(team)
    escalation.sweep(at(8))
    move(hold(referral), State.TRIAGED, on=date(2026, 6, 8))
    escalation.sweep(at(29))
    assert levels() == [("first", Level.DUE), ("triage", Level.DUE)]


def test_what_has_ended_is_told_of_no_more(team: Team) -> None:
    referral = submit(team)
    move(hold(referral), State.WITHDRAWN)
    assert escalation.sweep(at(19)) == 0


def test_what_is_new_is_announced_to_the_team_at_the_next_fixed_time(team: Team) -> None:
    referral = submit(team)
    Referral.objects.filter(pk=referral.pk).update(announced=False)
    escalation.sweep(at(1, 10))
    escalation.sweep(at(1, 11))
    assert told() == sorted(("slot:2026-06-01-0830", person.user_id) for person in (team.lead, team.triager))


def test_what_comes_after_a_mail_waits_for_the_next_and_is_told_then(team: Team) -> None:
    """Neither dropped, because the morning's mail has gone, nor told at once, which would say when it came."""
    early = submit(team)
    Referral.objects.filter(pk=early.pk).update(announced=False)
    escalation.sweep(at(1, 9))
    late = submit(team)
    Referral.objects.filter(pk=late.pk).update(announced=False)
    escalation.sweep(at(1, 10))
    assert {subject for subject, _ in told()} == {"slot:2026-06-01-0830"}
    escalation.sweep(at(1, 13))
    assert {subject for subject, _ in told()} == {"slot:2026-06-01-0830", "slot:2026-06-01-1230"}


def test_a_clock_that_is_set_back_tells_nothing_twice(team: Team) -> None:
    referral = submit(team)
    escalation.sweep(at(8))
    before = told()
    referral.refresh_from_db()
    clocks.wind(referral)
    referral.warn_on = date(2026, 6, 4)
    referral.save()
    escalation.sweep(at(8, 13))
    assert told() == before


def test_a_worker_that_is_killed_leaves_the_round_to_the_next(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    referral = submit(team)
    Referral.objects.filter(pk=referral.pk).update(announced=False)
    with monkeypatch.context() as broken:
        broken.setattr(escalation, "_announce", Mock(side_effect=RuntimeError))
        with pytest.raises(RuntimeError):
            escalation.sweep(at(1, 9))
    escalation.sweep(at(1, 10))
    assert len(told()) == 2


def test_the_mail_is_the_same_for_everything_and_says_nothing(team: Team) -> None:
    submit(team)
    escalation.sweep(at(8))
    send_what_waits(limit=10)
    (letter,) = [each for each in mail.outbox if each.subject == "Something to look at"]
    for word in ("Canary", "referral", "triage", "therapy", "racism", "overdue"):
        assert word not in str(letter.message())
    assert str(Referral.objects.get().pk) not in str(letter.message())
    assert all(str(Referral.objects.get().pk) not in subject for subject, _ in told())


def test_leads_hear_when_nobody_has_unlocked_for_three_working_days(team: Team) -> None:
    submit(team)
    Triager.objects.update(unlocked_on=date(2026, 6, 3))
    escalation.sweep(at(8))  # Wednesday the 3rd is three working days before Monday the 8th
    assert not Message.objects.filter(rule=escalation.UNOPENED).exists()
    escalation.sweep(at(9))
    escalation.sweep(at(9))
    assert [message.person_id for message in Message.objects.filter(rule=escalation.UNOPENED)] == [team.lead.user_id]


def test_who_left_is_not_told(team: Team) -> None:
    referral = submit(team)
    casework.claim(referral, unlocked=team.unlocked(team.triager))
    Triager.objects.filter(pk=team.triager.pk).update(state=Triager.State.LEFT, wrapped_key=None)
    escalation.sweep(at(4))
    assert [person for _, person in told()] == [team.lead.user_id]


def test_a_sweep_with_nothing_due_reads_no_referral_but_by_index(team: Team) -> None:
    submit(team)
    with CaptureQueriesContext(connection) as statements:
        escalation.sweep(at(2, 13))
    with_one = len(statements)
    for _ in range(2):
        submit(team)
    with CaptureQueriesContext(connection) as statements:
        escalation.sweep(at(3, 13))
    assert len(statements) == with_one
    with CaptureQueriesContext(connection) as statements:
        escalation.sweep(at(3, 14))
    assert len(statements) == 1


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_tell_once(team: Team) -> None:
    for _ in range(20):
        submit(team)

    def sweep(_: int) -> None:
        try:
            escalation.sweep(at(8))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as at_once:
        list(at_once.map(sweep, range(4)))
    assert Escalation.objects.count() == 20
    assert len(told()) == 1


# --- Disposal


def test_what_nobody_confirmed_is_warned_of_and_then_disposed_of(team: Team) -> None:
    referral = submit(team, submitter={"submitter": "A friend"})
    escalation.sweep(at(8))
    assert levels() == [("consent", Level.DUE)]
    Referral.objects.filter(pk=referral.pk).update(purge_on=timezone.localdate())
    assert retention.dispose_of_due() == 1
    assert retention.dispose_of_due() == 0
    referral.refresh_from_db()
    assert referral.state == State.UNREACHABLE
    assert not Envelope.objects.exists()
    assert Disposal.objects.get().why == Disposal.Why.NO_CONSENT


def test_what_is_kept_long_enough_is_disposed_of(team: Team) -> None:
    referral = submit(team)
    move(hold(referral), State.WITHDRAWN, on=timezone.localdate() - timedelta(days=30))
    retention.dispose_of_due()
    assert not Envelope.objects.exists()
    assert {bytes(section.sealed) for section in Section.objects.all()} == {b""}


def test_a_legal_hold_keeps_it(team: Team) -> None:
    referral = submit(team)
    casework.put_on_hold(referral, held=True, unlocked=team.unlocked(fresh(team.lead)))
    move(hold(referral), State.WITHDRAWN, on=timezone.localdate() - timedelta(days=300))
    assert retention.dispose_of_due() == 0
    assert Envelope.objects.exists()
    referral.refresh_from_db()
    with pytest.raises(retention.OnHold):
        retention.dispose(referral, Disposal.Why.ERASURE)
