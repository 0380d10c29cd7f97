"""Alumni: who has gone through a programme and stays welcome, and what goes on that they can come to.

They keep their membership, which is what their evidence and certificates stand on; nothing is stored that says that
they are alumni.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cohorts.completion import completed, tally
from cohorts.models import Component, Membership, Programme, Session
from cohorts.models.sessions import place_of
from portal.accounts.models import User
from portal.prepared import Given, Prepared

SHOWN = 10


def alumni(memberships: QuerySet[Membership], today: date | Given) -> QuerySet[Membership]:
    """Return the memberships of people taking part whose cohort has ended by a UK date, or who have completed it.

    Somebody who withdrew takes part no more, and is no alumnus.
    """
    over = memberships.filter(state=Membership.State.ENROLLED)
    return over.filter(
        Q(cohort__ends_on__lt=today) | Q(Exists(completed(Membership.objects.filter(pk=OuterRef("pk")))))
    )


def is_alumnus(membership: Membership, asked: Sequence[Component], done: Collection[int]) -> bool:
    """Say of somebody who takes part what `alumni` asks of PostgreSQL; `asked` and `done` are as in `tally`."""
    finished, things = tally(asked, done)
    return membership.cohort.has_ended or (bool(done) and finished == things)


class GoesOn(NamedTuple):
    """A session to come that somebody can book without a cohort of their own that is still going."""

    pk: int
    title: str
    programme: str
    starts_at: datetime
    ends_at: datetime
    format: str
    venue: str | None

    @property
    def place(self) -> str:
        """Return where it is held."""
        return place_of(self.format, self.venue)


def _going_on() -> QuerySet[Session, tuple[Any, ...]]:
    programmes = alumni(Membership.objects.filter(user=Given("person")), Given("today")).values("cohort__programme")
    series = Q(
        cohort__isnull=True, component__programme__shape=Programme.Shape.SERIES, component__programme__published=True
    )
    return (
        Session.objects.upcoming()
        .filter(series | Q(open_to_alumni=True, component__programme__in=programmes))
        .order_by("starts_at", "id")
        .values_list(
            *("pk", "component__title", "component__programme__name", "starts_at", "ends_at", "format", "venue__name")
        )[:SHOWN]
    )


_GOING_ON = Prepared(_going_on)


def goes_on(person: User) -> list[GoesOn]:
    """Return what an alumnus can come to, soonest first: open series, and what is open to alumni of theirs."""
    return [GoesOn(*row) for row in _GOING_ON.all(person=person.pk, today=timezone.localdate())]
