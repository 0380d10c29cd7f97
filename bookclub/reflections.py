"""What somebody wrote, and what others share with them: pages by key, in a constant number of statements."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet

from bookclub import targets
from bookclub.choosing import own_meetings_of
from bookclub.models import Reflection
from bookclub.rules import Diary, Seat
from bookclub.sealed_words import draft_of, words_of
from bookclub.targets import Target
from cohorts import page_keys
from cohorts.forgetting import FORMER
from cohorts.led_sessions import Page
from cohorts.models import Cohort, Facilitator
from cohorts.rules import who_takes_registers_of
from portal.prepared import Given, Prepared

PAGE: Final = 20
OPENING: Final = 300
"""Characters of a reflection that a list shows of it."""

Audience = Reflection.Audience


def _own() -> QuerySet[Reflection]:
    rows = Reflection.objects.with_target()
    rows = rows.filter(page_keys.earlier("begun_at"), author=Given("person"), cohort=Given("cohort"))
    return rows.order_by("-begun_at", "-pk")[: PAGE + 1]


def _shared(*about: Q) -> Prepared[Reflection]:
    """Return what is shared with a cohort, and with whoever reads what is shared with somebody else beside it."""

    def build() -> QuerySet[Reflection]:
        rows = Reflection.objects.shown().with_target().select_related("author")
        rows = rows.filter(page_keys.earlier("shared_at"), *about, cohort=Given("cohort"))
        rows = rows.filter(Q(audience=Audience.COHORT) | Q(audience=Given("also")))
        return rows.defer("draft_sealed").order_by("-shared_at", "-pk")[: PAGE + 1]

    return Prepared(build)


_OWN: Prepared[Reflection] = Prepared(_own)
_SHARED: Final[Mapping[str, Prepared[Reflection]]] = {
    "everything": _shared(),
    "freely": _shared(Q(listed__isnull=True, meeting__isnull=True)),
    "book": _shared(Q(listed=Given("pk"))),
    "meeting": _shared(Q(meeting=Given("pk"))),
    "prompt": _shared(Q(prompt=Given("pk"))),
}


class Own(NamedTuple):
    """Something of somebody's own in a list: `draft` says that it is one, or that one is beside it."""

    reflection: Reflection
    about: Target
    readers: str
    opening: str
    draft: bool


class Shared(NamedTuple):
    """What somebody shares, as its readers have it. `words` are its beginning in a list."""

    pk: int
    name: str
    about: Target
    shared_at: datetime
    with_facilitators_alone: bool
    words: str
    is_whole: bool
    is_own: bool


class Facilitators(NamedTuple):
    """Who leads a cohort's meetings: those who read what is shared, and those who do once they have the account."""

    reading: list[str]
    waiting: list[str]


def own(diary: Diary, *, after: str = "") -> Page[Own]:
    """Return a page of what somebody wrote in a cohort, the latest first; `after` is a key that was given out."""
    moment, row = page_keys.read(after, page_keys.AFTER_ALL)
    rows = _OWN.all(person=diary.person.pk, cohort=diary.cohort.pk, moment=moment, row=row)
    shown = rows[:PAGE]
    following = page_keys.page_key(shown[-1].begun_at, shown[-1].pk) if len(rows) > PAGE else ""
    return Page([_own_line(each, diary) for each in shown], following)


def shared(seat: Seat, target: Target | None = None, *, after: str = "") -> Page[Shared]:
    """Return a page of what is shared with somebody, of one target where one is given; the latest first."""
    moment, row = page_keys.read(after, page_keys.AFTER_ALL)
    also = Audience.FACILITATORS if seat.leads else Audience.COHORT
    kind, _, pk = target.key.partition("-") if target else ("everything", "", "")
    given = {"pk": int(pk)} if pk else {}
    rows = _SHARED[kind or "freely"].all(cohort=seat.cohort.pk, also=also, moment=moment, row=row, **given)
    shown = [as_read(each, seat, whole=False) for each in rows[:PAGE]]
    following = page_keys.page_key(shown[-1].shared_at, shown[-1].pk) if len(rows) > PAGE else ""
    return Page(shown, following)


def as_read(row: Reflection, seat: Seat, *, whole: bool = True) -> Shared:
    """Return what somebody shares as its readers have it, with all its words, or with their beginning."""
    words = words_of(row)
    return Shared(
        pk=row.pk,
        name=row.author.name,
        about=targets.of(row),
        shared_at=row.shared_at or row.changed_at,
        with_facilitators_alone=row.audience == Audience.FACILITATORS,
        words=words if whole else _opening(words),
        is_whole=whole or len(words) <= OPENING,
        is_own=row.author_id == seat.person.pk,
    )


def facilitators(cohort: Cohort) -> Facilitators:
    """Return by name who leads a book club meeting of a cohort's own: they read what is shared, or will."""
    meetings = own_meetings_of(cohort)
    rows: QuerySet[Any] = who_takes_registers_of(meetings)
    reading = rows.filter(leads=True).order_by("name", "pk")
    # Who has an account and not the role, or not any more, does not wait for an account.
    waiting = Facilitator.objects.filter(sessions__in=meetings, user=None).exclude(name=FORMER)
    return Facilitators(
        list(reading.values_list("name", flat=True)),
        list(waiting.order_by("name").values_list("name", flat=True).distinct()),
    )


def _own_line(row: Reflection, diary: Diary) -> Own:
    readers = row.get_audience_display() if row.is_shown(diary.membership) else Audience.NOBODY.label
    return Own(row, targets.of(row), readers, _opening(words_of(row) or draft_of(row)), row.has_draft)


def _opening(words: str) -> str:
    return words if len(words) <= OPENING else f"{words[:OPENING].rstrip()}…"
