"""`spc.*`: series reckoned a second with limits and flags, and what a long one takes beside a short one."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import numpy as np

from qi_projects.spc import xmr
from tests.benchmarks.effort import Effort
from tests.benchmarks.result import Floor, Result, median_of

SERIES, POINTS = 10_000, 60
SHORT, LONG = 10_000, 100_000

KINDS: dict[str, Callable[[int], float]] = {
    "random": lambda at: random.Random(at).gauss(50, 5),
    "constant": lambda _: 5.0,
    "rising": float,
    "steps": lambda at: float(at // 50),
}
"""Long series of which each makes other patterns work hardest: one endless run, one endless trend, ties."""


def measure(effort: Effort) -> Iterator[Result]:
    """Yield the speed on many short series beside NumPy's for mean and mean moving range, and on long ones."""
    chance = random.Random(1)
    many = [[chance.gauss(50, 5) for _ in range(POINTS)] for _ in range(SERIES)]
    yield Result(
        "spc.xmr",
        SERIES / median_of(effort.runs, lambda: _seconds(xmr, many)),
        "series/s (mean, limits and flags)",
        Floor(
            "NumPy, mean and mean moving range alone, series/s", SERIES / median_of(effort.runs, lambda: _numpy(many))
        ),
        {"points": POINTS},
    )
    for name, kind in KINDS.items():
        long = [kind(at) for at in range(LONG)]
        short_ms, long_ms = _long(long, effort)
        more = {"points": LONG}
        yield Result(f"spc.long.{name}", long_ms, "ms of CPU", Floor(f"the first {SHORT:,} points, ms", short_ms), more)


def _seconds(reckon: Callable[[Sequence[float]], object], many: Sequence[Sequence[float]]) -> float:
    began = time.process_time()
    for series in many:
        reckon(series)
    return time.process_time() - began


def _numpy(many: Sequence[Sequence[float]]) -> float:
    """Return the seconds of what no computation of limits can do without, each series from its list, as for `xmr`."""

    def bare(series: Sequence[float]) -> tuple[float, float]:
        values = np.array(series)
        return float(values.mean()), float(np.abs(np.diff(values)).mean())

    return _seconds(bare, many)


def _long(series: Sequence[float], effort: Effort) -> tuple[float, float]:
    """Return the milliseconds of a short and of the whole series, measured by turns so that both have the same load."""
    short: list[float] = []
    whole: list[float] = []
    xmr(series)
    for _ in range(effort.runs):
        short.append(_seconds(xmr, [series[:SHORT]]) * 1000)
        whole.append(_seconds(xmr, [series]) * 1000)
    return median(short), median(whole)
