"""Where a person's name stands as it was then: whoever changes it is led to where that can be made new.

An app that gives out something with a name on it says so, in a function registered with `carries_names`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Earlier:
    """Something with an earlier name on it: what a page says of that, and the link that follows."""

    says: str
    text: str
    address: str


Find = Callable[[User], Earlier | None]
_finding: Final[list[Find]] = []


def carries_names(find: Find) -> Find:
    """Register what says whether something of a person's has another name on it than theirs of now."""
    _finding.append(find)
    return find


def earlier_names(person: User) -> list[Earlier]:
    """Return what has another name on it than the person's of now."""
    return [found for find in _finding if (found := find(person))]
