"""docker-compose.yml's services of our own, run natively on Debian's servers with a mail sink in place of a relay."""

import http.client
import secrets
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.client import HTTPMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from portal.embedded.child import Child
from tests.production.compose import REPOSITORY, Service, services
from tests.production.debian import PASSWORD, PostgreSQL, Redis, free_port
from tests.production.image import Image

HOST = "portal.example"

# What docs/running.md tells to put into `.env`.
VARIABLES = {
    "PORTAL_ORIGIN": f"https://{HOST}",
    "ALLOWED_HOSTS": HOST,
    "SECRET_KEY": secrets.token_urlsafe(64),
    "POSTGRES_PASSWORD": PASSWORD,
    "EMAIL_URL": "smtp://relay:25",
    "DEFAULT_FROM_EMAIL": "Cohort Portal <portal@portal.example>",
    "PORTAL_CONTACT_EMAIL": "help@portal.example",
}


@dataclass(frozen=True)
class Answer:
    """What the web server answered."""

    status: int
    headers: HTTPMessage
    body: bytes


class Sink:
    """A mail relay that keeps what it is given."""

    def __init__(self) -> None:
        """Settle where it listens."""
        self.port = free_port()
        self.mails: list[EmailMessage] = []
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.start, self.stop = self._controller.start, self._controller.stop

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Take one mail."""
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
        return "250 Taken"

    def to(self, address: str) -> list[EmailMessage]:
        """Return the mails to one address."""
        return [mail for mail in self.mails if address in mail["To"]]


class Deployment:
    """The composition as it runs here: the same commands and environment, other hosts and ports."""

    def __init__(self, image: Image, postgres: PostgreSQL, redis: Redis, sink: Sink, logs: Path) -> None:
        """Settle what runs where; `start()` starts a service."""
        self.image = image
        self.postgres = postgres
        self.redis = redis
        self.sink = sink
        self.port = free_port()
        self._services = services(VARIABLES)
        self._logs = logs
        self._children: dict[str, Child] = {}
        self._seeds = 0
        self._addresses = {
            "@postgres:5432": f"@127.0.0.1:{postgres.port}",
            "//valkey:6379": f"//127.0.0.1:{redis.port}",
            "//relay:25": f"//127.0.0.1:{sink.port}",
            "//web:8000": f"//127.0.0.1:{self.port}",
            "//127.0.0.1:8000": f"//127.0.0.1:{self.port}",
        }

    def environment(self, name: str) -> dict[str, str]:
        """Return what the service's processes find in their environment."""
        given = {key: self._here(value) for key, value in self._services[name].environment.items()}
        return {
            **given,
            "PATH": f"{self.image.programs}:/usr/bin:/bin",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "HOSTNAME": socket.gethostname(),
            # We may be root, which the container's processes are not: Celery warns of it in plain text.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
        }

    def start(self, name: str) -> None:
        """Start a service in the background."""
        with self.log_of(name).open("ab") as log:
            self._children[name] = Child(
                name,
                ["env", f"--chdir={self.image.app}", *self._command(name)],
                environment=self.environment(name),
                output=log,
            )

    def stop(self, name: str) -> int:
        """Send a service SIGTERM, as `docker compose stop` does, and return its exit code."""
        child = self._children.pop(name)
        child.stop(within=60)
        return child.process.returncode

    def stop_all(self) -> None:
        """Stop whatever runs."""
        for name in list(self._children):
            self.stop(name)

    def finish(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run a service that ends by itself."""
        return self.run(self._command(name), service=name)

    def run(
        self, command: list[str], *, service: str = "web", also: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a service's environment, as `docker compose run` does."""
        return subprocess.run(
            command, cwd=self.image.app, env={**self.environment(service), **(also or {})},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def is_healthy(self, name: str) -> bool:
        """Run the service's own health check."""
        check = [self._here(part) for part in self._services[name].healthcheck]
        return self.run(check, service=name).returncode == 0

    def log_of(self, name: str) -> Path:
        """Return the file that holds all that the service printed."""
        return self._logs / f"{name}.log"

    def seed(self, code: str, *, also: Mapping[str, str] | None = None) -> str:
        """Run Python in the production environment with the suite's factories at hand; return what it prints."""
        self._seeds += 1
        # Each call is a process of its own: its factories count on from where no other began.
        begin = (
            "import django, itertools; django.setup()\n"
            f"from tests import factories; factories._number = itertools.count({self._seeds * 1000})\n"
        )
        done = self.run(
            ["python", "-c", begin + code],
            also={
                "PYTHONPATH": f"{self.image.app}:{REPOSITORY}",
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                **(also or {}),
            },
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def ask(
        self, path: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Answer:
        """Ask the web server as the reverse proxy does, which has taken TLS off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Host": HOST, "X-Forwarded-Proto": "https", **(headers or {})}
        try:
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def _command(self, name: str) -> list[str]:
        return [self._here(part) for part in self._services[name].command]

    def _here(self, text: str) -> str:
        for there, here in self._addresses.items():
            text = text.replace(there, here)
        return text


def service_named(name: str) -> Service:
    """Return a service of the composition, its variables filled in."""
    return services(VARIABLES)[name]
