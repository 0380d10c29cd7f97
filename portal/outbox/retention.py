"""What the outbox forgets, and when."""

from datetime import timedelta

from django.db.models import QuerySet
from django.db.models.functions import Now

from portal.outbox.models import Message
from portal.outbox.sealing import SEALED_FOR

AT_ONCE = 10_000
"""Rows deleted in one statement, so that none holds locks for long."""


def give_up_old_secrets() -> int:
    """Empty the payload of each sealed message that is an hour old and was not sent; return how many there were."""
    return Message.objects.filter(payload__isnull=False, created_at__lte=Now() - SEALED_FOR).update(
        state=Message.State.SKIPPED, skipped=Message.Skipped.EXPIRED, payload=None
    )


def purge(older_than: timedelta) -> int:
    """Delete messages that were sent or skipped and are older than this; return how many there were.

    Dead letters stay until somebody has tried them again or set them aside.
    """
    done = Message.objects.filter(
        state__in=[Message.State.SENT, Message.State.SKIPPED], created_at__lt=Now() - older_than
    )
    deleted = 0
    while batch := _delete(done.order_by()[:AT_ONCE]):
        deleted += batch
    return deleted


def _delete(messages: "QuerySet[Message]") -> int:
    """Delete a slice of messages; return how many it held."""
    return Message.objects.filter(pk__in=messages.values("pk")).delete()[0]
