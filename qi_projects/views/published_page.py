"""What a publication's page shows: its words, and its charts and driver diagram as pictures over what says the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from portal.nhsuk.components import EMPTY
from qi_projects import diagram_drawing
from qi_projects.chart_drawing import draw, explanation
from qi_projects.chart_words import remarks, signals_told
from qi_projects.charting import KEPT
from qi_projects.charts import Kind, Series, reckon
from qi_projects.freezing import borne_in_mind, measure_of, said_of
from qi_projects.gallery import Whole
from qi_projects.parts import in_one
from qi_projects.views.charts import table_of_rows

MOST_ROWS: Final = 120
"""So many rows of a table stand on the page, the latest; the file has all."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart of a publication: its pictures, what it says, its table, and what it measures in words."""

    number: int
    name: str
    kind: str
    said: list[tuple[str, str]]
    wide: SafeString
    narrow: SafeString
    flags: list[str]
    says: list[str]
    table: SafeString
    same: list[tuple[str, str]]
    left_out: int
    is_run: bool


def page_of(whole: Whole) -> dict[str, Any]:
    """Return what the template of a publication needs."""
    publication, diagram = whole.publication, whole.diagram
    picture = EMPTY
    if diagram:
        drawn = diagram_drawing.draw(diagram, title=str(publication), aim=in_one(publication.aim), name="diagram")
        picture = _safe(drawn)
    return {
        "publication": publication,
        "names": whole.names,
        "charts": [_drawn(number, *chart) for number, chart in enumerate(whole.charts, start=1)],
        "diagram": diagram,
        "picture": picture,
    }


def _drawn(number: int, shown: Mapping[str, Any], series: Series) -> Drawn:
    measured = measure_of(shown)
    wide, narrow, flags, says = _pictures(number, series)
    count = len(series.points)
    table, same = table_of_rows(series, max(count - MOST_ROWS, 0), count)
    return Drawn(
        number=number,
        name=measured.name,
        kind=measured.get_kind_display(),
        said=said_of(measured),
        wide=wide,
        narrow=narrow,
        flags=flags,
        says=[*says, *borne_in_mind(measured)],
        table=table,
        same=same,
        left_out=max(count - MOST_ROWS, 0),
        is_run=series.kind is Kind.RUN,
    )


@lru_cache(maxsize=KEPT)
def _pictures(number: int, series: Series) -> tuple[SafeString, SafeString, list[str], list[str]]:
    """Return the wide and the narrow picture of a series, what is marked on it, and what it says: worked out once."""
    chart = reckon(series)
    return (
        _safe(draw(chart, name=f"chart-{number}-wide")),
        _safe(draw(chart, name=f"chart-{number}-narrow", narrow=True)),
        [explanation(flag) for flag in chart.flags],
        [*signals_told(chart), *remarks(chart)],
    )


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308  # written by ElementTree, which has escaped every text in it
