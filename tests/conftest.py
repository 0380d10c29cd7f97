"""Fixtures that tests of several apps share."""

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.core.management.color import Style
from django.db.backends.postgresql.operations import DatabaseOperations
from whitenoise import WhiteNoise


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Begin each test without what another left in Valkey: rate limits, cached pages, the broker's queue."""
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _empty_append_only_tables() -> None:
    """Let a test that commits have its tables emptied after it: the append-only ones refuse TRUNCATE to everybody.

    Only a superuser of the database server may pass their triggers over, which tests are.
    """
    flush = DatabaseOperations.sql_flush

    def past_triggers(self: DatabaseOperations, style: Style, tables: list[str], **options: Any) -> list[str]:
        statements = flush(self, style, tables, **options)
        return ["SET LOCAL session_replication_role = replica", *statements] if statements else []

    DatabaseOperations.sql_flush = past_triggers  # type: ignore[assignment]  # for this process of tests alone


@pytest.fixture(autouse=True, scope="session")
def _light_passwords() -> None:
    """Stretch passwords as little as Argon2 can: what is tested does not depend on how long it takes."""
    Argon2PasswordHasher.time_cost = 1
    Argon2PasswordHasher.memory_cost = 8
    Argon2PasswordHasher.parallelism = 1


@pytest.fixture(autouse=True, scope="session")
def _static_files_found_once() -> None:
    """Let each test client have the static files that the first one found.

    Every client makes its middleware anew, and to go through the whole folder takes longer than most tests do.
    """
    search = WhiteNoise.update_files_dictionary
    found: dict[tuple[str, str], dict[str, Any]] = {}

    def search_once(self: WhiteNoise, root: str, prefix: str) -> None:
        if (root, prefix) not in found:
            search(self, root, prefix)
            found[root, prefix] = dict(self.files)
        self.files.update(found[root, prefix])

    WhiteNoise.update_files_dictionary = search_once  # type: ignore[method-assign]  # for this process of tests alone
