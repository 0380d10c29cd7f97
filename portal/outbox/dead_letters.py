"""Giving up is not the end: a message is tried again once its cause is mended, or set aside if it need not go."""

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from portal import trail
from portal.outbox import rules
from portal.outbox.models import Message
from portal.outbox.waking import wake_sender

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class Tried(NamedTuple):
    """What became of the messages that were to be tried again."""

    again: int
    emptied: int
    """Sealed messages: their content is gone, so the person has to ask for another."""
    not_dead: int


@transaction.atomic
def try_again(messages: "QuerySet[Message]", *, by: "AbstractBaseUser") -> Tried:
    """Queue the dead letters among these messages afresh, all attempts before them, under the same Message-ID."""
    chosen = list(messages.order_by("pk").select_for_update(of=("self",)).values_list("pk", "state", "rule"))
    dead = [(pk, rule) for pk, state, rule in chosen if state == Message.State.DEAD]
    again = [pk for pk, rule in dead if rule != rules.SEALED]
    Message.objects.filter(pk__in=again).update(
        state=Message.State.QUEUED, attempts=0, last_error="", next_attempt_at=Now()
    )
    trail.record_many("message.tried_again", actor=by, entries=[(f"message:{pk}", {}) for pk in again])
    if again:
        transaction.on_commit(wake_sender)
    return Tried(len(again), len(dead) - len(again), len(chosen) - len(dead))


@transaction.atomic
def set_aside(messages: "QuerySet[Message]", *, by: "AbstractBaseUser") -> int:
    """Settle that the dead letters among these messages will not go; return how many there were."""
    dead = messages.filter(state=Message.State.DEAD).order_by("pk").select_for_update(of=("self",))
    keys = list(dead.values_list("pk", flat=True))
    Message.objects.filter(pk__in=keys).update(state=Message.State.SKIPPED, skipped=Message.Skipped.GIVEN_UP)
    trail.record_many("message.set_aside", actor=by, entries=[(f"message:{pk}", {}) for pk in keys])
    return len(keys)
