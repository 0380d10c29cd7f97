"""Places in a cohort, offered and answered."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts import offering
from cohorts.enrolment import CohortFull, enrol, withdraw
from cohorts.models import Cohort, Membership
from cohorts.offering import OfferLapsed, PlaceChanged
from cohorts.place_messages import LETTERS, compose, load
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.factories import make_admin, make_membership, make_open_cohort

pytestmark = pytest.mark.django_db

State, Reason = Membership.State, Membership.Reason


@pytest.fixture
def cohort() -> Cohort:
    return make_open_cohort(places=2)


def applied(cohort: Cohort, state: str = State.APPLIED, **fields: Any) -> Membership:
    return make_membership(cohort=cohort, state=state, **fields)


def told(rule: str) -> set[int]:
    return set(Message.objects.filter(rule=rule).values_list("person", flat=True))


def fresh(membership: Membership) -> Membership:
    return Membership.objects.select_related("cohort__programme", "user").get(pk=membership.pk)


class TestOffering:
    """The team's decision."""

    def test_an_offer_holds_a_place_and_says_until_when(self, cohort: Cohort) -> None:
        one, other = applied(cohort), applied(cohort, State.RESERVE)
        assert offering.offer(cohort, [one, other], by=make_admin()) == 2
        cohort.refresh_from_db()
        assert (cohort.taken, cohort.places_left) == (2, 0)
        one = fresh(one)
        assert one.state == State.OFFERED
        assert one.offer_expires_at
        assert timezone.localtime(one.offer_expires_at).strftime("%H:%M") == "00:00"
        days = timezone.localdate(one.offer_expires_at) - timezone.localdate()
        assert days == timedelta(days=cohort.offer_days + 1)
        assert told("place.offered") == {one.user_id, other.user_id}
        assert Entry.objects.filter(verb="place.offered").count() == 2

    def test_more_offers_than_places_are_made_to_nobody(self, cohort: Cohort) -> None:
        waiting = [applied(cohort) for _ in range(3)]
        with pytest.raises(CohortFull, match="2 places left"):
            offering.offer(cohort, waiting, by=make_admin())
        assert not cohort.memberships.filter(state=State.OFFERED).exists()
        assert not told("place.offered")

    def test_postgresql_refuses_one_too_many_whoever_writes_it(self, cohort: Cohort) -> None:
        for _ in range(2):
            make_membership(cohort=cohort)
        waiting = applied(cohort)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.filter(pk=waiting.pk).update(state=State.ENROLLED)
        cohort.name = "Renamed"
        cohort.taken = 0
        cohort.save()
        cohort.refresh_from_db()
        assert cohort.taken == 2

    def test_who_was_nominated_and_did_not_answer_is_offered_nothing(self, cohort: Cohort) -> None:
        nominated = applied(cohort, State.NOMINATED)
        assert offering.offer(cohort, [nominated], by=make_admin()) == 0
        assert fresh(nominated).state == State.NOMINATED

    def test_nobody_of_another_cohort_is_moved(self, cohort: Cohort) -> None:
        elsewhere = applied(make_open_cohort())
        assert offering.offer(cohort, [elsewhere], by=make_admin()) == 0

    @pytest.mark.parametrize(
        ("verb", "before", "after", "rule"),
        [
            (offering.put_on_reserve, State.APPLIED, State.RESERVE, "place.reserved"),
            (offering.turn_down, State.RESERVE, State.DECLINED, "place.turned_down"),
            (offering.take_back, State.OFFERED, State.APPLIED, "place.offer_taken_back"),
        ],
    )
    def test_other_decisions_are_told_too(self, cohort: Cohort, verb: Any, before: str, after: str, rule: str) -> None:
        membership = applied(cohort, before)
        assert verb(cohort, [membership], by=make_admin()) == 1
        assert verb(cohort, [membership], by=make_admin()) == 0
        assert fresh(membership).state == after
        assert told(rule) == {membership.user_id}

    def test_who_is_enrolled_by_the_team_uses_the_place_that_is_held_for_them(self, cohort: Cohort) -> None:
        admin = make_admin()
        one, other = applied(cohort), applied(cohort)
        offering.offer(cohort, [one, other], by=admin)
        enrol(one.user, cohort, organisation=None, job_role=None, by=admin)
        assert fresh(one).state == State.ENROLLED
        with pytest.raises(CohortFull):
            enrol(applied(cohort).user, cohort, organisation=None, job_role=None, by=admin)
        withdraw(fresh(other), by=admin, reason=Reason.NO_TIME)
        cohort.refresh_from_db()
        assert cohort.places_left == 1
        assert fresh(other).reason == Reason.NO_TIME


class TestAnswering:
    """The person's own word."""

    def test_accepting_enrols_and_doing_it_again_changes_nothing(self, cohort: Cohort) -> None:
        membership = applied(cohort)
        offering.offer(cohort, [membership], by=make_admin())
        for _ in range(2):
            assert offering.accept(fresh(membership)).state == State.ENROLLED
        assert fresh(membership).offer_expires_at is None
        assert told("place.accepted") == {membership.user_id}
        assert Entry.objects.filter(verb="place.accepted", actor=membership.user).count() == 1

    def test_a_minute_after_it_lapsed_there_is_no_place_but_the_reserve_list(self, cohort: Cohort) -> None:
        membership = applied(cohort, State.OFFERED, offer_expires_at=timezone.now() - timedelta(minutes=1))
        with pytest.raises(OfferLapsed):
            offering.accept(fresh(membership))
        assert fresh(membership).state == State.RESERVE
        cohort.refresh_from_db()
        assert cohort.taken == 0
        assert told("place.lapsed") == {membership.user_id}

    @pytest.mark.parametrize("state", [State.APPLIED, State.RESERVE, State.DECLINED, State.WITHDRAWN])
    def test_without_an_offer_nothing_is_accepted(self, cohort: Cohort, state: str) -> None:
        with pytest.raises(PlaceChanged):
            offering.accept(fresh(applied(cohort, state)))

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (State.OFFERED, State.DECLINED),
            (State.NOMINATED, State.DECLINED),
            (State.APPLIED, State.WITHDRAWN),
            (State.RESERVE, State.WITHDRAWN),
        ],
    )
    def test_saying_no(self, cohort: Cohort, before: str, after: str) -> None:
        membership = applied(cohort, before)
        for _ in range(2):
            offering.say_no(fresh(membership), Reason.NO_TIME)
        membership = fresh(membership)
        assert (membership.state, membership.reason, membership.offer_expires_at) == (after, Reason.NO_TIME, None)
        cohort.refresh_from_db()
        assert cohort.taken == 0
        assert not Message.objects.exists()

    def test_who_takes_part_leaves_in_another_way(self, cohort: Cohort) -> None:
        with pytest.raises(PlaceChanged):
            offering.say_no(fresh(applied(cohort, State.ENROLLED)))

    def test_agreeing_to_a_nomination(self, cohort: Cohort) -> None:
        membership = applied(cohort, State.NOMINATED)
        for _ in range(2):
            offering.agree_to_nomination(fresh(membership))
        assert fresh(membership).state == State.APPLIED
        with pytest.raises(PlaceChanged):
            offering.agree_to_nomination(fresh(applied(cohort, State.WITHDRAWN)))


class TestClocks:
    """What beat looks after."""

    def test_offers_lapse_by_themselves_once(self, cohort: Cohort) -> None:
        late = applied(cohort, State.OFFERED, offer_expires_at=timezone.now() - timedelta(seconds=1))
        still = applied(cohort, State.OFFERED, offer_expires_at=timezone.now() + timedelta(hours=1))
        assert offering.lapse_due() == 1
        assert offering.lapse_due() == 0
        assert (fresh(late).state, fresh(still).state) == (State.RESERVE, State.OFFERED)
        assert told("place.lapsed") == {late.user_id}

    def test_who_has_not_answered_is_reminded_once(self, cohort: Cohort) -> None:
        membership = applied(cohort)
        offering.offer(cohort, [membership], by=make_admin())
        assert offering.write_due_reminders() == 0
        Membership.objects.filter(pk=membership.pk).update(reminder_at=timezone.now())
        assert offering.write_due_reminders() == 1
        assert offering.write_due_reminders() == 0
        assert told("place.reminder") == {membership.user_id}

    def test_nothing_due_costs_one_statement(self, cohort: Cohort, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            offering.lapse_due()


class TestLetters:
    """Each says what is true when it is sent, or is not sent."""

    @pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.rule)
    def test_is_written_while_it_is_true(self, cohort: Cohort, letter: Any) -> None:
        fields = {"sequence": 3}
        membership = applied(cohort, letter.state, **fields)
        subject = f"place:{membership.pk}:3"
        about = load([subject])[subject]
        mail = compose(letter, about, membership.user)
        assert mail
        assert cohort.programme.name in mail.subject
        assert cohort.name in mail.context["lead"]
        assert "{" not in mail.subject + mail.context["lead"]
        overtaken = about._replace(sequence=2)
        assert compose(letter, overtaken, membership.user) is None

    def test_an_offer_that_has_lapsed_is_not_announced(self, cohort: Cohort) -> None:
        membership = applied(cohort, State.OFFERED, offer_expires_at=timezone.now() - timedelta(seconds=1))
        subject = f"place:{membership.pk}:0"
        offered = next(letter for letter in LETTERS if letter.rule == "place.offered")
        assert compose(offered, load([subject])[subject], membership.user) is None
