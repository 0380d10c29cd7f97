"""Expressing interest: what a programme asks, one question a page, kept as one goes; check, and send."""

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from cohorts import applying, rules
from cohorts.applying import ApplicationsClosed, Incomplete, NotForYouAgain, Step
from cohorts.forms import AnswerForm, JobRoleForm, WorkplaceForm
from cohorts.models import Application
from portal.access import access, existing, person, signed_in

REFUSED, INVALID = 409, 422


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what taking part asks of somebody, and lead to the first question, or to where they were."""
    cohort = existing(rules.cohort_to_apply_for(person(request), pk))
    found = Application.objects.filter(user=person(request), cohort=cohort).first()
    context = {
        "cohort": cohort,
        "programme": cohort.programme,
        "application": found,
        "is_final": found is not None and applying.is_final(found),
    }
    if request.method != "POST":
        return render(request, "cohorts/apply.html", context)
    try:
        application = applying.begin(cohort, person(request))
    except (ApplicationsClosed, NotForYouAgain) as refused:
        return render(request, "cohorts/apply.html", {**context, "refused": refused}, status=REFUSED)
    return _next(application)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def question(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """Ask one question, keep what is answered, and lead to the next."""
    application = _own(request, pk)
    step = next((step for step in applying.steps(application) if step.key == key), None)
    if step is None:
        raise Http404
    if application.sent_at:
        return redirect("apply", pk)
    form = _form(application, step, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "cohort": application.cohort, "label": step.label}
        return render(request, "cohorts/apply_question.html", context, status=INVALID if form.is_bound else None)
    if step.question:
        applying.answer(application, step.question, form.cleaned_data["text"])
    else:
        (said,) = form.cleaned_data.items()
        applying.say_of_oneself(application, *said)
    return _next(application)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every answer, and send them."""
    application = _own(request, pk)
    if application.sent_at:
        return redirect("apply", pk)
    refused = None
    if request.method == "POST":
        try:
            return redirect("place", applying.send(application).pk)
        except Incomplete as incomplete:
            return redirect("apply_question", pk, incomplete.step.key)
        except (ApplicationsClosed, NotForYouAgain) as error:
            refused = error
    steps = applying.steps(application)
    if any(not step.is_answered for step in steps):
        return _next(application)
    context = {"cohort": application.cohort, "steps": steps, "refused": refused}
    return render(request, "cohorts/apply_check.html", context, status=REFUSED if refused else None)


def _own(request: HttpRequest, pk: int) -> Application:
    """Return the person's own application to a cohort. Raises Http404."""
    rows = Application.objects.select_related("cohort__programme", "organisation", "job_role", "user")
    return existing(rows.filter(user=person(request), cohort=pk).first())


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
