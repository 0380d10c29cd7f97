"""What everybody reads: publications by what they say and what came of them, and one of them whole.

Nothing here tells who is signed in from who is not. A publication, and a name under it, is read anew by each request,
and gone with the transaction that took it back. Pictures alone are kept, by the figures that they show
(`views/published_page.py`): nobody gets to one but by a page that is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cohorts import page_keys
from portal import small_numbers
from portal.prepared import Given, Prepared
from qi_projects import naming
from qi_projects.charts import Series
from qi_projects.diagram import Diagram
from qi_projects.freezing import diagram_of, series_of
from qi_projects.models import Project, Publication, TeamPlace, Theme
from qi_projects.models.publications import SEARCHED_IN
from qi_projects.models.teams import Role
from qi_projects.public_parts import shown_now

PAGE: Final = 20
COLUMNS: Final = ("pk", "published_at", "title", "setting", "theme__name", "organisation_name", "result", "aim")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; what is empty, or None, narrows nothing."""

    words: str = ""
    setting: str = ""
    result: str = ""
    theme: int | None = None

    @property
    def is_all(self) -> bool:
        """Say whether everything is looked for."""
        return not (self.words or self.setting or self.result or self.theme)


class Card(NamedTuple):
    """One publication as the gallery lists it."""

    pk: int
    published_at: datetime
    title: str
    setting: str
    theme: str | None
    organisation: str
    result: str
    aim: str

    @property
    def aim_in_short(self) -> str:
        """Return the first line of the aim, which says what was to change."""
        return self.aim.strip().partition("\n")[0]

    @property
    def setting_label(self) -> str:
        """Return where the change was tried, in words."""
        return str(Project.Setting(self.setting).label)

    @property
    def result_label(self) -> str:
        """Return what came of it, in words."""
        return str(Publication.Result(self.result).label)


class Cards(NamedTuple):
    """A page of the gallery, and the key with which the next one begins; empty on the last."""

    rows: Sequence[Card]
    next_before: str


def page(wanted: Wanted, *, before: str = "") -> Cards:
    """Return a page of what somebody looks for, the newest first, after the one whose key is `before`."""
    key = page_keys.read(before, page_keys.AFTER_ALL)
    among = {name: value for name in ("setting", "result", "theme") if (value := getattr(wanted, name))}
    if wanted.words:
        # Not prepared: how many have a word is what decides how they are best found.
        words = SearchQuery(wanted.words, config=SEARCHED_IN, search_type="websearch")
        rows = list(_first(_after(key.moment, key.row).filter(search=words, **among)))
    else:
        rows = _prepared(tuple(among)).all(moment=key.moment, row=key.row, **among)
    found = [Card(*row) for row in rows]
    shown = found[:PAGE]
    return Cards(shown, page_keys.page_key(shown[-1].published_at, shown[-1].pk) if len(found) > PAGE else "")


@cache
def _prepared(among: tuple[str, ...]) -> Prepared[tuple[Any, ...]]:
    given = {name: Given(name) for name in among}
    return Prepared(lambda: _first(_after(Given("moment"), Given("row")).filter(**given)))


def _after(moment: datetime | Given, row: int | Given) -> QuerySet[Publication]:
    # That it is at that moment or before is said by itself: there the index begins to be read.
    after = Q(published_at__lt=moment) | Q(pk__lt=row)
    return Publication.objects.published().filter(after, published_at__lte=moment)


def _first(rows: QuerySet[Publication]) -> QuerySet[Publication, tuple[Any, ...]]:
    return rows.order_by("-published_at", "-id").values_list(*COLUMNS)[: PAGE + 1]


_THEMES: Prepared[tuple[int, str]] = Prepared(
    lambda: (
        Theme.objects.filter(Exists(Publication.objects.published().filter(theme=OuterRef("pk"))))
        .order_by("name")
        .values_list("pk", "name")
    )
)


def themes() -> list[tuple[int, str]]:
    """Return the themes of which something is published, each with its name."""
    return _THEMES.all()


_PUBLISHED: Prepared[Publication] = Prepared(
    lambda: Publication.objects.published().select_related("theme").defer("search").filter(pk=Given("pk"))
)


def published(pk: int) -> Publication | None:
    """Return a publication that everybody reads, or None."""
    return _PUBLISHED.first(pk=pk)


@dataclass(frozen=True, slots=True)
class Whole:
    """A publication with all that stands on its page: who is named under it, its charts, and its driver diagram."""

    publication: Publication
    names: Sequence[str]
    charts: Sequence[tuple[Mapping[str, Any], Series]]
    diagram: Diagram | None


def whole_of(publication: Publication) -> Whole:
    """Return a publication with its charts and diagram, as they were sent or would be, and whoever is named now."""
    shown = shown_now(publication)
    return Whole(
        publication,
        naming.named(publication),
        [(each, series_of(each)) for each in shown.charts],
        diagram_of(shown.diagram) if shown.diagram else None,
    )


_STARTED: Prepared[Any] = Prepared(
    lambda: (
        TeamPlace.objects.filter(project__started_from=Given("project"), role=Role.LEAD)
        .order_by()
        .values("project__started_from")
        .annotate(number=Count("user", distinct=True))
        .values_list("number")
    )
)


def started_from(publication: Publication) -> int | None:
    """Return how many people lead a project that was started from one, rounded down to a step; None while few do."""
    (number,) = _STARTED.first(project=publication.project_id) or (0,)
    return small_numbers.at_least(number)


def built_on(project: Project) -> Publication | None:
    """Return what is published of the project from which one was started, or None."""
    if project.started_from_id is None:
        return None
    return Publication.objects.published().filter(project=project.started_from_id).only("pk", "title").first()
