"""What every printed project has alike, whosever words they are: its driver diagram, and its charts."""

from collections.abc import Sequence
from typing import Final

from qi_projects.chart_drawing import draw_for_print, explanation
from qi_projects.chart_table import told
from qi_projects.chart_words import VARIATIONS, assurance_told, signals_told, summary
from qi_projects.charts import Reckoned
from qi_projects.diagram import Diagram, Place
from qi_projects.diagram_drawing import draw, sheets
from qi_projects.diagram_drawing import told as diagram_told
from qi_projects.printing import Branch, Picture, PrintedChart, PrintedDiagram, Table

MOST_ROWS: Final = 120
"""So many points of a measure are in its table, the latest: ten years of months. The chart has all."""


def print_diagram(found: Diagram, *, title: str, aim: str) -> PrintedDiagram | None:
    """Return a driver diagram as pictures and as an outline; nothing, of one without a box."""
    if not found.boxes:
        return None
    drawn = sheets(found, title=title, aim=aim, name="sheet") or [draw(found, title=title, aim=aim, name="diagram")]
    parts = [part for _, part in found.parts()] if len(drawn) > 1 else [found]
    return PrintedDiagram(
        tuple(Picture(svg, diagram_told(part)) for svg, part in zip(drawn, parts, strict=True)),
        tuple(_branch(place, found) for place in (*found.outline, *found.loose)),
    )


def _branch(place: Place, diagram: Diagram) -> Branch:
    again = " (see above)" if place.again and diagram.lowers[place.box.key] else ""
    return Branch(
        f"{place.box.level.label}: {place.box.text}{again}", tuple(_branch(under, diagram) for under in place.under)
    )


def print_chart(
    chart: Reckoned,
    number: int,
    *,
    is_only_one: bool,
    kind: str,
    facts: Sequence[tuple[str, str]],
    mind: Sequence[str],
    file: str,
) -> PrintedChart:
    """Return a chart with what it says; the only one of its project is drawn higher.

    `mind` is what to bear in mind; `file` is the address of all of its points.
    """
    icons = [f"{VARIATIONS[chart.variation]}."] if chart.variation else []
    icons += [f"{assurance_told(chart, chart.assurance)}."] if chart.assurance else []
    signals = signals_told(chart)
    return PrintedChart(
        chart.series.title,
        kind,
        (*icons, *signals, *mind),
        picture=Picture(draw_for_print(chart, name=f"chart-{number}", is_only_one=is_only_one), summary(chart)),
        short=" ".join(icons or signals),
        flags=tuple(explanation(flag) for flag in chart.flags),
        facts=tuple(facts),
        table=_table(chart, file),
    )


def _table(chart: Reckoned, file: str) -> Table:
    count = len(chart.series.points)
    start = max(count - MOST_ROWS, 0)
    found = told(chart, start)
    above = []
    if start:
        above.append(
            f"The latest {MOST_ROWS} of {count:,} points. {start:,} before them are left out here, and not on the "
            f"chart. All are in the file for spreadsheets: {file}"
        )
    if found.same:
        said = ", ".join(f"{heading.lower()} {figure}" for heading, figure in found.same)
        above.append(f"The same for each point: {said}.")
    return Table(tuple(found.headings), tuple(found.lines), tuple(above))
