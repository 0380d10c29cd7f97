"""Servers that a test may kill, and this process's own Django upon them."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import connection
from environ import Env
from pytest_django import DjangoDbBlocker

from portal import broker
from portal.outbox import waking
from tests.faults.whole_portal import MIGRATED, Servers, WholePortal
from tests.outbox.sink import Sink, running_sink
from tests.servers import new_folder

_number = count(1)


@pytest.fixture(scope="package")
def servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    """A PostgreSQL and a Valkey for the tests of this folder alone, with a migrated database to copy."""
    folder, lock = new_folder(pytestconfig)
    servers = Servers(folder, lock)
    try:
        servers.start_what_is_down()
        with psycopg.connect(servers.postgres.url("postgres"), autocommit=True) as administrator:
            administrator.execute(f"CREATE DATABASE {MIGRATED}")
        WholePortal(servers, MIGRATED, mail_port=0, logs=folder).migrate()
        yield servers
    finally:
        servers.stop()
        shutil.rmtree(servers.postgres.home, ignore_errors=True)


@pytest.fixture
def letterbox() -> Iterator[tuple[Sink, int]]:
    """A mail server of this test's own, and its port."""
    where = SimpleNamespace()
    with running_sink(where) as sink:
        yield sink, where.EMAIL_PORT


@pytest.fixture
def sink(letterbox: tuple[Sink, int]) -> Sink:
    """What arrives there."""
    return letterbox[0]


@pytest.fixture
def portal(
    servers: Servers,
    letterbox: tuple[Sink, int],
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[WholePortal]:
    """The portal on a fresh database and an empty Valkey, none of its processes started.

    The test's own process works on both too, as one more web process would.
    """
    servers.start_what_is_down()
    database = f"fault_{next(_number)}"
    with psycopg.connect(servers.postgres.url("postgres"), autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {database} TEMPLATE {MIGRATED}")
    portal = WholePortal(servers, database, letterbox[1], tmp_path)

    settings.REDIS_URL = servers.valkey.url
    monkeypatch.setenv("CELERY_BROKER_WRITE_URL", servers.valkey.url.replace("unix://", "redis+socket://", 1))
    monkeypatch.setattr(waking, "_rests_until", 0.0)
    forget_broker()
    broker.client().flushall()
    ours = connection.settings_dict
    connection.close()
    connection.settings_dict = {**ours, **Env.db_url_config(servers.postgres.url(database))}
    try:
        with django_db_blocker.unblock():
            yield portal
            connection.close()
    finally:
        portal.stop()
        connection.settings_dict = ours
        forget_broker()


def forget_broker() -> None:
    """Let this process find its broker anew."""
    broker.client.cache_clear()
    waking.connection.cache_clear()
