"""The portal as people meet it: its own web server and a Celery worker, on the test's database and mail server."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
# Seconds until something that has to happen is given up as failed.
PATIENCE = 60


@contextmanager
def running_portal(database: str, mail_port: int, **more: str) -> Iterator[str]:
    """Run web server and worker on `database` of the test's PostgreSQL; give the address of the front page.

    `more` is added to their environment.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "DATABASE_URL": urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl(),
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "PORTAL_ORIGIN": origin,
        "PORT": str(port),
        "PYTHONWARNINGS": "ignore",
        "LOG_LEVEL": "ERROR",
        **more,
    }
    web = [sys.executable, "-m", "portal.web_server"]
    worker = [
        *(sys.executable, "-m", "celery", "-A", "portal", "worker", "--pool", "solo", "--loglevel", "error"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment) for command in (web, worker)]
    try:
        wait_until_it_answers(f"{origin}/health/live", processes[0])
        yield origin
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(PATIENCE)


def wait_until_it_answers(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait for the first answer of a web server that is starting."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, "The web server ended."
        assert time.monotonic() < give_up_at, "The web server does not answer."
        try:
            with urlopen(address):  # noqa: S310  # our own address on the loopback
                return
        except (URLError, ConnectionError):
            time.sleep(0.1)
