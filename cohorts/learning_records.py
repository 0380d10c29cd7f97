"""Learning records by file: what members of a cohort have done elsewhere, as an e-learning system exports it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

from django.urls import reverse
from django.utils import timezone

from cohorts import progress
from cohorts.enrolment import hold
from cohorts.models import Cohort, Component, Evidence, EvidenceKind, Membership
from cohorts.rules import programmes_kept
from portal.accounts.models import User
from portal.imports.kinds import WRONG, Kind, Line, NotTheirs, Plan, Told
from portal.nhsuk.dates import say_date
from portal.questions import count_of
from portal.spreadsheets import Column, Row, day

BATCH: Final = 1000
EARLIEST: Final = date(2000, 1, 1)
"""A day before it is a slip of the keyboard."""


class Outcome(StrEnum):
    """What becomes of a row."""

    RECORDED = "Recorded as done"
    ALREADY = "Done already: nothing changes"
    WRONG = WRONG


@dataclass(frozen=True, kw_only=True)
class Doing(Line):
    """A row of the file, read: who did what, and when."""

    membership: Membership | None
    component: Component | None
    done_on: date | None


class LearningRecords(Kind):
    """What members of a cohort have done."""

    key = "learning_record"
    deed = "cohort.learning_records"
    title = "Record what people have done by file"
    columns = (
        Column("email", "Email", also=("Email address",)),
        Column("component", "Component", also=("Course", "Module", "Activity")),
        Column("day", "Done on", also=("Date", "Day", "Completed", "Completed on", "Completion date")),
    )
    shown: ClassVar = ("Email", "Component", "Done on")
    advice: ClassVar = (
        "Component is the title of a part of the programme that a learning record fulfils.",
        "Done on is a UK date, day first: 3/5/2026 is 3 May.",
        "What is recorded already stays as it is: the same file can be uploaded again.",
        "It shows as completed on people's pages, under your name. Nobody is written to.",
    )

    def about(self, by: User, pk: int | None, *, held: bool = False) -> Cohort:
        """Return the cohort, of a programme that they keep; held, nobody else records for its members."""
        cohort = Cohort.objects.filter(pk=pk or 0, programme__in=programmes_kept(by)).first()
        if cohort is None:
            raise NotTheirs
        if held:
            cohort = hold(cohort)
            list(cohort.memberships.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        return cohort

    def plan(self, rows: Sequence[Row], about: Cohort, *, by: User) -> Plan[Doing]:
        """Work out what `rows` would record."""
        people = User.objects.by_address(row.cells["email"] for row in rows)
        memberships = {membership.user_id: membership for membership in about.memberships.enrolled()}
        components = {
            _plain(component.title): component for component in Component.objects.filter(programme=about.programme_id)
        }
        standing = set(
            Evidence.objects.counting().filter(membership__cohort=about).values_list("membership", "component")
        )
        first: dict[tuple[int, int], tuple[int, date | None]] = {}
        lines = []
        for row in rows:
            person = people.get(row.cells["email"].lower())
            membership = memberships.get(person.pk) if person else None
            component = components.get(_plain(row.cells["component"]))
            done_on = day(row.cells["day"])
            problems = [
                *_problems_of_person(row.cells["email"], membership),
                *_problems_of_component(row.cells["component"], component),
                *_problems_of_day(row.cells["day"], done_on),
            ]
            outcome = Outcome.WRONG if problems else Outcome.RECORDED
            if membership and component and not problems:
                pair = membership.pk, component.pk
                number, other_day = first.setdefault(pair, (row.number, done_on))
                if pair in standing or (number != row.number and other_day == done_on):
                    outcome = Outcome.ALREADY
                elif number != row.number:
                    outcome = Outcome.WRONG
                    problems = [f"Row {number} has another day for the same person and component. Keep one of the two."]
            lines.append(
                Doing(
                    number=row.number,
                    cells=(
                        row.cells["email"],
                        component.title if component else row.cells["component"],
                        say_date(done_on) if done_on else row.cells["day"],
                    ),
                    outcome=outcome,
                    acts=outcome == Outcome.RECORDED,
                    problems=tuple(problems),
                    membership=membership,
                    component=component,
                    done_on=done_on,
                )
            )
        return Plan(lines)

    def says(self, plan: Plan[Doing], about: Cohort) -> Sequence[str]:
        """Say how much is recorded."""
        return [
            f"This adds {count_of(len(plan.acting), 'record')} for members of {about}.",
            "Each can be taken back on the member's page. Nobody is written to.",
        ]

    def button(self, plan: Plan[Doing]) -> str:
        """Say how much is recorded."""
        return f"Add {count_of(len(plan.acting), 'record')}"

    def carry_out(self, plan: Plan[Doing], about: Cohort, *, by: User, told: Told) -> None:
        """Add the evidence."""
        evidence = [
            Evidence(
                membership=line.membership,
                component=line.component,
                kind=EvidenceKind.IMPORT,
                fulfilled_on=line.done_on,
            )
            for line in plan.acting
            if line.membership and line.component and line.done_on
        ]
        for begins in range(0, len(evidence), BATCH):
            told(begins + len(progress.record_all(evidence[begins : begins + BATCH], by=by)))

    def leads_to(self, about: int | None) -> str:
        """Lead to the cohort's members, with how far each is."""
        return f"{reverse('admin:cohorts_membership_changelist')}?cohort__id__exact={about}"


LEARNING_RECORDS: Final = LearningRecords()


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


def _problems_of_person(email: str, membership: Membership | None) -> list[str]:
    if not email:
        return ["Enter an email address."]
    return [] if membership else ["Nobody with this address is enrolled in the cohort. Enrol them first."]


def _problems_of_component(written: str, component: Component | None) -> list[str]:
    if not written:
        return ["Enter the title of a component."]
    if component is None:
        return [f"The programme has no component “{written[:100]}”."]
    if EvidenceKind.IMPORT not in component.fulfilled_by:
        return [f"“{component.title}” is not fulfilled by a learning record: the programme's page says by what."]
    return []


def _problems_of_day(written: str, found: date | None) -> list[str]:
    if not written:
        return ["Enter the day on which it was done."]
    if found is None:
        return [f"“{written[:30]}” is no date. Write it as 3/5/2026, with the day first."]
    if found > timezone.localdate():
        return [f"{say_date(found)} is still to come."]
    return [f"{say_date(found)} is too long ago."] if found < EARLIEST else []
