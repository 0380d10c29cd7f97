"""Fixtures of the embedded servers' tests."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.embedded.running import Run, free_port


@contextmanager
def new_place() -> Iterator[Path]:
    """Give a place for data that PostgreSQL's own account can pass through: pytest's folders are closed to it."""
    base = Path(tempfile.mkdtemp(prefix="portal-run-"))
    base.chmod(0o711)
    yield base / "data"
    shutil.rmtree(base)


@pytest.fixture
def data() -> Iterator[Path]:
    """The place of a data folder that is not there yet."""
    with new_place() as place:
        yield place


@pytest.fixture(scope="package")
def data_of_a_first_run() -> Iterator[Path]:
    """What a run that came up once left behind: making the demonstration is what takes time in a first start."""
    with new_place() as place:
        assert Run("run", place, free_port()).wait_until_up().end() == 0
        yield place


@pytest.fixture
def _ran_before(data: Path, data_of_a_first_run: Path) -> None:
    """Have had a run on `data`, which has ended."""
    subprocess.run(["cp", "-a", data_of_a_first_run, data], check=True)  # with their owners, as only cp does


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
