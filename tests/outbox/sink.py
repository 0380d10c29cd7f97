"""A mail server for tests: it takes real SMTP connections, and can be told to be difficult."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

EVERYBODY = "everybody"


def always(arrived: int) -> bool:
    """Take the next mail, however many have arrived."""
    return True


class Sink:
    """What arrived, in order.

    `takes` says, given the number of mails that have arrived, whether the next is taken or the connection breaks;
    `before_answering` is called with that number once a mail is taken, before the sender is told so.
    `at_sender`, `at_recipient` and `at_data` say what an address, or EVERYBODY, is answered in the place of "250 OK".
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self._carried = 0  # by the latest connection
        self.at_sender: dict[str, str] = {}
        self.at_recipient: dict[str, str] = {}
        self.at_data: dict[str, str] = {}
        self.close_after: int | None = None
        self.takes: Callable[[int], bool] = always
        self.before_answering: Callable[[int], object] = always

    @property
    def arrived(self) -> list[tuple[str, str]]:
        """Return (address, Message-ID) of each mail."""
        return [(str(mail["To"]), str(mail["Message-ID"])) for mail in self.mails]

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count connections."""
        self.connections += 1
        session.host_name = hostname
        self._carried = 0
        return responses

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a sender."""
        answer = self.at_sender.get(address)
        if answer:
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take an address."""
        answer = self.at_recipient.get(address) or self.at_recipient.get(EVERYBODY)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's names
        """Take a message, or let the connection break instead of answering."""
        taken = self.takes(len(self.mails))
        answer = self.at_data.get(envelope.rcpt_tos[0]) or self.at_data.get(EVERYBODY)
        if not taken or answer == "break" or self._carried == self.close_after:
            cast("asyncio.Transport", server.transport).abort()
            return "421 gone"
        if answer:
            return answer
        self._carried += 1
        content = cast("bytes", envelope.original_content)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        self.before_answering(len(self.mails))
        return "250 OK"


@contextmanager
def running_sink(settings: Any) -> Iterator[Sink]:
    """Run a sink on a free port of the loopback, and have Django send its mail there."""
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = port
        yield sink
    finally:
        controller.stop()
