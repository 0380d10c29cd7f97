"""What may be told of few people to those who are not to know them: one module decides it for all (DESIGN §3).

A number under ten is never given, nor anything by which it could be worked out: no exact size beside a share, no total
beside the one part that was left out. Whoever adds a table up, or lays two of them side by side, learns of groups of
ten or more. That two tables never differ by one person is for whoever draws them up: see `referrals.proof`.
"""

import math
from collections.abc import Hashable, Iterable, Mapping
from typing import Final, TypeVar

Name = TypeVar("Name", bound=Hashable)

LEAST: Final = 10
LEAST_ANSWERS: Final = 5
STEPS: Final = (10, 50, 100, 500, 1_000, 5_000)
"""The sizes of groups that are told: ten or more, fifty or more."""

SHARES_TO: Final = 5
"""Shares are told to the nearest five in a hundred. With a size that is told in steps, the part stays unknown."""

FEWER = f"fewer than {LEAST}"


def at_least(number: int) -> int | None:
    """Return the size of a group as it may be told, "50 or more", or None when it is too small to be told."""
    return max((step for step in STEPS if step <= number), default=None)


def share(part: int, whole: int) -> int | None:
    """Return a share in per cent, to the nearest five, or None for too small a group."""
    if whole < LEAST:
        return None
    return math.floor(100 * part / whole / SHARES_TO + 0.5) * SHARES_TO


def quartiles(values: Iterable[float]) -> list[int | None] | None:
    """Return the lower quartile, the median and the upper quartile in whole numbers, or None for too small a group.

    One that lies among values without end (`math.inf`: what has not happened yet) is None.
    """
    ordered = sorted(values)
    if len(ordered) < LEAST:
        return None
    return [_quartile(ordered, quarter) for quarter in (1, 2, 3)]


def _quartile(ordered: list[float], quarter: int) -> int | None:
    """Return a quartile between the two values beside it (as spreadsheets do)."""
    place, rest = divmod(quarter * (len(ordered) - 1), 4)
    low, high = ordered[place], ordered[min(place + 1, len(ordered) - 1)]
    if math.isinf(low if not rest else high):
        return None
    return math.floor(low + (high - low) * rest / 4 + 0.5) if rest else math.floor(low)


def parts(numbers: Mapping[Name, int]) -> dict[Name, int | None]:
    """Return the parts of a whole that may be told beside its total, where that is ten or more; None for the others.

    A part that is under ten is left out. So is the smallest of the others, as long as what is left out could be worked
    out from the total: when it is one part alone, or when all of it together is under ten.
    """
    told: dict[Name, int | None] = {name: number if number >= LEAST else None for name, number in numbers.items()}
    while _can_be_worked_out(told, numbers):
        smallest = min((name for name, number in told.items() if number is not None), key=lambda name: numbers[name])
        told[smallest] = None
    return told


def _can_be_worked_out(told: Mapping[Name, int | None], numbers: Mapping[Name, int]) -> bool:
    left_out = [numbers[name] for name, number in told.items() if number is None]
    return bool(left_out) and len(left_out) < len(told) and (len(left_out) == 1 or sum(left_out) < LEAST)


def in_fives(number: int) -> int:
    """Return of how many evaluations a session's own facilitators are told: five, ten, fifteen (DESIGN §3).

    By the order in which they came. So a look after one more was given tells nothing of who gave it.
    """
    return number - number % LEAST_ANSWERS


def say(number: int | None) -> str:
    """Say a number, or that it is too small to be told."""
    return FEWER if number is None else f"{number:,}"
