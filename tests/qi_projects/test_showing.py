"""What is kept of each measure is what its chart shows, whatever was done, and in whatever order."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from portal import together
from portal.trail.models import Entry
from qi_projects import annotating, entering, life, measuring, rebasing, showing, spc_shows
from qi_projects.charting import chart_of
from qi_projects.models import Measure, Point, Project
from qi_projects.readings import Reading
from qi_projects.refusals import ProjectRefused
from tests.qi_projects.making import lead_of, make_active, make_draft
from tests.qi_projects.measures import MONDAY, enter, make_measure

pytestmark = pytest.mark.django_db
Shows, Chart, Counted = Measure.Shows, Measure.Chart, Measure.Counted
STEADY = [9, 11] * 6 + [10]
WEEKS = some.integers(0, 24).map(lambda number: MONDAY + timedelta(weeks=number))
FIGURES = some.none() | some.sampled_from([Decimal(each) for each in (0, 8, 9, 10, 11, 12, 30)])


def improving(project: Project | None = None) -> Measure:
    measure = make_measure(project, chart=Chart.XMR, baseline=12)
    enter(measure, [*STEADY, 1])
    measure.refresh_from_db()
    return measure


def change(measure: Measure, **given: Any) -> None:
    measure.refresh_from_db()
    measuring.change(measure, given, seen=together.seen(measure, given), by=lead_of(measure.project))
    measure.refresh_from_db()


class TestWhatIsKept:
    """Each verb keeps it."""

    def test_a_new_measure_has_too_few_points(self) -> None:
        measure = make_measure()
        measure.refresh_from_db()
        assert measure.shows == Shows.TOO_FEW

    def test_each_thing_on_which_it_depends_changes_it(self) -> None:
        measure = improving()
        lead = lead_of(measure.project)
        assert measure.shows == Shows.IMPROVING
        change(measure, direction="higher")
        assert measure.shows == Shows.WORSENING
        change(measure, direction="neither")
        assert measure.shows == Shows.CHANGED
        change(measure, direction="lower", chart=Chart.RUN)
        assert measure.shows == Shows.STEADY
        change(measure, chart=Chart.XMR)
        last = measure.points.latest("day")
        entering.change(last, {"value": Decimal(10)}, seen=together.seen(last, ["value"]), by=lead)
        measure.refresh_from_db()
        assert measure.shows == Shows.STEADY
        entering.enter(measure, Reading(last.day + timedelta(weeks=1), Decimal(30)), by=lead)
        measure.refresh_from_db()
        assert measure.shows == Shows.WORSENING
        decision = rebasing.rebase(measure, last.day, "A new form", by=lead)
        measure.refresh_from_db()
        assert measure.shows == Shows.TOO_FEW
        rebasing.take_back(decision, "It was the old one", by=lead)
        measure.refresh_from_db()
        assert measure.shows == Shows.WORSENING
        entering.take_out(measure.points.latest("day"), by=lead)
        measure.refresh_from_db()
        assert measure.shows == Shows.STEADY

    def test_what_is_refused_leaves_it(self) -> None:
        measure = improving()
        with pytest.raises(ProjectRefused):
            entering.enter(measure, Reading(MONDAY, Decimal(30)), by=lead_of(measure.project))
        measure.refresh_from_db()
        assert measure.shows == Shows.IMPROVING


class Measuring(RuleBasedStateMachine):
    """A team does all that it can with two measures, also what does not fit."""

    def __init__(self) -> None:
        super().__init__()
        project = make_active()
        self.lead = lead_of(project)
        self.measures = [
            make_measure(project, chart=Chart.XMR, baseline=12),
            make_measure(project, name="Answered", counted=Counted.PROPORTION, chart=Chart.P, direction="higher"),
        ]
        enter(self.measures[0], STEADY)
        enter(self.measures[1], [(each, 20) for each in STEADY])

    def attempt(self, do: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Do it, whether or not it fits; a refusal leaves nothing half-done."""
        with suppress(ProjectRefused), transaction.atomic():
            do(*args, **kwargs, by=self.lead)

    def measure(self, second: bool) -> Measure:  # noqa: FBT001  # Hypothesis gives it
        return Measure.objects.select_related("project").get(pk=self.measures[second].pk)

    def reading(self, measure: Measure, day: Any, figure: Decimal | None) -> Reading:
        if measure.counts_pairs and figure is not None:
            return Reading(day, numerator=figure, denominator=Decimal(30))
        return Reading(day, value=figure)

    @rule(second=some.booleans(), day=WEEKS, figure=FIGURES)
    def enter_one(self, second: bool, day: Any, figure: Decimal | None) -> None:  # noqa: FBT001  # as above
        measure = self.measure(second)
        self.attempt(entering.enter, measure, self.reading(measure, day, figure))

    @rule(second=some.booleans(), figures=some.dictionaries(WEEKS, FIGURES, min_size=1, max_size=20))
    def paste(self, second: bool, figures: dict[Any, Decimal | None]) -> None:  # noqa: FBT001  # as above
        measure = self.measure(second)
        readings = [self.reading(measure, day, figure) for day, figure in figures.items()]
        self.attempt(entering.enter_all, measure, readings, agreed=entering.plan(measure, readings).mark)

    @rule(second=some.booleans(), at=some.integers(0, 24), day=WEEKS, figure=FIGURES)
    def change_point(self, second: bool, at: int, day: Any, figure: Decimal | None) -> None:  # noqa: FBT001  # as above
        measure = self.measure(second)
        for point in Point.objects.filter(measure=measure)[at : at + 1]:
            said = self.reading(measure, day, figure)
            given = {name: getattr(said, name) for name in ("day", "value", "numerator", "denominator")}
            self.attempt(entering.change, point, given, seen=together.seen(point, given))

    @rule(second=some.booleans(), at=some.integers(0, 24))
    def take_out_point(self, second: bool, at: int) -> None:  # noqa: FBT001  # as above
        for point in Point.objects.filter(measure=self.measure(second))[at : at + 1]:
            self.attempt(entering.take_out, point)

    @rule(
        second=some.booleans(),
        given=some.sampled_from(
            [
                *({"direction": each} for each in Measure.Direction.values),
                *({"rules": each} for each in Measure.Rules.values),
                *({"baseline": each} for each in (None, 2, 12, 20)),
                *({"often": each} for each in ("day", "week", "month")),
                *({"chart": each} for each in ("run", "xmr")),
                *({"screen": each} for each in (True, False)),
                {"chart": "p"},
                {"counted": "count"},
                {"target": Decimal(5)},
            ]
        ),
    )
    def change_measure(self, second: bool, given: dict[str, Any]) -> None:  # noqa: FBT001  # as above
        measure = self.measure(second)
        if measuring.fits(given.get("chart", measure.chart), measure.counted):
            self.attempt(measuring.change, measure, given, seen=together.seen(measure, given))

    @rule(second=some.booleans(), day=WEEKS)
    def rebase(self, second: bool, day: Any) -> None:  # noqa: FBT001  # as above
        self.attempt(rebasing.rebase, self.measure(second), day, "A new form")

    @rule(second=some.booleans())
    def take_rebase_back(self, second: bool) -> None:  # noqa: FBT001  # as above
        for decision in self.measure(second).rebases.all()[:1]:
            self.attempt(rebasing.take_back, decision, "It was the old one")

    @rule(second=some.booleans(), do=some.sampled_from([measuring.put_away, measuring.take_up]))
    def keep(self, second: bool, do: Callable[..., None]) -> None:  # noqa: FBT001  # as above
        self.attempt(do, self.measure(second))

    @rule(second=some.booleans(), day=WEEKS)
    def annotate(self, second: bool, day: Any) -> None:  # noqa: FBT001  # as above
        self.attempt(annotating.annotate, self.measure(second), day, "A strike")

    @invariant()
    def what_is_kept_is_what_the_chart_shows(self) -> None:
        for measure in Measure.objects.all():
            charted = chart_of(measure)
            assert measure.shows == charted.shows
            if charted.found and measure.chart != Chart.RUN:
                assert (charted.found.variation is None) is (measure.shows == Shows.TOO_FEW)


def test_what_is_kept_never_drifts() -> None:
    """Each run of the machine happens in a transaction that is rolled back."""

    class Here(Measuring):
        def __init__(self) -> None:
            self._rolled_back = transaction.atomic()
            self._rolled_back.__enter__()
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


class TestReckoningAnew:
    """`manage.py reckon_measures`, after a change of the rules."""

    def run(self) -> str:
        out = StringIO()
        call_command("reckon_measures", stdout=out)
        return out.getvalue()

    def test_what_was_never_reckoned_is_and_nobody_is_told_of_a_change(self) -> None:
        measure = improving()
        before = Project.objects.get()
        Measure.objects.update(shows="")
        assert self.run().startswith("1 measures")
        measure.refresh_from_db()
        assert measure.shows == Shows.IMPROVING
        assert not Entry.objects.filter(verb="project.measures_reckoned_anew").exists()
        assert Project.objects.filter(version=before.version, last_activity_at=before.last_activity_at).exists()

    def test_after_a_change_of_the_rules_all_are_reckoned_drafts_and_ended_ones_too(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        draft, ended = make_draft(), make_active()
        measures = [improving(project) for project in (draft, ended, make_active())]
        measuring.put_away(measures[2], by=lead_of(measures[2].project))
        life.finish(ended, "It went well", by=lead_of(ended))
        monkeypatch.setattr(spc_shows, "ENOUGH", 15)
        assert self.run().startswith("3 measures")
        assert set(Measure.objects.values_list("shows", flat=True)) == {Shows.TOO_FEW}
        told = Entry.objects.filter(verb="project.measures_reckoned_anew")
        assert [(entry.actor, entry.details) for entry in told] == [(None, {"measures": 1})] * 3
        assert self.run().startswith("0 measures")

    def test_what_is_right_already_is_only_read_and_many_as_one(self) -> None:
        project = make_active()
        improving(project)
        with CaptureQueriesContext(connection) as one:
            assert showing.keep_all() == 0
        for _ in range(3):
            improving(project)
        with CaptureQueriesContext(connection) as four:
            assert showing.keep_all() == 0
        assert len(four) == len(one)
        assert not [each for each in four if "UPDATE" in each["sql"]]
