"""Points of a measure: entered one by one or many at once, changed, taken out. What a point said before is kept.

Each verb holds the project's row, so that of two people who enter the same day at once the second is told.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from portal import together
from portal.accounts.models import User
from portal.together import Settled
from qi_projects.measuring import hold_measure, save_measure
from qi_projects.models import EarlierPoint, Measure, Point
from qi_projects.models.measures import as_kept
from qi_projects.pasted_columns import MOST_ROWS
from qi_projects.readings import Reading
from qi_projects.refusals import DayTaken, PointGone, PointsChanged, TooManyPoints

MOST_POINTS: Final = MOST_ROWS
SAID: Final = ("day", "value", "numerator", "denominator", "note")


@dataclass(frozen=True, slots=True)
class Plan:
    """What readings would do: those of new days, those that differ from a point with what it says, and how many say
    what is there already."""

    new: Sequence[Reading]
    changed: Sequence[tuple[Point, Reading]]
    same: int

    @property
    def acts(self) -> bool:
        """Say whether anything would be saved."""
        return bool(self.new or self.changed)

    @property
    def mark(self) -> str:
        """Return what stands for the whole plan: somebody agrees to this one, and to no other."""
        told = [str(_told(each)) for each in self.new]
        told += [f"{_told(Reading.of(point))}>{_told(reading)}" for point, reading in self.changed]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def plan(measure: Measure, readings: Sequence[Reading]) -> Plan:
    """Say what readings, each of another day, would do to the points that are there."""
    there = {point.day: point for point in measure.points.all()}
    new = [reading for reading in readings if reading.day not in there]
    changed = [
        (there[reading.day], reading)
        for reading in readings
        if reading.day in there and Reading.of(there[reading.day]) != reading
    ]
    return Plan(new, changed, len(readings) - len(new) - len(changed))


@transaction.atomic
def enter(measure: Measure, reading: Reading, *, by: User, said_not_about_patients: bool = False) -> Point:
    """Enter one point. The same point again changes nothing.

    Raises DayTaken for a day that has another point, TooManyPoints, and as `hold_measure` does.
    """
    current = hold_measure(measure)
    there = current.points.filter(day=reading.day).first()
    if there and Reading.of(there) == reading:
        return there
    if there:
        raise DayTaken(there)
    _require_room(current, 1)
    point = _point(current, reading, by)
    point.save()
    save_measure(current, "project.point_entered", by=by, said_not_about_patients=said_not_about_patients)
    return point


@transaction.atomic
def enter_all(
    measure: Measure, readings: Sequence[Reading], *, agreed: str, by: User, said_not_about_patients: bool = False
) -> Plan:
    """Enter many points, and change those that say something else, as somebody agreed (`Plan.mark`): all or none.

    The same again changes nothing. Raises PointsChanged where it would do something else than was agreed,
    TooManyPoints, and as `hold_measure` does.
    """
    current = hold_measure(measure)
    now = plan(current, readings)
    if not now.acts:
        return now
    if now.mark != agreed:
        raise PointsChanged
    _require_room(current, len(now.new))
    EarlierPoint.objects.bulk_create([_earlier(point, by) for point, _ in now.changed])
    points = [_says(point, reading) for point, reading in now.changed]
    Point.objects.bulk_update(points, ["value", "numerator", "denominator", "note"], batch_size=1000)
    Point.objects.bulk_create([_point(current, reading, by) for reading in now.new])
    save_measure(
        current,
        "project.points_entered",
        by=by,
        said_not_about_patients=said_not_about_patients,
        new=len(now.new),
        changed=len(now.changed),
    )
    return now


@transaction.atomic
def change(
    point: Point, given: Mapping[str, Any], *, seen: str, by: User, said_not_about_patients: bool = False
) -> Settled:
    """Put down what a point says now, beside what others have changed of it meanwhile.

    Raises DayTaken, PointGone, ChangedMeanwhile, and as `hold_measure` does, with nothing changed.
    """
    current, there = _hold(point)
    settled = together.settle(there, as_kept(given), seen)
    if not settled.changes:
        return settled
    day = settled.changes.get("day", there.day)
    if other := current.points.filter(day=day).exclude(pk=there.pk).first():
        raise DayTaken(other)
    _earlier(there, by).save()
    for field, value in settled.changes.items():
        setattr(there, field, value)
    there.save(update_fields=settled.changes)
    save_measure(current, "project.point_changed", by=by, said_not_about_patients=said_not_about_patients)
    return settled


@transaction.atomic
def take_out(point: Point, *, by: User) -> None:
    """Take a point out; what it said is kept. Raises PointGone, and as `hold_measure` does."""
    current, there = _hold(point)
    _earlier(there, by, taken_out=True).save()
    there.delete()
    save_measure(current, "project.point_taken_out", by=by)


def _hold(point: Point) -> tuple[Measure, Point]:
    current = hold_measure(point.measure)
    there = current.points.filter(pk=point.pk).first()
    if there is None:
        raise PointGone
    return current, there


def _require_room(current: Measure, number: int) -> None:
    if current.points.count() + number > MOST_POINTS:
        raise TooManyPoints


def _point(measure: Measure, reading: Reading, by: User) -> Point:
    return _says(Point(measure=measure, counted=measure.counted, entered_by=by), reading)


def _says(point: Point, reading: Reading) -> Point:
    for name in SAID:
        setattr(point, name, getattr(reading, name))
    return point


def _earlier(point: Point, by: User, *, taken_out: bool = False) -> EarlierPoint:
    words = {name: getattr(point, name) for name in SAID}
    return EarlierPoint(measure_id=point.measure_id, changed_by=by, taken_out=taken_out, **words)


def _told(reading: Reading) -> tuple[str, ...]:
    """Return what a reading says, the same for 12.5 and 12.50."""
    figures = (reading.value, reading.numerator, reading.denominator)
    return (reading.day.isoformat(), *("" if each is None else str(each.normalize()) for each in figures), reading.note)
