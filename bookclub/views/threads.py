"""Reading the thread of a meeting and one post of it, closing it, and what somebody wrote in threads themselves."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookclub import discussing, rules, threads
from bookclub.models import Post
from bookclub.post_drawing import Stand, draw_post
from bookclub.refusals import BookClubRefused
from bookclub.retention import THREADS
from bookclub.rules import MeetingSeat
from bookclub.threads import Where
from bookclub.views.refusing import CANNOT, WayBack, refuse_here
from portal.access import access, existing, person, signed_in


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def thread(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Show what is talked about at a meeting, in order of time, from the beginning or at its end."""
    at = talker(request, cohort, pk)
    page = threads.page_of(at.thread, where(request), at.seat.person)
    stand = _stand(at)
    context = shared(at) | {
        "page": page,
        "stand": stand,
        "posts": [draw_post(each, each.replies, stand, has_earlier=each.has_more_replies) for each in page.posts],
        "closes": rules.closes_threads(at),
        "kept_for": THREADS.kept_for,
    }
    return render(request, "bookclub/threads/thread.html", context)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def post(request: HttpRequest, cohort: int, pk: int, post: int) -> HttpResponse:
    """Show one post with all replies to it; of a reply, the post to which it replies."""
    at = talker(request, cohort, pk)
    found = post_of(at, post)
    if found.reply_to_id:
        return redirect("thread_post", cohort, pk, found.reply_to_id)
    page = threads.replies_to(found, where(request), at.seat.person)
    shown = threads.as_read(found, at.seat.person)
    context = shared(at) | {
        "post": draw_post(shown, page.posts, _stand(at)),
        "page": page,
    }
    return render(request, "bookclub/threads/post.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def close(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Say what closing a thread means, and close it."""
    at = _closer(request, cohort, pk)
    if request.method != "POST":
        if not _is_open(at):
            return redirect("book_club_thread", cohort, pk)
        return render(request, "bookclub/threads/close.html", shared(at))
    said = "The thread is closed. Everybody can read it, and nobody writes in it."
    return _do(request, at, discussing.close, said, "The thread was not closed")


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def open_again(request: HttpRequest, cohort: int, pk: int) -> HttpResponse:
    """Let people write in a thread again that was closed."""
    at = _closer(request, cohort, pk)
    said = "The thread is open again."
    return _do(request, at, discussing.open_again, said, "The thread was not opened again")


def _do(request: HttpRequest, at: MeetingSeat, act: Callable[..., None], said: str, what: str) -> HttpResponse:
    """Close or open a thread, and say so; or say `what` was not done, and why."""
    try:
        act(at.meeting, at.seat.cohort, by=at.seat.person)
    except BookClubRefused as refused:
        return refuse(request, at, what, refused)
    messages.success(request, said)
    return redirect("book_club_thread", at.seat.cohort.pk, at.meeting.pk)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def own_posts(request: HttpRequest) -> HttpResponse:
    """Show somebody what they wrote in threads, wherever they are now, with what became of it."""
    user = person(request)
    posts, following = threads.own(user, after=request.GET.get("after", ""))
    context = {
        "posts": posts,
        "following": following,
        "still_read": rules.still_read(user, [each.post.pk for each in posts]),
        "kept_for": THREADS.kept_for,
    }
    return render(request, "bookclub/threads/own.html", context)


def talker(request: HttpRequest, cohort: int, pk: int) -> MeetingSeat:
    """Return where somebody talks about a meeting. Raises Http404 where there is no thread for them."""
    at = existing(rules.meeting(person(request), cohort, pk))
    return existing(at if rules.talks(at) else None)


def _closer(request: HttpRequest, cohort: int, pk: int) -> MeetingSeat:
    at = talker(request, cohort, pk)
    return existing(at if rules.closes_threads(at) else None)


def post_of(at: MeetingSeat, pk: int) -> Post:
    """Return a post of a thread. Raises Http404."""
    return existing(rules.post(at, pk))


def where(request: HttpRequest) -> Where:
    """Return which page of a list is asked for."""
    return Where(request.GET.get("after", ""), request.GET.get("before", ""), newest="newest" in request.GET)


def shared(at: MeetingSeat) -> dict[str, object]:
    """Return what every page of a thread needs."""
    return {
        "cohort": at.seat.cohort,
        "meeting": at.meeting,
        "thread": at.thread,
        "is_member": at.seat.membership is not None,
        "goes_on": at.seat.goes_on,
        "is_open": _is_open(at),
    }


def _stand(at: MeetingSeat) -> Stand:
    here = reverse("book_club_thread", args=[at.seat.cohort.pk, at.meeting.pk])
    return Stand(here, reverse("own_posts"), is_open=_is_open(at))


def _is_open(at: MeetingSeat) -> bool:
    return at.seat.goes_on and not at.thread.is_closed


def refuse(
    request: HttpRequest, at: MeetingSeat, what: str, refused: BookClubRefused, *, asked: str = CANNOT
) -> HttpResponse:
    """Say `what` was not done and why, and lead back to the thread."""
    back = WayBack(reverse("book_club_thread", args=[at.seat.cohort.pk, at.meeting.pk]), "the thread")
    return refuse_here(request, back, what, refused, asked=asked)
