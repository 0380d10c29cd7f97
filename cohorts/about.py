"""What a page says about a component or a session beside its own fields: narrow rows, each read in one statement."""

from typing import NamedTuple

from cohorts.models import Component, Facilitator, LearningOutcome, Programme
from portal.prepared import Given, Prepared


class Leader(NamedTuple):
    """Who leads a session."""

    name: str
    biography: str


_OUTCOMES = Prepared(
    lambda: LearningOutcome.objects.filter(component=Given("component")).order_by("position", "id").values_list("text")
)
_LEADERS = Prepared(
    lambda: Facilitator.objects.filter(sessions=Given("session")).order_by("name").values_list("name", "biography")
)
_PART = Prepared(
    lambda: Component.objects.select_related("choice").filter(programme=Given("programme"), slug=Given("slug"))
)
_OPEN_PART = Prepared(
    lambda: Component.objects.select_related("programme").filter(
        programme__published=True,
        programme__shape=Programme.Shape.SERIES,
        programme__slug=Given("programme"),
        slug=Given("slug"),
    )
)


def learning_outcomes(component: Component) -> list[str]:
    """Return what somebody can do after a component."""
    return [text for (text,) in _OUTCOMES.all(component=component.pk)]


def leaders(session_id: int) -> list[Leader]:
    """Return who leads a session, in order of their names."""
    return [Leader(*row) for row in _LEADERS.all(session=session_id)]


def part(programme_id: int, slug: str) -> Component | None:
    """Return a programme's component by its address, with the choice of which it is a part."""
    return _PART.first(programme=programme_id, slug=slug)


def open_part(programme: str, slug: str) -> Component | None:
    """Return a component of a published series by their addresses."""
    return _OPEN_PART.first(programme=programme, slug=slug)
