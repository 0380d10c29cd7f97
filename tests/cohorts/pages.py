"""How tests name a page and read it."""

from typing import Any

from django.urls import reverse

NO_ROWS: dict[str, Any] = {
    f"{rows}-{count}": "0"
    for rows in ("components", "learning_outcomes", "questions", "evaluation_questions")
    for count in ("TOTAL_FORMS", "INITIAL_FORMS")
}
"""What a programme's page in the admin sends of its parts when it has none."""


def address(name: str, *args: object) -> str:
    """Return the address of a page."""
    return reverse(name, args=args)


def words(response: Any) -> str:
    """Return a page's text with its white space as a browser shows it."""
    return " ".join(response.content.decode().split())
