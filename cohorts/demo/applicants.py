"""The demonstration's cohort to come: people apply, are nominated, and wait for the team's decision."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from cohorts import applying, nominating, offering
from cohorts.demo.people import colleague, job_role, organisations
from cohorts.models import ApplicationQuestion, Cohort, Membership, Programme
from cohorts.nominating import Nominee
from portal.accounts.models import User

QUESTIONS: Final = (
    ("What would you like to change where you work?", "A few sentences are enough.", "long", True),
    ("Has your manager agreed to release the time?", "", "yes_no", True),
    ("Is there anything else that you would like to tell us?", "", "long", False),
)
HOPES: Final = (
    "I would like every woman on our ward to be listened to in the language that she speaks best.",
    "We talk about outcomes and never about what people go through. I would like to begin that.",
    "Colleagues who trained abroad are passed over. I would like to understand why, and to stop it.",
)
PLACES, APPLICANTS, OFFERED, RESERVE = 16, 14, 4, 2
LED_BY_NOMINEES: Final = ("Obstetrician", "Neonatal nurse", "Health visitor")


def open_cohort(programme: Programme, name: str, *, monday: date, lead: User, admin: User) -> Cohort:
    """Make the programme's next cohort, to which people may apply, with those who have."""
    for position, (text, hint, kind, required) in enumerate(QUESTIONS, start=1):
        ApplicationQuestion.objects.get_or_create(
            programme=programme,
            text=text,
            defaults={"position": position, "hint": hint, "kind": kind, "required": required},
        )
    number = programme.cohorts.order_by("-number").values_list("number", flat=True)[0] + 1
    cohort = Cohort.objects.create(
        programme=programme,
        number=number,
        name=f"{name} {number}",
        starts_on=monday + timedelta(weeks=10),
        ends_on=monday + timedelta(weeks=36),
        places=PLACES,
        opens_on=monday - timedelta(weeks=3),
        closes_on=monday + timedelta(weeks=5),
    )
    roles = list(programme.job_roles.order_by("name")) or [job_role("Midwife")]
    applied = [
        _apply(colleague(index, f"{programme.slug}-{number}", roles[index % len(roles)]), cohort, index)
        for index in range(APPLICANTS)
    ]
    offering.offer(cohort, applied[:OFFERED], by=admin)
    offering.put_on_reserve(cohort, applied[OFFERED : OFFERED + RESERVE], by=admin)
    offering.accept(_fresh(applied[0]))
    offering.say_no(_fresh(applied[1]), Membership.Reason.NO_TIME)
    _nominate(cohort, lead)
    return cohort


def _apply(person: User, cohort: Cohort, index: int) -> Membership:
    application = applying.begin(cohort, person)
    answers = (HOPES[index % len(HOPES)], "Yes", "")
    for question, text in zip(cohort.programme.questions.all(), answers, strict=True):
        applying.answer(application, question, text)
    return applying.send(application)


def _nominate(cohort: Cohort, lead: User) -> None:
    organisation = lead.organisation or organisations()[0]
    slug = f"{cohort.programme.slug}-{cohort.number}"
    team: Sequence[Nominee] = [
        Nominee(f"{name} Example", f"nominee-{number}.{slug}@demo.example", job_role(role))
        for number, (name, role) in enumerate(zip(("Zainab", "Yusuf", "Wren"), LED_BY_NOMINEES, strict=True), start=1)
    ]
    nominating.nominate(cohort, organisation, team, by=lead)
    first = cohort.memberships.filter(nominated_by=lead).order_by("pk").first()
    if first:
        offering.agree_to_nomination(first)


def _fresh(membership: Membership) -> Membership:
    return Membership.objects.select_related("cohort").get(pk=membership.pk)
