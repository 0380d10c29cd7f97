"""What a demonstration programme is made of: the forms in which `cohorts.demo.catalogue` is written."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum

from django.utils import timezone

from cohorts.models import Component, EvidenceKind, Material, Programme, Session
from portal.nhsuk.holidays import is_working_day


class Day(IntEnum):
    """A working day, counted from Monday."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """One date of a component: `week` weeks after the Monday on which its cohort was made."""

    week: int
    day: Day
    places: int = 20
    booked: int = 0
    """How many colleagues have it: the next ones who have no other date of the component."""
    waiting: int = 0
    """How many of those after them wait for it."""


@dataclass(frozen=True, slots=True)
class MaterialPlan:
    """Something to read or watch before each date of a component, or to take home from it."""

    title: str
    link: str = ""
    text: str = ""
    shown: Material.Shown = Material.Shown.BEFORE


@dataclass(frozen=True, slots=True)
class ChoicePlan:
    """Components, by their slugs, of which people do so many as they choose."""

    title: str
    slugs: tuple[str, ...]
    at_least: int


@dataclass(frozen=True, slots=True)
class ComponentPlan:
    """A component and its dates. `follows` is the slug of another one of the same programme."""

    slug: str
    title: str
    kind: Component.Kind
    summary: str
    starts: time = time(9, 30)
    lasts: timedelta = timedelta(hours=1)
    format: Session.Format = Session.Format.IN_PERSON
    slots: tuple[Slot, ...] = ()
    fulfilled_by: tuple[EvidenceKind, ...] = (EvidenceKind.ATTENDANCE,)
    within_weeks: int | None = None
    required: bool = True
    once: bool = True
    cpd_points: int = 0
    follows: str = ""
    what_to_bring: str = ""
    outcomes: tuple[str, ...] = ()
    materials: tuple[MaterialPlan, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgrammePlan:
    """A programme with its components in their order."""

    slug: str
    name: str
    shape: Programme.Shape
    strand: Programme.Strand
    summary: str
    description: str
    audience: str
    components: tuple[ComponentPlan, ...]
    eligibility: str = ""
    length: str = ""
    job_roles: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    agree_with: tuple[str, ...] = ()
    """Sentences about each session: how much does one agree?"""
    own_words_on: tuple[str, ...] = ()
    choices: tuple[ChoicePlan, ...] = ()
    published: bool = True


@dataclass(frozen=True, slots=True)
class CohortPlan:
    """The cohorts of a programme: who of the demonstration is in them, and when they run."""

    programme: ProgrammePlan
    name: str
    began_weeks_ago: int
    """How long before the Monday on which it is made a cohort has begun."""
    lasts_weeks: int
    first_number: int
    members: tuple[str, ...]
    """Addresses of demo people."""
    colleagues: int
    """How many others there are."""
    done_by_members: tuple[str, ...] = ()
    """Slugs of components whose first date the demo people attended."""
    booked_by_members: tuple[str, ...] = ()
    """Slugs of components of which the demo people have booked the first date."""
    by_file: int = 0
    """How many others are enrolled by file once it has begun."""


def monday_of(day: date) -> date:
    """Return the Monday of that day's week."""
    return day - timedelta(days=day.weekday())


def day_of(monday: date, week: int, day: Day) -> date:
    """Return the date `week` weeks after `monday`, on that day of the week."""
    return monday + timedelta(weeks=week, days=day)


def at(monday: date, week: int, day: Day, clock: time) -> datetime:
    """Return the moment `week` weeks after `monday`, on that day at that time by the UK clock.

    What would be on a bank holiday is on the next working day.
    """
    held_on = day_of(monday, week, day)
    while not is_working_day(held_on):
        held_on += timedelta(days=1)
    return datetime.combine(held_on, clock, tzinfo=timezone.get_default_timezone())
