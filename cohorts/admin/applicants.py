"""The page of those who would like to be in a cohort: against its places, by organisation and job role; and offers."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from cohorts import offering
from cohorts.enrolment import CohortFull
from cohorts.models import Cohort, Membership
from portal.access import person
from portal.accounts.models import User
from portal.nhsuk.dates import say_until
from portal.questions import Deed, DeedRefused, ask_first, people

State = Membership.State

LISTED = (State.APPLIED, State.RESERVE, State.OFFERED, State.NOMINATED)
COUNTED = (State.ENROLLED, State.OFFERED, State.APPLIED, State.RESERVE)
HEADINGS = ("Person", "Organisation", "Job role", "State")


@dataclass(frozen=True, slots=True)
class Line:
    """How many people of one organisation, or of one job role, are in each state."""

    name: str
    numbers: Sequence[int]


def applicants(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, pk: int) -> HttpResponse:
    """Show who applied, and do what was chosen with some of them, once it is said what that does."""
    cohort = get_object_or_404(model_admin.get_queryset(request).select_related("programme"), pk=pk)
    deed = _deeds(cohort, person(request)).get(request.POST.get("action", ""))
    if request.method == "POST" and deed:
        if not request.POST.getlist(ACTION_CHECKBOX_NAME):
            messages.error(request, "Choose somebody first.")
            return HttpResponseRedirect(request.get_full_path())
        numbers = [pk for pk in request.POST.getlist(ACTION_CHECKBOX_NAME) if pk.isascii() and pk.isdigit()]
        chosen = listed(cohort).filter(pk__in=[int(pk) for pk in numbers if len(pk) < 19])
        answer = ask_first(request, model_admin, chosen, deed)
        return answer or HttpResponseRedirect(request.get_full_path())
    rows = list(listed(cohort))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Who would like to take part",
        "opts": model_admin.opts,
        "about": cohort,
        "rows": rows,
        "deeds": [(key, each.title) for key, each in _deeds(cohort, person(request)).items()],
        "states": [state.label for state in COUNTED],
        "by_organisation": lines(cohort, "organisation__name"),
        "by_job_role": lines(cohort, "job_role__name"),
        "until": say_until(offering.until(cohort)),
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/cohorts/cohort/applicants.html", context)


def listed(cohort: Cohort) -> QuerySet[Membership]:
    """Return those whose place is not decided: who applied first, then the reserve list, each in order of time."""
    order = Case(*(When(state=state, then=Value(place)) for place, state in enumerate(LISTED)))
    rows = cohort.memberships.filter(state__in=LISTED).select_related(
        "user", "organisation", "job_role", "nominated_by"
    )
    return rows.order_by(order, "since", "id")


def lines(cohort: Cohort, by: str) -> list[Line]:
    """Count those who take part or would like to, by one thing about them and their state, in one statement."""
    found = Counter(cohort.memberships.filter(state__in=COUNTED).values_list(by, "state"))
    names = sorted({name for name, _ in found}, key=lambda name: (name is None, name or ""))
    return [Line(name or "Not known", [found[name, state] for state in COUNTED]) for name in names]


def _deeds(cohort: Cohort, by: User) -> dict[str, Deed[Membership]]:
    """Return what can be done with applicants, by its key."""

    def deed(key: str, title: str, states: Collection[str], says: str, do: Any, done: str) -> Deed[Membership]:
        def carry_out(chosen: Sequence[Membership]) -> tuple[int, str]:
            try:
                number = do(cohort, chosen, by=by)
            except CohortFull as full:
                raise DeedRefused(str(full)) from None
            return number, f"{done}: {people(number)}."

        return Deed(
            action=key,
            title=title,
            button=title,
            headings=HEADINGS,
            cells=lambda row: (
                row.user.name,
                str(row.organisation or ""),
                str(row.job_role or ""),
                row.get_state_display(),
            ),
            why_not=lambda row: "" if row.state in states else f"They are in the state “{row.get_state_display()}”.",
            says=lambda chosen: [f"{says} This is for {people(len(chosen))}."],
            do=carry_out,
        )

    waits = offering.WAITS_FOR_THE_TEAM
    held = f"It is held for them until {say_until(offering.until(cohort))}, and then ends by itself."
    left = f"The cohort has {cohort.places_left} of {cohort.places} places left."
    return {
        "offer": deed(
            "offer",
            "Offer a place",
            waits,
            f"They are written to, and say yes or no. {held} {left}",
            offering.offer,
            "Offered a place",
        ),
        "reserve": deed(
            "reserve",
            "Put on the reserve list",
            {State.APPLIED},
            "They are told.",
            offering.put_on_reserve,
            "On the reserve list",
        ),
        "turn_down": deed(
            "turn_down",
            "Tell them that there is no place",
            waits,
            "They are told, kindly, that there is no place for them in this cohort.",
            offering.turn_down,
            "Told that there is no place",
        ),
        "take_back": deed(
            "take_back",
            "Take back the offer",
            {State.OFFERED},
            "They are told, and wait for your decision again.",
            offering.take_back,
            "Taken back",
        ),
    }
