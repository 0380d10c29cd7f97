"""The demonstration's import: a list of people who were enrolled by file. What is left of the file are its numbers."""

from itertools import islice
from typing import Final

from cohorts.demo.people import new_names, organisations
from cohorts.imports import ENROLMENTS
from cohorts.models import Cohort
from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import User
from portal.imports import importing
from portal.spreadsheets import Row, read

JOB_ROLES: Final = ("Midwife", "Neonatal nurse", "Health visitor")
HEADINGS: Final = "Name,Email,Organisation,Job role"


def enrol_by_file(cohort: Cohort, number: int, *, by: User) -> None:
    """Enrol so many new people by file, which names somebody besides who is enrolled already."""
    if not number:
        return
    rows = _rows(cohort, number)
    plan = importing.plan(ENROLMENTS, rows, cohort, by=by)
    key = importing.keep(ENROLMENTS, cohort.pk, rows, agreed=plan.outcomes, owner=by)
    importing.confirm(key, ENROLMENTS, cohort.pk, owner=by)


def _rows(cohort: Cohort, number: int) -> list[Row]:
    there = cohort.memberships.enrolled().select_related("user").order_by("-pk")[0].user
    slug = f"{cohort.programme.slug}-{cohort.number}"
    lines = [HEADINGS, f"{there.name},{there.email},,"]
    workplaces = organisations()
    for place, name in enumerate(islice(new_names(), number)):
        code, role = workplaces[place % len(workplaces)].ods_code, JOB_ROLES[place % len(JOB_ROLES)]
        lines.append(f"{name},by-file-{place + 1}.{slug}@{DEMO_DOMAIN},{code},{role}")
    return list(read("\n".join(lines).encode(), ENROLMENTS.columns).rows)
