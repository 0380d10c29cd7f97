"""What a person sees on a page of theirs, shown to an admin who helps them: read only, and in the trail.

Only a view that carries `@seen_by_admins` is shown. What a person writes for themselves, or what of theirs is
special-category data (DESIGN §3), never is.
"""

import re
from collections.abc import Callable
from copy import copy
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, ResolverMatch, resolve

from portal import trail
from portal.accounts.models import User

SEEN: Final = "user.seen_as"
V = TypeVar("V", bound=Callable[..., Any])

ADDRESS = re.compile(rf'\b(href|action)="/(?!{re.escape(settings.STATIC_URL.lstrip("/"))})')


def seen_by_admins(view: V) -> V:
    """Let admins see a view's page as the person sees it, who is signed in there. It must not write when it is read."""
    view.seen_by_admins = True  # type: ignore[attr-defined]  # decorators pass it on to what the address resolves to
    return view


def page_of(person: User, path: str, request: HttpRequest, *, by: User, prefix: str, back: str) -> HttpResponse:
    """Return the page at `path` as `person` sees it, and put in the trail who looked.

    Its links and forms lead to where `prefix` stands before them, and one leads to `back`, a whole address.
    Raises Http404 for a page that is not shown.
    """
    match = _shown(path)
    trail.record(SEEN, actor=by, subject=person, page=match.url_name or "")
    theirs = _as_seen_by(request, person, path, match)
    theirs.seen_from = back  # type: ignore[attr-defined]  # read by the layout
    response = _answer(theirs, match)
    if isinstance(response, HttpResponseRedirect):
        return HttpResponseRedirect(prefix + response.url) if response.url.startswith("/") else response
    response.content = ADDRESS.sub(rf'\1="{prefix}/', response.content.decode())
    return response


def _shown(path: str) -> ResolverMatch:
    try:
        match = resolve(path)
    except Resolver404:
        raise Http404 from None
    if not getattr(match.func, "seen_by_admins", False):
        raise Http404
    return match


def _as_seen_by(request: HttpRequest, person: User, path: str, match: ResolverMatch) -> HttpRequest:
    """Return the request as if the person had sent it, with a session that is kept nowhere."""
    theirs = copy(request)
    theirs.user, theirs.path, theirs.path_info, theirs.resolver_match = person, path, path, match
    theirs.session = SessionBase()
    theirs.seen_for = person  # type: ignore[attr-defined]  # read by the layout
    theirs.__dict__.pop("_messages", None)  # what waits there is for the admin
    return theirs


def _answer(theirs: HttpRequest, match: ResolverMatch) -> HttpResponse:
    """Let the view answer in a transaction that PostgreSQL lets write nothing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        response: HttpResponse = match.func(theirs, *match.args, **match.kwargs)
        transaction.set_rollback(True)
    return response
