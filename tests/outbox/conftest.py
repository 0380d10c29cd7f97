"""Fixtures of the outbox's tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.outbox.sink import Sink, running_sink


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server that this test's mail goes to."""
    with running_sink(settings) as sink:
        yield sink
