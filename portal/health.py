"""Whether the portal is well, for whoever watches over it.

`/health/live` says that this web process answers; a load balancer should ask this one. `/health/ready` says of each
part that the portal needs whether it works, and is for alarms: while a part fails, pages may well go on working.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from celery import shared_task
from celery.signals import beat_init
from django.db import Error as DatabaseTrouble
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from portal import broker
from portal.access import access, anyone
from portal.outbox.models import Message

logger = logging.getLogger(__name__)

TICK = "health:tick"

OLDEST_TICK = 90
"""Seconds. Beat ticks every 20."""

LONGEST_WAIT = 900
"""Seconds that a message may be due and not sent."""

Part = Mapping[str, bool | int]


@never_cache
@access(anyone)
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Say that this process answers."""
    return JsonResponse({"status": "live"})


@never_cache
@access(anyone)
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Say of each part whether it works; 503 when one does not."""
    parts = {name: _asked(name, check) for name, check in CHECKS.items()}
    well = all(part["ok"] for part in parts.values())
    return JsonResponse({"status": "ready" if well else "not ready", "parts": parts}, status=200 if well else 503)


@shared_task
def remember_tick() -> None:
    """Note that beat has sent this and a worker has taken it."""
    broker.client().set(TICK, int(time.time()))


@beat_init.connect
def tick_at_once(**_: Any) -> None:
    """Let a portal that has just started be ready before beat's first interval is over."""
    remember_tick.delay()


def _asked(name: str, check: Callable[[], Part]) -> Part:
    """Ask one part. Why it fails is for the log, not for whoever asks."""
    try:
        return check()
    except (DatabaseTrouble, RedisError) as error:
        logger.warning("A part of the portal does not answer", extra={"part": name, "error": type(error).__name__})
        return {"ok": False}


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def _broker() -> Part:
    return {"ok": bool(broker.client().ping())}


def _beat() -> Part:
    tick = broker.client().get(TICK)
    if tick is None:
        return {"ok": False}
    age = max(0, int(time.time()) - int(tick))
    return {"ok": age <= OLDEST_TICK, "seconds_since_tick": age}


def _outbox() -> Part:
    since = Message.objects.waiting_since()
    waited = 0 if since is None else int((timezone.now() - since).total_seconds())
    return {"ok": waited <= LONGEST_WAIT, "longest_wait_seconds": waited}


CHECKS: Mapping[str, Callable[[], Part]] = {
    "database": _database,
    "broker": _broker,
    "beat": _beat,
    "outbox": _outbox,
}
