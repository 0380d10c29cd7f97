"""What a rule hands over to be sent: the words of one message, before they are set in a mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """The one thing to do, as a button. A path such as `/bookings/` is led to this portal's own address."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """An iCalendar file (RFC 5545) and its method (RFC 5546): PUBLISH, REQUEST or CANCEL."""

    content: bytes
    method: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A message to one person.

    `template` names a pair under `templates/outbox/`: `booking/booked` is `booking/booked.txt` and
    `booking/booked.html`. Both get `context`, and `person`, `link`, `service_name` and `origin` beside.
    `subject` is read on lock screens, so it says nothing of a sensitive choice.
    """

    subject: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)
    link: Link | None = None
    calendar: Calendar | None = None
