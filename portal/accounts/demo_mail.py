"""The mail of a demonstration: Django's file backend writes it into a folder instead of sending it.

Each file holds the messages of one connection, in order, each ended by a line of 79 hyphens.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

from django.conf import settings

END_OF_MESSAGE = b"\n" + b"-" * 79 + b"\n"
FILE_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9]+\.log")


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail; `number` counts from 0."""

    number: int
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class WrittenMail:
    """One mail as it would have been sent. `number` counts the messages of its file from 0."""

    file: str
    number: int
    source: bytes

    @cached_property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return message_from_bytes(self.source, policy=policy.default)

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        """Whom it goes to."""
        return str(self.message["To"] or "")

    @property
    def written_at(self) -> datetime | None:
        """When it was written, as its header says."""
        header = self.message["Date"]
        moment = header.datetime if header else None
        # "-0000" is a time in UTC that tells no place, so the parser gives it no zone (RFC 5322, 3.3).
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment

    @property
    def text(self) -> str:
        """Its plain text."""
        part = self.message.get_body(("plain",))
        return str(part.get_content()) if part else ""

    @cached_property
    def attachments(self) -> list[Attachment]:
        """Its files, such as a calendar entry."""
        return [
            Attachment(
                number=number,
                name=part.get_filename() or f"attachment-{number + 1}",
                content_type=part.get_content_type(),
                content=part.get_payload(decode=True) or b"",  # type: ignore[arg-type]  # bytes, as it is no multipart
            )
            for number, part in enumerate(self.message.iter_attachments())
        ]


def newest_first() -> Iterator[WrittenMail]:
    """Read the mails, newest first, file by file: whoever stops early reads no more than they use."""
    for path in sorted(_folder().glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True):
        yield from reversed(_messages(path))


def find(file: str, number: int) -> WrittenMail | None:
    """Return one mail by its place, or None."""
    path = _folder() / file
    if not FILE_NAME.fullmatch(file) or not path.is_file():
        return None
    messages = _messages(path)
    return messages[number] if number < len(messages) else None


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "mail"


def _messages(path: Path) -> list[WrittenMail]:
    sources = path.read_bytes().split(END_OF_MESSAGE)[:-1]  # what follows the last end is still being written
    return [WrittenMail(path.name, number, source) for number, source in enumerate(sources)]
