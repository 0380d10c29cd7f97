"""The first few of several kinds of things that wait, read in one statement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.db.models import QuerySet, Value
from django.db.models.functions import JSONObject

from portal.accounts.models import User
from portal.admin_needs import Need, Task

SHOWN: Final = 5

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that waits, as the start page tells of it.

    `find` returns what waits for somebody; `first` is the moment or day by which it is ordered, `key` is what it is
    ordered by next. `facts` are expressions about each, which `say` gets with its key: what JSON holds, so that kinds
    of different things are rows of one statement. `all_of_them` returns the address of the list.
    """

    heading: str
    find: Callable[[User], QuerySet[Any]]
    first: str
    facts: Mapping[str, Any]
    say: Callable[[int, Facts], Task]
    all_of_them: Callable[[], str]
    key: str = field(default="pk", kw_only=True)

    def rows(self, user: User, number: int) -> QuerySet[Any, Any]:
        """Return the first rows, one more than is shown, each led by the kind's number among others."""
        found = self.find(user).order_by(self.first, self.key)
        return found.values_list(Value(number), self.first, self.key, JSONObject(**self.facts))[: SHOWN + 1]


def first_few(kinds: Sequence[Kind], user: User) -> list[Need]:
    """Return what waits for somebody of these kinds, in their order, and of each the first few."""
    first, *others = (kind.rows(user, number) for number, kind in enumerate(kinds))
    # PostgreSQL promises no order of what it puts together.
    rows = sorted(first.union(*others, all=True), key=itemgetter(0, 1, 2))
    return [_need(kinds[number], list(group)) for number, group in groupby(rows, key=itemgetter(0))]


def _need(kind: Kind, rows: Sequence[Any]) -> Need:
    tasks = [kind.say(key, facts) for _, _, key, facts in rows[:SHOWN]]
    return Need(kind.heading, tasks, kind.all_of_them() if len(rows) > SHOWN else "")
