"""The broker (Valkey or Redis), asked with little patience by those who can do without its answer.

Celery and the cache keep connections of their own. What runs inside somebody's request only nudges the workers or
asks how they are, and must not wait for a broker that is down.
"""

from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

PATIENCE = 0.25
"""Seconds that connecting, and then each answer, may take."""


@cache
def client() -> Redis:
    """Return this process's client; its calls raise redis.RedisError soon when the broker is away."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=PATIENCE,
        socket_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
    )
