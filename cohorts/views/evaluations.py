"""Saying how a session was, and what its facilitators and its programme's admins are told of that."""

import re

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import evaluating, rules
from cohorts.evaluating import Answered, NotAsked
from cohorts.evaluation_results import results
from cohorts.forms import EvaluationForm
from cohorts.models import Evaluation, Session
from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.form_words import filled_in
from portal.small_numbers import LEAST_ANSWERS

YOU_READ_THEM = "You read what people say of this session, so you are not asked yourself."
QUESTION = re.compile(r"question_(\d{1,18})", re.ASCII)
SCORE = re.compile(r"[1-5]", re.ASCII)
REFUSED, INVALID = 409, 422


def answers_in_words(person: User, fields: typed.Fields, pk: int) -> typed.Fields:
    """Say what somebody answered about a session: in their own words alone, where it is asked of them no longer."""
    data, session = typed.as_sent(fields), rules.session_once_booked(person, pk)
    try:
        asked = session and evaluating.asked(person, session, shown=_shown(data))
    except NotAsked:
        asked = None
    if asked:
        return filled_in(EvaluationForm(data, asked=asked))
    return [("What you wrote", text) for text in sorted(_written(data))]


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(answers_in_words)
def evaluate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask about a session before it or after it, and keep what is answered."""
    user = person(request)
    session = existing(rules.session_once_booked(user, pk))
    if rules.reads_evaluations_of(user, session):
        return _refuse(request, session, NotAsked(YOU_READ_THEM))
    sent = request.method == "POST"
    try:
        asked = evaluating.asked(user, session, shown=_shown(request.POST))
        form = EvaluationForm(request.POST if sent else None, asked=asked)
        # The session may have been held while somebody answered what it asks before it.
        held_meanwhile = sent and request.POST.get("stage") != asked.stage
        if form.is_valid() and not held_meanwhile:
            evaluating.answer(asked, user, form.answers)
            return redirect("evaluate", pk)
    except NotAsked as refused:
        return _refuse(request, session, refused)
    context = {
        "session": session,
        "form": form,
        "stage": asked.stage,
        "is_over": asked.stage == Evaluation.Stage.AFTER,
        "held_meanwhile": held_meanwhile,
    }
    return render(request, "cohorts/evaluate.html", context, status=INVALID if sent else 200)


def _refuse(request: HttpRequest, session: Session, refused: NotAsked) -> HttpResponse:
    """Say why nothing is asked, and give back what somebody wrote that is not kept."""
    sent, is_answered = request.method == "POST", isinstance(refused, Answered)
    left = _written(request.POST) - evaluating.own_words(person(request), session)
    if sent and is_answered and not left:  # the second of two clicks
        return redirect("evaluate", session.pk)
    context = {"session": session, "refused": refused, "is_answered": is_answered, "written": sorted(left)}
    return render(request, "cohorts/evaluate.html", context, status=REFUSED if sent else 200)


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.takes_registers)
def evaluation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a session's evaluations say, once enough people have answered."""
    session = existing(rules.session_with_register(person(request), pk))
    context = {
        "session": session,
        "results": results(session),
        "least": LEAST_ANSWERS,
    }
    return render(request, "cohorts/evaluation.html", context)


def _shown(data: QueryDict) -> list[int]:
    """Return the questions that the page had which was sent: what it asked is taken, though it be asked no longer."""
    return [int(found[1]) for found in map(QUESTION.fullmatch, data) if found]


def _written(data: QueryDict) -> set[str]:
    """Return what somebody wrote in their own words, to be given back where it cannot be taken."""
    sent = (str(text).strip() for name, text in data.items() if QUESTION.fullmatch(name))
    return {text for text in sent if text and not SCORE.fullmatch(text)}
