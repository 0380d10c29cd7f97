"""A coach's own pages: the projects that they coach, those that wait for a reviewer, and when they are away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, person
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import caseload, rules, standing_in
from qi_projects.coaching_forms import AbsenceForm, CoverForm
from qi_projects.refusals import ProjectRefused
from qi_projects.views.seats import INVALID, REFUSED

MOST_TO_REVIEW = 50


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.coaches)
def projects_to_coach(request: HttpRequest) -> HttpResponse:
    """Show a coach their projects with what waits and which may be stuck, and what others have sent for review."""
    user = person(request)
    cases = caseload.cases(user)
    context = {
        "cases": [case for case in cases if case.project.is_going_on],
        "ended": [case for case in cases if not case.project.is_going_on],
        "absences": caseload.absences(user),
        "to_review": rules.projects_to_review(user).select_related("organisation").order_by("pk")[:MOST_TO_REVIEW],
        "person": user,
    }
    return render(request, "qi_projects/projects_to_coach.html", context)


def _absence_form(user: User, data: QueryDict | None = None) -> AbsenceForm:
    return AbsenceForm(data, coaches=standing_in.who_could_stand_in(user))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(rules.coaches)
@typed.told_as(typed.by_labels(_absence_form))
def say_away(request: HttpRequest) -> HttpResponse:
    """Ask from when to when a coach is away, and who stands in."""
    user = person(request)
    form = _absence_form(user, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "qi_projects/say_away.html", {"form": form}, status=INVALID if form.errors else None)
    days = {name: form.cleaned_data[name] for name in ("from_on", "to_on", "cover")}
    try:
        standing_in.say_away(user, **days)
    except ProjectRefused as refused:
        context = {"form": form, "refused": refused}
        return render(request, "qi_projects/say_away.html", context, status=REFUSED)
    messages.success(request, f"Saved. {days['cover']} is told, and your teams see who stands in.")
    return redirect("projects_to_coach")


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(rules.coaches)
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a coach who is away come back or choose who stands in; and whoever stands in say that they cannot."""
    user = person(request)
    found = existing(rules.own_absence(user, pk))
    own, sent = found.coach_id == user.pk, request.method == "POST"
    form = CoverForm(
        request.POST if sent and "cover" in request.POST else None,
        coaches=standing_in.who_could_stand_in(user),
        chosen=found.covered_by_id,
    )
    refused: ProjectRefused | None = None
    try:
        if sent and own and "back" in request.POST:
            standing_in.come_back(found)
            messages.success(request, "Welcome back. Your projects are yours alone again.")
            return redirect("projects_to_coach")
        if sent and not own and "decline" in request.POST:
            standing_in.decline(found, by=user)
            messages.success(request, f"{found.coach} is told that you cannot stand in.")
            return redirect("projects_to_coach")
        if sent and own and form.is_valid():
            standing_in.choose_cover(found, form.cleaned_data["cover"], by=user)
            messages.success(request, f"{form.cleaned_data['cover']} stands in for you, and is told.")
            return redirect("projects_to_coach")
    except ProjectRefused as error:
        refused = error
    today = timezone.localdate()
    context = {
        "absence": found,
        "own": own,
        "form": form if own else None,
        "refused": refused,
        "is_over": found.to_on < today,
        "has_begun": found.from_on < today,
    }
    status = REFUSED if refused else INVALID if form.errors else None
    return render(request, "qi_projects/absence.html", context, status=status)
