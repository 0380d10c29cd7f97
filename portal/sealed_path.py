"""The pages that take no notice of who is signed in: no session, no account and no message is read or written there.

A colleague may be signed in to the portal in the same browser when they ask for therapy. So below `SEALED_PREFIX` the
middleware for sign-ins passes straight on, in subclasses that stand in the places of Django's own.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest


def is_sealed(request: HttpRequest) -> bool:
    """Say whether a request is for a page that takes no notice of who is signed in."""
    return request.path_info.startswith(settings.SEALED_PREFIX)


class SessionMiddleware(sessions.SessionMiddleware):
    """Django's, but on the sealed path."""

    def __call__(self, request: HttpRequest) -> Any:
        """Pass on a request of the sealed path as it came."""
        return self.get_response(request) if is_sealed(request) else super().__call__(request)


class AuthenticationMiddleware(auth.AuthenticationMiddleware):
    """Django's, but on the sealed path, where everybody is nobody."""

    def __call__(self, request: HttpRequest) -> Any:
        """Pass on a request of the sealed path as that of nobody."""
        if not is_sealed(request):
            return super().__call__(request)
        request.user = AnonymousUser()
        return self.get_response(request)


class MessageMiddleware(messages.MessageMiddleware):
    """Django's, but on the sealed path."""

    def __call__(self, request: HttpRequest) -> Any:
        """Pass on a request of the sealed path as it came."""
        return self.get_response(request) if is_sealed(request) else super().__call__(request)
