"""What authors of testimonies are told by letter: that something has become of theirs, and never its words.

Their messages are private: whoever reads the outbox may not learn whose a testimony without a name is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from django.urls import reverse

from cohorts.models import Testimony
from portal import outbox
from portal.accounts.models import User

State = Testimony.State


@dataclass(frozen=True, slots=True)
class TestimonyLetter:
    """One reason to write. `lead` gets the `{programme}`; the subject is the same for everybody."""

    rule: str
    subject: str
    lead: str
    state: str
    button: str = "See how it stands"


LETTERS = (
    TestimonyLetter(
        "testimony.published",
        "Your testimony is published",
        "Thank you. What you wrote stands on the public page of {programme}, as you agreed. You can change how it is "
        "shown, or take it back, at any time.",
        State.PUBLISHED,
    ),
    TestimonyLetter(
        "testimony.asked_about",
        "A question about your testimony",
        "Thank you for what you wrote about {programme}. We would like to show it in a shorter form. Please read it, "
        "and say whether you agree. Nothing is published unless you do.",
        State.ASKED,
        button="Read the shorter form",
    ),
    TestimonyLetter(
        "testimony.declined",
        "About your testimony",
        "Thank you for taking the time to write about {programme}. We do not show your words on its page at the "
        "moment. They stay yours: you can take them back, and offer others instead.",
        State.NOT_USED,
    ),
)


class Subject(NamedTuple):
    """A testimony, and the change of it that a message is about."""

    testimony: Testimony
    sequence: int


def register() -> None:
    """Make these letters known to the outbox."""
    for letter in LETTERS:
        outbox.register(outbox.Rule(letter.rule, load=load, compose=partial(compose, letter), private=True))


def load(subjects: Sequence[str]) -> Mapping[str, Subject]:
    """Read the testimonies of a batch of messages in one statement."""
    keys = {subject: tuple(map(int, subject.split(":")[1:])) for subject in subjects}
    rows = Testimony.objects.select_related("programme").in_bulk([pk for pk, _ in keys.values()])
    return {subject: Subject(rows[pk], sequence) for subject, (pk, sequence) in keys.items() if pk in rows}


def compose(letter: TestimonyLetter, about: Subject, person: User) -> outbox.Mail | None:
    """Write the letter, or return None when a later change has overtaken it."""
    testimony = about.testimony
    if testimony.sequence != about.sequence or testimony.state != letter.state:
        return None
    return outbox.Mail(
        subject=letter.subject,
        template="cohorts/testimony",
        context={"lead": letter.lead.format(programme=testimony.programme.name)},
        link=outbox.Link(letter.button, reverse("testimony", args=[testimony.pk])),
    )
