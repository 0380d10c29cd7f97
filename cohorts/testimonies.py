"""Reading testimonies: the published ones of a programme, somebody's own, and what they may know before they agree."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from cohorts import page_keys
from cohorts.evaluating import OwnAnswer
from cohorts.models import Booking, Component, Membership, Programme, Testimony
from portal import small_numbers
from portal.accounts.models import User
from portal.prepared import Given, Prepared

PAGE: Final = 20
"""Testimonies of a page that lists all of a programme's."""

ON_PROGRAMME: Final = 3
"""Testimonies that a programme's own page shows: the newest."""


class Quote(NamedTuple):
    """One testimony as the public reads it: what is in it is all that its author has agreed to."""

    pk: int
    published_at: datetime
    text: str
    shorter: str
    byline: str
    about: str | None

    @property
    def words(self) -> str:
        """Return the words: a shorter form, where its author has agreed to one."""
        return self.shorter or self.text


class Quotes(NamedTuple):
    """A page of testimonies, and the key with which the next one begins; empty on the last."""

    rows: Sequence[Quote]
    next_before: str


COLUMNS = ("pk", "published_at", "text", "shorter", "byline", "component__title")
_PAGE = Prepared(
    lambda: (
        Testimony.objects.published()
        .filter(page_keys.earlier("published_at"), programme=Given("programme"))
        .values_list(*COLUMNS)[: PAGE + 1]
    )
)


def newest(programme: Programme, number: int) -> list[Quote]:
    """Return so many of a programme's published testimonies, the newest first."""
    rows = Testimony.objects.published().filter(programme=programme)
    return [Quote(*row) for row in rows.values_list(*COLUMNS)[:number]]


def page(programme_id: int, *, before: str = "") -> Quotes:
    """Return a page of a programme's published testimonies, the newest first, after the one whose key is `before`."""
    key = page_keys.read(before, page_keys.AFTER_ALL)
    found = [Quote(*row) for row in _PAGE.all(programme=programme_id, moment=key.moment, row=key.row)]
    rows = found[:PAGE]
    return Quotes(rows, page_keys.page_key(rows[-1].published_at, rows[-1].pk) if len(found) > PAGE else "")


def own(person: User) -> list[Testimony]:
    """Return somebody's own testimonies with their programmes, the newest first, those taken back among them."""
    return list(Testimony.objects.filter(author=person).select_related("programme").order_by("-id"))


def parts_done(person: User, programme: Programme) -> QuerySet[Component]:
    """Return the parts of a programme to which somebody came, in their order."""
    came = Booking.objects.filter(user=person, component=OuterRef("pk"), state=Booking.State.ATTENDED)
    return Component.objects.filter(Exists(came), programme=programme).order_by("position")


def are_few(person: User, programme: Programme, component: Component | None = None) -> bool:
    """Say whether so few who took part have somebody's job role that it may tell readers who it is.

    Of one component those count who came to it, whether the cohort was theirs or not: no page names a cohort.
    """
    came = Booking.objects.filter(user=OuterRef("pk"), state=Booking.State.ATTENDED)
    if component:
        took_part = Q(Exists(came.filter(component=component)))
    else:
        enrolled = Membership.objects.enrolled().filter(user=OuterRef("pk"), cohort__programme=programme)
        took_part = Q(Exists(came.filter(component__programme=programme))) | Q(Exists(enrolled))
    of_role = User.objects.filter(took_part, job_role=person.job_role_id)
    return small_numbers.at_least(of_role.order_by()[: small_numbers.LEAST].count()) is None


def repeats(text: str, answers: Sequence[OwnAnswer]) -> bool:
    """Say whether a text holds, or is a part of, something that its author wrote in an evaluation.

    It is worked out for the author alone, from what they wrote, and kept nowhere.
    """
    written = _plain(text)
    return any(_plain(answer.text) in written or written in _plain(answer.text) for answer in answers)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
