"""What a point says, before it is one: a day with its numbers. What cannot be said of a measure is told here, for
whoever types one point and for whoever pastes a thousand; PostgreSQL refuses the same (`models.measures`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Self

from portal.nhsuk.dates import say_date
from qi_projects.models import EarlierPoint, Measure, Point
from qi_projects.models.measures import DECIMALS
from qi_projects.number_cells import say_number

Counted = Measure.Counted
FIRST_DAY: Final = date(2000, 1, 1)
TOO_LARGE: Final = Decimal(10**12)
FIGURES: Final = ("value", "numerator", "denominator")
BOTH: Final = "Enter both, or leave both empty"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a point says of its day. Without any number: that nothing was found, or that nobody was there to count."""

    day: date
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    note: str = ""

    @classmethod
    def of(cls, point: Point | EarlierPoint) -> Self:
        """Return what a point says, or said."""
        return cls(point.day, point.value, point.numerator, point.denominator, point.note)

    @property
    def is_empty(self) -> bool:
        """Say whether it has no number."""
        return self.value is None and self.numerator is None and self.denominator is None

    def __str__(self) -> str:
        """Say its numbers: "12.5", "3 of 40", "No figure"."""
        if self.is_empty:
            return "No figure"
        if self.denominator is None:
            return say_number(self.value)
        return f"{say_number(self.numerator)} of {say_number(self.denominator)}"


def is_whole(counted: str, figure: str) -> bool:
    """Say whether one of a reading's figures is a count, and so a whole number."""
    if figure == "denominator":
        return counted == Counted.PROPORTION
    return counted != Counted.VALUE


def wrong_with(reading: Reading, counted: str, today: date) -> Iterator[tuple[str, str]]:
    """Yield what cannot be, as the name of the field with a sentence for the person."""
    if reading.day > today:
        yield "day", f"{say_date(reading.day, weekday=False)} is in the future"
    if reading.day < FIRST_DAY:
        yield "day", f"{say_date(reading.day, weekday=False)} is before the year 2000"
    for name in FIGURES:
        number = getattr(reading, name)
        if number is not None and (wrong := _wrong_number(number, name, counted)):
            yield name, wrong
    count, of = reading.numerator, reading.denominator
    if (count is None) != (of is None):
        yield "denominator" if of is None else "numerator", BOTH
    elif of == 0:
        yield "denominator", "The denominator is 0. Leave both empty where there was nobody to count"
    elif count is not None and of is not None and counted == Counted.PROPORTION and count > of:
        yield (
            "numerator",
            f"The numerator, {say_number(count)}, is larger than the denominator, {say_number(of)}",
        )


def _wrong_number(number: Decimal, name: str, counted: str) -> str:
    said = say_number(number) if abs(number) < TOO_LARGE else "The number"
    exponent = number.as_tuple().exponent
    if abs(number) >= TOO_LARGE:
        return f"{said} is too large"
    if isinstance(exponent, int) and -exponent > DECIMALS:
        return f"{said[:20]}… has more than {DECIMALS} decimals. Round it"
    if number < 0 and (counted != Counted.VALUE):
        return f"{said} is below 0, and a count cannot be"
    if is_whole(counted, name) and number != number.to_integral_value():
        return f"{said} is not a whole number, and a count has to be"
    return ""
