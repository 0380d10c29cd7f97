"""What a reflection is written for. A new kind of it is a column of `Reflection`, and a line of FINDERS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bookclub.models import ListedBook, Prompt, Reflection
from cohorts.models import Cohort, Component, Session
from cohorts.models.sessions import SessionQuerySet
from portal.nhsuk.dates import say_date

FREELY: Final = "The book club as a whole"


@dataclass(frozen=True, slots=True)
class Target:
    """A book of a cohort's list, or one of its meetings, or a prompt of one; with none, its book club as a whole."""

    cohort: Cohort
    listed: ListedBook | None = None
    meeting: Session | None = None
    prompt: Prompt | None = None

    @property
    def name(self) -> str:
        """Return what it is called."""
        if self.listed:
            return str(self.listed.book)
        if self.meeting:
            held = f"{self.meeting.component.title}, {say_date(self.meeting.starts_at, weekday=False)}"
            return f"“{self.prompt.name}” ({held})" if self.prompt else held
        return FREELY

    @property
    def caption(self) -> str:
        """Return what it is called above its prompt, which stands there whole: without the beginning of that."""
        return Target(self.cohort, self.listed, self.meeting).name

    @property
    def key(self) -> str:
        """Return by what an address names it: "book-12"; nothing for the book club as a whole."""
        if self.listed:
            return f"book-{self.listed.pk}"
        if self.prompt:
            return f"prompt-{self.prompt.pk}"
        return f"meeting-{self.meeting.pk}" if self.meeting else ""

    @property
    def columns(self) -> dict[str, Any]:
        """Return what a row about it holds: the cohort, the book on its list, the meeting, and its prompt."""
        return {"cohort": self.cohort, "listed": self.listed, "meeting": self.meeting, "prompt": self.prompt}


Finder = Callable[[Cohort, int], Target | None]


def _book(cohort: Cohort, pk: int) -> Target | None:
    """Return a book that is on a cohort's list, or was."""
    found = ListedBook.objects.filter(cohort=cohort, pk=pk).select_related("book").first()
    return Target(cohort, listed=found) if found else None


def _meetings(cohort: Cohort) -> SessionQuerySet:
    """Return a cohort's book club meetings, cancelled ones too: somebody may be writing about one at that moment."""
    sessions = Session.objects.of_cohort(cohort.pk, cohort.programme_id)
    return sessions.filter(component__kind=Component.Kind.BOOK_CLUB)


def _meeting(cohort: Cohort, pk: int) -> Target | None:
    found = _meetings(cohort).filter(pk=pk).select_related("component").first()
    return Target(cohort, meeting=found) if found else None


def _prompt(cohort: Cohort, pk: int) -> Target | None:
    """Return a prompt that is set for one of a cohort's meetings, or was."""
    found = Prompt.objects.filter(plan__session__in=_meetings(cohort), pk=pk)
    prompt = found.select_related("plan__session__component").first()
    return Target(cohort, meeting=prompt.plan.session, prompt=prompt) if prompt else None


FINDERS: Final[Mapping[str, Finder]] = {"book": _book, "meeting": _meeting, "prompt": _prompt}


def find(cohort: Cohort, key: str) -> Target | None:
    """Return what a key of `Target.key` stands for in a cohort, or None."""
    if not key:
        return Target(cohort)
    kind, _, number = key.partition("-")
    finder = FINDERS.get(kind)
    is_number = number.isascii() and number.isdecimal() and len(number) < 19  # a bigint has no more
    return finder(cohort, int(number)) if finder and is_number else None


def of(reflection: Reflection) -> Target:
    """Return what a reflection was written for; it is read by `with_target`."""
    return Target(reflection.cohort, reflection.listed, reflection.meeting, reflection.prompt)
