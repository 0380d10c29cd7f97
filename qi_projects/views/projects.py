"""Somebody's projects, beginning one, and the page of one."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import gallery, life, listing, naming, publication_rules, rules, starting
from qi_projects.forms import CountsForForm, TitleForm
from qi_projects.parts import PARTS, said_in
from qi_projects.sections import sections, what_is_next
from qi_projects.views.seats import INVALID, seat_of


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def projects(request: HttpRequest) -> HttpResponse:
    """Show the projects in whose team somebody is, and what waits for their answer: invitations, and being named."""
    user = person(request)
    context = {
        "projects": listing.own_projects(user),
        "invitations": rules.open_invitations(user),
        "asked_about": naming.waiting_for(user),
    }
    return render(request, "qi_projects/projects.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def new(request: HttpRequest) -> HttpResponse:
    """Say how a project begins, and begin one by questions."""
    user = person(request)
    form = CountsForForm(
        request.POST if request.method == "POST" else None,
        memberships=rules.memberships_to_count_for(user),
        chosen=request.GET.get("for", ""),
    )
    if request.method != "POST" or not form.is_valid():
        return render(request, "qi_projects/new.html", {"form": form}, status=INVALID if form.errors else None)
    project = starting.begin(user, membership=form.membership)
    return redirect("project_question", project.pk, project.guided_to)


def _title_form(user: User, data: QueryDict | None = None) -> TitleForm:
    return TitleForm(data, memberships=rules.memberships_to_count_for(user))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_title_form))
def new_with_title(request: HttpRequest) -> HttpResponse:
    """Begin a project with a title alone."""
    user = person(request)
    form = _title_form(user, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "qi_projects/new_title.html", {"form": form}, status=INVALID if form.errors else None)
    return redirect(starting.begin(user, title=form.cleaned_data["title"], membership=form.membership))


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def project(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a project has, what is next, and what can be done with it."""
    seat = seat_of(request, pk)
    tasks = sections(seat)
    decides = rules.may_decide(seat)
    context = {
        "project": seat.project,
        "seat": seat,
        "tasks": tasks,
        "next": what_is_next(seat.project, tasks) if publication_rules.may_write(seat) else None,
        "parts": [(part.title, said) for part in PARTS if (said := said_in(seat.project, part))],
        "may_edit": rules.may_edit(seat),
        "decides": decides,
        "builds_on": gallery.built_on(seat.project),
        "missing": life.what_is_missing(seat.project) if decides and seat.project.state == "draft" else [],
    }
    return render(request, "qi_projects/project.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who did what to a project, as the trail has it, the latest first."""
    seat = seat_of(request, pk)
    context = {"project": seat.project, "deeds": listing.history(seat.project)}
    return render(request, "qi_projects/history.html", context)
