"""Deny by default: a view answers only when it names the rule that opens it.

A view of ours carries `@access(rule)`; `rule` is a predicate over the request's user from some app's `rules.py`
(or one of the three here). Which object a person may touch is asked inside the view, of the same `rules.py`.
Views of packages carry no rule of ours, so `portal/urls.py` opens each of their modules by name.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from portal.accounts.models import User

Found = TypeVar("Found")
Rule = Callable[[User | AnonymousUser], bool]


class View(Protocol):
    """A Django view function."""

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def anyone(user: User | AnonymousUser) -> bool:
    """Open to the public."""
    return True


def signed_in(user: User | AnonymousUser) -> bool:
    """Open to whoever has an account and is signed in."""
    return user.is_authenticated


def person(request: HttpRequest) -> User:
    """Return who is signed in. Raises PermissionDenied for a view whose rule let somebody in who is not."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def existing(found: Found | None) -> Found:
    """Return what was found. Raises Http404 for None: what is not there and what is not theirs get the same answer."""
    if found is None:
        raise Http404
    return found


def access(rule: Rule) -> Callable[[View], View]:
    """Open a view to the people for whom `rule` holds; others sign in first, or are told it is not theirs."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if rule(request.user):
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            raise PermissionDenied

        guarded.access_rule = rule  # type: ignore[attr-defined]  # read by deny_by_default and the access table's test
        return guarded

    return decorate


# The modules of packages whose views guard themselves.
GUARDED_PACKAGES = ("allauth.", "django.contrib.admin.", "django.contrib.auth.admin")


def is_guarded(view: Callable[..., Any]) -> bool:
    """Say whether a view names its rule, or comes from a package that guards its own."""
    return hasattr(view, "access_rule") or view.__module__.startswith(GUARDED_PACKAGES)


def deny_by_default(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that refuses a view without a rule."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if not is_guarded(view):
            raise PermissionDenied

    middleware.process_view = process_view  # type: ignore[attr-defined]  # Django reads the hook off the middleware
    return middleware
