"""What may be told of few people to those who are not to know them: one module decides it for all (DESIGN §3).

A number under ten is never given, nor anything by which it could be worked out: no exact size beside a share, no total
beside the one part that was left out. Whoever adds a table up, or lays two of them side by side, learns of groups of
ten or more. That two tables never differ by one person is for whoever draws them up: see `referrals.proof`.

Counts that stand in one table, with totals, are told as bands (`band`, `band_of_sum`, `band_of_all`, `band_of_part`):
in fives, rounded down, and a total only as far as it narrows down none of its parts. Whoever reads all that is told,
and knows these rules, learns of no number more than its own band says: it is one of five or more, or of nought to nine.
So nobody has to find which further cell is to be left out, as secondary suppression would have it: NHS Digital gave
that up for rounding to five and leaving small numbers out, since it goes wrong by hand (disclosure control methodology
for Hospital Episode Statistics, 2018). Why totals have to give way as well is in docs/decisions/0076.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

Name = TypeVar("Name", bound=Hashable)

LEAST: Final = 10
LEAST_ANSWERS: Final = 5
FIVE: Final = 5
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
    """Return a number rounded down to five, ten, fifteen.

    Of so many evaluations, in the order in which they came, a session's own facilitators are told (DESIGN §3). So a
    look after one more was given tells nothing of who gave it.
    """
    return number - number % FIVE


def in_fives_of_known(number: int, whole: int) -> int | None:
    """Return how many of a group whose members the reader knows have done something, or None where nothing is told.

    It is rounded down to five, and leaves five of them at least of whom it need not be true. So of a group under ten
    nothing is told, that all have done it is never told, and of nobody can be known what they have done or have not;
    nor of two such numbers, of which one counts a part of whom the other counts.
    """
    return min(in_fives(number), in_fives(max(whole - FIVE, 0))) or None


@dataclass(frozen=True, slots=True)
class Band:
    """What a table lets anybody know of one of its numbers: that it lies somewhere from `least` to `most`."""

    least: int
    most: int

    @property
    def told(self) -> int | None:
        """Return the number that is told, as "so many or more", or None where nothing is."""
        return self.least if self.least >= LEAST else None

    @property
    def width(self) -> int:
        """Return by how much two numbers can differ that it both may stand for."""
        return self.most - self.least


def band(number: int) -> Band:
    """Return the band of a number that is no total: in fives, or nought to nine, which is not told.

    Nought is a small number like the others: that nobody has done something is known of everybody then.
    """
    return Band(in_fives(number), in_fives(number) + FIVE - 1) if number >= LEAST else Band(0, LEAST - 1)


def band_of_sum(number: int, parts: Sequence[Band]) -> Band:
    """Return the band of a total that is the sum of `parts`, of which everybody is in one.

    It begins so low, and ends so high, that each part could still be any number of its own band, the other parts being
    somewhere in theirs. `parts` holds one band or more.
    """
    least, most = sum(part.least for part in parts), sum(part.most for part in parts)
    return _band_that_begins(number, [least, *_steps_above(least, most, parts)], most)


def band_of_all(number: int, parts: Sequence[Band]) -> Band:
    """Return the band of how many people there are altogether in groups that overlap, each counted once.

    As `band_of_sum`, both for whoever knows that nobody is in two of the groups, and for whoever does not. How many
    are in two is told no more closely than within five numbers.
    """
    least, most = sum(part.least for part in parts), sum(part.most for part in parts)
    largest = max(part.least for part in parts)
    apart = [least] if least > max(part.most for part in parts) else []
    return _band_that_begins(number, [largest, *apart, *_steps_above(least, most, parts)], most)


def _steps_above(least: int, most: int, parts: Sequence[Band]) -> range:
    """Return where a total's bands may begin, above the first: beyond any one part's most, and within its least."""
    widest = max(part.width for part in parts)
    return range(-(-(least + widest + 1) // FIVE) * FIVE, most - widest + 1, FIVE)


def _band_that_begins(number: int, steps: Sequence[int], most: int) -> Band:
    """Return the last band that begins at `number` or below it; each ends where the next begins."""
    begun = [step for step in steps if step <= number]
    following = steps[len(begun)] - 1 if len(begun) < len(steps) else most
    return Band(begun[-1], following)


def band_of_part(number: int, whole: int, told: Band) -> Band:
    """Return the band of those of a whole who have done something, where `told` is the whole's own band.

    It is told where ten or more have, and ten or more have not; and where the whole is known to be so many in any case,
    so that it says nothing of the whole, nor of other parts of it.
    """
    is_told = number >= LEAST and whole - number >= LEAST and in_fives(number) + LEAST <= told.least
    return band(number) if is_told else Band(0, told.most)


def say(number: int | None) -> str:
    """Say a number, or that it is too small to be told."""
    return FEWER if number is None else f"{number:,}"


def or_more(number: int | None) -> str:
    """Say a number that was rounded down, or that none is told: whether it is under ten is not said."""
    return "Not shown" if number is None else f"{number:,} or more"
