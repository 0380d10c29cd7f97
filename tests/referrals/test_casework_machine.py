"""Whatever is done with referrals, in any order: no state without its proof, and everything can still be read."""

from collections.abc import Callable
from contextlib import suppress
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from referrals import casework, clocks, escalation, intake, receipts, retention, sealing
from referrals.models import Envelope, Escalation, Referral
from referrals.transitions import FOLLOWS, State, WrongState
from tests.referrals.conftest import Team, readable_sections


class Casework(RuleBasedStateMachine):
    """People and triagers do all that they can, also what does not fit."""

    team: Team
    referrals = Bundle("referrals")

    def __init__(self) -> None:
        super().__init__()
        self.unlocked = self.team.unlocked(self.team.lead)
        self.were: dict[Any, State] = {}
        self.today = timezone.localdate()

    def attempt(self, referral: Referral, do: Callable[..., object], *args: object, **kwargs: object) -> None:
        """Do it, whether or not it fits; the invariants look at what came of it."""
        with suppress(WrongState, casework.CaseworkRefused):
            do(referral, *args, **kwargs)

    @rule(target=referrals, on_behalf=st.booleans(), lead_first=st.booleans())
    def submit(self, on_behalf: bool, lead_first: bool) -> Referral:  # noqa: FBT001  # Hypothesis gives them
        submitter = {"submitter": "A friend"} if on_behalf else None
        receipt = intake.submit(
            self.team.offer, contact={"name": "Canary"}, story={}, lead_first=lead_first, submitter=submitter
        )
        found = receipts.find(receipt.code)
        assert found
        self.were[found.pk] = State(found.state)
        return found

    @rule(referral=referrals, do=st.sampled_from([intake.confirm, intake.decline, intake.withdraw]))
    def person(self, referral: Referral, do: Callable[[Referral], None]) -> None:
        self.attempt(referral, do)

    @rule(
        referral=referrals,
        do=st.sampled_from(
            [
                casework.verify_consent,
                casework.accept,
                casework.keep_in_triage,
                casework.signpost,
                casework.decline,
                casework.record_missed,
                casework.close,
                casework.give_up_reaching,
            ]
        ),
    )
    def triager_says(self, referral: Referral, do: Callable[..., None]) -> None:
        self.attempt(referral, do, "Words", unlocked=self.unlocked)

    @rule(referral=referrals)
    def offer(self, referral: Referral) -> None:
        self.attempt(
            referral, casework.offer_appointment, self.today, time(10), "Demo", "Online", unlocked=self.unlocked
        )

    @rule(
        referral=referrals, days=st.integers(-2, 2), do=st.sampled_from([casework.record_held, casework.record_session])
    )
    def day(self, referral: Referral, days: int, do: Callable[..., None]) -> None:
        self.attempt(referral, do, self.today + timedelta(days=days), unlocked=self.unlocked)

    @rule(referral=referrals)
    def claim(self, referral: Referral) -> None:
        self.attempt(referral, casework.claim, unlocked=self.unlocked)

    @rule(days=st.integers(0, 60))
    def sweep(self, days: int) -> None:
        escalation.sweep(timezone.now().replace(hour=12) + timedelta(days=days))

    @rule()
    def dispose(self) -> None:
        retention.dispose_of_due()

    @invariant()
    def every_change_is_in_the_table(self) -> None:
        for referral in Referral.objects.all():
            was, now = self.were[referral.pk], State(referral.state)
            # One deed takes one step.
            assert now == was or now in FOLLOWS[was], (was, now)
            self.were[referral.pk] = now

    @invariant()
    def no_state_is_without_its_proof(self) -> None:
        for referral in Referral.objects.all():
            past_triage = referral.state in {State.TRIAGED, State.APPOINTMENT_OFFERED, State.FIRST_HELD, State.CLOSED}
            assert not past_triage or (referral.triaged_on and referral.received_on)
            assert referral.state not in {State.FIRST_HELD, State.CLOSED} or referral.first_held_on
            assert (referral.received_on is None) == (referral.triage_due_on is None) == (referral.first_due_on is None)
            ended = referral.state not in Referral.OPEN
            assert ended == (referral.ended_on is not None)
            assert not ended or referral.purge_on
            clock = clocks.running(referral)
            assert referral.act_by == (clock.target_on if clock else None)

    @invariant()
    def nothing_is_escalated_twice(self) -> None:
        told = list(Escalation.objects.values_list("referral", "clock", "level"))
        assert len(told) == len(set(told))

    @invariant()
    def what_is_not_disposed_of_can_be_read_whole(self) -> None:
        for referral in Referral.objects.all():
            sections = referral.sections.select_related("epoch")
            if referral.purged_on:
                assert not Envelope.objects.filter(section__referral=referral).exists()
                continue
            mine = list(readable_sections(sections, self.unlocked))
            assert len(mine) == sections.count()
            for section in mine:
                sealing.open_section(section, self.unlocked)


@pytest.mark.django_db
def test_casework_keeps_its_promises(team: Team) -> None:
    """Each run of the machine happens in a transaction that is rolled back."""

    class Here(Casework):
        def __init__(self) -> None:
            self._rolled_back = transaction.atomic()
            self._rolled_back.__enter__()
            self.team = team
            super().__init__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self._rolled_back.__exit__(None, None, None)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
