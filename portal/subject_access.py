"""What the portal holds about one person, gathered for them from each app: UK GDPR article 15, as a file they can read.

An app says what it holds in a function that is registered with `holds_about_people`, in its module `own_data`. Of
referrals nothing is told here: which are somebody's, the portal does not know.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Row = dict[str, Any]
Source = Callable[[Any], Iterable[Row]]
S = TypeVar("S", bound=Source)

_sources: dict[str, Source] = {}


def holds_about_people(heading: str) -> Callable[[S], S]:
    """Register what returns the rows that stand under a heading. Raises ValueError for a second one of that name."""

    def register(source: S) -> S:
        if _sources.setdefault(heading, source) is not source:
            raise ValueError(f"Something else is told under “{heading}” already.")
        return source

    return register


def headings() -> list[str]:
    """Return under which headings something may be told, in alphabetical order."""
    return sorted(_sources)


def about(person: Any) -> dict[str, list[Row]]:
    """Return everything that is held about a person, by heading."""
    return {heading: list(_sources[heading](person)) for heading in headings()}
