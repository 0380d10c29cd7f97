"""What the portal holds about one person, gathered for them from each app: UK GDPR article 15, as a file they can read.

An app says what it holds in a function that is registered with `holds_about_people`, in its module `own_data`. Of
referrals nothing is told here: which are somebody's, the portal does not know.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

from portal.nhsuk.dates import say_date, say_moment

Row = dict[str, Any]
Source = Callable[[Any], Iterable[Row]]
S = TypeVar("S", bound=Source)

MOST_SHOWN: Final = 20
"""How many rows under a heading a page shows: the latest. The file has all."""

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
    """Return everything that is held about a person, by heading, and about accounts put together with theirs."""
    accounts = [person, *person.merged.order_by("pk")]
    return {heading: [row for each in accounts for row in _sources[heading](each)] for heading in headings()}


@dataclass(frozen=True, slots=True)
class Section:
    """What is held under one heading, in words: how many rows there are, and the latest of them."""

    heading: str
    number: int
    rows: Sequence[Sequence[tuple[str, str]]]


def in_words(person: Any) -> list[Section]:
    """Return what is held about a person as a page shows it, without headings under which there is nothing."""
    return [
        Section(heading, len(rows), [_said(row) for row in reversed(rows[-MOST_SHOWN:])])
        for heading, rows in about(person).items()
        if rows
    ]


def _said(row: Row) -> list[tuple[str, str]]:
    return [(_as_name(name), _in_words(value)) for name, value in row.items() if value not in (None, "", {})]


def _as_name(name: str) -> str:
    return name[:1].upper() + name[1:]


def _in_words(value: Any) -> str:
    """Say one value; of several, each on a line."""
    match value:
        case bool():
            return "Yes" if value else "No"
        case datetime():
            return say_moment(value)
        case date():
            return say_date(value)
        case Mapping():
            return "\n".join(f"{_as_name(str(name))}: {_in_words(each)}" for name, each in value.items())
        case _:
            return str(value)
