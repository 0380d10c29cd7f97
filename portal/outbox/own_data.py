"""Which messages were written to a person; see `portal.subject_access`. Their text is not kept."""

from collections.abc import Iterable
from typing import Any

from portal.names_in_words import in_words
from portal.outbox.models import Message
from portal.subject_access import Row, holds_about_people


@holds_about_people("Messages")
def messages(person: Any) -> Iterable[Row]:
    """Tell each message, and what became of it."""
    for message in Message.objects.filter(person=person).order_by("pk"):
        yield {
            "why": in_words(message.rule),
            "about": in_words(_what(message.subject)),
            "written": message.created_at,
            "sent": message.sent_at,
            "state": message.get_state_display(),
        }


def _what(subject: str) -> str:
    """Return which thing a message is about, without which of its changes."""
    return ":".join(subject.split(":")[:2])
