"""Nominating teams by file, for the programme team: each person is written to, and says yes or no for themselves."""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Final

from django.urls import reverse

from cohorts.imports import CLOSED, Enrolments, Member
from cohorts.models import Cohort
from cohorts.nominating import Nominee, nominate, taken_back
from cohorts.offering import PlaceRefused
from portal.accounts.models import Organisation, User
from portal.imports.kinds import WRONG, HasChanged, Plan, Told
from portal.questions import count_of, people

TAKEN_BACK: Final = "taken back"
"""How somebody stands whose nomination was taken back: they can be nominated again."""


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "New account, then nominated and written to"
    NOMINATED = "Nominated and written to"
    ALREADY = "On the cohort's list already: nothing changes"
    WRONG = WRONG


class Nominations(Enrolments):
    """People to nominate for a cohort; who they are is read as for enrolling them."""

    key = "nomination"
    deed = "cohort.nominations"
    title = "Nominate people by file"
    acts: ClassVar = frozenset({Outcome.NEW, Outcome.NOMINATED})
    advice: ClassVar = (
        "Organisation is its ODS code, for example RXX. It may be empty for people who have an account.",
        "Job role is one of the portal's job roles, or empty.",
        "Each person gets an email that you have nominated them, and says yes or no. Ask them first.",
        "Nobody is enrolled or booked by it.",
    )

    def states(self, cohort: Cohort, people: Sequence[int]) -> dict[int, str]:
        """Return how each of these people stands to the cohort, and whose nomination was taken back."""
        again = taken_back(cohort).filter(user__in=people).values_list("user", flat=True)
        return super().states(cohort, people) | dict.fromkeys(again, TAKEN_BACK)

    def problems_of_person(
        self, person: User | None, state: str | None, organisation: Organisation | None
    ) -> list[str]:
        """Say why somebody cannot be nominated: a nomination is their own organisation's."""
        if person and not person.is_active:
            return [CLOSED]
        if person and person.organisation and organisation and person.organisation != organisation:
            return [f"Their account is with {person.organisation}. Write its code, or leave it empty."]
        return []

    def outcome(self, person: User | None, state: str | None) -> str:
        """Say what becomes of a row with which nothing is wrong."""
        if person is None:
            return Outcome.NEW
        return Outcome.NOMINATED if state in {None, TAKEN_BACK} else Outcome.ALREADY

    def why_not(self, cohort: Cohort, number: int, held: int) -> str:
        """Say that the cohort takes nobody now, if so. A nomination takes no place."""
        if cohort.takes_applications:
            return ""
        return "The cohort takes no nominations today: enter from when to when applications are open on its page first."

    def says(self, plan: Plan[Member], about: Cohort) -> Sequence[str]:
        """Say how many are nominated, and that each of them is written to."""
        number = len(plan.acting)
        return [
            f"{people(number)} {'is' if number == 1 else 'are'} nominated for {about}, in your name.",
            f"This makes {count_of(plan.numbers.get(Outcome.NEW, 0), 'new account')}.",
            f"This sends {count_of(number, 'email')}: each person says yes or no for themselves.",
        ]

    def button(self, plan: Plan[Member]) -> str:
        """Say how many are written to."""
        return f"Nominate and write to {people(len(plan.acting))}"

    def carry_out(self, plan: Plan[Member], about: Cohort, *, by: User, told: Told) -> None:
        """Nominate them, organisation by organisation."""
        teams: dict[Organisation, list[Nominee]] = defaultdict(list)
        for line in plan.acting:
            if line.organisation:
                teams[line.organisation].append(Nominee(line.name, line.email, line.job_role))
        done = 0
        for organisation, nominees in teams.items():
            try:
                done += nominate(about, organisation, nominees, by=by)
            except PlaceRefused as refused:
                raise HasChanged from refused
            told(done)
        if done != len(plan.acting):
            raise HasChanged

    def leads_to(self, about: int | None) -> str:
        """Lead to those whose place is not decided."""
        return reverse("admin:cohorts_cohort_applicants", args=[about])


NOMINATIONS: Final = Nominations()
