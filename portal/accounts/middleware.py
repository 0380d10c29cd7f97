"""What stands between a signed-in person and each page: how long a sign-in lasts, and the second factor."""

import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from django.conf import settings
from django.contrib.auth import logout
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.accounts import typed
from portal.accounts.models import User
from portal.accounts.rules import needs_second_factor
from portal.sealed_path import is_sealed

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
HAS_SECOND_FACTOR = "has_second_factor"

# How old the session's note of the last request may grow before it is written again: a write is a statement.
SEEN_IS_WRITTEN_EVERY = 300

Respond = Callable[[HttpRequest], HttpResponse]
View = Callable[..., Any]


def session_limits(get_response: Respond) -> Respond:
    """End a sign-in that idled or lasted longer than the settings allow, or that was ended.

    What was sent meanwhile is kept, and whoever signs in again is told that it is.
    """
    idle = settings.SESSION_IDLE_LIMIT.total_seconds()
    absolute = settings.SESSION_ABSOLUTE_LIMIT.total_seconds()
    write_after = min(SEEN_IS_WRITTEN_EVERY, idle / 4)

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        now = time.time()
        is_new = SIGNED_IN_AT not in request.session
        signed_in_at = request.session.setdefault(SIGNED_IN_AT, now)
        seen_at = request.session.get(SEEN_AT, signed_in_at)
        if now - seen_at > idle or now - signed_in_at > absolute or was_ended(request.user, signed_in_at):
            logout(request)
        elif is_new or now - seen_at > write_after:
            request.session[SEEN_AT] = now
        person = request.user
        response = get_response(request)
        if is_new and isinstance(person, User):
            typed.remember_person(response, person)
        typed.forget_once_sent(request, response)
        return response

    def process_view(request: HttpRequest, view: View, *_: object) -> HttpResponse | None:
        if answer := typed.answer_if_signed_out(request, view):
            return answer
        typed.say_that_it_waits(request)
        return None

    middleware.process_view = process_view  # type: ignore[attr-defined]  # Django reads the hook off the middleware
    return middleware


def was_ended(person: User, signed_in_at: float) -> bool:
    """Say whether a sign-in (seconds since 1970) is from before all of the person's were ended."""
    return person.sign_ins_end_at is not None and signed_in_at <= person.sign_ins_end_at.timestamp()


def second_factor(get_response: Respond) -> Respond:
    """Send people whose roles ask for a second factor to set one up before any page but those of sign-in.

    Never in a demonstration. That somebody has one is remembered in their session, so that a page asks nothing
    of the database.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: View, *_: object) -> HttpResponse | None:
        user = request.user
        if settings.DEMO or not user.is_authenticated or not needs_second_factor(user):
            return None
        if request.session.get(HAS_SECOND_FACTOR) or getattr(view, "before_second_factor", False):
            return None
        if view.__module__.startswith("allauth."):
            return None
        if Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            request.session[HAS_SECOND_FACTOR] = True
            return None
        return redirect("second_factor")

    middleware.process_view = process_view  # type: ignore[attr-defined]  # Django reads the hook off the middleware
    return middleware


def keep_to_oneself(get_response: Respond) -> Respond:
    """Let no browser or proxy store what somebody with a session is shown: the next person at a shared computer
    could go back to it. A view that says itself how long its page keeps is left alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_sealed(request):
            return get_response(request)
        has_session = not request.session.is_empty()
        response = get_response(request)
        if has_session or not request.session.is_empty():
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


@receiver(authenticator_removed)
def ask_again(request: HttpRequest, **_: object) -> None:
    """Look again whether somebody has a second factor once they removed one."""
    request.session.pop(HAS_SECOND_FACTOR, None)
