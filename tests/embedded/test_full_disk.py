"""A disk without room, before the start and in the middle of it."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.embedded.postgres import Postgres
from portal.embedded.trouble import Trouble
from tests.embedded.running import Run

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk"),
]


@pytest.fixture
def small_disk(data: Path) -> Iterator[Path]:
    """A disk of 20 MB at `data`."""
    data.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m,mode=0711", "tmpfs", data], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield data
    subprocess.run(["umount", data], check=True)


def test_it_is_said_before_anything_starts(small_disk: Path, start: Callable[..., Run]) -> None:
    run = start()
    assert run.exit_code() == 1
    assert run.output == (
        f"The disk that holds {small_disk} is full (19 MB left). Make room, or set PORTAL_DATA_DIR to another disk.\n"
    )


def test_it_is_said_when_postgresql_finds_out(small_disk: Path) -> None:
    postgres = Postgres(small_disk / "postgres")
    with pytest.raises(Trouble, match="is full"):
        postgres.start()
    assert not postgres.data.exists()
