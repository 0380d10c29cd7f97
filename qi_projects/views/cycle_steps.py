"""Writing in a PDSA cycle, part by part and question by question; and taking it from step to step."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from portal import together
from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import cycles, rules
from qi_projects.cycle_forms import (
    PARTS,
    AbandonForm,
    ActForm,
    AnswerForm,
    DayForm,
    NewQuestionForm,
    PartForm,
    QuestionForm,
)
from qi_projects.models import Cycle, CycleQuestion
from qi_projects.refusals import CycleMovedOn, DatesOutOfOrder, PredictionsLocked, ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views.beside_others import put_down, status_of
from qi_projects.views.cycles import cycle_of
from qi_projects.views.seats import INVALID, REFUSED, not_theirs, refuse, seat_of

State = Cycle.State


def _part_form(user: User, data: QueryDict, pk: int, cycle: int, part: str) -> PartForm | None:
    row = Cycle.objects.filter(pk=cycle, ramp__project=pk).first()
    return PartForm(data, cycle=row, part=PARTS[part]) if row and part in PARTS else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_part_form))
def edit(request: HttpRequest, pk: int, cycle: int, part: str) -> HttpResponse:
    """Show the fields of one part of a cycle, and put down what was written there."""
    seat, chosen = seat_of(request, pk), existing(PARTS.get(part))
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    row = cycle_of(seat, cycle)
    form = PartForm(request.POST if request.method == "POST" else None, cycle=row, part=chosen)
    if not form.names:
        return refuse(request, seat, CycleMovedOn())
    if request.method == "POST" and form.is_valid():
        answer = put_down(
            request,
            seat,
            form,
            lambda: cycles.change(
                seat.project,
                cycle,
                form.given,
                seen=form.carried,
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            ),
            lambda: cycle_of(seat, cycle),
        )
        if answer or not form.changed_meanwhile:
            return answer or redirect(row)
    context = {"project": seat.project, "cycle": row, "part": chosen, "form": form}
    return render(request, "qi_projects/cycle_edit.html", context, status=status_of(form))


def _new_question_form(user: User, data: QueryDict, pk: int, cycle: int) -> NewQuestionForm:
    return NewQuestionForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_new_question_form))
def new_question(request: HttpRequest, pk: int, cycle: int) -> HttpResponse:
    """Add a question, with what the team predicts."""
    seat = seat_of(request, pk)
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    row = cycle_of(seat, cycle)
    if row.state != State.PLAN:
        return refuse(request, seat, PredictionsLocked())
    form = NewQuestionForm(request.POST if request.method == "POST" else None)
    context = {"project": seat.project, "cycle": row, "form": form, "title": "A question, and what you predict"}
    if request.method != "POST" or not form.is_valid():
        return render(request, "qi_projects/cycle_question.html", context, status=INVALID if form.errors else None)
    try:
        cycles.ask(
            seat.project,
            cycle,
            form.cleaned_data["text"],
            form.cleaned_data["prediction"],
            by=seat.person,
            said_not_about_patients=form.said_not_about_patients,
        )
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    return redirect(row)


def _form_of(question: CycleQuestion, state: str, data: QueryDict | None) -> QuestionForm | AnswerForm | None:
    """Return what can be written of a question in a step: before Do, what is asked; in Study, what was found."""
    if state == State.PLAN:
        return QuestionForm(data, question=question)
    return AnswerForm(data, question=question) if state == State.STUDY else None


def _question_form(user: User, data: QueryDict, pk: int, cycle: int, question: int) -> Form | None:
    rows = CycleQuestion.objects.select_related("cycle").filter(pk=question, cycle=cycle, cycle__ramp__project=pk)
    row = rows.first()
    return _form_of(row, row.cycle.state, data) if row else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_question_form))
def question(request: HttpRequest, pk: int, cycle: int, question: int) -> HttpResponse:
    """Change a question and its prediction, in a plan; say what was found, in Study."""
    seat = seat_of(request, pk)
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    row = cycle_of(seat, cycle)
    asked = existing(row.questions.filter(pk=question).first())
    form = _form_of(asked, row.state, request.POST if request.method == "POST" else None)
    if form is None or not _was_sent_for(form, request):
        return refuse(request, seat, PredictionsLocked() if "prediction" in request.POST else CycleMovedOn())
    if request.method == "POST" and form.is_valid():
        answer = put_down(
            request,
            seat,
            form,
            lambda: cycles.change_question(
                seat.project,
                question,
                form.given,
                seen=form.carried,
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            ),
            lambda: CycleQuestion.objects.get(pk=question),
        )
        if answer or not form.changed_meanwhile:
            return answer or redirect(row)
    is_study = isinstance(form, AnswerForm)
    title = "What did you find?" if is_study else "A question, and what you predict"
    context = {"project": seat.project, "cycle": row, "question": asked, "form": form, "title": title}
    return render(request, "qi_projects/cycle_question.html", {**context, "is_study": is_study}, status=status_of(form))


def _was_sent_for(form: QuestionForm | AnswerForm, request: HttpRequest) -> bool:
    """Say whether what was sent is of this form's step: nobody's prediction is taken for an answer that lacks."""
    return request.method != "POST" or not {"prediction", "answer"} & set(request.POST) - set(form.names)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def remove_question(request: HttpRequest, pk: int, cycle: int, question: int) -> HttpResponse:
    """Ask whether a question is to go, and take it out of the plan."""
    seat = seat_of(request, pk)
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    row = cycle_of(seat, cycle)
    asked = existing(row.questions.filter(pk=question).first())
    if row.state != State.PLAN:
        return refuse(request, seat, PredictionsLocked())
    if request.method != "POST":
        seen = together.seen(asked, ["text", "prediction"])
        context = {"project": seat.project, "cycle": row, "question": asked, "seen": seen}
        return render(request, "qi_projects/cycle_question_remove.html", context)
    try:
        cycles.remove_question(seat.project, question, seen=request.POST.get("seen", ""), by=seat.person)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, "The question is taken out.")
    return redirect(row)


@dataclass(frozen=True, slots=True)
class Step:
    """How a cycle goes on: from which states, what the page says and asks, and what is done with the answer."""

    title: str
    button: str
    states: frozenset[State]
    says: tuple[str, ...]
    do: Callable[[Seat, int, Any], Cycle | None]
    form: Callable[[QueryDict | None], Form] | None = None
    is_warning: bool = False


STEPS: Final = {
    "do": Step(
        title="Begin Do",
        button="Begin Do",
        states=frozenset({State.PLAN}),
        says=(
            "From now on the plan, its questions and what you predict stay as they are.",
            "So you will see how good your guess was.",
        ),
        do=lambda seat, cycle, form: cycles.begin_do(seat.project, cycle, form.cleaned_data["day"], by=seat.person),
        form=lambda data: DayForm(data, label="When did Do begin?"),
    ),
    "study": Step(
        title="Go on to Study",
        button="Go on to Study",
        states=frozenset({State.DO}),
        says=("Do is over. You can still add to what happened while you study it.",),
        do=lambda seat, cycle, form: cycles.end_do(seat.project, cycle, form.cleaned_data["day"], by=seat.person),
        form=lambda data: DayForm(data, label="When did Do end?"),
    ),
    "act": Step(
        title="Act",
        button="Close the cycle",
        states=frozenset({State.STUDY}),
        says=("The cycle is closed with what you decide, and stays to be read. Then you can plan the next one.",),
        do=lambda seat, cycle, form: cycles.decide(
            seat.project,
            cycle,
            form.cleaned_data["decision"],
            why=form.cleaned_data["why"],
            next_step=form.cleaned_data["next_step"],
            decided_on=form.cleaned_data["day"],
            by=seat.person,
            said_not_about_patients=form.said_not_about_patients,
        ),
        form=ActForm,
    ),
    "abandon": Step(
        title="Abandon the cycle",
        button="Abandon the cycle",
        states=Cycle.GOING_ON,
        says=("It stays to be read as it is. A cycle that could not be finished teaches, too.",),
        do=lambda seat, cycle, form: cycles.abandon(
            seat.project,
            cycle,
            form.cleaned_data["why"],
            abandoned_on=form.cleaned_data["day"],
            by=seat.person,
            said_not_about_patients=form.said_not_about_patients,
        ),
        form=AbandonForm,
    ),
    "next": Step(
        title="Plan the next cycle",
        button="Plan the next cycle",
        states=frozenset({State.CLOSED, State.ABANDONED}),
        says=(
            "What you wanted to learn, the plan, the questions and the measures are carried over, for you to change.",
            "What you predict is not: with what you know now, think anew.",
        ),
        do=lambda seat, cycle, _: cycles.plan_next(seat.project, cycle, by=seat.person),
    ),
    "delete": Step(
        title="Delete the plan",
        button="Delete it for good",
        states=frozenset({State.PLAN}),
        says=(
            "The plan and its questions are deleted, for everybody in the team. Nobody can bring them back.",
            "If it is the only cycle of its ramp, the ramp goes with it.",
        ),
        do=lambda seat, cycle, _: cycles.delete_plan(seat.project, cycle, by=seat.person),
        is_warning=True,
    ),
}


def _step_form(user: User, data: QueryDict, pk: int, cycle: int, step: str) -> Form | None:
    chosen = STEPS.get(step)
    return chosen.form(data) if chosen and chosen.form else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_step_form))
def step(request: HttpRequest, pk: int, cycle: int, step: str) -> HttpResponse:
    """Say what comes with the next step of a cycle, and take it once that is answered."""
    seat, chosen = seat_of(request, pk), existing(STEPS.get(step))
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    row = cycle_of(seat, cycle)
    if row.state not in chosen.states:
        return refuse(request, seat, CycleMovedOn())
    sent = request.method == "POST"
    form = chosen.form(request.POST if sent else None) if chosen.form else None
    refused: ProjectRefused | None = None
    if sent and (form is None or form.is_valid()):
        try:
            following = chosen.do(seat, cycle, form)
        except DatesOutOfOrder as error:
            if form:
                form.add_error("day", str(error).rstrip("."))
        except ProjectRefused as error:
            refused = error
        else:
            return redirect(following or "cycles", *([] if following else [pk]))
    context = {"project": seat.project, "cycle": row, "step": chosen, "form": form, "refused": refused}
    status = REFUSED if refused else INVALID if form and form.errors else None
    return render(request, "qi_projects/cycle_step.html", context, status=status)
