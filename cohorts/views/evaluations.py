"""Saying how a session was, and what its facilitators and its programme's admins are told of that."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import evaluating, rules
from cohorts.evaluating import Answered, NotAsked
from cohorts.evaluation_results import results
from cohorts.forms import EvaluationForm
from cohorts.models import Evaluation
from portal.access import access, existing, person, signed_in
from portal.accounts.rules import is_facilitator
from portal.small_numbers import LEAST_ANSWERS

QUESTION = re.compile(r"question_(\d{1,18})", re.ASCII)
REFUSED, INVALID = 409, 422


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def evaluate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask about a session before it or after it, and keep what is answered."""
    user = person(request)
    session = existing(rules.session_once_booked(user, pk))
    sent = request.method == "POST"
    try:
        asked = evaluating.asked(user, session, shown=_shown(request))
        form = EvaluationForm(request.POST if sent else None, asked=asked)
        # The session may have been held while somebody answered what it asks before it.
        held_meanwhile = sent and request.POST.get("stage") != asked.stage
        if form.is_valid() and not held_meanwhile:
            evaluating.answer(asked, user, form.answers)
            return redirect("evaluate", pk)
    except NotAsked as refused:
        context = {
            "session": session,
            "refused": refused,
            "is_answered": isinstance(refused, Answered),
            "written": _written(request),
        }
        return render(request, "cohorts/evaluate.html", context, status=REFUSED if sent else 200)
    context = {
        "session": session,
        "form": form,
        "stage": asked.stage,
        "is_over": asked.stage == Evaluation.Stage.AFTER,
        "held_meanwhile": held_meanwhile,
    }
    return render(request, "cohorts/evaluate.html", context, status=INVALID if sent else 200)


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def evaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a session's evaluations say, once enough people have answered."""
    session = existing(rules.session_with_register(person(request), pk))
    context = {
        "session": session,
        "is_facilitator": is_facilitator(request.user),
        "results": results(session),
        "least": LEAST_ANSWERS,
    }
    return render(request, "cohorts/evaluation.html", context)


def _shown(request: HttpRequest) -> list[int]:
    """Return the questions that the page had which was sent: what it asked is taken, though it be asked no longer."""
    return [int(found[1]) for found in map(QUESTION.fullmatch, request.POST) if found]


def _written(request: HttpRequest) -> list[str]:
    """Return what somebody wrote in their own words, to be given back where it cannot be taken."""
    sent = (str(text).strip() for name, text in request.POST.items() if QUESTION.fullmatch(name))
    return [text for text in sent if text and not text.isdigit()]
