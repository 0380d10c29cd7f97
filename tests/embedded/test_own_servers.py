"""The servers that a test run has for itself."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.embedded.running import all_gone, without_servers

CONFIGURATION = Path(__file__).parents[2] / "pyproject.toml"

pytestmark = pytest.mark.faults


def test_a_killed_test_run_leaves_no_server(tmp_path: Path) -> None:
    (tmp_path / "test_that_waits.py").write_text(
        "import sys, time\ndef test_it(): print('waiting', file=sys.__stdout__, flush=True); time.sleep(600)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-c", CONFIGURATION, "--capture=no", tmp_path / "test_that_waits.py"],
        env=without_servers(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert run.stdout
        assert any("waiting" in line for line in run.stdout)
        servers = psutil.Process(run.pid).children(recursive=True)
        assert {"postgres", "valkey-server"} <= {process.name() for process in servers}
    finally:
        run.kill()
        run.communicate()
    assert all_gone(servers)
