"""What a person meets when an error is left over: whether the portal is at fault, or something it stands on is away.

While PostgreSQL or Valkey restarts, a request fails wherever it first needs it: in a view, in middleware, in a session.
Django asks for an answer to any error at the one place below, while the error is in hand.
"""

import sys

import redis
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from portal.documents import TooManyDocuments

AWAY = (
    *(OperationalError, InterfaceError),
    *(redis.ConnectionError, redis.TimeoutError, redis.exceptions.OutOfMemoryError),
    TooManyDocuments,
)
"""How Django and redis-py say that a server cannot be reached, broke off, is full or gave up waiting; and that too many
documents are asked for at once. Trying again may help.
"""

RETRY_AFTER = 30
"""Seconds. What a program that asks should wait; a person reads "a minute"."""


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 when a server was away, and 500 for every other error. The URLconf's `handler500`."""
    if not isinstance(sys.exception(), AWAY):
        return defaults.server_error(request)
    headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
