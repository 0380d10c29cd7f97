"""Writing in a thread: posts and replies, with a preview; editing, taking back, and reporting what another wrote."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from bookclub import discussing, reporting, rules, threads
from bookclub.models import Post
from bookclub.reflection_forms import Carried
from bookclub.refusals import (
    BookClubRefused,
    PostChanged,
    PostGone,
    ThreadClosed,
    ThreadOver,
)
from bookclub.rules import MeetingSeat
from bookclub.thread_forms import PostForm, ReportForm
from bookclub.thread_words import TEXT, html_of
from bookclub.views.refusing import INVALID, REFUSED
from bookclub.views.threads import post_of, refuse, shared, talker
from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.markdown import render as rendered

NOT_EDITED = "Your changes were not saved"


def _post_form(user: User, data: QueryDict, cohort: int, pk: int, **_: Any) -> PostForm:
    return PostForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_post_form))
def write(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Post something in a thread."""
    return _new(request, talker(request, cohort, pk), None)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_post_form))
def reply(request: HttpRequest, cohort: int, pk: int, post: int) -> HttpResponse:
    """Reply to a post."""
    at = talker(request, cohort, pk)
    answered = post_of(at, post)
    return _new(request, at, answered.reply_to or answered)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_post_form))
def edit(request: HttpRequest, cohort: int, pk: int, post: int) -> HttpResponse:
    """Put one's own post in other words, whichever tab is first."""
    at = talker(request, cohort, pk)
    row = post_of(at, post)
    existing(row if row.author_id == at.seat.person.pk else None)
    if request.method != "POST":
        if why := _why_not_written(at, row):
            return refuse(request, at, NOT_EDITED, why, asked="You cannot edit this post now")
        form = PostForm(initial={"words": TEXT.opened(row.sealed)})
        return _show(request, at, form, {"post": row, "version": row.version})
    carried, form = Carried(request.POST), PostForm(request.POST)
    context: dict[str, Any] = {"post": row, "version": carried.seen.version}
    if not form.is_valid() or "preview" in request.POST:
        return _show(request, at, form, context)
    try:
        discussing.edit(at.place, row.pk, form.cleaned_data["words"], seen=carried.seen.version)
    except PostChanged as refused:
        context = {"post": refused.now, "version": refused.now.version, "refused": refused}
        return _show(request, at, form, context | {"now": html_of(refused.now)}, status=REFUSED)
    except BookClubRefused as refused:
        return refuse(request, at, NOT_EDITED, refused)
    messages.success(request, "Saved. The others see that you have edited it.")
    return redirect(_at(at, row))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def take_back(request: HttpRequest, cohort: int, pk: int, post: int) -> HttpResponse:
    """Ask whether somebody is sure, and let the words of their post go. Who has left the cohort can, too."""
    user = person(request)
    row = existing(rules.own_post(user, cohort, pk, post))
    at = rules.meeting(user, cohort, pk)
    is_there = at is not None and rules.talks(at)
    if request.method != "POST" and not row.is_taken_back:
        context = {
            "cohort": row.thread.cohort,
            "meeting": row.thread.meeting,
            "words": html_of(row),
            "is_there": is_there,
        }
        return render(request, "bookclub/threads/take_back.html", context)
    discussing.take_back(row.pk, by=user)
    messages.success(request, "It is taken back. Nobody reads your words there any more.")
    return redirect("book_club_thread", cohort, pk) if is_there else redirect("own_posts")


def _report_form(user: User, data: QueryDict, cohort: int, pk: int, **_: Any) -> ReportForm:
    return ReportForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_report_form))
def report(request: HttpRequest, cohort: int, pk: int, post: int) -> HttpResponse:
    """Say what happens to a report, and show a post to the moderators."""
    at = talker(request, cohort, pk)
    row = post_of(at, post)
    form = ReportForm(request.POST if request.method == "POST" else None)
    try:
        if form.is_valid():
            reporting.report(row.pk, *form.given, by=at.seat.person)
            messages.success(request, "Thank you. The moderators are told. You get an email when they have decided.")
            # To the top of its page, where this is said, and not to the post.
            return redirect("thread_post", cohort, pk, row.reply_to_id or row.pk)
        if request.method != "POST":
            reporting.require_reportable(row, at.seat.person)
    except BookClubRefused as refused:
        return refuse(request, at, "Your report was not sent", refused, asked="You cannot report this post")
    context = shared(at) | {
        "form": form,
        "post": threads.as_read(row, at.seat.person),
        "working_days": reporting.WORKING_DAYS,
    }
    return render(request, "bookclub/threads/report.html", context, status=INVALID if form.errors else None)


def _new(request: HttpRequest, at: MeetingSeat, answered: Post | None) -> HttpResponse:
    """Post something, or a reply to `answered`; first show how it will look, where somebody asks for that."""
    context: dict[str, Any] = {"answered": threads.as_read(answered, at.seat.person) if answered else None}
    what = f"Your {'reply' if answered else 'post'} was not posted"
    if request.method != "POST":
        if why := _why_not_written(at, answered):
            asked = "You cannot reply to this post now" if answered else "You cannot write in this thread now"
            return refuse(request, at, what, why, asked=asked)
        return _show(request, at, PostForm(), context | {"uid": Carried({}).uid})
    uid: UUID = Carried(request.POST).uid
    form = PostForm(request.POST)
    if not form.is_valid() or "preview" in request.POST:
        return _show(request, at, form, context | {"uid": uid})
    try:
        row = discussing.post(at.place, uid, form.cleaned_data["words"], reply_to=answered.pk if answered else None)
    except BookClubRefused as refused:
        return refuse(request, at, what, refused)
    messages.success(request, "Your reply is posted." if answered else "It is posted.")
    return redirect(_at(at, row, newest=True))


def _why_not_written(at: MeetingSeat, row: Post | None) -> BookClubRefused | None:
    """Say why nothing is written there now, before anybody types: a reply to a post, a post, or its other words."""
    if not at.seat.goes_on:
        return ThreadOver()
    if at.thread.is_closed:
        return ThreadClosed()
    return PostGone() if row and not row.is_shown else None


def _show(
    request: HttpRequest, at: MeetingSeat, form: PostForm, context: dict[str, Any], *, status: int | None = None
) -> HttpResponse:
    """Show the page on which somebody writes, with how it will look where they asked for that."""
    is_asked_for = "preview" in request.POST and form.is_valid()
    given = {
        "cohort": at.seat.cohort,
        "meeting": at.meeting,
        "form": form,
        "preview": rendered(form.cleaned_data["words"]) if is_asked_for else "",
    }
    status = status or (INVALID if form.errors else None)
    return render(request, "bookclub/threads/write.html", given | context, status=status)


def _at(at: MeetingSeat, row: Post, *, newest: bool = False) -> str:
    """Return the address at which a post stands: a reply on the page of the post to which it replies."""
    where = [at.seat.cohort.pk, at.meeting.pk]
    if newest and not row.reply_to_id:
        page = f"{reverse('book_club_thread', args=where)}?newest=yes"
    else:
        page = reverse("thread_post", args=[*where, row.reply_to_id or row.pk]) + ("?newest=yes" if newest else "")
    return f"{page}#post-{row.pk}"
