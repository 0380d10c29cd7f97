"""Which measures tell of a driver or a change idea, and by which a PDSA cycle is studied: chosen, and read.

A page carries which were chosen as it was opened. What somebody ticked or cleared is then done to what is chosen now,
so that two who choose at once lose nothing of each other's. The trail has numbers, and no words.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import PositiveSmallIntegerField, Q, QuerySet, Value

from portal.accounts.models import User
from portal.prepared import Given, Prepared
from qi_projects.diagram import Level
from qi_projects.holding import hold_going_on, save
from qi_projects.models import BoxMeasure, Cycle, CycleMeasure, DiagramItem, Measure, Project
from qi_projects.refusals import BoxGone, CycleGone, MeasureGone, MeasureNotToChoose


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whether something changed, and which measures others have chosen or cleared meanwhile: those stay so."""

    changed: bool
    theirs: Sequence[Measure]


@transaction.atomic
def link_box(project: Project, box: int, chosen: Collection[int], *, seen: Collection[int], by: User) -> Chosen:
    """Choose the measures that tell of a box of the diagram; `seen` are those that were chosen on the page.

    Raises BoxGone, MeasureGone, MeasureNotToChoose, or ProjectRefused.
    """
    held = hold_going_on(project)
    row = held.diagram_items.filter(pk=box).first()
    if row is None:
        raise BoxGone
    links = BoxMeasure.objects.filter(box=row)
    on, off, done = _settle(held, _measures_in(links), set(chosen), set(seen))
    links.filter(measure__in=off).delete()
    BoxMeasure.objects.bulk_create(BoxMeasure(project=held, box=row, measure_id=key) for key in sorted(on))
    if done.changed:
        what = "change_idea" if row.level == Level.IDEA else "driver"
        save(held, f"project.{what}_measures_chosen", by=by, box=row.pk, more=len(on), fewer=len(off))
    return done


@transaction.atomic
def link_cycle(project: Project, cycle: int, chosen: Collection[int], *, seen: Collection[int], by: User) -> Chosen:
    """Choose the measures by which a cycle is studied, whatever step it has come to: on their charts it is marked.

    Raises CycleGone, MeasureGone, MeasureNotToChoose, or ProjectRefused.
    """
    held = hold_going_on(project)
    row = Cycle.objects.filter(pk=cycle, ramp__project=held).first()
    if row is None:
        raise CycleGone
    links = CycleMeasure.objects.filter(cycle=row)
    on, off, done = _settle(held, _measures_in(links), set(chosen), set(seen))
    links.filter(measure__in=off).delete()
    CycleMeasure.objects.bulk_create(
        CycleMeasure(project=held, ramp_id=row.ramp_id, cycle=row, measure_id=key) for key in sorted(on)
    )
    if done.changed:
        save(held, "project.cycle_measures_chosen", by=by, cycle=row.pk, more=len(on), fewer=len(off))
    return done


def measures_to_choose(project: Project, linked: Collection[int]) -> list[Measure]:
    """Return what can be chosen: what is measured now, and what is chosen already, also if it was put away."""
    return list(project.measures.filter(Q(put_away_at=None) | Q(pk__in=linked)))


def measures_of_box(box: DiagramItem) -> list[Measure]:
    """Return the measures that tell of a box, those that were put away among them."""
    return list(Measure.objects.filter(box_links__box=box))


def measures_of_cycle(cycle: Cycle) -> list[Measure]:
    """Return the measures by which a cycle is studied, those that were put away among them."""
    return list(Measure.objects.filter(cycle_links__cycle=cycle))


class ToldOf(NamedTuple):
    """A box of the diagram with what it says; or the cycle of a `number`, with the name of its ramp."""

    key: int
    number: int
    words: str


def tells_of(measure: Measure) -> tuple[Sequence[ToldOf], Sequence[ToldOf]]:
    """Return the boxes of the diagram of which a measure tells, and the cycles that are studied by it."""
    found = [ToldOf(*row) for row in _TOLD_OF.all(measure=measure.pk)]
    return [each for each in found if not each.number], [each for each in found if each.number]


def _told_of() -> QuerySet[Any, tuple[Any, ...]]:
    boxes = BoxMeasure.objects.filter(measure=Given("measure")).values_list("box_id", _NO_NUMBER, "box__text")
    cycles = CycleMeasure.objects.filter(measure=Given("measure"))
    return boxes.union(cycles.values_list("cycle_id", "cycle__number", "ramp__name"), all=True).order_by("box_id")


_NO_NUMBER: Final = Value(0, output_field=PositiveSmallIntegerField())
_TOLD_OF = Prepared(_told_of)


def _measures_in(links: QuerySet[Any]) -> set[int]:
    return set(links.values_list("measure", flat=True))


def _settle(held: Project, now: set[int], chosen: set[int], seen: set[int]) -> tuple[set[int], set[int], Chosen]:
    """Return which measures are to be linked, and which no longer. A tick has no third state: none can clash."""
    on = chosen - seen - now
    off = (seen - chosen) & now
    rows = {measure.pk: measure for measure in held.measures.filter(pk__in=now | chosen | seen)}
    if not on <= rows.keys():
        raise MeasureGone
    if away := [rows[key] for key in sorted(on) if rows[key].put_away_at is not None]:
        raise MeasureNotToChoose(away[0])
    theirs = ((now | on) - off) ^ chosen
    return on, off, Chosen(bool(on or off), [rows[key] for key in sorted(theirs & rows.keys())])
