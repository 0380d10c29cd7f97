"""Stopping letters that one can do without, and having them again (ADR 0100).

Whoever has a letter stops letters of its kind, without signing in. To have them again takes the person's own sign-in.
The trail knows of neither: that somebody stopped letters, or gets them, is nobody else's to read.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction

from portal.accounts.erasure import is_erased, let_none_be_erased
from portal.accounts.models import User
from portal.outbox.models import Message, Stop
from portal.outbox.rules import Optional, names_of_kind, optional_kinds


class Choice(NamedTuple):
    """A kind of letters that somebody can have or not, and whether they have."""

    kind: Optional
    is_on: bool


def can_stop(person: int) -> bool:
    """Say whether letters may still be written to a person, given by their key."""
    found = User.objects.filter(pk=person).only("email").first()
    return found is not None and not is_erased(found)


def stop(person: int, kind: Optional) -> bool:
    """Let no more letters of a kind go to a person, given by their key; return whether there is such a person.

    An account that was put together with another leads to the one that stays. Raises RuntimeError inside a
    transaction: what waits is looked through once the stop is committed. So a letter that is being written meanwhile
    is either there already, and does not go, or its sender finds the stop.
    """
    with transaction.atomic(durable=True):
        if let_none_be_erased([person]):
            return False
        found = User.objects.filter(pk=person).values_list("merged_into").first()
        if found is None:
            return False
        (stays,) = found
        if stays is None:
            Stop.objects.bulk_create([Stop(person_id=person, kind=kind.name)], ignore_conflicts=True)
    if stays is not None:
        return stop(stays, kind)
    _skip_what_waits(person, kind)
    return True


def resume(person: User, kind: Optional) -> None:
    """Let letters of a kind go to a person again, from now on."""
    Stop.objects.filter(person=person, kind=kind.name).delete()


def choices_of(person: User) -> list[Choice]:
    """Return the kinds of letters of which a person gets some, or that they have stopped."""
    stopped = set(Stop.objects.filter(person=person).values_list("kind", flat=True))
    return [
        Choice(kind, is_on=kind.name not in stopped)
        for kind in optional_kinds()
        if kind.name in stopped or kind.concerns(person)
    ]


def choose(person: User, *, wanted: Collection[str], were_on: Collection[str]) -> bool:
    """Do what a person changed of their choices, given the names that they want and those that the page showed as on.

    What they did not change stays as it is now, so that a page that was open while they stopped letters from their
    mail brings none of these back. Returns whether they changed any. Raises RuntimeError as `stop` does.
    """
    changed = [
        choice.kind for choice in choices_of(person) if (choice.kind.name in wanted) != (choice.kind.name in were_on)
    ]
    for kind in changed:
        if kind.name in wanted:
            resume(person, kind)
        else:
            stop(person.pk, kind)
    return bool(changed)


def _skip_what_waits(person: int, kind: Optional) -> None:
    """Settle that what is written and not sent will not go. What is being sent at this moment is not waited for."""
    waiting = Message.objects.filter(person=person, rule__in=names_of_kind(kind), state=Message.State.QUEUED)
    with transaction.atomic():
        keys = list(waiting.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
        Message.objects.filter(pk__in=keys).update(state=Message.State.SKIPPED, skipped=Message.Skipped.STOPPED)
