"""The servers that a test run has for itself."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from tests.embedded.running import PATIENCE, all_gone, without_servers

CONFIGURATION = Path(__file__).parents[2] / "pyproject.toml"

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("dealt_out", [(), ("-n", "1")], ids=["in one process", "to a worker"])
def test_a_killed_test_run_leaves_no_server(tmp_path: Path, dealt_out: tuple[str, ...]) -> None:
    waits, runs = tmp_path / "test_that_waits.py", tmp_path / "runs"
    waits.write_text(f"import pathlib, time\ndef test_it(): pathlib.Path({str(runs)!r}).touch(); time.sleep(600)\n")
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-c", CONFIGURATION, *dealt_out, waits],
        env=without_servers(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        give_up_at = time.monotonic() + PATIENCE
        while not runs.exists() and run.poll() is None and time.monotonic() < give_up_at:
            time.sleep(0.05)
        family = psutil.Process(run.pid).children(recursive=True)
        names = Counter(process.name() for process in family)
        assert names["valkey-server"] == 1, names
        assert names["postgres"] > 1, names
    finally:
        run.kill()
        run.communicate()
    assert all_gone(family)


def test_workers_are_not_started_on_a_server_that_is_named(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", CONFIGURATION, "-n", "2", tmp_path],
        env={**without_servers(os.environ), "REDIS_URL": os.environ["REDIS_URL"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Each worker has servers of its own: leave out -n, or unset REDIS_URL." in run.stderr
