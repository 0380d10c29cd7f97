"""How far the people of a cohort are, for whoever leads its sessions: person by person, and component by component."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import CharField, Count, Value
from django.db.models.functions import Cast, Concat

from cohorts.completion import tally
from cohorts.models import Choice, Cohort, Component, Evidence, Membership
from portal.prepared import Given, GivenMany, IsAmong, Prepared

# People on a page.
PAGE = 25


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
class People:
    """A page of a cohort's people, in order of names."""

    so_far: Sequence[PersonSoFar]
    has_more: bool


@dataclass(frozen=True, slots=True)
class DoneBy:
    """How many of a cohort's `people` have done each component of its programme, in the programme's order."""

    people: int
    components: Sequence[tuple[Component, int]]


_COMPONENTS = Prepared(
    lambda: (
        Component.objects.filter(programme=Given("programme"))
        .select_related("choice")
        .only("title", "required", "fulfilled_by", "choice__title", "choice__at_least")
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
_NUMBER = Prepared(
    lambda: (
        Membership.objects.enrolled()
        .filter(cohort=Given("cohort"))
        .order_by()
        .values_list("cohort")
        .annotate(people=Count("pk"))
    )
)
# What counts, as in `counting`, but said so that PostgreSQL looks each row up in short lists: for a thousand people it
# otherwise looks twelve thousand times into two indexes.
_COUNTED = Prepared(
    lambda: (
        Evidence.objects.filter(
            membership__cohort=Given("cohort"), membership__state=Membership.State.ENROLLED, withdraws=None
        )
        .exclude(
            pk__in=Evidence.objects.filter(membership__cohort=Given("cohort"), withdraws__isnull=False).values(
                "withdraws"
            )
        )
        .filter(IsAmong(Concat(Cast("component", CharField()), Value(":"), "kind"), Given("shown")))
        .order_by()
        .values_list("component")
        .annotate(people=Count("membership", distinct=True))
    )
)


def people(cohort: Cohort, *, page: int = 1) -> People:
    """Return a page, from 1, of the people who take part in a cohort, in three statements."""
    components = _COMPONENTS.all(programme=cohort.programme_id)
    everybody = _PEOPLE.all(cohort=cohort.pk)
    shown = everybody[(page - 1) * PAGE : page * PAGE]
    done: dict[int, set[int]] = defaultdict(set)
    for membership, component in _DONE.all(memberships=[pk for pk, _ in shown]):
        done[membership].add(component)
    return People(
        so_far=[_so_far(name, done[pk], components) for pk, name in shown],
        has_more=len(everybody) > page * PAGE,
    )


def done_by(cohort: Cohort) -> DoneBy:
    """Return how many of the people who take part in a cohort have done each component, in three statements."""
    components = _COMPONENTS.all(programme=cohort.programme_id)
    shown = [f"{component.pk}:{kind}" for component in components for kind in component.fulfilled_by]
    counted = dict(_COUNTED.all(cohort=cohort.pk, shown=shown))
    number = dict(_NUMBER.all(cohort=cohort.pk))
    return DoneBy(
        people=number.get(cohort.pk, 0),
        components=[(component, counted.get(component.pk, 0)) for component in components],
    )


def _so_far(name: str, done: Collection[int], components: Sequence[Component]) -> PersonSoFar:
    finished, asked = tally(components, done)
    choices = {component.choice_id: component.choice for component in components if component.choice}
    to_go = {key: choice.at_least for key, choice in choices.items()}
    for component in components:
        if component.choice_id in to_go and component.pk in done:
            to_go[component.choice_id] -= 1
    return PersonSoFar(
        name=name,
        finished=finished,
        asked=asked,
        done=[component for component in components if component.pk in done],
        missing=[component for component in components if component.required and component.pk not in done],
        short=[(choices[key], number) for key, number in to_go.items() if number > 0],
    )
