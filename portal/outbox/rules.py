"""The rules by which apps cause messages, registered in their AppConfig.ready()."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.outbox.mail import Mail


@dataclass(frozen=True, slots=True)
class Optional:
    """A kind of letters that whoever gets them can stop in one click, and have again; its rules stop together.

    `name` stands in letters that have been sent and in the rows of who stopped them: it never changes. `heading` and
    `says` tell which letters these are and when they come, on the page where they are stopped. `concerns` says whether
    a person would get any: only then are they offered the choice.
    """

    name: str
    heading: str
    says: str
    concerns: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One reason to write to people.

    `load` reads what the subjects' mails are made of, for a whole batch in a constant number of queries, and leaves
    out a subject that is no more. `compose` makes the mail for one person out of what was loaded for its subject,
    without a query; it returns None when the message no longer applies (a reminder of a cancelled booking).
    The messages of a `private` rule tell something sensitive by their mere existence: the admin pages name neither
    their person nor their subject. The letters of an `optional` one are not for whoever has stopped them: it is asked
    as they are written and again as they are sent, so that an app does nothing for it but say so here.
    """

    name: str
    load: Callable[[Sequence[str]], Mapping[str, Any]]
    compose: Callable[[Any, Any], Mail | None]
    private: bool = False
    optional: Optional | None = None


SEALED = "sealed"
"""The rule that messages with a payload carry in its place; see `portal.outbox.write_sealed`."""

_rules: dict[str, Rule] = {}
_kinds: dict[str, Optional] = {}


class UnknownRule(LookupError):
    """A message names a rule that no app registers."""


def register(rule: Rule) -> None:
    """Make a rule known. Raises ValueError when another has its name, or another kind that of its optional one."""
    if (kind := rule.optional) and _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"The outbox already knows another kind of letters called {kind.name}.")
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


def optional_kind_of(rule: str) -> Optional | None:
    """Return the kind by which people stop a rule's letters; None where they cannot."""
    known = _rules.get(rule)
    return known.optional if known else None


def optional_kinds() -> list[Optional]:
    """Return every kind of letters that people can stop, in the order of their headings."""
    return sorted(_kinds.values(), key=lambda kind: kind.heading)


def optional_kind(name: str) -> Optional | None:
    """Return the kind of that name; None for one of which nothing is sent any more."""
    return _kinds.get(name)


def names_of_kind(kind: Optional) -> list[str]:
    """Return the names of the rules whose letters stop together."""
    return [rule.name for rule in _rules.values() if rule.optional == kind]
