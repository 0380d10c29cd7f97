"""The categories of what is kept about people, which apps register, and how long each is kept in this installation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Exists, QuerySet
from django.db.models.expressions import Combinable

from portal.retention.periods import Period


@dataclass(frozen=True, slots=True)
class Category:
    """Something that is kept about people for a time, and then disposed of.

    `due` returns what is due: the rows whose time was on a UK date or earlier, all of them and no other, by an index
    where it can. `kept` is the condition under which a legal hold keeps one; `dated` is the day, or moment, from which
    it is counted. `dispose` is given the keys of rows that are locked, in a transaction; it returns how many it
    disposed of. `at_once` is how many that are at the most.
    """

    name: str
    heading: str
    holds: str
    why: str
    counted_from: str
    period: Period
    least: Period
    due: Callable[[date], QuerySet[Any]]
    kept: Exists
    dated: str | Combinable
    dispose: Callable[[Sequence[int]], int]
    at_once: int = 1000

    @property
    def kept_for(self) -> Period:
        """Return how long this installation keeps it."""
        return settings.RETENTION_PERIODS.get(self.name, self.period)

    def up_to(self, today: date) -> date:
        """Return the last day of which the period has passed today."""
        return self.kept_for.before(today)


_categories: dict[str, Category] = {}


def register(category: Category) -> Category:
    """Make a category known. Raises ValueError for a second one of that name."""
    if _categories.setdefault(category.name, category) is not category:
        raise ValueError(f"Something else is kept as {category.name} already.")
    return category


def all_of_them() -> list[Category]:
    """Return every category, in the order of their names."""
    return [_categories[name] for name in sorted(_categories)]


def heading_of(name: str) -> str:
    """Say in words what is, or once was, kept under a name; the name itself where nothing is any more."""
    return _categories[name].heading if name in _categories else name


def require_fit(configured: Mapping[str, Period]) -> None:
    """Raise ImproperlyConfigured for a category that nobody registers, or for less time than it has to be kept."""
    for name, period in configured.items():
        if name not in _categories:
            raise ImproperlyConfigured(
                f"RETENTION_PERIODS names {name}, which is nothing that is kept. "
                f"These are: {', '.join(sorted(_categories))}."
            )
        if period.is_shorter_than(_categories[name].least):
            raise ImproperlyConfigured(
                f"RETENTION_PERIODS keeps {name} for {period}. {_categories[name].least} is the least."
            )
