"""Writing a reflection: the page that saves it, the draft that is kept as somebody types, and deleting it."""

from typing import Any
from uuid import UUID, uuid4

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST

from bookclub import reflecting, rules, targets
from bookclub.models import Reflection
from bookclub.reflecting import LONGEST, Seen
from bookclub.reflection_forms import Carried, ReflectionForm
from bookclub.refusals import BookClubRefused, ChangedInOtherTab, NoLongerReadable, NoMember, ReflectionGone
from bookclub.rules import Diary
from bookclub.sealed_words import draft_of, is_readable, words_of
from bookclub.targets import Target
from bookclub.views.diaries import diary_of, own, refuse
from bookclub.views.refusing import INVALID, NOT_THEIRS, REFUSED
from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User

TOO_FAST = 429
NOT_SAVED, CANNOT_WRITE = "Your words were not saved", "You cannot write here any more"


def _form(user: User, data: QueryDict, cohort: int, **_: Any) -> ReflectionForm:
    return ReflectionForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_form))
def new(request: HttpRequest, cohort: int, about: str = "") -> HttpResponse:
    """Write a reflection about a book, a meeting or one of its prompts, or freely; or go on with the draft of one."""
    diary = diary_of(request, cohort)
    target = existing(targets.find(diary.cohort, about))
    if request.method == "POST":
        carried = Carried(request.POST)
        return _save(request, diary, target, carried.uid, carried.seen)
    if diary.membership is None:
        return refuse(request, NOT_SAVED, NoMember(), asked=CANNOT_WRITE)
    if begun := rules.own_draft(diary, target):
        return _go_on_or_not(request, diary, begun)
    return _write(request, diary, target, uuid4(), Seen(), ReflectionForm())


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_form))
def edit(request: HttpRequest, cohort: int, uid: UUID) -> HttpResponse:
    """Change what somebody wrote, or go on with a draft."""
    diary = diary_of(request, cohort)
    row = rules.own_reflection(diary, uid)
    if row is None and request.method == "POST":
        return refuse(request, NOT_SAVED, ReflectionGone())
    row = existing(row)
    target = targets.of(row)
    if request.method == "POST":
        return _save(request, diary, target, uid, Carried(request.POST).seen)
    if diary.membership is None:
        return refuse(request, NOT_SAVED, NoMember(), asked=CANNOT_WRITE)
    if not is_readable(row):
        return refuse(request, NOT_SAVED, NoLongerReadable(), asked="You cannot change this now")
    if row.has_draft and "go-on" not in request.GET:
        return _go_on_or_not(request, diary, row)
    seen = Seen(row.draft_of if row.has_draft else row.version, row.draft_turn)
    words = draft_of(row) if row.has_draft else words_of(row)
    return _write(request, diary, target, uid, seen, ReflectionForm(initial={"words": words}), row=row)


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def draft(request: HttpRequest, cohort: int, uid: UUID) -> JsonResponse:
    """Keep what somebody is typing: the body is the text itself, and the address says of what (`static/src/draft.js`).

    The answer says whose turn it is next, or why nothing was kept, in words for whoever types.
    """
    diary = diary_of(request, cohort)
    row = rules.own_reflection(diary, uid)
    target = targets.of(row) if row else existing(targets.find(diary.cohort, request.GET.get("about", "")))
    if not ratelimit.consume(request, action="reflection_draft"):
        return _not_kept("You type faster than drafts are kept. Press “Save” when you are done.", TOO_FAST)
    try:
        words = request.body.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return _not_kept("This is no text.", INVALID)
    if len(words) > LONGEST:
        return _not_kept(f"The draft is not kept: it is longer than {LONGEST:,} characters.", INVALID)
    try:
        turn = reflecting.keep_draft(target, uid, words, seen=Carried(request.GET).seen, by=diary.person)
    except BookClubRefused as refused:
        return _not_kept(str(refused), NOT_THEIRS if isinstance(refused, NoMember) else REFUSED)
    return JsonResponse({"turn": turn})


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def throw_away(request: HttpRequest, cohort: int, uid: UUID) -> HttpResponse:
    """Ask whether somebody is sure, and let go of a draft; what is saved stays."""
    diary = diary_of(request, cohort)
    row = own(diary, uid)
    if request.method != "POST":
        return _ask(request, diary, row, "throw_away")
    try:
        reflecting.throw_draft_away(uid, seen=Carried(request.POST).seen, by=diary.person)
    except ChangedInOtherTab as refused:
        return _ask(request, diary, refused.now, "throw_away", refused=refused)
    messages.success(request, "The draft is gone.")
    if row.is_saved:
        return redirect("reflection", cohort, uid)
    return redirect(_back(diary))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def delete(request: HttpRequest, cohort: int, uid: UUID) -> HttpResponse:
    """Ask whether somebody is sure, and delete what they wrote."""
    diary = diary_of(request, cohort)
    row = own(diary, uid)
    if request.method != "POST":
        return _ask(request, diary, row, "delete")
    try:
        reflecting.delete(uid, seen=Carried(request.POST).seen, by=diary.person)
    except ChangedInOtherTab as refused:
        return _ask(request, diary, refused.now, "delete", refused=refused)
    except BookClubRefused as refused:
        return refuse(request, "The reflection was not deleted", refused)
    messages.success(request, "It is deleted. Nobody reads it any more.")
    return redirect(_back(diary))


def _save(request: HttpRequest, diary: Diary, target: Target, uid: UUID, seen: Seen) -> HttpResponse:
    form = ReflectionForm(request.POST)
    if not form.is_valid():
        row = rules.own_reflection(diary, uid)
        return _write(request, diary, target, uid, seen, form, row=row, status=INVALID)
    try:
        row = reflecting.save(target, uid, form.cleaned_data["words"], seen=seen, by=diary.person)
    except ChangedInOtherTab as refused:
        met = Seen(refused.now.version, seen.turn)
        return _write(request, diary, target, uid, met, form, row=refused.now, refused=refused, status=REFUSED)
    except BookClubRefused as refused:
        return refuse(request, NOT_SAVED, refused)
    messages.success(request, "Saved." if row.is_shown(diary.membership) else "Saved, for you alone.")
    return redirect("reflection", diary.cohort.pk, row.uid)


def _write(  # noqa: PLR0913  # each is something that the page shows
    request: HttpRequest,
    diary: Diary,
    target: Target,
    uid: UUID,
    seen: Seen,
    form: ReflectionForm,
    *,
    row: Reflection | None = None,
    refused: ChangedInOtherTab | None = None,
    status: int | None = None,
) -> HttpResponse:
    """Show the page on which somebody writes; with what they saved elsewhere meanwhile, where they did."""
    context = {
        "cohort": diary.cohort,
        "diary": diary,
        "about": target,
        "form": form,
        "uid": uid,
        "seen": seen,
        "reflection": row,
        "draft_at": f"{reverse('reflection_draft', args=[diary.cohort.pk, uid])}?about={target.key}",
        "is_shown": row is not None and row.is_shown(diary.membership),
        "refused": refused,
        "now": words_of(refused.now) if refused else "",
    }
    return render(request, "bookclub/reflections/write.html", context, status=status)


def _go_on_or_not(request: HttpRequest, diary: Diary, row: Reflection) -> HttpResponse:
    """Offer the draft that somebody began, before anything else is written there."""
    context = {"cohort": diary.cohort, "reflection": row, "about": targets.of(row), "draft": draft_of(row)}
    return render(request, "bookclub/reflections/draft.html", context)


def _ask(
    request: HttpRequest, diary: Diary, row: Reflection, what: str, *, refused: ChangedInOtherTab | None = None
) -> HttpResponse:
    """Ask whether somebody is sure, with the words that would go as they stand now."""
    context = {
        "cohort": diary.cohort,
        "reflection": row,
        "about": targets.of(row),
        "words": words_of(row),
        "draft": draft_of(row),
        "refused": refused,
    }
    return render(request, f"bookclub/reflections/{what}.html", context, status=REFUSED if refused else None)


def _not_kept(why: str, status: int) -> JsonResponse:
    return JsonResponse({"why": why}, status=status)


def _back(diary: Diary) -> str:
    """Return where somebody goes on once something is gone: who has left may have nothing more in this cohort."""
    return reverse("reflections", args=[diary.cohort.pk]) if diary.membership else reverse("own_reflections")
