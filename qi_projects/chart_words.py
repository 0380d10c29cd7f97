"""A chart in words: what its picture tells to whoever cannot see it, and the sentences beside it."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from portal.nhsuk.dates import say_date
from qi_projects.chart_scales import MINUS, say_figure, with_unit
from qi_projects.charts import Kind, MarkKind, Reckoned
from qi_projects.number_cells import say_number
from qi_projects.spc import Assurance, Chart, Run, Signal, Variation
from qi_projects.spc_shows import ENOUGH, ENOUGH_FOR_A_RUN, Shows

NAMES: Final = {
    Kind.RUN: "Run chart",
    Kind.XMR: "XmR chart",
    Kind.P: "P chart",
    Kind.C: "C chart",
    Kind.U: "U chart",
}
VARIATIONS: Final = {
    Variation.COMMON: "Common cause variation: no significant change",
    Variation.IMPROVEMENT_HIGH: "Special cause variation of an improving nature, with higher values",
    Variation.IMPROVEMENT_LOW: "Special cause variation of an improving nature, with lower values",
    Variation.CONCERN_HIGH: "Special cause variation of a concerning nature, with higher values",
    Variation.CONCERN_LOW: "Special cause variation of a concerning nature, with lower values",
    Variation.NEITHER_HIGH: "Special cause variation, with higher values",
    Variation.NEITHER_LOW: "Special cause variation, with lower values",
}
ASSURANCES: Final = {
    Assurance.PASS: "The target will be met each time, unless the process changes",
    Assurance.FAIL: "The target will not be met, unless the process changes",
    Assurance.HIT_OR_MISS: "The target will be met sometimes and missed sometimes, by chance alone",
}
SURPASSED: Final = {
    (Assurance.FAIL, Shows.IMPROVING): "better",
    (Assurance.PASS, Shows.WORSENING): "worse",
}
"""Where the latest points have left the limits from which assurance is read, and the other way than it says."""
MARKS: Final = {MarkKind.NOTE: "Note", MarkKind.CYCLE: "PDSA cycle", MarkKind.REBASE: "New limits"}
RULES: Final = {
    "outside": "Outside the limits",
    "trend": "Trend",
    "two_of_three": "Two of three near a limit",
    "shift": "Shift",
    "fifteen": "Fifteen near the mean",
    "run": "Long run",
}
LATEST: Final = 3
"""So many signals of one rule are told, the latest; the table has all."""


def summary(chart: Reckoned) -> str:
    """Return the whole chart in sentences, for those who cannot see it."""
    return " ".join([*_opening(chart), *_centre(chart), *signals_told(chart), *remarks(chart), *_happenings(chart)])


def figure(chart: Reckoned, value: float) -> str:
    """Say a figure of a chart with its unit."""
    return say_figure(value, chart.decimals, chart.series.shown_unit)


def as_set(chart: Reckoned, value: float) -> str:
    """Say a number that somebody set down, a point or the target, with its unit: to the digit, and no zeros added."""
    said = say_number(Decimal(f"{value:.15g}")).replace("-", MINUS)
    return with_unit(said, chart.series.shown_unit)


def point_told(chart: Reckoned, at: int) -> str:
    """Say a point: as it was entered, or as a quotient with as many decimals as the mean has; of a gap, that it is."""
    point, value = chart.series.points[at], chart.values[at]
    if value is None:
        return "Missing"
    return as_set(chart, value) if point.denominator is None else figure(chart, value)


def _opening(chart: Reckoned) -> Iterator[str]:
    days = [point.day for point in chart.series.points]
    count, missing = len(days), chart.values.count(None)
    yield f"{NAMES[chart.series.kind]} of {chart.series.title}."
    said = f"{_points(count)}, from {_day(days[0])} to {_day(days[-1])}" if count > 1 else f"1 point, {_day(days[0])}"
    yield f"{said}; {missing} {'has' if missing == 1 else 'have'} no value." if missing else f"{said}."


def _centre(chart: Reckoned) -> Iterator[str]:
    if isinstance(chart.found, Run):
        yield f"The median is {figure(chart, chart.centres[-1])}."
    else:
        last = chart.phases[-1]
        since = f"Since {_day(chart.series.points[last.start].day)} the" if last.start else "The"
        lower, upper = (figure(chart, chart.shown(limit)) for limit in (last.lower, last.upper))
        yield f"{since} mean is {figure(chart, chart.centres[-1])}, and the limits are {lower} and {upper}."
        if chart.variation:
            yield f"{VARIATIONS[chart.variation]}."
    if chart.series.target is not None:
        yield f"The target is {as_set(chart, chart.series.target)}."
        if chart.assurance:
            yield f"{assurance_told(chart, chart.assurance)}."


def assurance_told(chart: Reckoned, assurance: Assurance) -> str:
    """Say what the limits mean for the target; of limits that the latest points have left, that they say it no more."""
    way = SURPASSED.get((assurance, chart.shows))
    if way is None:
        return ASSURANCES[assurance]
    return (
        f"The limits are of before the latest points, which are {way} than they expect, so they do not say whether the "
        "target will be met"
    )


def wants_new_limits(chart: Reckoned) -> bool:
    """Say whether the latest points have left the limits that the target is held against, so that others would help."""
    return chart.assurance is not None and (chart.assurance, chart.shows) in SURPASSED


def signals_told(chart: Reckoned) -> list[str]:
    """Return what the rules found, a sentence for each signal, and for many of a kind one that counts them."""
    told: list[str] = []
    by_rule: dict[str, list[Signal]] = {}
    for signal in chart.found.signals:
        by_rule.setdefault(signal.rule, []).append(signal)
    for rule, signals in by_rule.items():
        if rule in ("outside", "two_of_three"):
            last = signals[-1].last
            what = "outside the limits" if rule == "outside" else "near a limit, two of three in a row"
            count = sum(signal.points for signal in signals)
            which = "the last " if count > 1 else ""
            told.append(f"{_points(count)} {what}, {which}{_side(chart, last)} the mean on {_day_of(chart, last)}.")
            continue
        told += [_told(chart, signal) for signal in signals[-LATEST:]]
        if len(signals) > LATEST:
            told.append(f"{len(signals) - LATEST} more like that before them.")
    if isinstance(chart.found, Run):
        found = chart.found
        if found.crossings < found.crossings_min:
            times = {0: "not once", 1: "once", 2: "twice"}.get(found.crossings, f"{found.crossings} times")
            told.append(f"The median is crossed {times}; by chance it would be {found.crossings_min} or more.")
    if not told:
        told.append("No signal of a change: the points vary as chance lets them.")
    return told


def _told(chart: Reckoned, signal: Signal) -> str:
    days = f"from {_day_of(chart, signal.first)} to {_day_of(chart, signal.last)}"
    count = _points(signal.points)
    if signal.rule == "trend":
        first, last = chart.values[signal.first] or 0, chart.values[signal.last] or 0
        return f"A trend of {count} {'up' if last > first else 'down'}, {days}."
    if signal.rule == "fifteen":
        return f"{count} within one sigma of the mean, {days}: the limits may be too wide."
    centre = "median" if signal.rule == "run" else "mean"
    return (
        f"A {'run' if signal.rule == 'run' else 'shift'} of {count} {_side(chart, signal.first)} the {centre}, {days}."
    )


def remarks(chart: Reckoned) -> list[str]:
    """Return what to bear in mind when reading the chart."""
    said: list[str] = []
    wanted = chart.series.baseline
    if wanted is not None and chart.baseline is None:
        said.append(f"The baseline is to be {_points(wanted)}. Until there are as many, all count.")
    if isinstance(chart.found, Chart):
        trial = [phase for phase in chart.phases if phase.trial]
        if trial:
            which = "The limits" if len(chart.phases) == 1 else f"The limits from {_day_of(chart, trial[-1].start)}"
            said.append(f"{which} rest on {_points(trial[-1].points)}: they are trial limits, and will still move.")
        if chart.found.small:
            few, what = len(chart.found.small), "denominator is" if len(chart.found.small) == 1 else "denominators are"
            if chart.series.kind is Kind.C:
                said.append("So few events are to be expected that the limits are rough.")
            else:
                said.append(f"At {_points(few)} the {what} so small that the limits are rough.")
    if chart.shows is Shows.TOO_FEW:
        if isinstance(chart.found, Run):
            said.append(
                f"From {ENOUGH_FOR_A_RUN} points off the median on a run chart can say what is a change, and what is "
                "chance."
            )
        else:
            since = " in the new limits" if len(chart.phases) > 1 else ""
            said.append(f"From {ENOUGH} points{since} on an icon says what the measure shows.")
    return said


def _happenings(chart: Reckoned) -> Iterator[str]:
    for flag in chart.flags[-2 * LATEST :]:
        yield f"{MARKS[flag.kind]} {flag.number}, {_day(flag.day)}: {flag.text.rstrip('.')}."


def _side(chart: Reckoned, at: int) -> str:
    return "above" if (chart.values[at] or 0) > chart.centres[at] else "below"


def _points(count: int) -> str:
    return f"{count:,} point{'' if count == 1 else 's'}"


def _day_of(chart: Reckoned, at: int) -> str:
    return _day(chart.series.points[at].day)


def _day(day: date) -> str:
    return say_date(day, weekday=False)
