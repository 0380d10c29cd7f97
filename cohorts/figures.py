"""What leads of an organisation are told of its people: how many take part, and how many have completed; nobody's name.

The figures are drawn up for every organisation at once, at the beginning of each month, and stand until the next. So
nobody can look before and after somebody's name is struck off a list, and a month's figures take all of its changes
together. There is one table and no choice of what it counts, so that no two questions differ by one person.
`portal.small_numbers` decides what may be told of it; only that is stored (docs/decisions/0076).

A person is counted once in each number: in a programme, however many of its cohorts they were in; in the year in which
the first of these began; in all programmes together.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cohorts.completion import with_completion
from cohorts.models import Cohort, Component, Figure, Membership
from portal import small_numbers
from portal.accounts.models import Organisation

BATCH: Final = 1000


@dataclass(slots=True)
class Part:
    """What one person did in a programme: in which year they began it, and whether they completed it."""

    year: int
    completed: bool = False


Took = dict[int, dict[int, Part]]
"""Who of an organisation took part: by programme, and by person."""


@dataclass(slots=True)
class Sheet:
    """What leads read of their organisation, programme by programme. Without figures yet there is no `whole`."""

    organisation: Organisation
    whole: Figure | None = None
    programmes: list[Figure] = field(default_factory=list)
    years: list[Figure] = field(default_factory=list)


def draw_up(*, today: date | None = None) -> int:
    """Draw up the figures of every organisation as of a UK date, once in its month; return how many lines there are."""
    today = today or timezone.localdate()
    if _are_drawn_up(today):
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two workers take turns. Whoever reads meanwhile reads the last month's.
            cursor.execute("LOCK TABLE cohorts_figure IN SHARE ROW EXCLUSIVE MODE")
        if _are_drawn_up(today):
            return 0
        Figure.objects.all().delete()
        lines = list(_lines(today))
        Figure.objects.bulk_create(lines, batch_size=BATCH)
    return len(lines)


def sheets(organisations: Sequence[Organisation]) -> list[Sheet]:
    """Return the figures of these organisations, in their order, in one statement."""
    found = {organisation.pk: Sheet(organisation) for organisation in organisations}
    for figure in Figure.objects.filter(organisation__in=found).select_related("programme"):
        sheet = found[figure.organisation_id]
        if figure.programme is None:
            sheet.whole = figure
        elif figure.year is None:
            sheet.programmes.append(figure)
        else:
            sheet.years.append(figure)
    return list(found.values())


def _are_drawn_up(today: date) -> bool:
    return Figure.objects.filter(drawn_on__gte=today.replace(day=1)).exists()


def _lines(today: date) -> Iterator[Figure]:
    """Yield every line of every organisation: which there are is the same for all, whoever of theirs takes part."""
    years, took = _years(today), _took_part(today)
    if not years:
        return
    for organisation in Organisation.objects.only("pk"):
        for line in _lines_of(took[organisation.pk], years):
            line.organisation, line.drawn_on = organisation, today
            yield line


def _lines_of(took: Took, years: Mapping[int, Sequence[int]]) -> Iterator[Figure]:
    """Yield an organisation's lines, from what its people did and the years in which each programme began."""
    programmes = []
    for programme, its_years in years.items():
        people = took.get(programme, {}).values()
        began = Counter(part.year for part in people)
        bands = [small_numbers.band(began[year]) for year in its_years]
        whole = small_numbers.band_of_sum(len(people), bands)
        completed = small_numbers.band_of_part(sum(part.completed for part in people), len(people), whole)
        programmes.append(whole)
        yield Figure(programme_id=programme, people=whole.told, completed=completed.told)
        for year, band in zip(its_years, bands, strict=True):
            yield Figure(programme_id=programme, year=year, people=band.told)
    everybody = {person for people in took.values() for person in people}
    yield Figure(people=small_numbers.band_of_all(len(everybody), programmes).told)


def _years(today: date) -> dict[int, list[int]]:
    """Return in which years cohorts of each published programme have begun."""
    began = _begun(today).order_by("programme", "starts_on__year").values_list("programme", "starts_on__year")
    years: dict[int, list[int]] = defaultdict(list)
    for programme, year in began.distinct():
        years[programme].append(year)
    return years


def _took_part(today: date) -> dict[int, Took]:
    """Return who takes or took part, by the organisation in which they were then.

    Whoever has left since is not counted, unless they had completed it.
    """
    required = Component.objects.filter(programme=OuterRef("cohort__programme"), required=True)
    memberships = with_completion(Membership.objects.filter(cohort__in=_begun(today)))
    # Of a programme that asks nothing, everybody would be complete.
    memberships = memberships.annotate(has_completed=Q(Exists(required)) & Q(is_complete=True))
    rows = memberships.filter(Q(state=Membership.State.ENROLLED) | Q(has_completed=True), organisation__isnull=False)
    took: dict[int, Took] = defaultdict(lambda: defaultdict(dict))
    columns = ("organisation", "cohort__programme", "user", "cohort__starts_on__year", "has_completed")
    for organisation, programme, person, year, has_completed in rows.order_by().values_list(*columns):
        part = took[organisation][programme].setdefault(person, Part(year))
        part.year, part.completed = min(part.year, year), part.completed or has_completed
    return took


def _begun(today: date) -> QuerySet[Cohort]:
    return Cohort.objects.filter(programme__published=True, starts_on__lte=today)
