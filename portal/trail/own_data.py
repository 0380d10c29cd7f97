"""What a person did, as the trail has it; see `portal.subject_access`."""

from collections.abc import Iterable
from typing import Any

from portal.names_in_words import in_words
from portal.subject_access import Row, holds_about_people
from portal.trail.models import Entry


@holds_about_people("What you did")
def deeds(person: Any) -> Iterable[Row]:
    """Tell each thing that they did, and to what."""
    for entry in Entry.objects.filter(actor=person).order_by("pk"):
        yield {
            "when": entry.at,
            "what": entry.whole_deed,
            "to": in_words(entry.subject),
            "details": dict(entry.facts),
        }


@holds_about_people("What was done about your account")
def about_them(person: Any) -> Iterable[Row]:
    """Tell what was done to their account, and not by whom: that is another person's."""
    for entry in Entry.objects.filter(subject=f"user:{person.pk}").order_by("pk"):
        yield {"when": entry.at, "what": entry.whole_deed, "by yourself": entry.actor_id == person.pk}
