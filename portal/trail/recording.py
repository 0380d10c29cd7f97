"""How an entry comes into the trail.

Recording is part of nearly every write that the portal does, so it is one plain INSERT with constant text.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, final

from django.conf import settings
from django.db.models import Model
from psycopg.types.json import Jsonb

from portal.prepared import planned_cursor

if TYPE_CHECKING:
    # Its module holds a model, which cannot be imported as early as this package is.
    from django.contrib.auth.base_user import AbstractBaseUser

Detail = str | int | bool | None

VERB = re.compile(r"[a-z_]+(\.[a-z_]+)+")
SUBJECT = re.compile(r"[a-z_]+:[A-Za-z0-9:_-]+")
MOST_DETAILS = 12
LONGEST_DETAIL = 200

INSERT = """
INSERT INTO trail_entry (at, actor_kind, actor_id, verb, subject, details)
SELECT now(), %s::text, %s::bigint, %s::text, entry.subject, entry.details
FROM unnest(%s::text[], %s::jsonb[]) AS entry (subject, details)
"""

INSERT_BY_DAY = INSERT.replace("now()", "date_trunc('day', now(), 'Europe/London')")


@final
class System:
    """The portal itself, acting on what is due rather than for somebody; there is one, SYSTEM."""

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Final = System()


class UnfitEntry(ValueError):
    """What was to be recorded has no place in the trail: no actor, no such form, too much, or personal data."""


def subject_key(subject: str | Model) -> str:
    """Return the key that names a thing in the trail: `booking:12` for the booking with primary key 12.

    Raises UnfitEntry for a row that is not saved yet, and for a text of another form.
    """
    if isinstance(subject, Model):
        if subject.pk is None:
            raise UnfitEntry(f"A {subject._meta.model_name} that is not saved yet has no key.")
        return f"{subject._meta.model_name}:{subject.pk}"
    if len(subject) > 100 or not SUBJECT.fullmatch(subject):
        raise UnfitEntry("A subject is a key such as booking:12.")
    return subject


def record(verb: str, *, actor: "AbstractBaseUser | System", subject: str | Model, **details: Detail) -> None:
    """Add one entry, in one statement: `actor` did `verb` to `subject`.

    `verb` is subject.verb (`booking.cancelled`). `details` are flat and small: text, numbers, yes or no, nothing.
    Raises UnfitEntry without an actor (what nobody asked for is done by SYSTEM) and for details that do not belong.
    """
    record_many(verb, actor=actor, entries=[(subject, details)])


def record_many(
    verb: str,
    *,
    actor: "AbstractBaseUser | System",
    entries: Iterable[tuple[str | Model, Mapping[str, Detail]]],
) -> None:
    """Add an entry for each (subject, details), in one statement for all; see `record`."""
    recorded = values(verb, actor=actor, entries=entries)
    if recorded[-1]:
        with planned_cursor() as cursor:
            cursor.execute(INSERT, recorded)


def record_day(verb: str, *, subject: str | Model) -> None:
    """Add what somebody did of whom nothing is known but the day: the entry's time is that day's beginning (UK).

    For what people do whose very time would tell who they are; see `record` for the verb and the subject.
    """
    with planned_cursor() as cursor:
        cursor.execute(INSERT_BY_DAY, values(verb, actor=SYSTEM, entries=[(subject, {})]))


def values(
    verb: str,
    *,
    actor: "AbstractBaseUser | System",
    entries: Iterable[tuple[str | Model, Mapping[str, Detail]]],
) -> list[Any]:
    """Return what INSERT takes, for a statement that does more than record; see `record` for what it raises."""
    kind, actor_id = _actor(actor)
    if len(verb) > 60 or not VERB.fullmatch(verb):
        raise UnfitEntry("A verb is written as subject.verb, for example booking.cancelled.")
    rows = [(subject_key(subject), Jsonb(_checked(details))) for subject, details in entries]
    return [kind, actor_id, verb, [subject for subject, _ in rows], [details for _, details in rows]]


def _actor(actor: "AbstractBaseUser | System") -> tuple[str, int | None]:
    """Return what the row holds of the actor."""
    if isinstance(actor, System):
        return "system", None
    # AnonymousUser, and nobody at all, are no models.
    if isinstance(actor, Model) and actor._meta.label == settings.AUTH_USER_MODEL and actor.pk is not None:
        return "person", actor.pk
    raise UnfitEntry("Nothing is recorded without an actor: a saved person, or SYSTEM.")


def _checked(details: Mapping[str, Detail]) -> dict[str, Detail]:
    """Return the details; raise UnfitEntry when they are not flat and small, or hold an email address."""
    if len(details) > MOST_DETAILS:
        raise UnfitEntry(f"An entry has at most {MOST_DETAILS} details.")
    for name, value in details.items():
        if value is not None and not isinstance(value, str | int):
            raise UnfitEntry(f"Detail {name} is a {type(value).__name__}: only text, numbers, yes or no, and nothing.")
        if isinstance(value, str) and (len(value) > LONGEST_DETAIL or "@" in value):
            raise UnfitEntry(f"Detail {name} is too long for a small fact, or holds an address.")
    return dict(details)
