"""Whoever asks while PostgreSQL or Valkey is away is told to try again, and whoever meets an error of ours is not."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal import views

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """Somebody at a browser, who meets the page and not the error."""
    return Client(raise_request_exception=False)


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0?socket_timeout=0.1"


def use_cache(settings: Any, address: str) -> None:
    """Have the cache at another address."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": address}}


def refused(answer: Any) -> None:
    """See that an answer is the page that says to try again."""
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"]
    assert "not available just now" in answer.content.decode()


def test_signing_in_while_valkey_is_away(visitor: Client, settings: Any) -> None:
    use_cache(settings, "redis://127.0.0.1:1/0")
    assert visitor.get(reverse("account_login")).status_code == 200
    refused(visitor.post(reverse("account_login"), {"login": "amina@trust.example"}))


def test_signing_in_while_valkey_hangs(visitor: Client, settings: Any, silent: str) -> None:
    use_cache(settings, silent)
    refused(visitor.post(reverse("account_login"), {"login": "amina@trust.example"}))


def test_signing_in_while_valkey_is_full(visitor: Client, settings: Any) -> None:
    server = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])
    allowed = str(server.config_get("maxmemory")["maxmemory"])
    server.config_set("maxmemory", 1)
    try:
        refused(visitor.post(reverse("account_login"), {"login": "amina@trust.example"}))
    finally:
        server.config_set("maxmemory", allowed)


def test_the_database_is_away(visitor: Client) -> None:
    visitor.cookies["session"] = "somebodywassignedin"

    def ask_from_a_process_of_another_database() -> None:
        connection.settings_dict = {**connection.settings_dict, "NAME": "no_such_database"}
        answer = visitor.get(reverse("me"))
        refused(answer)
        assert "session" not in answer.cookies, "Whoever was signed in stays so."

    # A thread has a database connection of its own.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(ask_from_a_process_of_another_database).result()


def test_an_error_of_ours_is_no_outage(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> HttpResponse:
        raise RuntimeError

    monkeypatch.setattr(views, "render", fail)
    answer = visitor.get(reverse("home"))
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers
    assert "there is a problem with the service" in answer.content.decode()
