"""What every page has to know of whoever is signed in, read in the one statement that loads them.

An app says it in its `AppConfig.ready()`; the person then has an attribute of that name.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

Fact = Callable[[], Any]
_facts: Final[dict[str, Fact]] = {}


def comes_along(name: str, fact: Fact) -> None:
    """Register a condition about a person (`OuterRef("pk")`), made when it is first asked: cheap, by an index.

    Raises ValueError for a second one of that name.
    """
    if _facts.setdefault(name, fact) is not fact:
        raise ValueError(f"Something else comes along as {name} already.")


def facts() -> Mapping[str, Any]:
    """Return each condition by its name."""
    return {name: fact() for name, fact in _facts.items()}
