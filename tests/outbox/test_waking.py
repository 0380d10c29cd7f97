"""The sender is woken at almost no cost, and a broker that is away stops nobody."""

import socket
from collections.abc import Iterator

import pytest

from portal import broker
from portal.outbox import waking


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget the connections and the breaker that this process keeps, before and after."""
    forget = (broker.client.cache_clear, waking.connection.cache_clear)
    monkeypatch.setattr(waking, "_rests_until", 0.0)
    for each in forget:
        each()
    yield
    for each in forget:
        each()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_wakes_the_sender() -> None:
    waking.wake_sender()
    assert broker.client().llen("celery") == 1
    assert broker.client().ttl(waking.MARK) > 0


def test_a_broker_that_is_away_is_said_once_and_then_left_alone(settings, caplog) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    for _ in range(3):
        waking.wake_sender()
    assert [record.error for record in caplog.records] == ["ConnectionError"]


def test_a_broker_that_does_not_answer_is_not_waited_for(settings, listener, caplog) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
    for _ in range(3):
        waking.wake_sender()
    assert [record.error for record in caplog.records] == ["TimeoutError"]


def test_a_queue_that_cannot_be_reached_raises_nothing(monkeypatch, caplog) -> None:
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", "redis://127.0.0.1:1/0")
    waking.wake_sender()
    assert [record.error for record in caplog.records] == ["OperationalError"]
