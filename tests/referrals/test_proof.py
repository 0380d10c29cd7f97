"""The proof for the commissioner: of groups, drawn up once, so that no table and no two of them tell of one person."""

import secrets
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.trail.models import Entry
from referrals import proof
from referrals.models import Epoch, Proof, Provider, Referral
from referrals.proof import Promise, draw_up
from tests.factories import make_organisation
from tests.referrals.conftest import Team

pytestmark = pytest.mark.django_db
State = Referral.State


@pytest.fixture(autouse=True)
def _since_january(team: Team) -> None:
    Epoch.objects.update(began_on=date(2026, 1, 12))


def received(team: Team, on: date, **fields) -> Referral:
    """Store a referral that was received on a day, for tables that read dates alone."""
    given = {
        "provider": team.provider,
        "commissioner": team.offer.commissioner,
        "receipt": secrets.token_bytes(32),
        "submitted_on": on,
        "received_on": on,
        "triage_due_on": on + timedelta(days=7),
        "triage_target_on": on + timedelta(days=7),
        "first_due_on": on + timedelta(days=28),
        "first_target_on": on + timedelta(days=28),
    }
    return Referral.objects.create(**given | fields)


def triaged(team: Team, on: date, wait: int, **fields) -> Referral:
    """Store one that was triaged after so many days."""
    decided = on + timedelta(days=wait)
    return received(team, on, state=State.TRIAGED, triaged_on=decided, **fields)


def drawn_on(day: str) -> None:
    draw_up(today=date.fromisoformat(day))


def tables(clock: str = "triage") -> list[Proof]:
    return list(Proof.objects.filter(clock=clock).order_by("commissioner", "since"))


def periods(clock: str = "triage") -> list[tuple[str, str]]:
    return [(f"{table.since:%Y-%m-%d}", f"{table.until:%Y-%m-%d}") for table in tables(clock)]


JANUARY = date(2026, 1, 12)


def test_ten_make_a_table_and_nine_none(team: Team) -> None:
    for _ in range(9):
        triaged(team, JANUARY, 5)
    drawn_on("2026-02-08")
    assert tables() == []
    Provider.objects.update(proof_until=None)
    triaged(team, JANUARY, 5)
    drawn_on("2026-02-08")
    (table,) = tables()
    assert (table.size, table.share, table.waits) == (10, 100, [5, 5, 5])


def test_a_month_is_over_for_a_week_before_its_table_is_drawn_up(team: Team) -> None:
    for _ in range(10):
        triaged(team, JANUARY, 5)
    drawn_on("2026-02-07")
    assert periods() == []
    drawn_on("2026-02-08")
    assert periods() == [("2026-01-01", "2026-01-31")]


def test_the_shortest_period_that_holds_ten(team: Team) -> None:
    """January 12, February 3, March 8, April 1; then nothing for more than a year, and 9, and one."""
    for month, number in ((1, 12), (2, 3), (3, 8), (4, 1)):
        for _ in range(number):
            triaged(team, date(2026, month, 12), 5)
    for _ in range(9):
        triaged(team, date(2027, 5, 12), 5)
    for month in range(2, 13):
        drawn_on(f"2026-{month:02}-08")
    # February alone, and February to April: then 12 fell due.
    assert periods() == [("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-04-30")]
    for month in range(1, 7):
        drawn_on(f"2027-{month:02}-08")
    assert len(periods()) == 2
    triaged(team, date(2027, 6, 12), 5)
    drawn_on("2027-07-08")
    assert periods()[2:] == [("2026-05-01", "2027-06-30")]


def test_each_clock_counts_when_its_own_promise_fell_due(team: Team) -> None:
    for _ in range(10):
        triaged(team, date(2026, 1, 12), 5)
    drawn_on("2026-03-08")
    assert periods("triage") == [("2026-01-01", "2026-01-31")]
    assert periods("first") == []  # due on 9 February: January had none, and a quarter is not over
    drawn_on("2026-04-08")
    assert periods("first") == [("2026-01-01", "2026-03-31")]
    (first,) = tables("first")
    assert (first.share, first.waits) == (0, [None, None, None])


def test_what_is_still_waited_for_counts_as_late_and_as_longest(team: Team) -> None:
    for wait in (2, 4, 6, 7, 7, 7, 7, 7, 9):
        triaged(team, JANUARY, wait)
    for _ in range(3):
        received(team, JANUARY)
    drawn_on("2026-02-08")
    (table,) = tables()
    assert (table.share, table.waits) == (65, [7, 7, None])


def test_a_promise_that_lapsed_is_not_counted(team: Team) -> None:
    for _ in range(10):
        triaged(team, JANUARY, 5)
    for state in (State.WITHDRAWN, State.UNREACHABLE):
        received(team, JANUARY, state=state, ended_on=JANUARY + timedelta(days=7))
    assert len(promises(team)) == 10
    # After the due date it was broken before it ended; to decline it in time was an outcome of triage.
    received(team, JANUARY, state=State.WITHDRAWN, ended_on=JANUARY + timedelta(days=8))
    received(team, JANUARY, state=State.DECLINED, ended_on=JANUARY + timedelta(days=3))
    received(team, JANUARY, state=State.CLOSED, triaged_on=JANUARY, ended_on=JANUARY + timedelta(days=60))
    counted = promises(team)
    assert len(counted) == 13
    assert sum(promise.kept for promise in counted) == 12


def promises(team: Team) -> list[Promise]:
    over = proof.Period(date(2026, 1, 1), date(2026, 12, 31))
    return proof._promises(team.provider, team.offer.commissioner_id, proof.CLOCKS[0], over)


def test_waits_from_submission_stand_beside(team: Team) -> None:
    for _ in range(12):
        triaged(team, JANUARY, 5, on_behalf=True, submitted_on=JANUARY - timedelta(days=6))
    drawn_on("2026-02-08")
    (table,) = tables()
    assert (table.waits, table.waits_from_submission) == ([5, 5, 5], [11, 11, 11])


class TestReasons:
    """Beside what was late: counts of ten or more, and nothing from which the others could be worked out."""

    def late(self, team: Team, **reasons: int) -> dict[str, int]:
        for reason, number in reasons.items():
            for _ in range(number):
                triaged(team, JANUARY, 9, reason=reason)
        for _ in range(40):
            triaged(team, JANUARY, 5)
        drawn_on("2026-02-08")
        (table,) = tables()
        return dict(table.reasons)

    def test_under_ten_none_is_told(self, team: Team) -> None:
        assert self.late(team, no_capacity=9, no_language=2) == {}

    def test_ten_or_more_are_told_but_for_the_one_that_gives_the_rest_away(self, team: Team) -> None:
        # The five others are none at all: 30 alone would say so.
        assert self.late(team, no_capacity=40, no_language=30) == {"no_capacity": 40}

    def test_nothing_of_those_in_time(self, team: Team) -> None:
        for _ in range(20):
            triaged(team, JANUARY, 5, reason="our_error")
        drawn_on("2026-02-08")
        assert tables()[0].reasons == {}


class TestOnePerson:
    """What two tables, or the same one on two days, tell of one person: nothing."""

    def test_a_table_that_was_given_out_never_changes(self, team: Team) -> None:
        for _ in range(10):
            triaged(team, JANUARY, 5)
        received(team, JANUARY)
        drawn_on("2026-02-08")
        before = list(Proof.objects.filter(clock="triage").values())
        # Somebody is triaged late, one more is entered, one is corrected.
        Referral.objects.filter(triaged_on=None).update(triaged_on=date(2026, 2, 9), state=State.TRIAGED)
        triaged(team, JANUARY, 1)
        Referral.objects.filter(pk=Referral.objects.all()[:1]).update(triaged_on=JANUARY)
        Provider.objects.update(proof_until=None)
        for day in ("2026-02-09", "2026-03-08", "2026-12-08"):
            drawn_on(day)
        assert list(Proof.objects.filter(clock="triage").values()) == before

    def test_commissioners_have_tables_of_their_own_and_no_total(self, team: Team) -> None:
        """Of one's own table and a total, the other's could be worked out."""
        other = make_organisation()
        for _ in range(10):
            triaged(team, JANUARY, 5)
        for _ in range(9):
            triaged(team, JANUARY, 6, commissioner=other)
        drawn_on("2026-02-08")
        assert [table.commissioner for table in tables()] == [team.offer.commissioner]

    def test_no_exact_size_is_stored(self, team: Team) -> None:
        for _ in range(17):
            triaged(team, JANUARY, 5)
        drawn_on("2026-02-08")
        assert "17" not in str(Proof.objects.values("size", "share", "waits", "reasons"))

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(st.tuples(st.integers(0, 180), st.integers(0, 20)), min_size=8, max_size=60),
        st.lists(st.integers(0, 13), min_size=1, max_size=3),
        st.tuples(st.integers(0, 180), st.integers(0, 20)),
    )
    def test_whenever_they_are_drawn_up_and_with_one_more(
        self, team: Team, waits: list[tuple[int, int]], months: list[int], one_more: tuple[int, int]
    ) -> None:
        """For any waits and any days on which the worker ran: every table is of ten or more whom no other counts, and
        one more referral changes none that was given out."""
        Proof.objects.all().delete()
        Referral.objects.all().delete()
        Provider.objects.update(proof_until=None)
        for day, wait in waits:
            triaged(team, JANUARY + timedelta(days=day), wait)
        given_out: list[Any] = []
        for months_later in sorted(months):
            drawn_on(f"{2026 + (1 + months_later) // 12}-{(1 + months_later) % 12 + 1:02}-08")
            now = list(Proof.objects.order_by("clock", "since").values())
            kept = [row for row in now if row in given_out]
            assert kept == given_out  # nothing that was told is told otherwise
            given_out = now
            day, wait = one_more
            triaged(team, JANUARY + timedelta(days=day), wait)
        for clock in ("triage", "first"):
            drawn = tables(clock)
            for before, after in pairwise(drawn):
                assert after.since == before.until + timedelta(days=1)
            for table in drawn:
                due = Referral.objects.filter(**{f"{clock}_due_on__range": (table.since, table.until)})
                assert due.count() >= 10


class TestWhen:
    """Once a month, by whichever worker."""

    def test_what_is_drawn_up_is_not_read_again(self, team: Team, django_assert_num_queries) -> None:
        for _ in range(10):
            triaged(team, JANUARY, 5)
        drawn_on("2026-02-08")
        with django_assert_num_queries(1):
            draw_up(today=date(2026, 2, 9))

    def test_late_it_gives_the_same(self, team: Team) -> None:
        for month in (1, 2, 3):
            for _ in range(10):
                triaged(team, date(2026, month, 12), 5)
        drawn_on("2026-11-08")
        assert periods() == [("2026-01-01", "2026-01-31"), ("2026-02-01", "2026-02-28"), ("2026-03-01", "2026-03-31")]

    def test_a_provider_without_keys_has_none(self, team: Team) -> None:
        Epoch.objects.all().delete()
        drawn_on("2026-11-08")
        assert not Proof.objects.exists()


def test_giving_out_is_in_the_trail(team: Team) -> None:
    proof.record_given_out(team.provider, team.offer.commissioner, by=team.lead)
    assert Entry.objects.get(verb="proof.given_out").actor == team.lead.user
