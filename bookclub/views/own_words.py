"""What somebody wrote, for themselves alone: no admin sees these pages as they do, and no other page has the words."""

from uuid import UUID

from allauth.core import ratelimit
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from bookclub import choosing, reading_list, reflections, rules, targets
from bookclub.reflections_file import as_markdown, as_pdf
from bookclub.retention import REFLECTIONS
from bookclub.sealed_words import draft_of, words_of
from bookclub.targets import Target
from bookclub.views.diaries import diary_of, own
from bookclub.views.refusing import INVALID
from portal.access import access, person, signed_in
from portal.accounts.models import User
from portal.documents import LettersMissing


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def everything(request: HttpRequest) -> HttpResponse:
    """Lead to what somebody wrote in each cohort, and offer all of it as a document."""
    return _everything(request, person(request))


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def file(request: HttpRequest, kind: str) -> HttpResponse:
    """Give somebody all that they wrote, as Markdown or as PDF."""
    user, now = person(request), timezone.now()
    if kind == "markdown":
        return _download(as_markdown(user, now=now).encode(), "md", "text/markdown; charset=utf-8")
    if kind != "pdf":
        raise Http404
    too_fast: HttpResponse | None = ratelimit.consume_or_429(request, action="reflections_pdf", limit_get=True)
    if too_fast:
        return too_fast
    try:
        return _download(as_pdf(user, now=now), "pdf", "application/pdf")
    except LettersMissing as missing:
        return _everything(request, user, missing=missing)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def of_cohort(request: HttpRequest, cohort: int) -> HttpResponse:
    """Show what somebody wrote in a cohort, and what they can write about."""
    diary = diary_of(request, cohort)
    listed = reading_list.ever_on_list(diary.cohort)
    meetings = choosing.meetings_of(diary.cohort).select_related("component")
    context = {
        "cohort": diary.cohort,
        "diary": diary,
        "page": reflections.own(diary, after=request.GET.get("after", "")),
        "is_first": "after" not in request.GET,
        "books": [Target(diary.cohort, listed=each) for each in listed],
        "meetings": [Target(diary.cohort, meeting=each) for each in meetings],
        "kept_for": REFLECTIONS.kept_for,
    }
    return render(request, "bookclub/reflections/own.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def one(request: HttpRequest, cohort: int, uid: UUID) -> HttpResponse:
    """Show somebody one thing that they wrote, with who reads it, and what they can do with it."""
    diary = diary_of(request, cohort)
    reflection = own(diary, uid)
    context = {
        "cohort": diary.cohort,
        "diary": diary,
        "reflection": reflection,
        "about": targets.of(reflection),
        "is_shown": reflection.is_shown(diary.membership),
        "words": words_of(reflection),
        "draft": draft_of(reflection),
    }
    return render(request, "bookclub/reflections/one.html", context)


def _everything(request: HttpRequest, user: User, *, missing: LettersMissing | None = None) -> HttpResponse:
    """Show where somebody has written; or that no PDF was made, since its fonts lack some letters."""
    context = {"diaries": rules.diaries(user), "missing": missing, "kept_for": REFLECTIONS.kept_for}
    status = INVALID if missing else None
    return render(request, "bookclub/reflections/everything.html", context, status=status)


def _download(content: bytes, ending: str, kind: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="book-club-reflections.{ending}"'}
    return HttpResponse(content, content_type=kind, headers=disposition)
