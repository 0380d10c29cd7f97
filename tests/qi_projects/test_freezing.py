"""What a public chart tells: nothing from which a number of few people follows, and the same each time it is drawn."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from qi_projects import freezing, rebasing
from qi_projects.chart_table import as_csv
from qi_projects.charting import Charted, chart_of
from qi_projects.charts import Kind, Point, Series, reckon
from qi_projects.diagram import Box, Level, arrange
from qi_projects.freezing import NotForThePublic, for_the_public, frozen, series_of
from qi_projects.models import Measure
from tests.qi_projects.making import lead_of
from tests.qi_projects.measures import MONDAY, STEADY, enter, make_measure, weeks

PAIRS = some.integers(0, 60).flatmap(lambda of: some.tuples(some.integers(0, of), some.just(of)))


def charted(pairs: list[tuple[int, int]], counted: str = "proportion", kind: Kind = Kind.P) -> Charted:
    """Return the chart of a measure that is in no database."""
    measure = Measure(name="Answered", counted=counted, chart=kind.value, direction="higher", often="week")
    points = tuple(
        Point(each.day, 100 * few / of if of else None, few if of else None, of or None)
        for each, (few, of) in zip(weeks([0] * len(pairs)), pairs, strict=True)
    )
    found = reckon(Series("Answered", kind, points))
    return Charted(measure, [None] * len(points), found, "", 0, 0, 0)


@given(some.lists(PAIRS, min_size=3, max_size=30).filter(lambda pairs: sum(of > 0 for _, of in pairs) > 2))
def test_of_shares_nothing_goes_along_but_what_is_told(pairs: list[tuple[int, int]]) -> None:
    try:
        shown = frozen(charted(pairs))
    except NotForThePublic:
        assert sum(of >= 10 for _, of in pairs) < 2
        return
    values = [value for _, value in shown["series"]["points"]]
    assert all(value is None or value % 5 == 0 for value in values)
    assert [value is None for value in values] == [of < 10 for _, of in pairs]
    # Whoever doubles all numbers, or swaps a small group for a larger one, sees the very same chart.
    doubled = frozen(charted([(2 * few, 2 * of) if of >= 10 else (0, 0) for few, of in pairs]))
    if not any(0 < of < 10 for _, of in pairs):
        assert doubled["series"] == shown["series"]


@given(some.lists(some.integers(0, 30), min_size=3, max_size=30))
def test_a_count_that_is_ever_small_has_no_public_chart(counts: list[int]) -> None:
    measure = Measure(name="Falls", counted="count", chart="c", direction="lower", often="week")
    days = weeks(counts)
    found = reckon(Series("Falls", Kind.C, tuple(Point(each.day, float(each.value or 0)) for each in days)))
    whole = Charted(measure, [None] * len(counts), found, "", 0, 0, 0)
    if min(counts) < 10:
        with pytest.raises(NotForThePublic, match="numbers under 10"):
            for_the_public(whole)
    else:
        told = [int(each or 0) for each in for_the_public(whole).values]
        assert all(each % 5 == 0 and abs(each - count) <= 2 for each, count in zip(told, counts, strict=True))


def test_a_rate_rests_on_both_of_its_numbers() -> None:
    for few, of in ((9, 400), (12, 8)):
        with pytest.raises(NotForThePublic, match="numbers under 10"):
            for_the_public(charted([(20, 400), (few, of), (30, 400)], "rate", Kind.U))
    shown = for_the_public(charted([(20, 400), (12, 300), (30, 400)], "rate", Kind.U))
    assert shown.series.kind is Kind.XMR
    assert all(point.numerator is None and point.denominator is None for point in shown.series.points)


def test_a_rate_of_few_gives_its_numbers_away_and_has_no_public_chart() -> None:
    with pytest.raises(NotForThePublic, match="fewer than 100"):
        for_the_public(charted([(10, 12), (10, 11), (10, 13)], "rate", Kind.U))
    shown = for_the_public(charted([(101, 1203), (102, 1101), (103, 1307)], "rate", Kind.U))
    assert all(len(f"{value:g}".replace(".", "").strip("0")) <= 2 for value in shown.values if value is not None)


@pytest.mark.django_db
class TestWhatIsKept:
    """As JSON, from which the same is drawn again."""

    @pytest.mark.parametrize(
        "given_",
        [
            {"chart": "run"},
            {"chart": "xmr", "baseline": 8, "target": 12},
            {"chart": "xmr", "rules": "ihi", "screen": False},
        ],
    )
    def test_it_is_drawn_again_as_it_was(self, given_: dict[str, Any]) -> None:
        measure = make_measure(**given_)
        enter(measure, [*STEADY, None, 30, 31])
        chart = chart_of(measure)
        kept = json.loads(json.dumps(frozen(chart)))
        assert series_of(kept) == for_the_public(chart).series
        assert b"".join(as_csv(reckon(series_of(kept)))) == b"".join(as_csv(for_the_public(chart)))

    def test_its_definition_begins_another_measure(self) -> None:
        measure = make_measure(target="12.5", definition="From asking to an answer", sampling="Everybody")
        enter(measure, STEADY)
        measure.refresh_from_db()
        kept = json.loads(json.dumps(frozen(chart_of(measure))))
        copied = Measure(project=measure.project, **freezing.definition_of(kept))
        for name in freezing.DEFINITION:
            assert getattr(copied, name) == getattr(measure, name), name

    def test_notes_of_points_stay_and_new_limits_begin_with_a_point_that_is_told(self) -> None:
        measure = make_measure(counted="proportion", chart="p")
        enter(measure, [(9, 20)] * 6 + [(3, 9)] + [(15, 20)] * 6)
        seventh = measure.points.order_by("day")[6]
        measure.points.filter(pk=seventh.pk).update(note="Baby of one colleague")
        rebasing.rebase(measure, seventh.day, "The board", by=lead_of(measure.project))
        kept = frozen(chart_of(measure))
        assert "colleague" not in json.dumps(kept)
        assert kept["series"]["rebase"] == [[7, "The board"]]
        assert kept["series"]["points"][6] == [seventh.day.isoformat(), None]
        assert kept["series"]["points"][0] == [MONDAY.isoformat(), 45]


def test_a_diagram_is_read_again_as_it_was() -> None:
    boxes = [Box(3, Level.PRIMARY, "One"), Box(5, Level.SECONDARY, "Two"), Box(9, Level.IDEA, "Three")]
    whole = arrange(boxes, [(3, 5), (5, 9)])
    kept = json.loads(json.dumps(freezing.frozen_diagram(whole)))
    assert freezing.diagram_of(kept) == whole
    assert freezing.frozen_diagram(arrange([], [])) is None
