"""What is held about a person's part in book clubs; see `portal.subject_access`."""

from collections.abc import Iterable

from bookclub.models import Backing, Reading, Suggestion
from portal.accounts.models import User
from portal.subject_access import Row, holds_about_people


@holds_about_people("Books that you suggested")
def suggestions(person: User) -> Iterable[Row]:
    """Tell what they would like their cohorts to read."""
    for suggestion in Suggestion.objects.filter(suggested_by=person).select_related("cohort").order_by("pk"):
        yield {
            "cohort": suggestion.cohort.name,
            "book": suggestion.title,
            "author": suggestion.authors,
            "why": suggestion.why,
            "suggested": suggestion.suggested_at,
            "state": suggestion.get_state_display(),
        }


@holds_about_people("Books that you back")
def backings(person: User) -> Iterable[Row]:
    """Tell which suggestions they back, their own among them."""
    for backing in Backing.objects.filter(backed_by=person).select_related("suggestion__cohort").order_by("pk"):
        yield {
            "cohort": backing.suggestion.cohort.name,
            "book": backing.suggestion.title,
            "since": backing.backed_at,
        }


@holds_about_people("Where you are in the books of your cohorts")
def readings(person: User) -> Iterable[Row]:
    """Tell which books they have begun or finished, as they said."""
    rows = Reading.objects.filter(reader=person).select_related("listed__cohort", "listed__book").order_by("pk")
    for reading in rows:
        yield {
            "cohort": reading.listed.cohort.name,
            "book": str(reading.listed.book),
            "where": reading.get_state_display(),
            "chapter or page": reading.place,
            "said": reading.said_at,
        }
