"""How tests name a page and read it."""

from typing import Any

from django.urls import reverse

from cohorts.models import Cohort

NO_ROWS: dict[str, Any] = {
    f"{rows}-{count}": "0"
    for rows in ("components", "choices", "learning_outcomes", "questions", "evaluation_questions")
    for count in ("TOTAL_FORMS", "INITIAL_FORMS")
}
"""What a programme's page in the admin sends of its parts when it has none."""


def cohort_facts(cohort: Cohort, **given: Any) -> dict[str, Any]:
    """Return what a cohort's page in the admin sends, with `given` in the place of what stands there."""
    return {
        "number": cohort.number,
        "name": cohort.name,
        "starts_on": cohort.starts_on,
        "ends_on": cohort.ends_on,
        "places": cohort.places,
        "offer_days": cohort.offer_days,
        "champion_for": cohort.champion_for,
        **given,
    }


def address(name: str, *args: object) -> str:
    """Return the address of a page."""
    return reverse(name, args=args)


def words(response: Any) -> str:
    """Return a page's text with its white space as a browser shows it."""
    return " ".join(response.content.decode().split())
