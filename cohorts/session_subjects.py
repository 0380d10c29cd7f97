"""What a letter about a session has for its subject in the outbox, and the sessions of a batch of such letters."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat

from cohorts.models import Session
from portal.outbox.models import Message

PREFIX: Final = "session:"


def subject_of(session: int) -> str:
    """Return the subject of letters about the session with this key."""
    return f"{PREFIX}{session}"


def is_written(rule: str, *, session: str, person: str) -> Exists:
    """Say in SQL whether a rule has written to somebody about a session: `session` and `person` name a row's columns.

    A sweep leaves out whom that is true of. The outbox would too, but only after all of them were sent to it.
    """
    subject = Concat(Value(PREFIX), Cast(OuterRef(session), TextField()))
    return Exists(Message.objects.filter(rule=rule, subject=subject, person=OuterRef(person)))


def by_subject(subjects: Sequence[str], rows: QuerySet[Session]) -> Mapping[str, Session]:
    """Read the sessions of these subjects that are among `rows`, in one statement."""
    keys = {subject: int(subject.partition(":")[2]) for subject in subjects}
    found = rows.in_bulk(keys.values())
    return {subject: found[pk] for subject, pk in keys.items() if pk in found}
