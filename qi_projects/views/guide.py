"""The guided start: one question a page, kept as one goes, taken up again later; check, and go on with the project."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.together import said
from qi_projects import guide, rules, starting
from qi_projects.forms import QuestionForm
from qi_projects.guide import CHECK, QUESTIONS, Question
from qi_projects.models import Project
from qi_projects.refusals import ProjectRefused
from qi_projects.views.beside_others import status_of
from qi_projects.views.editing import put_down
from qi_projects.views.seats import not_theirs, refuse, seat_of


def _form(user: User, data: QueryDict, pk: int, key: str) -> QuestionForm | None:
    seat, asked = rules.seat(user, pk), guide.question(key)
    return QuestionForm(data, project=seat.project, question=asked) if seat and asked else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_form))
def question(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Ask one question, keep what is answered or that it is left for later, and lead to the next."""
    seat, asked = seat_of(request, pk), existing(guide.question(key))
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    form = QuestionForm(request.POST if request.method == "POST" else None, project=seat.project, question=asked)
    if request.method == "POST" and form.is_valid():
        if answer := put_down(request, seat, form, quietly=True):
            return answer
        if not form.changed_meanwhile:
            return _next(seat.project, asked)
    earlier = guide.before(key)
    context = {
        "project": seat.project,
        "question": asked,
        "form": form,
        "label": asked.label,
        "back": reverse("project_question", args=[pk, earlier]) if earlier else seat.project.get_absolute_url(),
        "number": QUESTIONS.index(asked) + 1,
        "of": len(QUESTIONS),
    }
    return render(request, "qi_projects/question.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every answer, and end the guided start: they are the project's already."""
    seat = seat_of(request, pk)
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    if request.method == "POST":
        try:
            starting.end_guide(seat.project, by=person(request))
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        return redirect(seat.project)
    answers = [(each, said(seat.project, each.field)) for each in QUESTIONS]
    return render(request, "qi_projects/check.html", {"project": seat.project, "answers": answers})


def _next(project: Project, asked: Question) -> HttpResponse:
    """Lead to the question to which the guided start has come: whoever changes an earlier one comes back there."""
    key = starting.go_on_from(project, asked.key)
    if key in ("", CHECK):
        return redirect("project_check", project.pk)
    return redirect("project_question", project.pk, key)
