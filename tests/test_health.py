"""What those who watch over the portal are told."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal import broker, health, outbox
from portal.outbox.models import Message
from tests.factories import make_user
from tests.outbox.letters import LETTER

pytestmark = pytest.mark.django_db


@pytest.fixture
def _unreachable_broker(settings):
    """Ask a broker that is not there."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    broker.client.cache_clear()
    yield
    broker.client.cache_clear()


def failing(client) -> set[str]:
    """Return which parts fail, and see that the status says the same."""
    answer = client.get("/health/ready")
    told = answer.json()
    parts = {name for name, part in told["parts"].items() if not part["ok"]}
    assert (answer.status_code, told["status"]) == ((503, "not ready") if parts else (200, "ready"))
    assert "no-store" in answer["Cache-Control"]
    return parts


def test_live_asks_nothing_of_the_database(client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_ready_when_every_part_works(client) -> None:
    health.remember_tick()
    assert failing(client) == set()


def test_beat_has_never_ticked(client) -> None:
    assert failing(client) == {"beat"}


def test_beat_has_stopped(client) -> None:
    broker.client().set(health.TICK, int(time.time()) - 200)
    assert failing(client) == {"beat"}
    assert client.get("/health/ready").json()["parts"]["beat"]["seconds_since_tick"] >= 200


def test_beat_ticks_as_soon_as_it_starts() -> None:
    health.tick_at_once()
    (queued,) = broker.client().lrange("celery", 0, -1)
    assert json.loads(queued)["headers"]["task"] == "portal.health.remember_tick"


def test_a_message_waits_too_long(client) -> None:
    health.remember_tick()
    outbox.write(LETTER, subject="booking:1", person=make_user())
    assert failing(client) == set()
    Message.objects.update(next_attempt_at=timezone.now() - timedelta(hours=1))
    assert failing(client) == {"outbox"}
    Message.objects.update(state=Message.State.DEAD)
    assert failing(client) == set()


@pytest.mark.usefixtures("_unreachable_broker")
def test_the_broker_is_away_and_nothing_leaks(client) -> None:
    assert failing(client) == {"broker", "beat"}
    assert client.get("/health/ready").json()["parts"]["broker"] == {"ok": False}


def test_the_database_is_away_and_nothing_leaks(client) -> None:
    health.remember_tick()

    def ask_from_a_process_of_another_database() -> None:
        connection.settings_dict = {**connection.settings_dict, "NAME": "no_such_database"}
        assert failing(client) == {"database", "outbox"}
        assert "no_such_database" not in client.get("/health/ready").content.decode()
        assert client.get("/health/live").status_code == 200

    # A thread has a database connection of its own.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(ask_from_a_process_of_another_database).result()


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_only_asks(client, address) -> None:
    assert client.post(address).status_code == 405
