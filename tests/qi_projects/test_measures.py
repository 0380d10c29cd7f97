"""Measures and their points: what verbs do and refuse, and what PostgreSQL holds whoever writes."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal import together
from portal.trail.models import Entry
from qi_projects import annotating, chart_marks, entering, life, measuring, rebasing
from qi_projects.chart_marks import marks_come_from
from qi_projects.charting import chart_of, charts_of
from qi_projects.charts import Mark, MarkKind
from qi_projects.choosing_a_chart import recommend
from qi_projects.entering import MOST_POINTS, enter_all, plan
from qi_projects.measuring import MOST_MEASURES, is_untouched
from qi_projects.models import EarlierPoint, Measure, Point, Project
from qi_projects.readings import Reading
from qi_projects.refusals import (
    CountedAlready,
    DayTaken,
    MeasureGone,
    MeasurePutAway,
    NoSuchPhase,
    PointGone,
    PointsChanged,
    ProjectOver,
    ProjectRefused,
    TooManyMeasures,
    TooManyPoints,
)
from tests.qi_projects.making import lead_of, make_active, make_draft
from tests.qi_projects.measures import MONDAY, enter, make_measure, weeks

pytestmark = pytest.mark.django_db
Counted, Chart = Measure.Counted, Measure.Chart


def steady(count: int) -> list[int]:
    return [10 + at % 3 for at in range(count)]


class TestMeasures:
    """What is measured."""

    def test_it_begins_as_a_run_chart_and_the_trail_has_no_word_of_it(self) -> None:
        measure = make_measure(name="Canary words")
        assert measure.chart == Chart.RUN
        entry = Entry.objects.get(verb="project.measure_begun")
        assert entry.details == {"measure": measure.pk}

    def test_what_each_point_is_stays_once_there_is_one(self) -> None:
        measure = make_measure()
        lead = lead_of(measure.project)
        seen = together.seen(measure, ["counted"])
        measuring.change(measure, {"counted": Counted.COUNT}, seen=seen, by=lead)
        measure.refresh_from_db()
        enter(measure, [1])
        with pytest.raises(CountedAlready):
            measuring.change(measure, {"counted": Counted.VALUE}, seen=together.seen(measure, ["counted"]), by=lead)

    def test_a_chart_that_no_longer_fits_becomes_a_run_chart(self) -> None:
        measure = make_measure(counted=Counted.COUNT, chart=Chart.C)
        seen = together.seen(measure, ["counted"])
        measuring.change(measure, {"counted": Counted.RATE}, seen=seen, by=lead_of(measure.project))
        measure.refresh_from_db()
        assert (measure.counted, measure.chart) == (Counted.RATE, Chart.RUN)

    def test_the_same_number_written_otherwise_is_no_change(self) -> None:
        measure = make_measure(target=Decimal("12.5"))
        seen = together.seen(Measure.objects.get(), ["target"])
        settled = measuring.change(measure, {"target": Decimal("12.50")}, seen=seen, by=lead_of(measure.project))
        assert not settled.changes

    def test_one_that_was_never_used_goes_whole_and_another_is_put_away_and_taken_up(self) -> None:
        measure = make_measure()
        lead = lead_of(measure.project)
        measuring.put_away(measure, by=lead)
        assert not Measure.objects.exists()
        with pytest.raises(MeasureGone):
            measuring.put_away(measure, by=lead)
        measure = make_measure(measure.project)
        enter(measure, [1])
        assert not is_untouched(measure)
        measuring.put_away(measure, by=lead)
        measuring.put_away(measure, by=lead)
        with pytest.raises(MeasurePutAway):
            entering.enter(measure, Reading(MONDAY, value=Decimal(1)), by=lead)
        measuring.take_up(measure, by=lead)
        measuring.take_up(measure, by=lead)
        verbs = Entry.objects.filter(verb__contains="measure_").values_list("verb", flat=True)
        assert list(verbs).count("project.measure_put_away") == 1
        assert list(verbs).count("project.measure_taken_up") == 1

    def test_a_project_takes_so_many(self) -> None:
        project = make_active()
        for _ in range(MOST_MEASURES):
            make_measure(project)
        with pytest.raises(TooManyMeasures):
            make_measure(project)

    def test_a_project_that_has_ended_is_measured_no_longer(self) -> None:
        measure = make_measure()
        lead = lead_of(measure.project)
        life.finish(measure.project, "It worked", by=lead)
        for deed in (
            lambda: entering.enter(measure, Reading(MONDAY, value=Decimal(1)), by=lead),
            lambda: annotating.annotate(measure, MONDAY, "x", by=lead),
            lambda: measuring.put_away(measure, by=lead),
        ):
            with pytest.raises(ProjectOver):
                deed()

    def test_all_of_it_goes_with_a_draft(self) -> None:
        measure = make_measure(make_draft())
        lead = lead_of(measure.project)
        enter(measure, steady(15))
        enter(measure, [99])
        annotating.annotate(measure, MONDAY, "x", by=lead)
        rebasing.rebase(measure, MONDAY + timedelta(weeks=7), "x", by=lead)
        life.discard(measure.project, by=lead)
        assert not Project.objects.exists()
        assert not Measure.objects.exists()

    @pytest.mark.parametrize(
        ("counted", "points", "chart"),
        [
            (Counted.VALUE, 12, Chart.RUN),
            (Counted.VALUE, 13, Chart.XMR),
            (Counted.COUNT, 13, Chart.C),
            (Counted.PROPORTION, 13, Chart.P),
            (Counted.RATE, 100, Chart.U),
        ],
    )
    def test_a_chart_is_suggested_from_what_is_counted(self, counted: str, points: int, chart: str) -> None:
        advice = recommend(counted, points)
        assert advice.chart == chart
        assert "because" in advice.why


class TestPoints:
    """Entered, changed, taken out."""

    def test_the_same_again_is_nothing_and_another_for_the_day_is_told(self) -> None:
        measure = make_measure()
        lead = lead_of(measure.project)
        reading = Reading(MONDAY, value=Decimal("12.5"), note="x")
        point = entering.enter(measure, reading, by=lead)
        again = Reading(MONDAY, value=Decimal("12.50"), note="x")
        assert entering.enter(measure, again, by=lead) == point
        with pytest.raises(DayTaken) as taken:
            entering.enter(measure, Reading(MONDAY, value=Decimal(13)), by=lead)
        assert taken.value.point == point
        assert Entry.objects.filter(verb="project.point_entered").count() == 1

    def test_what_it_said_before_is_kept_with_who_and_when(self) -> None:
        measure = make_measure()
        lead = lead_of(measure.project)
        enter(measure, [12, 13])
        point = measure.points.first()
        assert point
        names = ["day", "value", "note"]
        given: dict[str, Any] = {"day": MONDAY, "value": Decimal(14), "note": "Counted again"}
        seen = together.seen(point, names)
        entering.change(point, given, seen=seen, by=lead)
        entering.change(point, given, seen=together.seen(measure.points.get(pk=point.pk), names), by=lead)
        earlier = EarlierPoint.objects.get()
        assert (Reading.of(earlier).day, str(Reading.of(earlier))) == (MONDAY, "12")
        assert (earlier.changed_by, earlier.taken_out) == (lead, False)
        entering.take_out(point, by=lead)
        said = [(str(Reading.of(each)), each.taken_out) for each in EarlierPoint.objects.all()]
        assert said == [("14", True), ("12", False)]
        with pytest.raises(PointGone):
            entering.take_out(point, by=lead)
        assert "Counted again" not in str(list(Entry.objects.values_list("details", flat=True)))

    def test_a_point_moves_to_a_free_day_alone(self) -> None:
        measure = make_measure()
        enter(measure, [12, 13])
        point = measure.points.get(day=MONDAY)
        seen = together.seen(point, ["day"])
        with pytest.raises(DayTaken):
            entering.change(point, {"day": MONDAY + timedelta(weeks=1)}, seen=seen, by=lead_of(measure.project))
        free = MONDAY + timedelta(weeks=2)
        entering.change(point, {"day": free}, seen=seen, by=lead_of(measure.project))
        point.refresh_from_db()
        assert (point.day, EarlierPoint.objects.get().day) == (free, MONDAY)

    def test_many_are_all_or_none_and_the_same_again_is_nothing(self) -> None:
        measure = make_measure()
        enter(measure, [1, 2, 3])
        lead = lead_of(measure.project)
        readings = weeks([1, 20, 3, 4])
        planned = plan(measure, readings)
        assert (len(planned.new), len(planned.changed), planned.same) == (1, 1, 2)
        before = Point.objects.count()
        with pytest.raises(PointsChanged):
            enter_all(measure, readings, agreed="another", by=lead)
        assert Point.objects.count() == before
        enter_all(measure, readings, agreed=planned.mark, by=lead)
        assert [each.value for each in measure.points.all()] == [1, 20, 3, 4]
        assert EarlierPoint.objects.get().value == 2
        again = enter_all(measure, readings, agreed="whatever", by=lead)
        assert (again.acts, again.same) == (False, 4)
        assert Entry.objects.filter(verb="project.points_entered").count() == 2

    def test_no_more_than_there_are_days(self) -> None:
        measure = make_measure(often=Measure.Often.DAY)
        first = date(1999, 1, 1)
        rows = [
            Point(measure=measure, counted="value", day=first + timedelta(days=at), entered_by=lead_of(measure.project))
            for at in range(MOST_POINTS)
        ]
        Point.objects.bulk_create(rows)
        lead = lead_of(measure.project)
        with pytest.raises(TooManyPoints):
            entering.enter(measure, Reading(date(2026, 11, 2), value=Decimal(1)), by=lead)
        readings = [Reading(date(2026, 11, 2), value=Decimal(1))]
        with pytest.raises(TooManyPoints):
            enter_all(measure, readings, agreed=plan(measure, readings).mark, by=lead)

    @pytest.mark.parametrize(
        ("counted", "figures"),
        [
            ("value", {"numerator": 1, "denominator": 2}),
            ("value", {"value": 1, "numerator": 1}),
            ("count", {"value": -1}),
            ("count", {"value": Decimal("1.5")}),
            ("count", {"numerator": 1, "denominator": 2}),
            ("proportion", {"value": 1}),
            ("proportion", {"numerator": 3, "denominator": 2}),
            ("proportion", {"numerator": 1, "denominator": 0}),
            ("proportion", {"numerator": -1, "denominator": 2}),
            ("proportion", {"numerator": 1}),
            ("proportion", {"denominator": 1}),
            ("proportion", {"numerator": 1, "denominator": Decimal("2.5")}),
            ("proportion", {"value": 1, "numerator": 1, "denominator": 2}),
            ("rate", {"numerator": 1, "denominator": 0}),
            ("rate", {"numerator": 1}),
            ("rate", {"numerator": Decimal("1.5"), "denominator": 2}),
        ],
    )
    def test_postgresql_refuses_what_is_no_such_point(self, counted: str, figures: dict[str, Any]) -> None:
        measure = make_measure(counted=counted)
        row = Point(measure=measure, counted=counted, day=MONDAY, entered_by=lead_of(measure.project), **figures)
        with pytest.raises(IntegrityError, match="a_point_is_what_its_measure_counts"), transaction.atomic():
            row.save()

    @pytest.mark.parametrize(
        ("counted", "figures"),
        [
            *(("value", {"value": Decimal("-1.5")}), ("count", {"value": 0}), ("value", {}), ("count", {})),
            *(("proportion", {}), ("rate", {}), ("proportion", {"numerator": 2, "denominator": 2})),
            *(("rate", {"numerator": 3, "denominator": Decimal("0.5")}),),
        ],
    )
    def test_postgresql_takes_what_is(self, counted: str, figures: dict[str, Any]) -> None:
        measure = make_measure(counted=counted)
        Point.objects.create(
            measure=measure, counted=counted, day=MONDAY, entered_by=lead_of(measure.project), **figures
        )

    def test_postgresql_holds_a_point_to_its_measure_and_to_its_day(self) -> None:
        measure = make_measure()
        enter(measure, [1])
        lead = lead_of(measure.project)
        with pytest.raises(IntegrityError, match="one_point_of_a_measure_for_each_day"), transaction.atomic():
            Point.objects.create(measure=measure, counted="value", day=MONDAY, entered_by=lead)
        other = Point(measure=measure, counted="count", day=date(2026, 2, 3), entered_by=lead)
        other.save()
        with pytest.raises(IntegrityError, match="a_point_counts_what_its_measure_does"), transaction.atomic():
            connection.check_constraints()
        other.delete()

    @pytest.mark.parametrize(("counted", "chart"), [("value", "p"), ("value", "c"), ("count", "u"), ("rate", "p")])
    def test_postgresql_refuses_a_chart_that_does_not_fit(self, counted: str, chart: str) -> None:
        with pytest.raises(IntegrityError, match="a_chart_fits_what_is_counted"), transaction.atomic():
            make_measure(counted=counted, chart=chart)


class TestCharts:
    """From points, what is missing, new limits and what happened."""

    def test_missing_weeks_are_gaps_and_a_point_without_a_figure_too(self) -> None:
        measure = make_measure(chart=Chart.XMR)
        enter(measure, [10, 11, None, 12])
        enter(measure, [9], MONDAY + timedelta(weeks=6))
        charted = chart_of(measure)
        assert charted.found
        assert charted.found.values == [10, 11, None, 12, None, None, 9]
        assert (charted.missing, charted.points, charted.keys.count(None)) == (2, 5, 2)

    def test_pairs_are_shares_and_rates_in_every_chart(self) -> None:
        for chart in (Chart.RUN, Chart.XMR, Chart.P):
            measure = make_measure(counted=Counted.PROPORTION, chart=chart)
            enter(measure, [(17, 20), (18, 20)])
            found = chart_of(measure).found
            assert found
            assert found.values == [85, 90]
            assert found.series.shown_unit == "%"
        for chart in (Chart.RUN, Chart.XMR, Chart.U):
            measure = make_measure(counted=Counted.RATE, chart=chart, per=1000)
            enter(measure, [(4, 800), (5, 1000)])
            found = chart_of(measure).found
            assert found
            assert found.values == [5, 5]

    def test_without_a_figure_there_is_none_and_it_says_so(self) -> None:
        measure = make_measure(chart=Chart.XMR)
        assert (chart_of(measure).found, chart_of(measure).why_not) == (None, "")
        enter(measure, [None, None])
        assert chart_of(measure).why_not == "There are no values yet."

    def test_new_limits_begin_where_people_say_and_end_by_a_later_record(self) -> None:
        measure = make_measure(chart=Chart.XMR)
        enter(measure, [*steady(8), *(each + 20 for each in steady(8))])
        lead = lead_of(measure.project)
        eighth = MONDAY + timedelta(weeks=8)
        decision = rebasing.rebase(measure, eighth, "Two midwives more", by=lead)
        found = chart_of(measure).found
        assert found
        assert [phase.start for phase in found.phases] == [0, 8]
        assert [(flag.text, flag.kind) for flag in found.flags] == [("Two midwives more", MarkKind.REBASE)]
        ended = rebasing.take_back(decision, "They left again", by=lead)
        found = chart_of(measure).found
        assert found
        assert len(found.phases) == 1
        for each in (decision, ended):
            with pytest.raises(ProjectRefused):
                rebasing.take_back(each, "x", by=lead)
        rebasing.rebase(measure, eighth, "They came back", by=lead)
        assert measure.rebases.count() == 3

    @pytest.mark.parametrize(
        ("week", "says"),
        [(0, "is the first point"), (-3, "No point lies on"), (40, "No point lies on"), (2, "No point lies on")],
    )
    def test_new_limits_outside_the_data_are_refused(self, week: int, says: str) -> None:
        measure = make_measure(chart=Chart.XMR)
        enter(measure, [10, 11, None, 12])
        with pytest.raises(NoSuchPhase, match=says):
            rebasing.rebase(measure, MONDAY + timedelta(weeks=week), "x", by=lead_of(measure.project))
        assert not measure.rebases.exists()

    def test_a_point_that_is_taken_out_takes_no_chart_with_it(self) -> None:
        measure = make_measure(chart=Chart.XMR)
        enter(measure, steady(6))
        lead = lead_of(measure.project)
        for week in (4, 5):
            rebasing.rebase(measure, MONDAY + timedelta(weeks=week), f"Reason {week}", by=lead)
        for week in (4, 5):
            entering.take_out(measure.points.get(day=MONDAY + timedelta(weeks=week)), by=lead)
        found = chart_of(measure).found
        assert found
        assert len(found.phases) == 1

    def test_what_happened_is_marked_and_others_can_mark_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(chart_marks, "_SOURCES", {})
        measure = make_measure(chart=Chart.XMR)
        enter(measure, steady(4))
        lead = lead_of(measure.project)
        note = annotating.annotate(measure, MONDAY + timedelta(days=9), "The new form", by=lead)
        assert annotating.annotate(measure, note.day, note.text, by=lead) == note
        cycles = lambda all_: [(of.pk, Mark(MONDAY, f"Cycle of {of.pk}", MarkKind.CYCLE)) for of in all_]  # noqa: E731  # as short as it is
        marks_come_from("cycles", cycles)
        marks_come_from("cycles", cycles)
        with pytest.raises(ValueError, match="another cycles"):
            marks_come_from("cycles", lambda _: [])
        found = chart_of(measure).found
        assert found
        assert [(flag.at, flag.text) for flag in found.flags] == [(0, f"Cycle of {measure.pk}"), (1, "The new form")]
        annotating.take_off(note, by=lead)
        annotating.take_off(note, by=lead)
        assert not measure.annotations.exists()

    def test_many_charts_are_read_in_as_many_statements_as_one(self, django_assert_num_queries: Any) -> None:
        project = make_active()
        for _ in range(3):
            enter(make_measure(project), steady(15))
        found = list(project.measures.all())
        with django_assert_num_queries(2):
            assert len(charts_of(found)) == 3
        assert charts_of([]) == []

    def test_ten_thousand_points_are_a_chart(self) -> None:
        measure = make_measure(often=Measure.Often.DAY, chart=Chart.XMR)
        first = timezone.localdate() - timedelta(days=9_000)
        readings = [Reading(first + timedelta(days=at), value=Decimal(10 + at % 7)) for at in range(9_000)]
        lead = lead_of(measure.project)
        enter_all(measure, readings, agreed=plan(measure, readings).mark, by=lead)
        charted = chart_of(measure)
        assert charted.points == 9_000
        assert charted.missing == 0
