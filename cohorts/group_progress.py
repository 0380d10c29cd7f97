"""How far the people of a cohort are, for whoever leads its sessions: by component, and by person."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count

from cohorts.completion import tally
from cohorts.models import Choice, Cohort, Component, Evidence, Membership
from portal.prepared import Given, GivenMany, Prepared

# People on a page.
PAGE = 50


@dataclass(frozen=True, slots=True)
class PersonSoFar:
    """What somebody has done, and what the programme still asks of them: components, and so many more of a choice."""

    name: str
    finished: int
    asked: int
    done: Sequence[Component]
    missing: Sequence[Component]
    short: Sequence[tuple[Choice, int]]


@dataclass(frozen=True, slots=True)
class Group:
    """A page of a cohort's people in order of names; and how many of all `number` of them have done each component."""

    people: Sequence[PersonSoFar]
    has_more: bool
    number: int
    done_by: Sequence[tuple[Component, int]]


_COMPONENTS = Prepared(
    lambda: (
        Component.objects.filter(programme=Given("programme"))
        .select_related("choice")
        .only("title", "required", "choice__title", "choice__at_least")
        .order_by("position")
    )
)


# Whole, and cut to a page afterwards: two narrow columns of a thousand people at most.
_PEOPLE = Prepared(
    lambda: (
        Membership.objects.enrolled()
        .filter(cohort=Given("cohort"))
        .order_by("user__name", "pk")
        .values_list("pk", "user__name")
    )
)
_DONE = Prepared(
    lambda: (
        Evidence.objects.counting()
        .filter(membership__in=GivenMany("memberships"))
        .order_by()
        .values_list("membership", "component")
        .distinct()
    )
)
_COUNTED = Prepared(
    lambda: (
        Evidence.objects.counting()
        .filter(membership__cohort=Given("cohort"), membership__state=Membership.State.ENROLLED)
        .order_by()
        .values_list("component")
        .annotate(people=Count("membership", distinct=True))
    )
)


def read(cohort: Cohort, *, page: int = 1) -> Group:
    """Return a page, from 1, of the people who take part in a cohort, in four statements."""
    components = _COMPONENTS.all(programme=cohort.programme_id)
    everybody = _PEOPLE.all(cohort=cohort.pk)
    people = everybody[(page - 1) * PAGE : page * PAGE]
    done: dict[int, set[int]] = defaultdict(set)
    for membership, component in _DONE.all(memberships=[pk for pk, _ in people]):
        done[membership].add(component)
    counted = dict(_COUNTED.all(cohort=cohort.pk))
    return Group(
        people=[_so_far(name, done[pk], components) for pk, name in people],
        has_more=len(everybody) > page * PAGE,
        number=len(everybody),
        done_by=[(component, counted.get(component.pk, 0)) for component in components],
    )


def _so_far(name: str, done: Collection[int], components: Sequence[Component]) -> PersonSoFar:
    finished, asked = tally(components, done)
    to_go = {component.choice: component.choice.at_least for component in components if component.choice}
    for component in components:
        if component.choice:
            to_go[component.choice] -= component.pk in done
    return PersonSoFar(
        name=name,
        finished=finished,
        asked=asked,
        done=[component for component in components if component.pk in done],
        missing=[component for component in components if component.required and component.pk not in done],
        short=[(choice, number) for choice, number in to_go.items() if number > 0],
    )
