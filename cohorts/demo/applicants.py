"""The demonstration's cohort to come: people apply, are nominated, and wait for the team's decision."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Final

from cohorts import applying, nominating, offering
from cohorts.demo.people import colleagues, job_role, new_names, organisations
from cohorts.models import Application, ApplicationQuestion, Cohort, Membership, Programme
from cohorts.nominating import Nominee
from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import User

Reason = Membership.Reason

QUESTIONS: Final = (
    ("What would you like to change where you work?", "A few sentences are enough.", "long", True),
    ("Has your manager agreed to release the time?", "", "yes_no", True),
    ("Is there anything else that you would like to tell us?", "", "long", False),
)
HOPES: Final = (
    "I would like every woman on our ward to be listened to in the language that she speaks best.",
    "We talk about outcomes and never about what people go through. I would like to begin that.",
    "Colleagues who trained abroad are passed over. I would like to understand why, and to stop it.",
    "Jaundice and pallor are taught on white skin alone. I would like our unit to teach them on every skin.",
    "Interpreters are booked for appointments, and not for labour. I would like to change that.",
    "Women racialised as Black wait longer for pain relief here: our audit says so. I want to act on it.",
)
ELSE: Final = ("", "", "I work nights in the first week of each month.", "")

PLACES: Final = 16
DRAFTS, APPLICANTS = 2, 16
OFFERED_SOON_TO_END, OFFERED, RESERVE = 2, 3, 3
ENDS_SOON: Final = 2
"""Days that the first offers have left."""

TEAM: Final = ("Midwife", "Consultant in obstetrics and gynaecology", "Neonatal nurse", "Health visitor", "Midwife")
"""Whom the lead nominates: a team of several professions."""


def open_cohort(programme: Programme, name: str, *, monday: date, applicant: User, lead: User, admin: User) -> Cohort:
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
        ends_on=monday + timedelta(weeks=36, days=-3),
        places=PLACES,
        opens_on=monday - timedelta(weeks=3),
        closes_on=monday + timedelta(weeks=5),
    )
    roles = [role.name for role in programme.job_roles.order_by("name")]
    people = colleagues(DRAFTS + APPLICANTS, f"{programme.slug}-{number}", roles, organisations())
    for person in people[:DRAFTS]:
        _begin(person, cohort)
    applied = [_apply(person, cohort, index) for index, person in enumerate(people[DRAFTS:])]
    _spread_over_weeks(applied)
    _decide(cohort, applied, _apply(applicant, cohort, 0), by=admin)
    _nominate(cohort, lead)
    return cohort


def keep_an_offer(applicant: User, *, by: User) -> None:
    """See to it that an offer waits for the applicant's answer, if theirs has lapsed; what they said stays."""
    lapsed = Membership.objects.filter(user=applicant, state=Membership.State.RESERVE).select_related("cohort")
    for membership in lapsed:
        if membership.cohort.places_left:
            offering.offer(membership.cohort, [membership], by=by)


def _begin(person: User, cohort: Cohort) -> Application:
    """Begin an application, and answer the first question alone."""
    application = applying.begin(cohort, person)
    applying.answer(application, cohort.programme.questions.all()[0], HOPES[person.pk % len(HOPES)])
    return application


def _apply(person: User, cohort: Cohort, index: int) -> Membership:
    application = applying.begin(cohort, person)
    answers = (HOPES[index % len(HOPES)], "Yes", ELSE[index % len(ELSE)])
    for question, text in zip(cohort.programme.questions.all(), answers, strict=True):
        applying.answer(application, question, text)
    return applying.send(application)


def _spread_over_weeks(applied: Sequence[Membership]) -> None:
    """Put applications back to when they would have been sent: one each day, the last of them yesterday."""
    for days_ago, membership in enumerate(reversed(applied), start=1):
        membership.since -= timedelta(days=days_ago)
        membership.save(update_fields=["since"])
        sent = Application.objects.filter(cohort=membership.cohort_id, user=membership.user_id)
        sent.update(started_at=membership.since, sent_at=membership.since)


def _decide(cohort: Cohort, applied: Sequence[Membership], of_applicant: Membership, *, by: User) -> None:
    """Offer places, of which the first soon lapse, and let every answer occur; the others wait for the team."""
    waiting = iter(applied)
    days = cohort.offer_days
    _let_offers_stand(cohort, ENDS_SOON)
    offering.offer(cohort, list(islice(waiting, OFFERED_SOON_TO_END)), by=by)
    _let_offers_stand(cohort, days)
    offered = list(islice(waiting, OFFERED))
    offering.offer(cohort, [of_applicant, *offered], by=by)
    offering.accept(_fresh(offered[0]))
    offering.say_no(_fresh(offered[1]), Reason.NO_TIME)
    offering.put_on_reserve(cohort, list(islice(waiting, RESERVE)), by=by)
    offering.turn_down(cohort, list(islice(waiting, 1)), by=by)
    offering.say_no(_fresh(next(waiting)), Reason.NEW_JOB)


def _let_offers_stand(cohort: Cohort, days: int) -> None:
    """Let the offers that are made next stand for so many days."""
    cohort.offer_days = days
    cohort.save(update_fields=["offer_days"])


def _nominate(cohort: Cohort, lead: User) -> None:
    """Let the lead nominate a team: one says yes, one says no, and the others have not answered."""
    organisation = lead.organisation or organisations()[0]
    slug = f"{cohort.programme.slug}-{cohort.number}"
    team = [
        Nominee(name, f"nominee-{number}.{slug}@{DEMO_DOMAIN}", job_role(role))
        for number, (name, role) in enumerate(zip(new_names(), TEAM, strict=False), start=1)
    ]
    nominating.nominate(cohort, organisation, team, by=lead)
    says_yes, says_no = cohort.memberships.filter(nominated_by=lead).order_by("pk")[:2]
    offering.agree_to_nomination(says_yes)
    offering.say_no(says_no, Reason.ANOTHER_PROGRAMME)


def _fresh(membership: Membership) -> Membership:
    return Membership.objects.select_related("cohort").get(pk=membership.pk)
