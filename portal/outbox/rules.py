"""The rules by which apps cause messages, registered in their AppConfig.ready()."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.outbox.mail import Mail


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to write to people.

    `load` reads what the subjects' mails are made of, for a whole batch in a constant number of queries, and leaves
    out a subject that is no more. `compose` makes the mail for one person out of what was loaded for its subject,
    without a query; it returns None when the message no longer applies (a reminder of a cancelled booking).
    The messages of a `private` rule tell something sensitive by their mere existence: the admin pages name neither
    their person nor their subject.
    """

    name: str
    load: Callable[[Sequence[str]], Mapping[str, Any]]
    compose: Callable[[Any, Any], Mail | None]
    private: bool = False


SEALED = "sealed"
"""The rule that messages with a payload carry in its place; see `portal.outbox.write_sealed`."""

_rules: dict[str, Rule] = {}


class UnknownRule(LookupError):
    """A message names a rule that no app registers."""


def register(rule: Rule) -> None:
    """Make a rule known. Raises ValueError when another has its name."""
    if rule.name == SEALED or _rules.setdefault(rule.name, rule) is not rule:
        raise ValueError(f"The outbox already knows a rule called {rule.name}.")


def named(name: str) -> Rule:
    """Return the rule of that name. Raises UnknownRule."""
    try:
        return _rules[name]
    except KeyError:
        raise UnknownRule(name) from None


def names() -> list[str]:
    """Return the names of all rules, in alphabetical order."""
    return sorted([*_rules, SEALED])


def private_names() -> list[str]:
    """Return the names of the rules whose messages are kept from the admin pages."""
    return [rule.name for rule in _rules.values() if rule.private]
