"""Sending what waits.

Each message is claimed, handed to the mail server and marked as sent in one short transaction of its own. Others pass
over it meanwhile (SKIP LOCKED), so several workers can send at once. A worker that is killed in between leaves the
message queued: it goes again, once, under the same Message-ID. What a mail is made of is read for a batch at once.
"""

import logging
import random
import time
from datetime import timedelta
from typing import Any

from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from portal.outbox import rules
from portal.outbox.composing import Composer
from portal.outbox.models import Message
from portal.outbox.relay import Hopeless, Relay, RelayDown, TroubleWithMail, describe
from portal.outbox.resting import let_relay_rest, relay_recovered, relay_rests
from portal.outbox.retention import give_up_old_secrets
from portal.outbox.waking import about_to_look
from portal.prepared import planned_cursor

logger = logging.getLogger(__name__)

BATCH = 100
"""How many messages are read ahead: so many at most go before a code that somebody waits for."""

FRESH_FOR = 10.0
"""Seconds for which what was read of a batch is relied on: a slow mail server must not make us send stale words."""

ATTEMPTS = 16
"""With the delays below, the last attempt is about two days after the first."""

CLAIM = """
UPDATE outbox_message
SET state = 'sent', sent_at = clock_timestamp(), attempts = attempts + 1, payload = NULL, last_error = ''
WHERE id = (
    SELECT id FROM outbox_message
    WHERE id = %s AND state = 'queued' AND next_attempt_at <= clock_timestamp()
    FOR UPDATE SKIP LOCKED
)
"""


def delay(attempt: int, *, sealed: bool) -> timedelta:
    """Return how long to wait after the given attempt (the first is 1): twice as long each time, give or take a fifth.

    From a minute up to six hours; for a sealed message, which somebody waits for, from 5 seconds up to five minutes.
    """
    first, longest = (5, 300) if sealed else (60, 6 * 3600)
    seconds = min(longest, first * 2 ** min(attempt - 1, 20))
    return timedelta(seconds=seconds * random.SystemRandom().uniform(0.8, 1.2))


def send_what_waits(limit: int) -> bool:
    """Send up to `limit` messages that are due, urgent ones first; return whether more may be waiting.

    A mail server that is down is left in peace for a while, and no message loses an attempt by it.
    """
    about_to_look()
    give_up_old_secrets()
    if relay_rests():
        return False
    tried = 0
    with Relay() as relay:
        while tried < limit:
            batch = list(Message.objects.due().order_by("priority", "next_attempt_at")[: min(BATCH, limit - tried)])
            try:
                ours = _send_batch(batch, relay)
            except RelayDown as error:
                logger.warning("The mail server is down", extra={"error": describe(error)})
                let_relay_rest()
                return False
            if relay.works:
                relay_recovered()
            if not ours:
                return False  # nothing is due, or other workers are at what is
            tried += ours
    return True


def _send_batch(batch: list[Message], relay: Relay) -> int:
    """Send the messages of a batch that no other worker takes; return how many those were."""
    composer = Composer(batch)
    stale_at = time.monotonic() + FRESH_FOR
    ours = 0
    for message in batch:
        if time.monotonic() > stale_at:
            break
        try:
            ours += _send_one(message, composer, relay)
        except DatabaseTrouble:
            raise
        except RelayDown:
            # It loses no attempt but goes behind the others, in case it is what the server cannot stand.
            _postpone(message, attempt=1)
            raise
        except Exception as error:  # noqa: BLE001  # an app's rule may fail in any way; the other messages still go
            _fail(message, error)
            ours += 1
    return ours


def _send_one(message: Message, composer: Composer, relay: Relay) -> bool:
    """Claim and send one message; return whether it was still there to be claimed. What it raises leaves it queued."""
    with transaction.atomic(durable=True):
        with planned_cursor() as cursor:
            cursor.execute(CLAIM, [message.pk])
            if not cursor.rowcount:
                return False
        email = composer.compose(message)
        if isinstance(email, Message.Skipped):
            Message.objects.filter(pk=message.pk).update(state=Message.State.SKIPPED, skipped=email, sent_at=None)
        else:
            relay.send(email)
    return True


def _fail(message: Message, error: Exception) -> None:
    """Try again later; or give the message up, so that an admin sees it among the dead letters."""
    attempt = message.attempts + 1
    dead = isinstance(error, Hopeless) or attempt >= ATTEMPTS
    failed: dict[str, Any] = {"attempts": F("attempts") + 1, "last_error": describe(error)[:80]}
    if dead:
        failed |= {"state": Message.State.DEAD, "payload": None}
    with transaction.atomic():
        Message.objects.filter(pk=message.pk, state=Message.State.QUEUED).update(**failed)
        _postpone(message, attempt)
    logger.log(
        logging.ERROR if dead else logging.WARNING,
        "A message could not be sent",
        extra={"rule": message.rule, "key": message.pk, "dead": dead, "attempt": attempt, "error": describe(error)},
        # The mail server's answers are known by class and code; where anything else came from has to be found.
        exc_info=None if isinstance(error, TroubleWithMail | OSError) else error,
    )


def _postpone(message: Message, attempt: int) -> None:
    """Put off the next attempt at a message that is still queued."""
    wait = delay(attempt, sealed=message.rule == rules.SEALED)
    Message.objects.filter(pk=message.pk, state=Message.State.QUEUED).update(next_attempt_at=Now() + wait)
