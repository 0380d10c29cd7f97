"""Fixtures of the embedded servers' tests."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.running import Run, free_port


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that PostgreSQL's own account can pass through: pytest's are closed to it."""
    base = Path(tempfile.mkdtemp(prefix="portal-run-"))
    base.chmod(0o711)
    yield base / "data"
    shutil.rmtree(base)


@pytest.fixture
def start(data: Path) -> Iterator[Callable[..., Run]]:
    """Return what starts a run on `data`; those still running at the end are stopped."""
    runs: list[Run] = []

    def start(action: str = "run", **environment: str) -> Run:
        port = environment.pop("PORT", None) or free_port()
        runs.append(Run(action, data, port, **environment))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.end(signal.SIGTERM)
