"""How many of a cohort have begun and finished each book, as facilitators and the programme team are told it.

Never who, and from five up; `portal.small_numbers` decides. Whoever has left the cohort is still counted, so that no
number changes as somebody leaves: it would tell how far they were.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Q

from bookclub.models import ListedBook, Reading
from cohorts.models import Cohort, Membership
from portal.prepared import Given, Prepared
from portal.small_numbers import in_fives_of_known, or_more


class HowFar(NamedTuple):
    """What is told of one book, in words: who has finished it has begun it, too."""

    begun: str
    finished: str


_READERS: Prepared[Any] = Prepared(
    lambda: (
        ListedBook.objects.live()
        .filter(cohort=Given("cohort"))
        .annotate(begun=Count("readings"), finished=Count("readings", filter=Q(readings__state=Reading.State.FINISHED)))
        .values_list("pk", "begun", "finished")
    )
)
_MEMBERS: Prepared[Any] = Prepared(
    lambda: Membership.objects.enrolled().filter(cohort=Given("cohort")).values_list("pk")
)


def of_books(cohort: Cohort) -> dict[int, HowFar]:
    """Return how far a cohort's members are in each book on its list, by the listed book's key."""
    members = len(_MEMBERS.all(cohort=cohort.pk))
    return {key: say(begun, finished, members) for key, begun, finished in _READERS.all(cohort=cohort.pk)}


def say(begun: int, finished: int, members: int) -> HowFar:
    """Say how many of so many members have begun a book, and finished it."""
    told: Iterable[int | None] = (in_fives_of_known(number, members) for number in (begun, finished))
    return HowFar(*(or_more(number) for number in told))
