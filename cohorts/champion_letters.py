"""What a champion is told by mail: that they are asked, confirmed, or no longer champion; and that a message waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.urls import reverse

from cohorts.models import Champion, ConversationMessage
from portal import outbox
from portal.accounts.models import User

State = Champion.State


@dataclass(frozen=True, slots=True)
class ChampionLetter:
    """One reason to write to a champion. `subject` and `lead` get the `{cohort}`."""

    rule: str
    subject: str
    lead: str
    state: str
    button: str
    page: str
    """The name of the page to which it leads: of this champion, unless it is everybody's own."""


LETTERS: Final = (
    ChampionLetter(
        "champion.asked",
        "Would you be a champion? {cohort}",
        "We would be glad if you would be a champion for your colleagues in {cohort}. It is for you to say yes or no, "
        "and nobody asks why. The page says what a champion does, and what a champion does not do.",
        State.ASKED,
        "Say yes or no",
        "champion_answer",
    ),
    ChampionLetter(
        "champion.confirmed",
        "You are a champion: {cohort}",
        "Thank you. You are a champion in {cohort} now. Your colleagues see your name and role as you gave them, and "
        "can write to you through the portal. You can stand down at any time.",
        State.CONFIRMED,
        "See your page as champion",
        "champion_desk",
    ),
    ChampionLetter(
        "champion.taken_back",
        "About being a champion: {cohort}",
        "The programme team does not ask you to be a champion in {cohort} any more. Thank you for thinking about it. "
        "If you would like to know why, ask the programme team.",
        State.ENDED,
        "Go to your programme",
        "me",
    ),
    ChampionLetter(
        "champion.ended",
        "About being a champion: {cohort}",
        "The programme team has ended your time as champion in {cohort}. Thank you for being there for your "
        "colleagues. If you would like to know why, ask the programme team.",
        State.ENDED,
        "Go to your programme",
        "me",
    ),
)

MESSAGE: Final = "champion.message"


def register() -> None:
    """Make these letters known to the outbox. Who writes to whom is kept from the admin pages of messages."""
    for letter in LETTERS:
        outbox.register(outbox.Rule(name=letter.rule, load=load, compose=partial(compose, letter)))
    outbox.register(outbox.Rule(name=MESSAGE, load=load_messages, compose=compose_message, private=True))


def load(subjects: Sequence[str]) -> Mapping[str, Champion]:
    """Read the champions of a batch of letters in one statement."""
    keys = {subject: int(subject.partition(":")[2]) for subject in subjects}
    champions = Champion.objects.select_related("cohort__programme").in_bulk(keys.values())
    return {subject: champions[pk] for subject, pk in keys.items() if pk in champions}


def compose(letter: ChampionLetter, champion: Champion, person: User) -> outbox.Mail | None:
    """Write the letter, or return None when something later has overtaken it."""
    if champion.state != letter.state:
        return None
    arguments = [champion.pk] if letter.page == "champion_answer" else []
    return outbox.Mail(
        subject=letter.subject.format(cohort=champion.cohort.name),
        template="cohorts/champion",
        context={"lead": letter.lead.format(cohort=champion.cohort.name), "programme": champion.cohort.programme.name},
        link=outbox.Link(letter.button, reverse(letter.page, args=arguments)),
    )


def load_messages(subjects: Sequence[str]) -> Mapping[str, ConversationMessage]:
    """Read the messages of a batch, without their text, in one statement."""
    keys = {subject: int(subject.rpartition(":")[2]) for subject in subjects}
    messages = ConversationMessage.objects.select_related("conversation").defer("sealed").in_bulk(keys.values())
    return {subject: messages[pk] for subject, pk in keys.items() if pk in messages}


def compose_message(message: ConversationMessage, person: User) -> outbox.Mail | None:
    """Say that a message waits, and nothing of who wrote it or what; None for somebody who wants to be left alone."""
    conversation, is_for_member = message.conversation, message.side == ConversationMessage.Side.CHAMPION
    if conversation.ended_by_member_at if is_for_member else conversation.ended_by_champion_at:
        return None
    return outbox.Mail(
        subject="A message waits for you",
        template="cohorts/champion_message",
        link=outbox.Link(
            "Read it and answer", reverse("conversation", args=[conversation.champion_id, conversation.membership_id])
        ),
    )
