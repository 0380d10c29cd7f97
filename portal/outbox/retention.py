"""What the outbox forgets, and when."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from django.db.models import QuerySet
from django.db.models.functions import Now

from portal.outbox.models import Message
from portal.outbox.sealing import SEALED_FOR
from portal.retention import holds
from portal.retention.categories import Category, register
from portal.retention.periods import days, end_of


def give_up_old_secrets() -> int:
    """Empty the payload of each sealed message that is an hour old and was not sent; return how many there were."""
    return Message.objects.filter(payload__isnull=False, created_at__lte=Now() - SEALED_FOR).update(
        state=Message.State.SKIPPED, skipped=Message.Skipped.EXPIRED, payload=None
    )


def _done_with(by: date) -> QuerySet[Message]:
    """Return what was written on a UK date or earlier, and was sent or skipped.

    Dead letters stay until somebody has tried them again or set them aside.
    """
    return Message.objects.filter(state__in=[Message.State.SENT, Message.State.SKIPPED], created_at__lt=end_of(by))


def _delete(keys: Sequence[int]) -> int:
    return Message.objects.filter(pk__in=keys).delete()[0]


MESSAGES: Final = register(
    Category(
        name="messages",
        heading="Records of messages",
        holds="Which message was written to whom, about what, and what became of it; not its text",
        why="To find out why somebody got no email, or one too many",
        counted_from="the day on which it was written",
        period=days(180),
        least=days(60),  # while something is reminded of, the record is what keeps it from being sent twice
        due=_done_with,
        kept=holds.keeps("person"),
        dated="created_at",
        dispose=_delete,
    )
)
