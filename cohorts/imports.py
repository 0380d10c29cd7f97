"""Enrolment by file: who is meant by each row, and what enrolling them would do. See `portal.imports`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.urls import reverse

from cohorts.enrolment import ON_PURPOSE_ALONE, Enrolment, EnrolmentRefused, enrol_many, hold
from cohorts.models import Cohort, Membership
from cohorts.rules import people_of_programmes_kept, programmes_kept
from portal.accounts.look_alikes import Known, by_name_and_organisation
from portal.accounts.models import JobRole, Organisation, User
from portal.accounts.names import clean_name, folded, without_accents
from portal.accounts.people import add_people
from portal.accounts.rules import keeps_people
from portal.imports.kinds import WRONG, HasChanged, Kind, Line, NotTheirs, Plan, Told
from portal.questions import count_of, people
from portal.spreadsheets import Column, Row

BATCH: Final = 500
"""Rows after which it is said how far it is."""


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "New account, then enrolled"
    ENROLLED = "Enrolled"
    ALREADY = "Already enrolled: nothing changes"
    WRONG = WRONG


State = Membership.State
CLOSED: Final = "This person's account is closed. Remove the row, or open the account first."


@dataclass(frozen=True, kw_only=True)
class Member(Line):
    """A row of the file, read: who it means."""

    name: str
    email: str
    organisation: Organisation | None
    job_role: JobRole | None
    person: User | None


class Enrolments(Kind):
    """People to enrol in a cohort."""

    key = "enrolment"
    deed = "cohort.file"
    title = "Enrol people by file"
    columns = (
        Column("name", "Name", also=("Full name",)),
        Column("email", "Email", also=("Email address",)),
        Column("organisation", "Organisation", also=("ODS code", "Organisation ODS code", "Organisation code")),
        Column("job_role", "Job role", also=("Role", "Job title")),
    )
    shown: ClassVar = ("Name", "Email", "Organisation", "Job role")
    acts: ClassVar[frozenset[str]] = frozenset({Outcome.NEW, Outcome.ENROLLED})
    advice: ClassVar = (
        "Organisation is its ODS code, for example RXX. It may be empty for people who have an account.",
        "Job role is one of the portal's job roles, or empty.",
        "People without an account get one, and sign in by a code sent to their address.",
        "Nobody is written to.",
    )

    def about(self, by: User, pk: int | None, *, held: bool = False) -> Cohort:
        """Return the cohort, of a programme that they keep."""
        cohort = Cohort.objects.filter(pk=pk or 0, programme__in=programmes_kept(by)).first()
        if cohort is None:
            raise NotTheirs
        return hold(cohort) if held else cohort

    def plan(self, rows: Sequence[Row], about: Cohort, *, by: User) -> Plan[Member]:
        """Work out what `rows` would do; without places for all, nothing."""
        emails = [row.cells["email"].lower() for row in rows]
        known = User.objects.by_address(emails)
        states = self.states(about, [person.pk for person in known.values()])
        codes = {row.cells["organisation"].upper() for row in rows}
        organisations = Organisation.objects.by_code(codes)
        job_roles = {found.name.casefold(): found for found in JobRole.objects.all()}
        first_row: dict[str | int, int] = {}
        lines = []
        for row, email in zip(rows, emails, strict=True):
            person = known.get(email)
            name = clean_name(row.cells["name"])
            code = row.cells["organisation"].upper()
            organisation = organisations.get(code)
            merged = bool(organisation and organisation.ods_code != code)
            job_role = job_roles.get(" ".join(row.cells["job_role"].split()).casefold())
            state = states.get(person.pk) if person else None
            first = first_row.setdefault(person.pk if person else email, row.number)
            problems = [
                *_problems_of_name(name),
                *_problems_of_email(email, first, row.number),
                *self.problems_of_person(person, state, organisation),
                *_problems_of_organisation(row.cells["organisation"], organisation, person),
                *_problems_of_job_role(row.cells["job_role"], job_role),
            ]
            outcome = WRONG if problems else self.outcome(person, state)
            organisation = organisation or (person.organisation if person else None)
            lines.append(
                Member(
                    number=row.number,
                    cells=(person.name if person else name, email, str(organisation or ""), str(job_role or "")),
                    outcome=outcome,
                    acts=outcome in self.acts,
                    problems=tuple(problems),
                    notes=(f"{code} is part of {organisation} now.",) if merged else (),
                    name=name,
                    email=email,
                    organisation=organisation,
                    job_role=job_role,
                    person=person,
                )
            )
        acting = [line for line in lines if line.acts]
        held = sum(states.get(line.person.pk) == State.OFFERED for line in acting if line.person)
        return Plan(_with_look_alikes(lines, by), self.why_not(about, len(acting), held))

    def states(self, cohort: Cohort, people: Sequence[int]) -> dict[int, str]:
        """Return how each of these people stands to the cohort, by their keys."""
        return dict(cohort.memberships.filter(user__in=people).values_list("user", "state"))

    def problems_of_person(
        self, person: User | None, state: str | None, organisation: Organisation | None
    ) -> list[str]:
        """Say why somebody cannot be taken."""
        if person and not person.is_active:
            return [CLOSED]
        if state in ON_PURPOSE_ALONE:
            return ["This person left the cohort, or takes part later. To bring them back, enrol them by hand."]
        return []

    def outcome(self, person: User | None, state: str | None) -> str:
        """Say what becomes of a row with which nothing is wrong."""
        if person is None:
            return Outcome.NEW
        return Outcome.ALREADY if state == State.ENROLLED else Outcome.ENROLLED

    def why_not(self, cohort: Cohort, number: int, held: int) -> str:
        """Say that there are not enough places, if so; whoever was offered one has one that is held for them."""
        if number - held <= cohort.places_left:
            return ""
        return (
            f"The file would enrol {people(number)}, and the cohort has {count_of(cohort.places_left, 'place')} left. "
            "Give the cohort more places first, or take rows out of the file."
        )

    def says(self, plan: Plan[Member], about: Cohort) -> Sequence[str]:
        """Say how many are enrolled, and that nobody is written to."""
        number = len(plan.acting)
        return [
            f"{people(number)} {'is' if number == 1 else 'are'} enrolled in {about}.",
            f"This makes {count_of(plan.numbers.get(Outcome.NEW, 0), 'new account')}.",
            "Nobody is written to.",
        ]

    def button(self, plan: Plan[Member]) -> str:
        """Say how many are enrolled."""
        return f"Enrol {people(len(plan.acting))}"

    def carry_out(self, plan: Plan[Member], about: Cohort, *, by: User, told: Told) -> None:
        """Make the accounts, and enrol everybody."""
        acting = plan.acting
        for begins in range(0, len(acting), BATCH):
            who = [(_person(line), line) for line in acting[begins : begins + BATCH]]
            add_people([person for person, _ in who if person.pk is None], added_by=by)
            try:
                enrol_many(about, [Enrolment(person, line.organisation, line.job_role) for person, line in who], by=by)
            except EnrolmentRefused as refused:
                raise HasChanged from refused
            told(begins + len(who))

    def leads_to(self, about: int | None) -> str:
        """Lead to the cohort's members."""
        return f"{reverse('admin:cohorts_membership_changelist')}?cohort__id__exact={about}"


ENROLMENTS: Final = Enrolments()


def _with_look_alikes(lines: Sequence[Member], by: User) -> list[Member]:
    """Note on each new person who may be the same: in the file, and among the accounts that the admin may know of."""
    new = [line for line in lines if line.acts and line.person is None]
    seen: QuerySet[User] = User.objects.all() if keeps_people(by) else people_of_programmes_kept(by)
    known = by_name_and_organisation(seen, [line.organisation.pk for line in new if line.organisation]) if new else {}
    rows: dict[Known, list[int]] = defaultdict(list)
    for line in new:
        rows[_known(line)].append(line.number)
    noted = {line.number: tuple(_notes(line, known, rows)) for line in new}
    return [replace(line, notes=(*line.notes, *noted.get(line.number, ()))) for line in lines]


def _known(line: Member) -> Known:
    return folded(line.name), line.organisation.pk if line.organisation else None


def _notes(line: Member, known: Mapping[Known, list[str]], rows: Mapping[Known, list[int]]) -> Iterable[str]:
    others = [number for number in rows.get(_known(line), ()) if number != line.number]
    if others:
        yield f"Row {others[0]} has the same name and organisation. Is it the same person?"
    for email in known.get(_known(line), ())[:3]:
        yield f"Probably the same person as {email}. If so, write that address in the file."


def _person(line: Member) -> User:
    """Return who a line means; a new person is not saved yet."""
    return line.person or User(email=line.email, name=line.name, organisation=line.organisation, job_role=line.job_role)


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
        said = "The email address is not complete, or holds a character that it cannot have."
        return [said, *_without_accents(email)]
    if len(email) > 254:
        return ["The email address is longer than 254 characters."]
    return [f"Row {first_row} is the same person. Keep one of the two."] if first_row != this_row else []


def _without_accents(email: str) -> list[str]:
    """Say which address is meant, where what is wrong are the accents."""
    plain = without_accents(email)
    try:
        validate_email(plain)
    except ValidationError:
        return []
    return [f"Do you mean {plain}?"]


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
