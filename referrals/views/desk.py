"""What every page of the queue stands behind: a place in the team, and an open queue."""

from collections.abc import Mapping
from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import cache_control

from portal.access import View, access, existing, person
from referrals import rules, unsent
from referrals.models import Triager
from referrals.unlocking import Unlocked, unlocked

COOKIE = "queue"


class DeskView(Protocol):
    """A page of somebody who has a place in a team."""

    def __call__(self, request: HttpRequest, triager: Triager, *args: Any, **kwargs: Any) -> HttpResponse: ...


class OpenView(Protocol):
    """A page of an open queue."""

    def __call__(self, request: HttpRequest, opened: Unlocked, *args: Any, **kwargs: Any) -> HttpResponse: ...


def at_desk(view: DeskView) -> View:
    """Open a page to whoever belongs to a provider's team, whether or not they have unlocked; no browser keeps it."""

    @cache_control(private=True, no_store=True)
    @access(rules.works_in_queue)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, existing(rules.own_place(person(request))), *args, **kwargs)

    return guarded


def with_open_queue(view: OpenView) -> View:
    """Open a page to a triager who has unlocked the queue; others are led to do so, and then back.

    What somebody was sending when it had closed is kept for them (`referrals.unsent`).
    """

    @at_desk
    @wraps(view)
    def opened(request: HttpRequest, triager: Triager, *args: Any, **kwargs: Any) -> HttpResponse:
        found = unlocked(request, triager, request.COOKIES.get(COOKIE, ""))
        if found is None:
            return locked(request, triager)
        return view(request, found, *args, **kwargs)

    return opened


def locked(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Lead to where the queue is unlocked, and from there back to this page."""
    if triager.state != Triager.State.ACTIVE:
        return redirect("queue_passphrase")
    if request.method == "POST":
        unsent.keep(request.POST, request.get_full_path(), triager)
    here = request.path if request.method in {"GET", "HEAD"} else reverse("queue")
    return lead_to_unlock(here)


def lead_to_unlock(then: str) -> HttpResponse:
    """Lead to where the queue is unlocked, and from there to an address."""
    return redirect(f"{reverse('queue_unlock')}?{urlencode({'next': then})}")


def filled_in(request: HttpRequest, opened: Unlocked, *, anew: Mapping[str, str] | None = None) -> QueryDict | None:
    """Return what stands in a form: as it is sent now, or as it was being typed when the queue locked (`?unsent=`),
    with what a page makes `anew` each time. None for an empty one.
    """
    if request.method == "POST":
        return request.POST
    waiting = unsent.one(opened, request.GET["unsent"]) if "unsent" in request.GET else None
    if waiting is None:
        return None
    typed = waiting.typed
    typed.update(anew or {})
    return typed


def is_sent(request: HttpRequest, form: Form) -> bool:
    """Say whether a form is sent as it should be."""
    return request.method == "POST" and form.is_valid()


def discard_waiting(request: HttpRequest, opened: Unlocked) -> None:
    """Delete what had waited unsent and stood in the form (`filled_in`), once what it asks for is done."""
    unsent.discard(opened.triager, request.GET.get("unsent", ""))


def set_cookie(response: HttpResponse, cookie_key: str) -> None:
    """Give the browser its half of an open queue: for the queue's pages alone, until it closes."""
    response.set_cookie(COOKIE, cookie_key, path=unsent.PATH, secure=settings.HTTPS, httponly=True, samesite="Strict")


def drop_cookie(response: HttpResponse) -> None:
    """Take the browser's half away."""
    response.delete_cookie(COOKIE, path=unsent.PATH, samesite="Strict")
