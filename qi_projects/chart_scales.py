"""The scales of a chart: lines at round numbers, days that people read, and figures with as many decimals as help."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, isfinite, log10
from sys import float_info
from typing import Final

STRIDES: Final = (1, 2, 3, 4, 6, 12, 24, 36, 60, 120)
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TIMES: Final = " \N{MULTIPLICATION SIGN} "
MINUS: Final = "\N{MINUS SIGN}"
PLAIN: Final = (1e-4, 1e9)
"""Between these a figure is written out, beyond them as a power of ten."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The vertical axis: from `low` to `high`, with lines at `ticks`. Figures on it have `decimals`."""

    low: float
    high: float
    ticks: tuple[float, ...]
    decimals: int

    def share(self, figure: float) -> float:
        """Return how far up a figure lies: 0 at the bottom, 1 at the top. By halves, as no difference is too large."""
        return (figure / 2 - self.low / 2) / (self.high / 2 - self.low / 2)


def scale_of(figures: Sequence[float], *, per_cent: bool = False, lines: int = 6) -> Scale:
    """Return a scale on which all `figures` lie, of about as many `lines`.

    It begins at zero where that costs less than half of the height, and ends at 100 where `per_cent` figures do.
    """
    low, high = min(figures), max(figures)
    if 0 < low < high / 2:
        low = 0.0
    if low / 2 + high / 2 == low or high - low < 1e-9 * max(abs(low), abs(high)):
        by = max(abs(low) / 10, 1e-300)
        low, high = (0.0, 1.0) if low == 0 else (max(low - by, -float_info.max), min(high + by, float_info.max))
    step = _round_number(max((high / 2 - low / 2) / (lines / 2), 1e-300))
    first, last = floor(low / step), ceil(high / step)
    ticks = [at * step for at in range(first, last + 1)]
    if per_cent and max(figures) <= 100:
        ticks = [tick for tick in ticks if tick <= 100]
    ticks = [tick for tick in ticks if isfinite(tick)]
    decimals = max(0, -floor(log10(step) + 1e-9))
    return Scale(min(low, ticks[0]), max(high, ticks[-1]), tuple(ticks), decimals)


def _round_number(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not less."""
    power = 10.0 ** floor(log10(least))
    return next(times * power for times in (1, 2, 5, 10, 20) if times * power >= least * (1 - 1e-9))


def say_figure(figure: float, decimals: int, unit: str = "") -> str:
    """Say a figure: "1,234.5", "85%", and what is very large or small as a power of ten."""
    if figure and not PLAIN[0] <= abs(figure) < PLAIN[1]:
        digits, _, power = f"{figure:.3g}".partition("e")
        if not power:
            digits, _, power = f"{figure:.2e}".partition("e")
        said = f"{digits}{TIMES}10^{int(power)}"
    else:
        said = f"{figure:,.{min(decimals, 6)}f}"
        if not said.strip("-0.,"):
            said = said.removeprefix("-")
    return with_unit(said.replace("-", MINUS), unit)


def with_unit(said: str, unit: str) -> str:
    """Return a figure, as it is said, with its unit behind it."""
    return f"{said}{'%' if unit == '%' else f' {unit}' if unit else ''}"


def days_named(days: Sequence[date], fit: int) -> list[tuple[int, str, str]]:
    """Return which points have their day below them: index, day, and the year where it is another than before.

    At most `fit` of them. Where all points are of the first of a month the month is enough.
    """
    most = max(fit, 1)
    stride = next((stride for stride in STRIDES if stride * most >= len(days)), ceil(len(days) / most))
    months = all(day.day == 1 for day in days)
    named, year = [], None
    for at in range(0, len(days), stride):
        day = days[at]
        said = MONTHS[day.month - 1] if months else f"{day.day} {MONTHS[day.month - 1]}"
        named.append((at, said, "" if day.year == year else str(day.year)))
        year = day.year
    return named
