"""A pytest plugin: a PostgreSQL and a Valkey for this run alone, unless DATABASE_URL and REDIS_URL name others.

pytest loads it before pytest-django reads the settings. Several runs stand side by side, each on servers of its own in
a folder of its own; they end with the run, and when it is killed. So do the workers of one run (`pytest -n 2`): each
has its own servers, and the process that deals tests out to them has none.
"""

import argparse
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey

PREFIX = "portal-tests-"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start what is not configured, before any other plugin looks at the settings."""
    options = early_config.known_args_namespace
    os.environ["PORTAL_MODE"] = "test"
    if not (options.help or options.version):
        if deals_out(options):
            refuse_named_servers()
        else:
            start_servers(early_config)
    return (yield)


def deals_out(options: argparse.Namespace) -> bool:
    """Say whether this process runs no test itself: it was asked for workers (who are told the same), and is none."""
    return bool(options.numprocesses) and "PYTEST_XDIST_WORKER" not in os.environ


def refuse_named_servers() -> None:
    """Refuse to have several workers on one server. Raises UsageError."""
    if named := [name for name in ("DATABASE_URL", "REDIS_URL") if name in os.environ]:
        raise pytest.UsageError(f"Each worker has servers of its own: leave out -n, or unset {' and '.join(named)}.")


def start_servers(config: pytest.Config) -> None:
    """Start the servers that the environment does not name, and tell it where they are."""
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return
    folder, lock = new_folder(config)
    with (folder / "servers.log").open("ab") as log:
        postgres = None if "DATABASE_URL" in os.environ else Postgres(folder / "postgres", throw_away=True)
        valkey = None if "REDIS_URL" in os.environ else Valkey(folder / "valkey")
        for server in (postgres, valkey):
            if server:
                config.add_cleanup(server.stop)
                server.start(output=log, keep_open=[lock])
    if postgres:
        postgres.wait_until_ready()
        os.environ["DATABASE_URL"] = postgres.url()
    if valkey:
        valkey.wait_until_ready()
        os.environ["REDIS_URL"] = valkey.url


def new_folder(config: pytest.Config) -> tuple[Path, int]:
    """Make the run's folder with its lock, remove it at the end, and clear away those of runs that were killed."""
    base = Path(tempfile.gettempdir())
    for left in base.glob(f"{PREFIX}*"):
        clear_away(left)
    making = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=base))
    lock = (making / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    making.chmod(0o711)  # PostgreSQL's own account has to pass through
    folder = making.rename(base / making.name.removeprefix("."))  # locked before another run can find it
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    config.add_cleanup(lock.close)
    return folder, lock.fileno()


def clear_away(left: Path) -> None:
    """Remove the folder of a run that was killed: it is ours, and nobody holds its lock."""
    try:
        if left.stat().st_uid != os.getuid():
            return
        with (left / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    shutil.rmtree(left, ignore_errors=True)
