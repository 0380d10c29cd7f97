"""What somebody typed is not lost when their sign-in ends before they send it.

A form that arrives from a person who is no longer signed in is answered by a page that says so. So is one that was
loaded before they signed in again, whose token is no longer theirs. What they typed waits for 30 minutes, encrypted
under a random key that only a cookie of their browser holds: neither the cache nor the browser alone can read it. Once
the same person has signed in again they are shown it, and send it themselves or not: nothing is ever sent for them.

Who they are is known from a signed cookie, set at sign-in, that outlives the session. Another person who signs
in at the same browser sees nothing. By whichever way they signed in, the first page that they come to says that it
waits: a second cookie, which every page is sent, tells that it does, and opens nothing. Passwords and files are not
kept, nor is what is longer than LONGEST; of one person the newest MOST_FORMS wait. So nobody fills the cache for
everybody else. Nor is a yes to what a page asked: who sends the rest is asked again.

A view whose fields' names mean nothing to a person says what they do, in a function that `told_as` ties to it; mostly
`by_labels` makes that function from the view's form.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.cache import patch_cache_control
from django.utils.html import format_html

from portal import kept_sealed
from portal.accounts.models import User
from portal.form_words import filled_in
from portal.sealed_path import is_sealed

V = TypeVar("V", bound=Callable[..., Any])
Fields = list[tuple[str, str]]
InWords = Callable[..., Fields]
"""Of a person, the fields that they sent, and what the view's address names, makes what is shown of them."""
Keeper = Callable[[int, HttpRequest], bool]
_keepers: dict[str, Keeper] = {}

KEY_COOKIE = "typed"
WAITS_COOKIE = "typed_waits"
TOLD = "typed_told"
PERSON_COOKIE = "last_person"

LONGEST = 1_000_000
"""Characters, of all values together."""
MOST_FORMS = 3

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
# What is never kept: it is secret, or belongs to the request that carried it.
NEVER_KEPT = re.compile(r"pass(word|phrase|code)|secret|token|otp", re.IGNORECASE)
# By which a page knows that its question was answered with yes, or a file looked at.
A_YES = re.compile(r"confirmed|send|key")
# What is carried along but means nothing to a person: buttons, and Django's counts of a form's rows.
NOT_SHOWN = re.compile(r"^_|-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$|(^|-)id$|^(uid|version|turn)$")
# What the choices of our forms are called: nobody wrote that themselves.
CHOICE = re.compile(r"[a-z_-]{1,20}|on")


@dataclass(frozen=True)
class Typed:
    """A form as it was sent, and not taken."""

    owner: int
    path: str
    fields: Fields
    had_files: bool
    asks_again: bool = False

    def shown_to(self, person: User) -> Fields:
        """Return what the person would recognise: what each field is called, and what was typed there."""
        view, _, named = resolve(self.path.partition("?")[0])
        if in_words := getattr(view, "in_words", None):
            told: Fields = in_words(person, self.fields, **named)
            return told
        return [
            (re.sub(r"[-_]+", " ", name).strip().capitalize(), value)
            for name, value in self.fields
            if value.strip() and not NOT_SHOWN.search(name)
        ]


def told_as(in_words: InWords) -> Callable[[V], V]:
    """Have what was typed on a view's page be shown in these words."""

    def tie(view: V) -> V:
        view.in_words = in_words  # type: ignore[attr-defined]  # read by Typed.shown_to
        return view

    return tie


def by_labels(make_form: Callable[..., BaseForm | None]) -> InWords:
    """Return what tells of a form by its labels; `make_form` fills it in again, or returns None where there is none.

    It is given the person, the data, and what the view's address names.
    """

    def in_words(person: User, fields: Fields, **named: Any) -> Fields:
        form = make_form(person, as_sent(fields), **named)
        return filled_in(form) if form else []

    return in_words


def as_sent(fields: Fields) -> QueryDict:
    """Return fields as the request held them."""
    data = QueryDict(mutable=True)
    for name, value in fields:
        data.appendlist(name, value)
    return data


def keep_elsewhere(prefix: str, keeper: Keeper) -> None:
    """Have an app keep by itself what is typed on its own pages, given whose it is and the request that brings it.

    It says whether it has kept anything.
    """
    _keepers[prefix] = keeper


def remember_person(response: HttpResponse, person: User) -> None:
    """Let a later form from this browser be kept for this person alone."""
    response.set_signed_cookie(
        PERSON_COOKIE,
        str(person.pk),
        salt=PERSON_COOKIE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def answer_if_signed_out(request: HttpRequest, view: Callable[..., Any]) -> HttpResponse | None:
    """Answer a form sent to a page that asks for sign-in by somebody who is not; None for any other request."""
    if request.method != "POST" or request.user.is_authenticated or not _asks_for_sign_in(request, view):
        return None
    owner = _last_person(request)
    kept = owner is not None and request.content_type in FORM_TYPES and _is_short_enough(request)
    keeper = _keeper(request)
    if owner is not None and kept and keeper:
        kept = keeper(owner, request)
    here = kept and keeper is None
    context = {"kept": kept, "here": here, "next": reverse("typed") if here else quote(came_from(request))}
    response = render(request, "accounts/signed_out.html", context, status=403)
    if owner is not None and here:
        _keep(request, response, owner)
    return response


def answer_if_stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is not the visitor's, or no longer. The settings' `CSRF_FAILURE_VIEW`.

    It is kept when it came from a page of ours: what another site had a browser send is not what a person typed here,
    and must never be put before them to be sent. On the sealed path nothing is kept, since it would be kept for
    somebody: what was typed is on the answer alone, to copy.
    """
    if is_sealed(request):
        shown = just_typed(request) if _is_from_here(request) else []
        response = render(request, "403_csrf.html", {"typed": shown}, status=403)
        patch_cache_control(response, private=True, no_store=True)
        return response
    owner = request.user.pk if request.user.is_authenticated else _last_person(request)
    kept = (
        request.content_type in FORM_TYPES
        and _is_from_here(request)
        and hasattr(getattr(request.resolver_match, "func", None), "access_rule")
        and bool(_fields(request))
        and _is_short_enough(request)
    )
    if owner is None or not kept:
        return render(request, "403_csrf.html", status=403)
    if keeper := _keeper(request):
        context = {"next": came_from(request)} if keeper(owner, request) else {}
        return render(request, "403_csrf.html", context, status=403)
    response = render(request, "403_csrf.html", {"next": reverse("typed")}, status=403)
    _keep(request, response, owner)
    return response


def answer_if_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for what is not there or not theirs, with what they had just typed. The URLconf's `handler404`.

    What a form was for may be gone, or be no longer theirs, by the time that they send it. It is on the answer alone.
    """
    view = getattr(request.resolver_match, "func", None)
    # Of these alone the token was looked at before, so that what was sent is known to be readable, and theirs.
    is_theirs = hasattr(view, "access_rule") and not getattr(view, "csrf_exempt", False)
    typed = just_typed(request) if is_theirs and request.method == "POST" else []
    response = render(request, "404.html", {"typed": typed}, status=404)
    if typed:
        patch_cache_control(response, private=True, no_store=True)
    return response


def read(request: HttpRequest) -> Typed | None:
    """Return what is kept for the person who is signed in, or None."""
    kept = kept_sealed.read(KEY_COOKIE, request.COOKIES.get(KEY_COOKIE, ""))
    if kept is None:
        return None
    typed = Typed(**{**kept, "fields": [(name, value) for name, value in kept["fields"]]})
    return typed if typed.owner == request.user.pk else None


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Delete what is kept."""
    kept_sealed.forget(KEY_COOKIE, request.COOKIES.get(KEY_COOKIE, ""))
    response.delete_cookie(KEY_COOKIE, path=reverse("typed"))
    response.delete_cookie(WAITS_COOKIE)


def forget_once_sent(request: HttpRequest, response: HttpResponse) -> None:
    """Delete what is kept once it was sent from the page that shows it, and taken: that page says that it was not."""
    place = request.COOKIES.get(WAITS_COOKIE)
    is_taken = request.method == "POST" and response.status_code == HTTPStatus.FOUND
    if place and is_taken and isinstance(request.user, User) and came_from(request) == reverse("typed"):
        if place in _places_of(request.user.pk):
            cache.delete(place)
        response.delete_cookie(WAITS_COOKIE)


def say_that_it_waits(request: HttpRequest) -> None:
    """Tell somebody, once in each sign-in, that what they typed at this browser waits for them.

    Whoever comes to the page on which it is shown needs no telling.
    """
    place, page = request.COOKIES.get(WAITS_COOKIE), reverse("typed")
    if not place or not isinstance(request.user, User) or request.session.get(TOLD) == place:
        return
    if place in _places_of(request.user.pk):
        request.session[TOLD] = place
        if request.path != page:
            link = format_html('<a href="{}">Look at it</a>', page)
            messages.info(request, format_html("What you typed before you were signed out is kept, not sent. {}", link))


def came_from(request: HttpRequest) -> str:
    """Return the address of the page that a form stood on, where the browser tells it and it is ours."""
    origin = f"{request.scheme}://{request.get_host()}"
    referer = request.headers.get("Referer", "")
    return referer.removeprefix(origin) if referer.startswith(f"{origin}/") else request.get_full_path()


def just_typed(request: HttpRequest) -> list[str]:
    """Return what a form brought that somebody wrote themselves, to show on its answer and keep nowhere."""
    written = [value for name, value in _fields(request) if value.strip() and not NOT_SHOWN.search(name)]
    return [value for value in written if not CHOICE.fullmatch(value)]


def _asks_for_sign_in(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Say whether a view's rule refuses this request's visitor. Views of allauth name none, and guard themselves."""
    rule = getattr(view, "access_rule", None)
    return rule is not None and not rule(request.user)


def _last_person(request: HttpRequest) -> int | None:
    """Return who signed in last at this browser, by the cookie that we signed."""
    signed = request.get_signed_cookie(PERSON_COOKIE, default=None, salt=PERSON_COOKIE)
    return int(signed) if signed else None


def _is_from_here(request: HttpRequest) -> bool:
    """Say whether the browser tells that a page of ours sent this request. Browsers let no page forge either header."""
    origin = f"{request.scheme}://{request.get_host()}"
    if "Origin" in request.headers:
        return request.headers["Origin"] == origin
    return request.headers.get("Referer", "").startswith(f"{origin}/")


def _fields(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what may be kept of a form."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not NEVER_KEPT.search(name) and not A_YES.fullmatch(name)
    ]


def _is_short_enough(request: HttpRequest) -> bool:
    return sum(len(value) for _, value in _fields(request)) <= LONGEST


def _keeper(request: HttpRequest) -> Keeper | None:
    return next((keeper for prefix, keeper in _keepers.items() if request.path.startswith(prefix)), None)


def _keep(request: HttpRequest, response: HttpResponse, owner: int) -> None:
    kept = {
        "owner": owner,
        "path": request.get_full_path(),
        "fields": _fields(request),
        "had_files": bool(request.FILES),
        "asks_again": any(A_YES.fullmatch(name) for name in request.POST),
    }
    key = kept_sealed.keep(KEY_COOKIE, kept)
    place = kept_sealed.place(KEY_COOKIE, key)
    _make_room(owner, place)
    for name, value, path in ((KEY_COOKIE, key, reverse("typed")), (WAITS_COOKIE, place, "/")):
        response.set_cookie(
            name,
            value,
            max_age=kept_sealed.KEPT_FOR,
            path=path,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )


def _make_room(owner: int, place: str) -> None:
    """Forget the oldest of somebody's forms that wait, where there would be too many with the one at `place`."""
    waiting = [*_places_of(owner), place]
    cache.set(f"{KEY_COOKIE}_of:{owner}", waiting[-MOST_FORMS:], kept_sealed.KEPT_FOR)
    cache.delete_many(waiting[:-MOST_FORMS])


def _places_of(owner: int) -> list[str]:
    """Return where somebody's forms wait, in whichever browser's keeping, the newest last."""
    places: list[str] = cache.get(f"{KEY_COOKIE}_of:{owner}", [])
    return places
