"""What else belongs to a session, and to what a programme asks of somebody: an app that knows of it says so here.

An app that stands on this one, such as the book club, registers in its `AppConfig.ready()` a function that costs
nothing where it has nothing to say, and otherwise a constant number of statements.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cohorts.models import Session
from portal.accounts.models import User
from portal.nhsuk.lists import Task


class Way(NamedTuple):
    """A link on a session's page: what it leads to, and its address."""

    text: str
    href: str


OfSession = Callable[[User, Session], Sequence[Way]]
Keeps = Callable[[Session], bool]
OfPerson = Callable[[User], Mapping[int, Sequence[Task]]]
_OF_SESSIONS: Final[dict[str, OfSession]] = {}
_KEEP_SESSIONS: Final[dict[str, Keeps]] = {}
_OF_PEOPLE: Final[dict[str, OfPerson]] = {}


def stands_beside_sessions(name: str, source: OfSession) -> None:
    """Register what leads from a session's page to more of it, for whoever looks. Raises ValueError for a second."""
    if _OF_SESSIONS.setdefault(name, source) is not source:
        raise ValueError(f"Something else called {name} stands beside sessions already.")


def keeps_sessions(name: str, source: Keeps) -> None:
    """Register what says of a session that it stays. Raises ValueError for a second of that name.

    An admin learns the answer: so it must not depend on what people have for themselves.
    """
    if _KEEP_SESSIONS.setdefault(name, source) is not source:
        raise ValueError(f"Something else called {name} keeps sessions already.")


def stands_beside_tasks(name: str, source: OfPerson) -> None:
    """Register lines of "Your programme", by the membership's key. Raises ValueError for a second of that name.

    Nothing of them counts for what the programme asks.
    """
    if _OF_PEOPLE.setdefault(name, source) is not source:
        raise ValueError(f"Something else called {name} stands beside tasks already.")


def ways_from(session: Session, person: User) -> Iterator[Way]:
    """Yield what leads from a session's page to more of it. Needs the session's component loaded."""
    for source in _OF_SESSIONS.values():
        yield from source(person, session)


def is_kept(session: Session) -> bool:
    """Say whether an app keeps a session, so that it can be cancelled and not deleted. Needs its component loaded."""
    return any(source(session) for source in _KEEP_SESSIONS.values())


def lines_of(person: User) -> dict[int, list[Task]]:
    """Return what else stands among somebody's tasks, by the membership's key."""
    found: dict[int, list[Task]] = {}
    for source in _OF_PEOPLE.values():
        for membership, tasks in source(person).items():
            found.setdefault(membership, []).extend(tasks)
    return found
