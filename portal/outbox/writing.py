"""How a message comes into the outbox: one INSERT in the transaction that causes it."""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Model

from portal.outbox.rules import SEALED, optional_kind_of
from portal.outbox.sealing import SealedMail, seal
from portal.outbox.waking import wake_sender
from portal.prepared import planned_cursor
from portal.trail import Detail, System, recording

if TYPE_CHECKING:
    # Its module holds a model, which cannot be imported as early as this package is.
    from django.contrib.auth.base_user import AbstractBaseUser

# The values of Message.Priority, whose module cannot be imported as early as this one either.
SOMEBODY_WAITS, ANSWER, BULK = 0, 1, 2

MESSAGES = """
INSERT INTO outbox_message
    (rule, subject, person_id, priority, state, skipped, attempts, next_attempt_at, message_id, last_error)
SELECT %s::text, row.subject, row.person_id, %s::smallint, 'queued', '', 0, now(), gen_random_uuid(), ''
FROM unnest(%s::text[], %s::bigint[]) AS row (subject, person_id)
"""

TO_WHOM_THEY_ARE_WELCOME = """
WHERE NOT EXISTS (SELECT FROM outbox_stop AS stop WHERE stop.kind = %s::text AND stop.person_id = row.person_id)
"""

ONCE = "ON CONFLICT (rule, subject, person_id) DO NOTHING"

INSERT = f"{MESSAGES} {ONCE}"
INSERT_OPTIONAL = f"{MESSAGES} {TO_WHOM_THEY_ARE_WELCOME} {ONCE}"
RECORDED = f"WITH recorded AS ({recording.INSERT})"

INSERT_SEALED = """
INSERT INTO outbox_message
    (rule, subject, person_id, priority, state, skipped, attempts, message_id, last_error, payload)
VALUES (%s, %s, %s, %s, 'queued', '', 0, %s, '', %s)
"""


def write(rule: str, *, subject: str, person: "AbstractBaseUser | int") -> None:
    """Write one message, unless this rule has already written to this person about this subject.

    Nor does it write what the person has stopped (`portal.outbox.rules.Optional`); the same holds of all that write by
    a rule. The message goes out soon after the transaction commits. Raises TransactionManagementError outside a
    transaction: a message stands or falls with what causes it.
    """
    if _insert(rule, ANSWER, [subject], [_id_of(person)]):
        transaction.on_commit(wake_sender)


def announce(
    event: str,
    *,
    actor: "AbstractBaseUser | System",
    about: str | Model,
    subject: str,
    person: "AbstractBaseUser | int",
    **details: Detail,
) -> None:
    """Record in the trail that `actor` did `event` to `about`, and write the message of that name to `person`.

    Does and raises what `trail.record` and then `write` do, in one statement: who holds a lock over it waits once.
    """
    entry = recording.values(event, actor=actor, entries=[(about, details)])
    if _insert(event, ANSWER, [subject], [_id_of(person)], entry=entry):
        transaction.on_commit(wake_sender)


def write_many(rule: str, rows: Sequence[tuple[str, int]]) -> int:
    """Write a message for each (subject, person's id) in one statement; return how many were written.

    They give way to messages of `write`. Raises TransactionManagementError outside a transaction.
    """
    subjects, people = [subject for subject, _ in rows], [person_id for _, person_id in rows]
    written = _insert(rule, BULK, subjects, people)
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


def _id_of(person: "AbstractBaseUser | int") -> int:
    return person if isinstance(person, int) else person.pk


def _insert(
    rule: str, priority: int, subjects: Sequence[str], people: Sequence[int], *, entry: Sequence[Any] | None = None
) -> int:
    """Insert messages that are not there yet and are welcome, with an entry in the trail; return how many that were."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A message is written in the transaction that causes it.")
    statement = INSERT
    values: list[Any] = [rule, priority, subjects, people]
    if kind := optional_kind_of(rule):
        statement, values = INSERT_OPTIONAL, [*values, kind.name]
    if entry is not None:
        statement, values = f"{RECORDED} {statement}", [*entry, *values]
    with planned_cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
