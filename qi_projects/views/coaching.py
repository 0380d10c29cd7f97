"""What a team and its coaches say to one another beside a project, and how far it has come."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import commenting, rules, scoring
from qi_projects.coaches import coaches_of
from qi_projects.coaching_forms import AnswerForm, CommentForm, HelpForm, ScoreForm
from qi_projects.models import Side, Thread, ThreadMessage
from qi_projects.refusals import ProjectRefused
from qi_projects.scale import step
from qi_projects.score_picture import draw
from qi_projects.views.seats import INVALID, not_theirs, refuse, seat_of

MOST_SHOWN = 50
"""Threads on one page, those that wait first; nobody has that many."""


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def coaching(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who coaches a project, and what was said, what waits before what is dealt with."""
    seat = seat_of(request, pk)
    if not rules.reads_what_is_said(seat):
        return not_theirs(request, seat)
    threads = _with_messages(seat.project.threads.order_by("settled_at", "-waits_since"))[:MOST_SHOWN]
    shown = [_shown(thread) for thread in threads]
    context = {
        "project": seat.project,
        "coaches": coaches_of(seat.project),
        "open": [each for each in shown if not each["thread"].settled_at],
        "settled": [each for each in shown if each["thread"].settled_at],
        "covers": seat.covers,
        "may_ask": rules.may_ask_for_help(seat),
        "may_comment": rules.may_comment(seat),
        "waits_for_us": seat.side,
    }
    return render(request, "qi_projects/coaching.html", context)


def _comment_form(user: User, data: QueryDict, pk: int) -> CommentForm:
    return CommentForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_comment_form))
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a coach comment on a part of a project."""
    seat = seat_of(request, pk)
    if not rules.may_comment(seat):
        return not_theirs(request, seat)
    form = CommentForm(request.POST if request.method == "POST" else None, initial={"part": request.GET.get("part")})
    if request.method != "POST" or not form.is_valid():
        return _page(request, "qi_projects/comment.html", seat, form)
    try:
        thread = commenting.comment(
            seat.project, form.cleaned_data["text"], part=form.cleaned_data["part"], by=seat.person
        )
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, "The team is told by email that you have written.")
    return redirect("project_thread", pk, thread.pk)


def _help_form(user: User, data: QueryDict, pk: int) -> HelpForm:
    return HelpForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_help_form))
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody of the team ask its coaches for help."""
    seat = seat_of(request, pk)
    if not rules.may_ask_for_help(seat):
        return not_theirs(request, seat)
    form = HelpForm(request.POST if request.method == "POST" else None)
    on_duty = [coach.on_duty for coach in coaches_of(seat.project) if coach.on_duty]
    if request.method != "POST" or not form.is_valid():
        return _page(request, "qi_projects/ask.html", seat, form, on_duty=on_duty)
    given = {name: form.cleaned_data[name] for name in ("help_with", "part")}
    try:
        thread = commenting.ask_for_help(seat.project, form.cleaned_data["text"], **given, by=seat.person)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    said = "Your coach is told by email." if on_duty else "It waits for the coach that the project gets."
    messages.success(request, f"You have asked for help. {said}")
    return redirect("project_thread", pk, thread.pk)


def _answer_form(user: User, data: QueryDict, pk: int, thread_id: int) -> AnswerForm:
    return AnswerForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_answer_form))
def thread(request: HttpRequest, pk: int, thread_id: int) -> HttpResponse:
    """Show what was said in one thread, take an answer, and mark it as dealt with."""
    seat = seat_of(request, pk)
    chosen = existing(_with_messages(seat.project.threads.filter(pk=thread_id)).first())
    sent = request.method == "POST"
    if not rules.reads_what_is_said(seat) or (sent and not rules.may_answer(seat)):
        return not_theirs(request, seat)
    form = AnswerForm(request.POST if sent and "settle" not in request.POST else None)
    try:
        if sent and "settle" in request.POST:
            commenting.settle(chosen, side=seat.side, by=seat.person)
            messages.success(request, "It is marked as dealt with.")
            return redirect("project_coaching", pk)
        if sent and form.is_valid():
            commenting.answer(chosen, form.cleaned_data["text"], side=seat.side, by=seat.person)
            messages.success(request, "Your answer is sent.")
            return redirect("project_thread", pk, thread_id)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    may_answer = rules.may_answer(seat) and not chosen.settled_at
    return _page(request, "qi_projects/thread.html", seat, form, **_shown(chosen), may_answer=may_answer)


def _score_form(user: User, data: QueryDict, pk: int) -> ScoreForm:
    return ScoreForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_score_form))
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far people saw a project and when, and put on record where somebody sees it today."""
    seat = seat_of(request, pk)
    may_score, sent = rules.may_score(seat), request.method == "POST"
    if sent and not may_score:
        return not_theirs(request, seat)
    form = ScoreForm(request.POST if sent else None) if may_score else None
    if sent and form and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("score", "supported_by")}
        try:
            scoring.set_score(seat.project, **given, side=seat.side, by=seat.person)
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        messages.success(request, "Recorded. What was said before stays below.")
        return redirect("project_score", pk)
    records = list(seat.project.scores.select_related("set_by")[:MOST_SHOWN])
    scored = [(record, step(record.score)) for record in records]
    return _page(request, "qi_projects/score.html", seat, form, scored=scored, picture=draw(records[::-1]))


def _with_messages(threads: Any) -> Any:
    said = ThreadMessage.objects.select_related("author")
    return threads.select_related("settled_by").prefetch_related(Prefetch("messages", said))


def _shown(thread: Thread) -> dict[str, Any]:
    """Return what a page shows of a thread."""
    waits = {Side.TEAM.value: "Waits for the team", Side.COACH.value: "Waits for a coach", "": "Dealt with"}
    return {
        "thread": thread,
        "about": commenting.title_of(thread.part),
        "state": waits[thread.waits_for],
        "said": list(thread.messages.all()),
    }


def _page(
    request: HttpRequest, template: str, seat: rules.Seat, form: BaseForm | None, **context: object
) -> HttpResponse:
    """Show a page with a form, where there is one. One with errors answers 422."""
    status = INVALID if form and form.errors else None
    return render(request, template, {"project": seat.project, "form": form, **context}, status=status)
