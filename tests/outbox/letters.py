"""A rule for tests: its letters are about nothing but their own subject. A sender's process loads this module too."""

from collections.abc import Mapping, Sequence

from portal import outbox
from portal.accounts.models import User


def load(subjects: Sequence[str]) -> Mapping[str, str]:
    """Load nothing: a subject that begins with `gone` is no more."""
    return {subject: subject for subject in subjects if not subject.startswith("gone")}


def compose(subject: str, person: User) -> outbox.Mail | None:
    """Write a letter; a subject that begins with `stale` needs none, and one with `broken` raises."""
    if subject.startswith("stale"):
        return None
    if subject.startswith("broken"):
        raise RuntimeError(f"cannot write to {person.email}")
    return outbox.Mail(
        subject=f"About {subject}",
        template="layout",
        link=outbox.Link("See your booking", "/bookings/"),
        calendar=outbox.Calendar(b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", "REQUEST"),
    )


LETTER = "test.letter"
PRIVATE_LETTER = "test.private_letter"

outbox.register(outbox.Rule(LETTER, load, compose))
outbox.register(outbox.Rule(PRIVATE_LETTER, load, compose, private=True))


def reads_them(person: User) -> bool:
    """Let optional letters concern whoever's address says so."""
    return person.email.startswith("reads-")


OPTIONAL_LETTER = "test.optional_letter"
OTHER_OPTIONAL_LETTER = "test.other_optional_letter"
KIND = outbox.Optional("test-letters", "Letters of tests", "They come when a test sends them.", reads_them)

outbox.register(outbox.Rule(OPTIONAL_LETTER, load, compose, optional=KIND))
outbox.register(outbox.Rule(OTHER_OPTIONAL_LETTER, load, compose, optional=KIND))
