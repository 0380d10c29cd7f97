"""How far a cohort's people are, for whoever leads its sessions. Nothing is changed here."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cohorts import group_progress, rules
from cohorts.group_progress import PersonSoFar
from cohorts.models import Component
from cohorts.views.registers import page_asked_for
from portal.access import access, existing, person
from portal.accounts.rules import is_facilitator
from portal.nhsuk.components import isolated, lines


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in each column."""

    cells: Sequence[str]


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a page of people with what each has done and what is to come."""
    cohort = existing(rules.cohort_led(person(request), pk))
    page = page_asked_for(request)
    found = group_progress.people(cohort, page=page)
    if page > 1 and not found.so_far:
        raise Http404
    context = {
        "cohort": cohort,
        "is_facilitator": is_facilitator(request.user),
        "people": [_person(each) for each in found.so_far],
        "previous_page": f"?page={page - 1}" if page > 1 else "",
        "next_page": f"?page={page + 1}" if found.has_more else "",
    }
    return render(request, "cohorts/group.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def group_components(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how many have done each component."""
    cohort = existing(rules.cohort_led(person(request), pk))
    found = group_progress.done_by(cohort)
    rows = [
        Row((component.title, _asked(component), f"{number} of {found.people}"))
        for component, number in found.components
    ]
    return render(request, "cohorts/group_components.html", {"cohort": cohort, "components": rows})


def _asked(component: Component) -> str:
    if component.choice:
        return f"At least {component.choice.at_least} of “{component.choice}”"
    return "Yes" if component.required else "Optional"


def _person(so_far: PersonSoFar) -> Row:
    to_come = [
        *(component.title for component in so_far.missing),
        *(f"{number} more of “{choice}”" for choice, number in so_far.short),
    ]
    return Row(
        (
            isolated(so_far.name),
            f"{so_far.finished} of {so_far.asked}",
            lines(*(component.title for component in so_far.done)) or "Nothing yet",
            lines(*to_come) or "Nothing",
        )
    )
