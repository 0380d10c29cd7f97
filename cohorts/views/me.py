"""A participant's own pages: what their programme asks of them, the dates of one component, and their bookings."""

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cohorts import about, alongside, alumni, courses, dates, graduating, my_bookings, my_champions, progress, rules
from cohorts.models import EvidenceKind, Membership
from cohorts.views.booking_rows import live_rows, past_page
from cohorts.views.date_rows import date_rows
from cohorts.views.task_lines import by_when, task_list
from portal.access import access, existing, person, signed_in
from portal.accounts.seeing import seen_by_admins
from portal.prepared import Given, Prepared

State = Membership.State
# Memberships that lead somewhere: the others are over.
PENDING = (State.APPLIED, State.NOMINATED, State.OFFERED, State.RESERVE, State.DEFERRED)
MEMBERSHIPS: Prepared[Any] = Prepared(
    lambda: (
        Membership.objects.filter(user=Given("person"), state__in=(State.ENROLLED, *PENDING))
        .select_related("cohort__programme")
        .only(
            "state",
            "user_id",
            "cohort__name",
            "cohort__ends_on",
            "cohort__champion_opens_on",
            "cohort__champion_closes_on",
            "cohort__programme__name",
            "cohort__programme__slug",
        )
        .order_by("-cohort__starts_on", "id")
    )
)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
@seen_by_admins
def me(request: HttpRequest) -> HttpResponse:
    """Show "Your programme": a task list for each membership; and to alumni first what goes on."""
    user = person(request)
    memberships = MEMBERSHIPS.all(person=user.pk)
    enrolled = [membership for membership in memberships if membership.state == State.ENROLLED]
    asked = progress.tasks(user)
    # What they say of themselves elsewhere is not for whoever looks at the page to help them.
    beside = {} if hasattr(request, "seen_for") else alongside.lines_of(user)
    champions = my_champions.standings(user)
    lists: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for membership in enrolled:
        tasks = asked.get(membership.pk, [])
        done = {task.component.pk for task in tasks if task.is_done}
        lists[alumni.is_alumnus(membership, [task.component for task in tasks], done)].append(
            {
                **task_list(membership, tasks, beside.get(membership.pk, ())),
                "champion": champions.of.get(membership.pk),
            }
        )
    pending = [membership for membership in memberships if membership.state in PENDING]
    context = {
        "lists": lists[False],
        "completed": lists[True],
        "goes_on": alumni.goes_on(user) if lists[True] else (),
        "pending": pending,
        "champions": champions,
        "invitations": graduating.open_invitations(user),
    }
    return render(request, "cohorts/me.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
@seen_by_admins
def component(request: HttpRequest, membership_id: int, component: str) -> HttpResponse:
    """Show one component of somebody's programme and, where it is booked, its dates to choose from."""
    user = person(request)
    membership = existing(rules.own_membership(user, membership_id))
    chosen = existing(about.part(membership.cohort.programme_id, component))
    context: dict[str, Any] = {
        "membership": membership,
        "component": chosen,
        "outcomes": about.learning_outcomes(chosen),
        "done_on": (done_on := progress.fulfilled_on(membership, chosen)),
        "by_when": by_when((chosen.choice or chosen).due_on(membership.cohort.starts_on)),
    }
    if EvidenceKind.SELF_STUDY in chosen.fulfilled_by:
        context["course"] = courses.offered(chosen)
    if chosen.is_booked:
        found = dates.choices(chosen, cohort_id=membership.cohort_id, person=user, after=request.GET.get("after", ""))
        if done_on and chosen.once:
            found = replace(found, dates=[date for date in found.dates if date.held], next_after="")
            context["is_over"] = not found.dates
        booked = found.booked if chosen.once else None
        context["booked"] = booked
        context["rows"] = date_rows(found, swap_from=booked.uid if booked else None)
        context["next_after"] = found.next_after
    return render(request, "cohorts/component.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
@seen_by_admins
def bookings(request: HttpRequest) -> HttpResponse:
    """Show what somebody has booked, waits for and is offered; and, page by page, what is over."""
    user = person(request)
    before = request.GET.get("before", "")
    past = my_bookings.past(user, before=before)
    if before and not past.rows:
        raise Http404
    context = {"past": past_page(past), "live": None if before else live_rows(my_bookings.live(user))}
    return render(request, "cohorts/bookings.html", context)
