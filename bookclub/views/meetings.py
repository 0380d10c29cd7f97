"""One meeting of a book club: what to have read, what to talk about; and setting that, for whoever leads it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookclub import planning, reading_list, rules
from bookclub.forms import PlanForm, PromptForm
from bookclub.models import Prompt
from bookclub.refusals import BookClubRefused, PromptGone
from bookclub.rules import MeetingSeat
from bookclub.targets import Target
from bookclub.views.reading import shown
from bookclub.views.seats import FOR_LEADERS, INVALID, REFUSED, not_theirs, refuse
from cohorts.standing import own_booking_of
from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.together import ChangedMeanwhile, Settled
from portal.together_forms import BesideOthers


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def meeting(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Show when and where a meeting is, what to have read, and what there is to talk about."""
    at = existing(rules.meeting(person(request), cohort, pk))
    chapters, prompts = reading_list.what_is_set(at.meeting)
    books = reading_list.at_meeting(at.seat.cohort, at.meeting, at.seat.person)
    context = {
        "cohort": at.seat.cohort,
        "meeting": at.meeting,
        "writes": at.writes,
        "reads_list": at.reads_list,
        "chapters": chapters,
        "prompts": [Target(at.seat.cohort, meeting=at.meeting, prompt=each) for each in prompts],
        "may_write": at.seat.membership is not None and not at.meeting.is_cancelled,
        "about": Target(at.seat.cohort, meeting=at.meeting),
        "reads_shared": at.reads_list and rules.reads_shared(at.seat),
        "guide": reading_list.guide(at.meeting) if at.writes else "",
        "books": shown(at.seat, books),
        "sees_how_far": rules.sees_how_far(at.seat),
        "booking": own_booking_of(at.seat.person, at.meeting),
        "may_book": at.seat.membership is not None and at.meeting.booking_is_open,
        "may_say_where": rules.may_say_where(at.seat),
        "talks": rules.talks(at),
    }
    return render(request, "bookclub/meeting.html", context)


def _plan_form(user: User, data: QueryDict, cohort: int, pk: int) -> PlanForm | None:
    at = rules.meeting(user, cohort, pk)
    return PlanForm(data, plan=planning.plan_of(at.meeting)) if at and at.writes else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_plan_form))
def plan(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Set a meeting: the chapters to have read, and the guide; the prompts have pages of their own."""
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, FOR_LEADERS)
    form = PlanForm(request.POST if request.method == "POST" else None, plan=planning.plan_of(at.meeting))

    def write() -> Settled:
        return planning.write(at.meeting, form.given, seen=form.carried, by=at.seat.person)

    context = {"prompts": reading_list.prompts(at.meeting)}
    return _put_down(request, at, form, write, lambda: planning.plan_of(at.meeting), "bookclub/plan.html", context)


def _prompt_form(user: User, data: QueryDict, cohort: int, pk: int, prompt: int | None = None) -> PromptForm | None:
    at = rules.meeting(user, cohort, pk)
    if at is None or not at.writes:
        return None
    row = _prompt(at, prompt) if prompt else None
    return PromptForm(data, prompt=row or Prompt())


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_prompt_form))
def new_prompt(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Add a prompt."""
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, FOR_LEADERS)
    form = PromptForm(request.POST if request.method == "POST" else None, prompt=Prompt())

    def add() -> Settled:
        added = planning.add_prompt(at.meeting, form.cleaned_data["text"], by=at.seat.person)
        return Settled({"text": added.text})

    return _put_down(request, at, form, add, Prompt, "bookclub/prompt.html", {"prompt": None})


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_prompt_form))
def prompt(request: HttpRequest, cohort: int, pk: int, prompt: int) -> HttpResponse:
    """Put a prompt in other words."""
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, FOR_LEADERS)
    row = existing(_prompt(at, prompt))
    if row.position is None:
        return refuse(request, at, PromptGone())
    form = PromptForm(request.POST if request.method == "POST" else None, prompt=row)

    def change() -> Settled:
        return planning.change_prompt(at.meeting, row, form.given, seen=form.carried, by=at.seat.person)

    return _put_down(
        request, at, form, change, lambda: existing(_prompt(at, prompt)), "bookclub/prompt.html", {"prompt": row}
    )


Act = tuple[Callable[..., None], str]
ACTS: Final[Mapping[str, Act]] = {
    "earlier": (planning.move_prompt, "The prompt is one place earlier."),
    "take-off": (planning.take_off_prompt, "The prompt is taken off."),
}


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def prompt_act(request: HttpRequest, cohort: int, pk: int, prompt: int, act: str) -> HttpResponse:
    """Move a prompt one place earlier, or take it off."""
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, FOR_LEADERS)
    do, said = existing(ACTS.get(act))
    row = existing(_prompt(at, prompt))
    try:
        do(at.meeting, row, by=at.seat.person)
    except BookClubRefused as refused:
        return refuse(request, at, refused)
    messages.success(request, said)
    return redirect("book_club_plan", cohort, pk)


def _prompt(at: MeetingSeat, pk: int) -> Prompt | None:
    """Return a prompt of the meeting, in the words in which it stands now."""
    found = Prompt.objects.filter(plan__session=at.meeting, pk=pk).first()
    return found.as_it_stands if found else None


def _put_down(
    request: HttpRequest,
    at: MeetingSeat,
    form: BesideOthers,
    change: Callable[[], Settled],
    row_now: Callable[[], Model],
    template: str,
    context: Mapping[str, Any],
) -> HttpResponse:
    """Save what a form says beside what somebody else has saved meanwhile; or show it, with what is in the way."""
    if request.method == "POST" and form.is_valid():
        try:
            settled = change()
        except ChangedMeanwhile as refused:
            form.meets(refused, row_now())
        except BookClubRefused as refused:
            return refuse(request, at, refused)
        else:
            if settled.changes:
                messages.success(request, "Saved.")
            elif not settled.theirs:
                messages.info(request, "It says this already, so nothing was changed.")
            if settled.theirs:
                fields = get_text_list([label.lower() for label in settled.theirs], "and")
                said = f"Somebody else has changed this meanwhile, and it stands as they put it: {fields}."
                messages.info(request, said)
            return redirect("book_club_plan", at.seat.cohort.pk, at.meeting.pk)
    status = REFUSED if form.changed_meanwhile else INVALID if form.errors else None
    shared = {"cohort": at.seat.cohort, "meeting": at.meeting, "form": form}
    return render(request, template, {**shared, **context}, status=status)
