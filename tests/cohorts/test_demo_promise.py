"""What the demonstration promises, on whatever day it is told for the first time."""

from datetime import timedelta
from typing import Final

import pytest
from django.utils import timezone

from cohorts.demo import story
from cohorts.models import Cohort, Programme
from portal.accounts.demo_people import DEMO_PEOPLE
from portal.accounts.models import Organisation, User
from tests.cohorts.invariants import broken

pytestmark = pytest.mark.django_db

NOW: Final = timezone.now


def cohorts_by_what_they_show() -> dict[str, list[str]]:
    """Sort the cohorts of programmes that are walked in cohorts by what they show today."""
    today = timezone.localdate()
    sorted_cohorts: dict[str, list[str]] = {"applying": [], "running": [], "finishing": [], "graduated": []}
    for cohort in Cohort.objects.filter(programme__shape=Programme.Shape.COHORT).order_by("number"):
        if cohort.takes_applications:
            how = "applying"
        elif cohort.ends_on < today:
            how = "graduated"
        else:
            how = "finishing" if cohort.ends_on - today < timedelta(weeks=3) else "running"
        sorted_cohorts[how].append(cohort.name)
    return sorted_cohorts


@pytest.mark.parametrize("days", [0, 3, 100])
def test_there_are_two_programmes_five_cohorts_four_organisations_and_about_120_people(
    days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW() + timedelta(days=days))
    story.tell()
    assert Programme.objects.filter(shape=Programme.Shape.COHORT).count() == 2
    assert cohorts_by_what_they_show() == {
        "applying": ["Perinatal cohort 5"],
        "running": ["Senior leaders cohort 2", "Perinatal cohort 4"],
        "finishing": ["Perinatal cohort 3"],
        "graduated": ["Perinatal cohort 2"],
    }
    assert Organisation.objects.count() == 4
    assert 115 <= User.objects.count() <= 130
    people = User.objects.exclude(email__in=[plan.email for plan in DEMO_PEOPLE])
    assert people.values("name").distinct().count() == people.count()
    assert all(person.organisation and person.job_role for person in people.select_related("organisation", "job_role"))
    assert set(broken()) <= {"a live booking that nobody was told of"}  # what is written into the past has no letter
