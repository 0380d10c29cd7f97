"""One meeting of a book club: what to have read, what to talk about; and setting that, for whoever leads it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import get_text_list
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookclub import planning, reading_list, rules
from bookclub.forms import PlanForm, PromptForm
from bookclub.models import Prompt
from bookclub.refusals import BookClubRefused, MeetingCancelled, PromptGone, PromptReworded
from bookclub.rules import MeetingSeat
from bookclub.targets import Target
from bookclub.views.reading import shown
from bookclub.views.refusing import INVALID, REFUSED
from bookclub.views.seats import FOR_LEADERS, not_theirs, refuse
from cohorts.standing import own_booking_of
from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.together import ChangedMeanwhile, Settled
from portal.together_forms import BesideOthers

NOT_WRITTEN, NOT_ADDED = "Chapters and guide were not saved", "No prompt was added"
NOT_CHANGED, NOT_MOVED, NOT_TAKEN_OFF = (f"The prompt was not {what}" for what in ("changed", "moved", "taken off"))
PROMPTS: Final = "book_club_prompts"
"""The name of the page from which prompts are set, and to which each act on one leads."""


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
        "goes_on": at.seat.goes_on,
        # One that was cancelled is neither to come nor over: it was not talked about.
        "is_to_come": not (at.meeting.has_ended or at.meeting.is_cancelled),
        "is_over": at.meeting.has_ended and not at.meeting.is_cancelled,
        "writes": at.writes,
        "reads_list": at.reads_list,
        # Who leads another meeting of the cohort alone finds no page of this session.
        "sees_session": at.writes or at.seat.membership is not None,
        "chapters": chapters,
        "prompts": [Target(at.seat.cohort, meeting=at.meeting, prompt=each) for each in prompts],
        "is_member": at.seat.membership is not None,
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
    """Set a meeting: the chapters to have read, and the guide.

    The prompts have a page of their own. The way there is a button of this form, so that what is typed here is saved.
    """
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, NOT_WRITTEN, FOR_LEADERS)
    form = PlanForm(request.POST if request.method == "POST" else None, plan=planning.plan_of(at.meeting))

    def write() -> Settled:
        return planning.write(at.meeting, form.given, seen=form.carried, by=at.seat.person)

    leads_to = PROMPTS if "go_on" in request.POST else "book_club_plan"
    showing = Page("bookclub/plan.html", {}, NOT_WRITTEN, lambda: planning.plan_of(at.meeting), leads_to)
    return _put_down(request, at, form, write, showing)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def prompts(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Show what there is to talk about at a meeting, for whoever sets it: each can be changed, moved and taken off."""
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, NOT_CHANGED, FOR_LEADERS)
    asked = reading_list.prompts(at.meeting)
    moved = next((each for each in asked if str(each.pk) == request.GET.get("moved")), None)
    context = {"cohort": at.seat.cohort, "meeting": at.meeting, "prompts": asked, "moved": moved}
    return render(request, "bookclub/prompts.html", context)


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
        return not_theirs(request, at, NOT_ADDED, FOR_LEADERS)
    form = PromptForm(request.POST if request.method == "POST" else None, prompt=Prompt())

    def add() -> Settled:
        added = planning.add_prompt(at.meeting, form.cleaned_data["text"], by=at.seat.person)
        return Settled({"text": added.text})

    return _put_down(request, at, form, add, Page("bookclub/prompt.html", {"prompt": None}, NOT_ADDED, Prompt))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_prompt_form))
def prompt(request: HttpRequest, cohort: int, pk: int, prompt: int) -> HttpResponse:
    """Put a prompt in other words."""
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, NOT_CHANGED, FOR_LEADERS)
    row = existing(_prompt(at, prompt))
    if row.position is None:
        return refuse(request, at, NOT_CHANGED, PromptGone())
    form = PromptForm(request.POST if request.method == "POST" else None, prompt=row)

    def change() -> Settled:
        return planning.change_prompt(at.meeting, row, form.given, seen=form.carried, by=at.seat.person)

    showing = Page("bookclub/prompt.html", {"prompt": row}, NOT_CHANGED, lambda: existing(_prompt(at, prompt)))
    return _put_down(request, at, form, change, showing)


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def move_prompt(request: HttpRequest, cohort: int, pk: int, prompt: int) -> HttpResponse:
    """Move a prompt one place earlier, and lead to where it stands now: no banner, which would take the focus."""
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, NOT_MOVED, FOR_LEADERS)
    row = existing(_prompt(at, prompt))
    try:
        planning.move_prompt(at.meeting, row, by=at.seat.person)
    except BookClubRefused as refused:
        return refuse(request, at, NOT_MOVED, refused)
    return redirect(f"{reverse(PROMPTS, args=[cohort, pk])}?moved={row.pk}#moved")


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def take_off_prompt(request: HttpRequest, cohort: int, pk: int, prompt: int) -> HttpResponse:
    """Ask whether somebody is sure, with the words that would go as they stand now, and take a prompt off."""
    at = existing(rules.meeting(person(request), cohort, pk))
    if not at.writes:
        return not_theirs(request, at, NOT_TAKEN_OFF, FOR_LEADERS)
    seen = existing(_in_those_words(at, prompt))
    if request.method != "POST":
        return _ask_first(request, at, seen.as_it_stands)
    try:
        planning.take_off_prompt(at.meeting, seen, by=at.seat.person)
    except PromptReworded as refused:
        return _ask_first(request, at, existing(_prompt(at, prompt)), refused)
    except BookClubRefused as refused:
        return refuse(request, at, NOT_TAKEN_OFF, refused)
    messages.success(request, f"“{seen.name}” is taken off. Members no longer see it.")
    return redirect(PROMPTS, cohort, pk)


def _in_those_words(at: MeetingSeat, pk: int) -> Prompt | None:
    """Return a prompt of the meeting as it read when its page was opened."""
    return Prompt.objects.filter(plan__session=at.meeting, pk=pk).first()


def _prompt(at: MeetingSeat, pk: int) -> Prompt | None:
    """Return a prompt of the meeting, in the words in which it stands now."""
    found = _in_those_words(at, pk)
    return found.as_it_stands if found else None


def _ask_first(
    request: HttpRequest, at: MeetingSeat, row: Prompt, refused: PromptReworded | None = None
) -> HttpResponse:
    if row.position is None:
        return refuse(request, at, NOT_TAKEN_OFF, PromptGone())
    if at.meeting.is_cancelled:
        return refuse(request, at, NOT_TAKEN_OFF, MeetingCancelled())
    context = {"cohort": at.seat.cohort, "meeting": at.meeting, "prompt": row, "refused": refused}
    return render(request, "bookclub/take_off_prompt.html", context, status=REFUSED if refused else None)


class Page(NamedTuple):
    """A page of one form: its template, what the form stands beside, what is refused there, and the row as it is.

    `leads_to` names the page that follows once it is saved.
    """

    template: str
    context: Mapping[str, Any]
    refused: str
    row_now: Callable[[], Model]
    leads_to: str = PROMPTS


def _put_down(
    request: HttpRequest, at: MeetingSeat, form: BesideOthers, change: Callable[[], Settled], page: Page
) -> HttpResponse:
    """Save what a form says beside what somebody else has saved meanwhile; or show it, with what is in the way."""
    if request.method == "POST" and form.is_valid():
        try:
            settled = change()
        except ChangedMeanwhile as refused:
            form.meets(refused, page.row_now())
        except BookClubRefused as refused:
            return refuse(request, at, page.refused, refused)
        else:
            if settled.changes:
                messages.success(request, "Saved.")
            elif not settled.theirs:
                messages.info(request, "It says this already, so nothing was changed.")
            if settled.theirs:
                fields = get_text_list([label.lower() for label in settled.theirs], "and")
                said = f"Somebody else has changed this meanwhile, and it stands as they put it: {fields}."
                messages.info(request, said)
            return redirect(page.leads_to, at.seat.cohort.pk, at.meeting.pk)
    status = REFUSED if form.changed_meanwhile else INVALID if form.errors else None
    shared = {"cohort": at.seat.cohort, "meeting": at.meeting, "form": form}
    return render(request, page.template, {**shared, **page.context}, status=status)
