"""Enrolment by CSV: what a file would do is worked out and shown first, and done only when it is confirmed.

It is all or nothing: a file with one row that is wrong enrols nobody, so that the corrected file can simply be
uploaded again. Between preview and confirmation the rows wait for 30 minutes, encrypted under a key that stands in
the preview's page alone: who can read the cache cannot read them, and nor can another admin.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from cohorts.enrolment import ON_PURPOSE_ALONE, Enrolment, enrol_many
from cohorts.models import Cohort, Membership
from portal import kept_sealed
from portal.accounts.models import JobRole, Organisation, User
from portal.accounts.names import clean_name
from portal.accounts.people import add_people
from portal.spreadsheets import Column, Row

COLUMNS = (
    Column("name", "Name", also=("Full name",)),
    Column("email", "Email", also=("Email address",)),
    Column("organisation", "Organisation", also=("ODS code", "Organisation ODS code", "Organisation code")),
    Column("job_role", "Job role", also=("Role", "Job title")),
)
KEPT_AS = "enrolment"


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "New account, then enrolled"
    ENROLLED = "Enrolled"
    ALREADY = "Already enrolled: nothing changes"
    WRONG = "To be corrected"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file, read: who it means, and what would become of it."""

    number: int
    name: str
    email: str
    organisation: Organisation | None
    job_role: JobRole | None
    person: User | None
    outcome: Outcome
    problems: tuple[str, ...] = ()
    merged_code: str = ""
    """The ODS code in the file, where its organisation is part of another now: the one that the line names."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do."""

    lines: Sequence[Line]
    places_left: int

    def of(self, *outcomes: Outcome) -> list[Line]:
        """Return the lines with one of these outcomes."""
        return [line for line in self.lines if line.outcome in outcomes]

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows have each outcome."""
        return Counter(line.outcome for line in self.lines)

    @property
    def needs(self) -> int:
        """How many places it would take."""
        return len(self.of(Outcome.NEW, Outcome.ENROLLED))

    @property
    def is_too_many(self) -> bool:
        """Say whether the cohort has fewer places than it would take."""
        return self.needs > self.places_left

    @property
    def can_be_done(self) -> bool:
        """Say whether nothing is wrong with it, and there is something to do."""
        return not self.of(Outcome.WRONG) and not self.is_too_many and self.needs > 0

    @property
    def outcomes(self) -> list[str]:
        """The outcome of each line: what a confirmation agrees to."""
        return [line.outcome for line in self.lines]


class NoLongerSo(Exception):
    """Since the preview something has changed, and nothing was done. `plan` is what the file would do now."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("Since you looked, something has changed. Nobody has been enrolled yet. Check again.")


def plan(rows: Sequence[Row], cohort: Cohort) -> Plan:
    """Work out what `rows` would do, in statements that do not grow with their number. Changes nothing."""
    emails = [row.cells["email"].lower() for row in rows]
    people = User.objects.by_address(emails)
    memberships = {
        membership.user_id: membership.state
        for membership in Membership.objects.filter(cohort=cohort, user__in=[p.pk for p in people.values()])
    }
    codes = {row.cells["organisation"].upper() for row in rows}
    organisations = Organisation.objects.by_code(codes)
    job_roles = {found.name.casefold(): found for found in JobRole.objects.all()}
    first_row: dict[str | int, int] = {}
    lines = []
    for row, email in zip(rows, emails, strict=True):
        person = people.get(email)
        name = clean_name(row.cells["name"])
        code = row.cells["organisation"].upper()
        organisation = organisations.get(code)
        job_role = job_roles.get(" ".join(row.cells["job_role"].split()).casefold())
        state = memberships.get(person.pk) if person else None
        problems = [
            *_problems_of_name(name),
            *_problems_of_email(email, first_row.setdefault(person.pk if person else email, row.number), row.number),
            *_problems_of_person(person, state),
            *_problems_of_organisation(row.cells["organisation"], organisation, person),
            *_problems_of_job_role(row.cells["job_role"], job_role),
        ]
        lines.append(
            Line(
                number=row.number,
                name=name,
                email=email,
                organisation=organisation or (person.organisation if person else None),
                job_role=job_role,
                person=person,
                outcome=_outcome(person, state) if not problems else Outcome.WRONG,
                problems=tuple(problems),
                merged_code=code if organisation and organisation.ods_code != code else "",
            )
        )
    return Plan(lines, cohort.places_left)


def carry_out(rows: Sequence[Row], cohort: Cohort, *, agreed: Sequence[str], by: User) -> Plan:
    """Enrol everybody in `rows`, in one transaction, if that still is what was agreed: the outcomes of the preview.

    Raises NoLongerSo.
    """
    try:
        with transaction.atomic():
            cohort = Cohort.objects.select_for_update(no_key=True).get(pk=cohort.pk)
            now = plan(rows, cohort)
            if now.outcomes != list(agreed) or not now.can_be_done:
                raise NoLongerSo(now)
            people = {line.number: _person(line) for line in now.of(Outcome.NEW, Outcome.ENROLLED)}
            add_people([person for person in people.values() if person.pk is None], added_by=by)
            enrol_many(
                cohort,
                [
                    Enrolment(people[line.number], line.organisation, line.job_role)
                    for line in now.of(Outcome.NEW, Outcome.ENROLLED)
                ],
                by=by,
            )
    except IntegrityError as error:
        # Somebody made one of the accounts at this very moment.
        raise NoLongerSo(plan(rows, cohort)) from error
    return now


def keep(rows: Sequence[Row], cohort: Cohort, *, agreed: Sequence[str], owner: User) -> str:
    """Keep a previewed file until it is confirmed; return the key by which its owner, and nobody else, takes it."""
    content = {"owner": owner.pk, "cohort": cohort.pk, "agreed": list(agreed), "rows": [_pack(row) for row in rows]}
    return kept_sealed.keep(KEPT_AS, content)


def take(key: str, cohort: Cohort, *, owner: User) -> tuple[list[Row], list[str]] | None:
    """Return a kept file's rows and agreed outcomes, once: None when it has expired, was taken, or is not theirs."""
    content = kept_sealed.read(KEPT_AS, key)
    if content is None or (content["owner"], content["cohort"]) != (owner.pk, cohort.pk):
        return None
    if not kept_sealed.forget(KEPT_AS, key):
        return None
    return [Row(number, cells) for number, cells in content["rows"]], content["agreed"]


def _pack(row: Row) -> tuple[int, dict[str, str]]:
    return row.number, dict(row.cells)


def _person(line: Line) -> User:
    """Return who a line means; a new person is not saved yet."""
    return line.person or User(email=line.email, name=line.name, organisation=line.organisation, job_role=line.job_role)


def _outcome(person: User | None, state: str | None) -> Outcome:
    if person is None:
        return Outcome.NEW
    return Outcome.ALREADY if state == Membership.State.ENROLLED else Outcome.ENROLLED


def _problems_of_name(name: str) -> list[str]:
    if not name:
        return ["Enter a name."]
    return ["The name is longer than 200 characters."] if len(name) > 200 else []


def _problems_of_email(email: str, first_row: int, this_row: int) -> list[str]:
    if not email:
        return ["Enter an email address."]
    try:
        validate_email(email)
    except ValidationError:
        return ["The email address is not complete, or holds a character that it cannot have."]
    if len(email) > 254:
        return ["The email address is longer than 254 characters."]
    return [f"Row {first_row} is the same person. Keep one of the two."] if first_row != this_row else []


def _problems_of_person(person: User | None, state: str | None) -> list[str]:
    if person and not person.is_active:
        return ["This person's account is closed. Remove the row, or open the account first."]
    if state in ON_PURPOSE_ALONE:
        return ["This person left the cohort, or takes part later. To bring them back, enrol them by hand."]
    return []


def _problems_of_organisation(code: str, organisation: Organisation | None, person: User | None) -> list[str]:
    if not code:
        known = person is not None and person.organisation_id is not None
        return [] if known else ["Enter the ODS code of the person's organisation."]
    if organisation is None:
        return [f"There is no organisation with the ODS code “{code[:20]}”. Correct it, or add the organisation first."]
    return []


def _problems_of_job_role(written: str, job_role: JobRole | None) -> list[str]:
    if written and job_role is None:
        return [f"There is no job role “{written[:100]}”. Correct it, leave it empty, or add the job role first."]
    return []
