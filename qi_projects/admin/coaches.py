"""The page of a project's coaches: who coaches it, who could, and letting somebody begin or stop."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from portal.access import person
from portal.admin_fields import KEY
from portal.questions import Question, ask, is_confirmed
from qi_projects import teams
from qi_projects.coaches import assign, coaches_of, qi_coaches
from qi_projects.models import Project
from qi_projects.models.teams import Role
from qi_projects.refusals import NoCoach, ProjectRefused


def coaches_page(model_admin: "admin.ModelAdmin[Project]", request: HttpRequest, pk: int) -> HttpResponse:
    """Show who coaches a project, and assign a coach or take one off, once it is said what that does."""
    project = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if request.method == "POST":
        try:
            answer = _answer(model_admin, request, project)
        except ProjectRefused as refused:
            messages.error(request, str(refused))
            answer = None
        return answer or HttpResponseRedirect(request.path)
    coaches = coaches_of(project)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Coaches",
        "opts": model_admin.opts,
        "about": project,
        "coaches": coaches,
        "others": qi_coaches().exclude(project_places__in=project.team.live()).select_related("organisation"),
    }
    return TemplateResponse(request, "admin/qi_projects/project/coaches.html", context)


def _answer(model_admin: "admin.ModelAdmin[Project]", request: HttpRequest, project: Project) -> HttpResponse | None:
    """Ask whether it is to be done; do it once that is confirmed, and return None for the page.

    Raises ProjectRefused.
    """
    act, key = request.POST.get("act", ""), request.POST.get("coach", "")
    if act not in {"assign", "take_off"}:
        return None
    if not KEY.fullmatch(key):
        raise NoCoach("Choose a coach first. Nothing was done.")
    return (
        _assign(model_admin, request, project, key)
        if act == "assign"
        else _take_off(model_admin, request, project, key)
    )


def _assign(
    model_admin: "admin.ModelAdmin[Project]", request: HttpRequest, project: Project, key: str
) -> HttpResponse | None:
    coach = qi_coaches().filter(pk=key).first()
    if coach is None:
        raise NoCoach
    if is_confirmed(request):
        assign(project, coach, by=person(request))
        messages.success(request, f"{coach} coaches this project, and is told. So is its team.")
        return None
    question = Question(
        title=f"Let {coach} coach “{project}”?",
        button="Assign the coach",
        says=[
            f"{coach} reads the project from now on, comments on it and answers its team.",
            "They and the team are told by email.",
        ],
        about=project,
        back=request.path,
        unseen=[("act", "assign"), ("coach", key)],
    )
    return ask(request, model_admin, question)


def _take_off(
    model_admin: "admin.ModelAdmin[Project]", request: HttpRequest, project: Project, key: str
) -> HttpResponse | None:
    place = project.team.live().filter(role=Role.COACH, pk=key).select_related("user", "project").first()
    if place is None:
        raise ProjectRefused
    if is_confirmed(request):
        teams.take_off(place, by=person(request))
        messages.success(request, f"{place.user} coaches this project no longer, and is told.")
        return None
    question = Question(
        title=f"Take {place.user} off “{project}”?",
        button="Take them off",
        says=["They can no longer read the project, and are told so by email. What they wrote stays."],
        about=project,
        back=request.path,
        unseen=[("act", "take_off"), ("coach", key)],
    )
    return ask(request, model_admin, question)
