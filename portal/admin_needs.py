"""What waits for a programme admin: the start page of the admin lists it, and each app says what it knows of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits: what it is, and the page on which it is done; empty if that is for somebody else to do."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Need:
    """A kind of thing that waits, with the first few of them and the page that lists all, where there are more."""

    heading: str
    tasks: Sequence[Task]
    all_of_them: str = ""


FindNeeds = Callable[[User], Sequence[Need]]
_finders: list[FindNeeds] = []


def what_needs_doing(find: FindNeeds) -> FindNeeds:
    """Register a function that says what waits for a programme admin, of those kinds of which something does."""
    _finders.append(find)
    return find


def needs_of(user: User) -> list[Need]:
    """Return what waits for somebody now."""
    return [need for find in _finders for need in find(user)]
