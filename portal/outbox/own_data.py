"""Which messages were written to a person, and which they stopped; see `portal.subject_access`.

The text of messages is not kept.
"""

from collections.abc import Iterable
from typing import Any

from portal.names_in_words import in_words
from portal.outbox import rules
from portal.outbox.models import Message, Stop
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


@holds_about_people("Letters that you stopped")
def stops(person: Any) -> Iterable[Row]:
    """Tell which letters they want no more."""
    for stop in Stop.objects.filter(person=person).order_by("pk"):
        kind = rules.optional_kind(stop.kind)
        yield {"letters": kind.heading if kind else in_words(stop.kind), "stopped": stop.stopped_at}


def _what(subject: str) -> str:
    """Return which thing a message is about, without which of its changes."""
    return ":".join(subject.split(":")[:2])
