"""Fixtures that tests of several apps share."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Begin each test without what another left in Valkey: rate limits, cached pages, the broker's queue."""
    cache.clear()
