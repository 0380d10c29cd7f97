"""How a message comes into the outbox: one INSERT in the transaction that causes it."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection, transaction

from portal.outbox.rules import SEALED
from portal.outbox.sealing import SealedMail, seal
from portal.outbox.waking import wake_sender
from portal.prepared import planned_cursor

if TYPE_CHECKING:
    # Its module holds a model, which cannot be imported as early as this package is.
    from django.contrib.auth.base_user import AbstractBaseUser

# The values of Message.Priority, whose module cannot be imported as early as this one either.
SOMEBODY_WAITS, ANSWER, BULK = 0, 1, 2

INSERT = """
INSERT INTO outbox_message
    (rule, subject, person_id, priority, state, skipped, attempts, next_attempt_at, message_id, last_error)
SELECT %s::text, row.subject, row.person_id, %s::smallint, 'queued', '', 0, now(), gen_random_uuid(), ''
FROM unnest(%s::text[], %s::bigint[]) AS row (subject, person_id)
ON CONFLICT (rule, subject, person_id) DO NOTHING
"""

INSERT_SEALED = """
INSERT INTO outbox_message
    (rule, subject, person_id, priority, state, skipped, attempts, message_id, last_error, payload)
VALUES (%s, %s, %s, %s, 'queued', '', 0, %s, '', %s)
"""


def write(rule: str, *, subject: str, person: "AbstractBaseUser | int") -> None:
    """Write one message, unless this rule has already written to this person about this subject.

    It goes out soon after the transaction commits. Raises TransactionManagementError outside a transaction: a message
    stands or falls with what causes it.
    """
    person_id = person if isinstance(person, int) else person.pk
    if _insert(rule, [(subject, person_id)], priority=ANSWER):
        transaction.on_commit(wake_sender)


def write_many(rule: str, rows: Sequence[tuple[str, int]]) -> int:
    """Write a message for each (subject, person's id) in one statement; return how many were not there before.

    They give way to messages of `write`. Raises TransactionManagementError outside a transaction.
    """
    written = _insert(rule, rows, priority=BULK)
    if written:
        transaction.on_commit(wake_sender)
    return written


def write_sealed(*, to: str, subject: str, text: str, html: str | None, person: "AbstractBaseUser | None") -> None:
    """Write a message that carries a secret, such as a sign-in code, perhaps to an address without an account.

    It goes before all others, waits encrypted, and is given up after an hour (`portal.outbox.sealing`). Inside a
    transaction it goes out after the commit.
    """
    payload = seal(SealedMail(to=to, subject=subject, text=text, html=html))
    message_id = uuid.uuid4()
    person_id = None if person is None else person.pk
    with connection.cursor() as cursor:
        cursor.execute(INSERT_SEALED, [SEALED, f"sealed:{message_id}", person_id, SOMEBODY_WAITS, message_id, payload])
    transaction.on_commit(wake_sender)


def _insert(rule: str, rows: Sequence[tuple[str, int]], *, priority: int) -> int:
    """Insert what is not there yet; return how many that were."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A message is written in the transaction that causes it.")
    subjects, people = [subject for subject, _ in rows], [person_id for _, person_id in rows]
    with planned_cursor() as cursor:
        cursor.execute(INSERT, [rule, priority, subjects, people])
        return int(cursor.rowcount)
