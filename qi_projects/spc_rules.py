"""The rules by which the points of a control chart are read.

A phase is written down as two strings. Its *zones* have one sign for each point, which says how far from the mean it
lies; its *steps* have one sign for each way from a point to the next. A rule is a regular expression over one of the
two, so that a rule can be read beside its definition, and every search takes time in proportion to the points.

Sources, in full in `docs/qi-methods.md`:

- `nhs_mdc`: NHS England, Making Data Count; as the NHS-R Community's NHSRplotthedots computes it.
- `ihi`: L. P. Provost and S. K. Murray, The Health Care Data Guide (2011), chapter 4, as the Institute for Healthcare
  Improvement teaches it; on ties and points on the centre R. J. Perla, L. P. Provost and S. K. Murray, The run chart,
  BMJ Quality & Safety 2011;20:46-51.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, nextafter
from typing import Final, NamedTuple

GAP: Final = "."
ZONES: Final = "012345678"
"""From below the lower limit (0) over the mean (4) to above the upper limit (8). Below the mean 1 is beyond two sigma,
2 beyond one, 3 within one; 5, 6 and 7 are the same above."""
UP, DOWN, LEVEL = "u", "d", "="

EQUAL: Final = 1e-9
"""A value that is so near to a limit, in proportion to it, is on the limit, and so inside."""
ROUNDING: Final = 1e-12
"""What is nearer, in proportion, differs by the rounding of the computer alone."""


class On(StrEnum):
    """What a rule's pattern is sought in."""

    ZONES = "zones"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: points that its `pattern` covers are flagged with its `name`, those in `passed_over` excepted.

    A rule with `needs_spread` says nothing where all values are the same, so that there is no sigma.
    """

    name: str
    pattern: re.Pattern[str]
    on: On = On.ZONES
    passed_over: str = ""
    needs_spread: bool = False

    def broken(self, zones: str, steps: str) -> Iterator[list[int]]:
        """Yield the points of each signal, by their 0-based index in the phase. Two signals may share one."""
        for match in self.pattern.finditer(zones if self.on is On.ZONES else steps):
            if self.on is On.ZONES:
                yield [at for at in range(*match.span()) if zones[at] not in self.passed_over]
            else:
                yield [match.start(), *(at + 1 for at in range(*match.span()) if steps[at] not in self.passed_over)]


class Signal(NamedTuple):
    """What one rule found: so many `points`, from the point `first` to the point `last`."""

    rule: str
    first: int
    last: int
    points: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules that go together. The first by which a point is flagged says which way its signal points.

    `version` grows whenever the same data may give other flags, so that what was published can be told from today's.
    """

    name: str
    version: int
    title: str
    rules: tuple[Rule, ...]


# A quantifier with a plus after it gives nothing back (Python's `re`, "possessive"), which keeps each search linear.
OUTSIDE: Final = Rule("outside", re.compile("0++|8++"))
TWO_OF_THREE: Final = Rule(
    "two_of_three",
    # A point beyond two sigma that is the first, the middle or the last of three.
    re.compile(
        "7(?=7[5-8]|[5-8]7)|(?<=7)7(?=[5-8])|(?<=[5-8])7(?=7)|(?<=7[5-8])7|(?<=[5-8]7)7"
        "|1(?=1[0-3]|[0-3]1)|(?<=1)1(?=[0-3])|(?<=[0-3])1(?=1)|(?<=1[0-3])1|(?<=[0-3]1)1"
    ),
)
RULE_SETS: Final = {
    each.name: each
    for each in (
        RuleSet(
            "nhs_mdc",
            1,
            "NHS England, Making Data Count",
            (
                OUTSIDE,
                Rule("trend", re.compile("u{6,}+|d{6,}+"), On.STEPS),
                TWO_OF_THREE,
                Rule("shift", re.compile("[5-8]{7,}+|[0-3]{7,}+")),
            ),
        ),
        RuleSet(
            "ihi",
            1,
            "Institute for Healthcare Improvement",
            (
                OUTSIDE,
                # Of equal values in a row the first counts. They are looked at once, from the first of them.
                Rule("trend", re.compile("(?<!=)=*+(?:u(?:=*+u){4,}+|d(?:=*+d){4,}+)"), On.STEPS, passed_over=LEVEL),
                TWO_OF_THREE,
                Rule("shift", re.compile("[5-8](?:4*+[5-8]){7,}+|[0-3](?:4*+[0-3]){7,}+"), passed_over="4"),
                Rule("fifteen", re.compile("[3-5]{15,}+"), needs_spread=True),
            ),
        ),
    )
}


def flagged(
    zones: str, steps: str, rules: Sequence[Rule], *, spread: bool, start: int = 0
) -> tuple[list[tuple[str, ...]], list[Signal]]:
    """Return for each point of a phase the names of the rules that flag it, in the order of `rules`, and the signals.

    `start` is the index of the phase's first point in the whole series, by which signals are told.
    """
    flags: list[tuple[str, ...]] = [()] * len(zones)
    signals = []
    for rule in rules:
        if rule.needs_spread and not spread:
            continue
        # Points with the same flags share them: a tuple for each of 100,000 points would cost more than the search.
        with_this: dict[tuple[str, ...], tuple[str, ...]] = {}
        for points in rule.broken(zones, steps):
            signals.append(Signal(rule.name, start + points[0], start + points[-1], len(points)))
            for at in points:
                names = flags[at]
                if rule.name not in names:
                    flags[at] = with_this.get(names) or with_this.setdefault(names, (*names, rule.name))
    return flags, signals


def lines_between_zones(mean: float, sigma: float, magnitude: float) -> list[float]:
    """Return the eight lines between the nine zones, in order, each moved outwards by what counts as equal.

    `magnitude` is the largest value without its sign: the mean, and a limit near zero, are as inexact as that is large.
    An infinite `sigma` stands for limits that cannot be reckoned, outside which nothing lies.
    """
    rounding = ROUNDING * magnitude
    below = [mean - times * sigma for times in (3, 2, 1)]
    above = [mean + times * sigma for times in (1, 2, 3)]
    return [
        *(line - max(EQUAL * abs(line), rounding) for line in below),
        mean - rounding,
        # What is on a line belongs to the zone above it (bisect): above the mean the line is one float further on.
        nextafter(mean + rounding, inf),
        *(nextafter(line + max(EQUAL * abs(line), rounding), inf) for line in above),
    ]


def zone(value: float, lines: Sequence[float]) -> str:
    """Return the zone of a value, or the sign of a gap for what is not a number."""
    return ZONES[bisect_right(lines, value)] if value == value else GAP  # noqa: PLR0124  # NaN alone is not itself


def steps_of(values: Sequence[float]) -> str:
    """Return the steps from each value to the next: up, down, level (as near as computers add), or next to a gap."""
    return "".join(map(_step, values, values[1:]))


def _step(before: float, after: float) -> str:
    by = after - before
    if by > 0:
        return UP if by > ROUNDING * abs(after) else LEVEL
    if by < 0:
        return DOWN if -by > ROUNDING * abs(before) else LEVEL
    return LEVEL if by == 0 else GAP
