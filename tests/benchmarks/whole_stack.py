"""`stack.*`: what `make run` takes of memory at rest, and how long it takes to the first page."""

import http.client
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.benchmarks.effort import Effort
from tests.benchmarks.result import Result
from tests.benchmarks.stack import ROOT, free_port

FOUND = 200
REST = 20
"""Seconds after the first page before memory is looked at."""


def measure(effort: Effort) -> Iterator[Result]:
    """Yield memory at rest, and the times of a warm start and of one from a fresh clone."""
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    folder.chmod(0o711)  # PostgreSQL's own account has to pass through
    run = [sys.executable, "-m", "portal.embedded", "run"]
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    try:
        data = environment | {"PORTAL_DATA_DIR": str(folder / "data")}
        with _started(run, ROOT, data) as (process, _):
            time.sleep(REST)
            rss, parts = _memory(process)
        yield Result("stack.rss_mb", rss, "MB, shared memory counted once", more=parts)
        starts = []
        for _ in range(effort.starts):
            with _started(run, ROOT, data) as (_, seconds):
                starts.append(seconds)
        yield Result("stack.warm_start_s", statistics.median(starts), "s", more={"runs": effort.starts})
        if effort.cold:
            yield _cold_start(folder, environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cold_start(folder: Path, environment: Mapping[str, str]) -> Result:
    """Start from a fresh clone, with nothing downloaded before."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    fresh = {"PIP_NO_CACHE_DIR": "1", "npm_config_cache": str(folder / "npm")}
    with _started(["make", "run"], clone, {**environment, **fresh}) as (_, seconds):
        pass
    subprocess.run(["make", "reset"], cwd=clone, check=True, capture_output=True)
    return Result("stack.cold_start_s", seconds, "s", more={"runs": 1})


@contextmanager
def _started(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, within: float = 1800
) -> Iterator[tuple[psutil.Process, float]]:
    """Run the portal while the block lasts; give its process and the seconds from its start to the first page."""
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, env={**environment, "PORT": str(port)}, stdout=subprocess.DEVNULL,
        process_group=0,
    )  # fmt: skip
    try:
        while not _first_page(port):
            if process.poll() is not None:
                raise RuntimeError(f"{' '.join(command)} ended with exit code {process.returncode}.")
            if time.monotonic() - began > within:
                raise TimeoutError(f"No page within {within:.0f} seconds.")
            time.sleep(0.02)
        yield psutil.Process(process.pid), time.monotonic() - began
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        process.wait(60)


def _first_page(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/", headers={"Host": "localhost"})
        return connection.getresponse().status == FOUND
    return False


def _memory(process: psutil.Process) -> tuple[float, dict[str, float]]:
    """Return the megabytes of a process and all that it started, and of each of its children by name."""
    parts: dict[str, float] = {"supervisor_mb": _megabytes(process)}
    for child in process.children():
        parts_of_child = [child, *child.children(recursive=True)]
        name = f"{_name(child)}_mb"
        parts[name] = parts.get(name, 0) + sum(map(_megabytes, parts_of_child))
    return sum(parts.values()), parts


def _megabytes(process: psutil.Process) -> float:
    """Return a process's proportional share of what it has in memory: shared pages count once over all of them."""
    return float(process.memory_full_info().pss) / 1_000_000


def _name(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    known = {"granian": "web", " worker": "worker", " beat": "beat", "valkey": "valkey"}
    return next((name for word, name in known.items() if word in words), process.name())
