"""What a champion and somebody of their cohort write to one another through the portal (docs/decisions/0069).

Neither learns the other's address. A text is sealed under SECRET_KEY and opened for the two alone; one that its reader
reports is opened for the programme's admins as well. The mail says only that a message waits. Neither the trail nor
the admin pages say who writes to whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cohorts.champion_letters import MESSAGE
from cohorts.models import (
    Champion,
    ChampionContact,
    Conversation,
    ConversationMessage,
    Membership,
    MessageReport,
)
from cohorts.stepping_down import lock
from portal import outbox, trail
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User
from portal.secret_box import secret_box

Side = ConversationMessage.Side

PURPOSE: Final = "cohorts.conversations.1"
LONGEST: Final = 4000
"""Characters of one message."""

MOST_IN_AN_HOUR: Final = 10
"""Messages of one side of a conversation."""

SAME_AGAIN: Final = timedelta(minutes=5)
"""For how long the same words are a button that was pressed twice."""

SHOWN: Final = 200
"""The latest messages of a conversation that a page shows."""

"""How long after the day on which their cohort ends conversations are kept."""

UNREADABLE: Final = "This message can no longer be read."


class NotWritten(Exception):
    """Nothing was written. `str()` says why, in words for whoever wanted to."""


class TooManyMessages(NotWritten):
    """Somebody has written as many as go in an hour."""

    def __init__(self) -> None:
        super().__init__(
            f"You have written {MOST_IN_AN_HOUR} messages in an hour. What you wrote is below, and not sent: send it "
            "a little later."
        )


@dataclass(frozen=True, slots=True)
class Seat:
    """On which side of which conversation somebody sits; there may be no message yet, and no row for it."""

    champion: Champion
    membership: Membership
    side: Side
    conversation: Conversation | None

    @property
    def person(self) -> User:
        """Return who sits there."""
        return self.membership.user if self.side == Side.MEMBER else self.champion.membership.user

    @property
    def other(self) -> User:
        """Return who sits opposite."""
        return self.champion.membership.user if self.side == Side.MEMBER else self.membership.user

    @property
    def own(self) -> int:
        """Return who sits here, by their key."""
        return self.membership.user_id if self.side == Side.MEMBER else self.champion.membership.user_id

    @property
    def other_name(self) -> str:
        """Return how whoever sits opposite is shown: a champion as they agreed."""
        return self.champion.shown_name if self.side == Side.MEMBER else self.membership.user.name

    @property
    def has_ended_it(self) -> bool:
        """Say whether whoever sits here has ended the conversation."""
        return _ended_by(self.conversation, self.side)

    @property
    def other_has_ended_it(self) -> bool:
        """Say whether whoever sits opposite has."""
        return _ended_by(self.conversation, _opposite(self.side))

    @property
    def why_not(self) -> str:
        """Say why nothing can be written from here now: nothing, if it can. What oneself has ended is opened first."""
        if self.champion.state != Champion.State.CONFIRMED:
            return "The champion has stood down, so nobody can write here any more."
        if self.membership.state != Membership.State.ENROLLED:
            return "One of you no longer takes part in the cohort, so nobody can write here any more."
        if not self.other.is_active:
            return "They have no account here any more, so nobody would read what you write."
        if self.other_has_ended_it:
            return "This conversation has ended, so you cannot write here any more."
        if self.side == Side.CHAMPION and not _is_welcome(self):
            return "They no longer ask you to be in touch, so you cannot write here."
        return ""


def seat_in(conversation: Conversation, person: User) -> Seat:
    """Return on which side of a conversation one of its two sits."""
    side = Side.MEMBER if conversation.membership.user_id == person.pk else Side.CHAMPION
    return Seat(conversation.champion, conversation.membership, side, conversation)


def messages(seat: Seat) -> QuerySet[ConversationMessage]:
    """Return the messages of a conversation, the latest first, with whether each is reported."""
    return ConversationMessage.objects.filter(conversation=seat.conversation).select_related("report").order_by("-pk")


def text_of(message: ConversationMessage) -> str:
    """Return what a message says; UNREADABLE for one that no key opens any more."""
    try:
        return secret_box(PURPOSE).decrypt(message.sealed.encode()).decode()
    except InvalidToken:
        return UNREADABLE


def write(seat: Seat, text: str) -> None:
    """Write a message, and let whoever sits opposite know by mail that one waits. The same words at once are one.

    Raises NotWritten: TooManyMessages, or when nobody can write there any more; see `Seat.why_not`.
    """
    with transaction.atomic():
        seat = _locked(seat)
        if reason := seat.why_not or ("Open the conversation again first." if seat.has_ended_it else ""):
            raise NotWritten(f"{reason} Nothing was sent.")
        conversation = seat.conversation or Conversation.objects.create(
            champion=seat.champion, membership=seat.membership
        )
        now = timezone.now()
        own = ConversationMessage.objects.filter(conversation=conversation, side=seat.side)
        latest = conversation.messages.order_by("-pk").first()
        again = latest is not None and latest.side == seat.side and latest.written_at > now - SAME_AGAIN
        if again and latest is not None and text_of(latest) == text:
            return
        if own.filter(written_at__gt=now - timedelta(hours=1)).count() >= MOST_IN_AN_HOUR:
            raise TooManyMessages
        sealed = secret_box(PURPOSE).encrypt(text.encode()).decode()
        message = conversation.messages.create(side=seat.side, sealed=sealed, written_at=now)
        Conversation.objects.filter(pk=conversation.pk).update(latest_at=now)
        outbox.write(MESSAGE, subject=f"conversation:{conversation.pk}:{message.pk}", person=seat.other)
        let_author_stay(seat.own)


def end(seat: Seat) -> None:
    """End a conversation: whoever sits opposite can write no more, and is not told. Both can still read it.

    A member who ends it no longer asks to be in touch.
    """
    with transaction.atomic():
        seat = _locked(seat)
        if seat.side == Side.MEMBER:
            ChampionContact.objects.filter(champion=seat.champion, membership=seat.membership).delete()
        if seat.conversation and not seat.has_ended_it:
            _mark(seat, ended=True)


def open_again(seat: Seat) -> None:
    """Open again what oneself has ended. What whoever sits opposite has ended stays so."""
    with transaction.atomic():
        seat = _locked(seat)
        if seat.conversation:
            _mark(seat, ended=False)


def report(seat: Seat, message: ConversationMessage) -> None:
    """Show a message, that whoever sits here got, to the programme team; reporting it again changes nothing."""
    with transaction.atomic():
        made, is_new = MessageReport.objects.get_or_create(message=message)
        if is_new:
            trail.record("message.reported", actor=seat.person, subject=made)


def deal_with(reports: Sequence[MessageReport], *, by: User) -> int:
    """Mark reports as dealt with that were not; return how many that were."""
    with transaction.atomic():
        waiting = MessageReport.objects.filter(pk__in=[each.pk for each in reports], dealt_with_at__isnull=True)
        found = list(waiting.select_for_update(no_key=True).order_by("pk"))
        MessageReport.objects.filter(pk__in=[each.pk for each in found]).update(
            dealt_with_at=timezone.now(), dealt_with_by=by
        )
        trail.record_many("message.report_dealt_with", actor=by, entries=[(each, {}) for each in found])
    return len(found)


def of_person(person: User) -> QuerySet[Conversation]:
    """Return the conversations in which somebody sits on either side."""
    return Conversation.objects.filter(Q(membership__user=person) | Q(champion__membership__user=person))


def forget(person: User) -> None:
    """Delete a person's conversations whole, since what was written to them is about them too."""
    _delete(of_person(person))
    ChampionContact.objects.filter(Q(membership__user=person) | Q(champion__membership__user=person)).delete()


def dispose_of(keys: Sequence[int]) -> int:
    """Delete conversations by their keys, in the caller's transaction; return how many there were."""
    return _delete(Conversation.objects.filter(pk__in=keys))


def seal_anew() -> int:
    """Seal all messages under the present SECRET_KEY; return how many there are. It can be run again at any time.

    Raises cryptography.fernet.InvalidToken, with nothing changed, when no key opens one.
    """
    box, number = secret_box(PURPOSE), 0
    with transaction.atomic():
        # They are added to and deleted, and never changed: what goes meanwhile is not saved.
        for message in ConversationMessage.objects.order_by("pk").iterator():
            sealed = box.rotate(message.sealed).decode()
            number += ConversationMessage.objects.filter(pk=message.pk).update(sealed=sealed)
    return number


def _locked(seat: Seat) -> Seat:
    """Return a seat as it is now, with what decides about it held until the caller's transaction ends.

    That is first the membership's row and then the champion's, as for all verbs: under the latter a conversation's
    messages come one after the other. Whose the membership is, is read after the lock: it may be another account's.
    """
    membership = Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=seat.membership.pk)
    champion = lock(Champion.objects.filter(pk=seat.champion.pk)).get()
    conversation = Conversation.objects.filter(champion=champion, membership=membership).first()
    return Seat(champion, membership, seat.side, conversation)


def _is_welcome(seat: Seat) -> bool:
    """Say whether a champion is asked to write: by a choice that stands, or by a message."""
    if ChampionContact.objects.filter(champion=seat.champion, membership=seat.membership).exists():
        return True
    return ConversationMessage.objects.filter(conversation=seat.conversation, side=Side.MEMBER).exists()


def _opposite(side: Side) -> Side:
    return Side.CHAMPION if side == Side.MEMBER else Side.MEMBER


def _ended_by(conversation: Conversation | None, side: Side) -> bool:
    if conversation is None:
        return False
    at = conversation.ended_by_member_at if side == Side.MEMBER else conversation.ended_by_champion_at
    return at is not None


def _mark(seat: Seat, *, ended: bool) -> None:
    field = "ended_by_member_at" if seat.side == Side.MEMBER else "ended_by_champion_at"
    Conversation.objects.filter(champion=seat.champion, membership=seat.membership).update(
        **{field: timezone.now() if ended else None}
    )


def _delete(conversations: QuerySet[Conversation]) -> int:
    """Delete conversations with their messages and reports; return how many there were."""
    keys = list(conversations.values_list("pk", flat=True))
    MessageReport.objects.filter(message__conversation__in=keys).delete()
    ConversationMessage.objects.filter(conversation__in=keys).delete()
    return Conversation.objects.filter(pk__in=keys).delete()[0]
