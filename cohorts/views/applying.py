"""Expressing interest: what a programme asks, one question a page, kept as one goes; check, and send."""

from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from cohorts import applying, rules
from cohorts.applying import ApplicationsClosed, Incomplete, Step
from cohorts.forms import AnswerForm, JobRoleForm, WorkplaceForm
from cohorts.models import Application, Cohort
from cohorts.offering import PlaceRefused
from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User

REFUSED, INVALID = 409, 422


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what taking part asks of somebody, and lead to the first question, or to where they were."""
    cohort = existing(rules.cohort_to_apply_for(person(request), pk))
    found = _applications_of(person(request)).filter(cohort=cohort).first()
    if request.method != "POST":
        return _start(request, cohort, found)
    try:
        application = applying.begin(cohort, person(request))
    except PlaceRefused as refused:
        return _start(request, cohort, found, refused)
    return _next(application)


def _asked(person: User, data: QueryDict, pk: int, key: str) -> Form | None:
    """Return the form of one question with what somebody answered, if they are asked it."""
    application = _applications_of(person).filter(cohort=pk).first()
    step = application and _step(application, key)
    return _form(application, step, data) if application and step else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_asked))
def question(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Ask one question, keep what is answered, and lead to the next. What is closed keeps it, and says that it is."""
    application = _open(request, pk)
    if isinstance(application, HttpResponse):
        return application
    cohort, step = application.cohort, _step(application, key)
    if step is None:
        raise Http404
    form = _form(application, step, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "cohort": cohort, "label": step.label}
        return render(request, "cohorts/apply_question.html", context, status=INVALID if form.is_bound else None)
    if step.question:
        applying.answer(application, step.question, form.cleaned_data["text"])
    else:
        (said,) = form.cleaned_data.items()
        applying.say_of_oneself(application, *said)
    if not cohort.takes_applications:
        kept = _applications_of(person(request)).get(pk=application.pk)
        return _start(request, cohort, kept, ApplicationsClosed(cohort))
    return _next(application)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every answer, and send them."""
    application = _open(request, pk)
    if isinstance(application, HttpResponse):
        return application
    cohort, refused = application.cohort, None
    if request.method == "POST":
        try:
            return redirect("place", applying.send(application).pk)
        except Incomplete as incomplete:
            return redirect("apply_question", pk, incomplete.step.key)
        except ApplicationsClosed as closed:
            return _start(request, cohort, application, closed)
        except PlaceRefused as error:
            refused = error
    steps = applying.steps(application)
    if any(not step.is_answered for step in steps):
        return _next(application)
    context = {"cohort": cohort, "steps": steps, "refused": refused}
    return render(request, "cohorts/apply_check.html", context, status=REFUSED if refused else None)


def _applications_of(person: User) -> QuerySet[Application]:
    """Return somebody's own applications, each with what its pages say."""
    rows = Application.objects.filter(user=person)
    return rows.select_related("cohort__programme", "organisation", "job_role", "user")


def _step(application: Application, key: str) -> Step | None:
    return next((step for step in applying.steps(application) if step.key == key), None)


def _start(
    request: HttpRequest, cohort: Cohort, application: Application | None, refused: PlaceRefused | None = None
) -> HttpResponse:
    """Show the page on which applying begins: once it is closed, with when that was and what was answered."""
    is_final = application is not None and applying.is_final(application)
    closed = None if is_final or cohort.takes_applications else ApplicationsClosed(cohort)
    context = {
        "cohort": cohort,
        "programme": cohort.programme,
        "application": application,
        "is_final": is_final,
        "closed": closed,
        "steps": applying.steps(application) if closed and application and not application.sent_at else [],
        "refused": refused,
    }
    return render(request, "cohorts/apply.html", context, status=REFUSED if refused else None)


def _open(request: HttpRequest, pk: int) -> Application | HttpResponse:
    """Return the person's own application, or the way to its first page, which says why they cannot go on with it.

    What is sent once it is closed is taken, to be kept. Raises Http404 for who has none, where they could begin one.
    """
    application = _applications_of(person(request)).filter(cohort=pk).first()
    if application is None:
        if not existing(rules.cohort_to_apply_for(person(request), pk)).is_closed:
            raise Http404
        return redirect("apply", pk)
    is_over = request.method != "POST" and not application.cohort.takes_applications
    return redirect("apply", pk) if application.sent_at or is_over else application


def _next(application: Application) -> HttpResponse:
    """Lead to the first question that was not asked yet, or to all of them."""
    application = Application.objects.select_related("cohort", "organisation", "job_role").get(pk=application.pk)
    if application.sent_at:
        return redirect("apply", application.cohort_id)
    step = next((step for step in applying.steps(application) if not step.is_answered), None)
    if step:
        return redirect("apply_question", application.cohort_id, step.key)
    return redirect("apply_check", application.cohort_id)


def _form(application: Application, step: Step, data: Any) -> Form:
    if step.question:
        return AnswerForm(data, question=step.question, initial={"text": step.said})
    if step.key == applying.ORGANISATION:
        return WorkplaceForm(data, initial={"organisation": application.organisation_id})
    return JobRoleForm(data, initial={"job_role": application.job_role_id})
