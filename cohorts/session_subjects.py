"""What a letter about a session has for its subject in the outbox, and the sessions of a batch of such letters."""

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from cohorts.models import Session


def subject_of(session: int) -> str:
    """Return the subject of letters about the session with this key."""
    return f"session:{session}"


def by_subject(subjects: Sequence[str], rows: QuerySet[Session]) -> Mapping[str, Session]:
    """Read the sessions of these subjects that are among `rows`, in one statement."""
    keys = {subject: int(subject.partition(":")[2]) for subject in subjects}
    found = rows.in_bulk(keys.values())
    return {subject: found[pk] for subject, pk in keys.items() if pk in found}
