"""The charts and the driver diagram that go along with a publication: which can, and what is shown of them.

As long as it is written they are made of what the project holds now. Once it is sent they are what was kept then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.prepared import Given, Prepared
from qi_projects import outlining
from qi_projects.charting import Charted, charts_of, marked_charts_of
from qi_projects.freezing import NotForThePublic, for_the_public, frozen, frozen_diagram
from qi_projects.models import Measure, Project, Publication, PublishedChart

_KEPT: Prepared[PublishedChart] = Prepared(
    lambda: PublishedChart.objects.filter(publication=Given("publication")).order_by("position")
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A publication with its charts and its driver diagram, as `qi_projects.freezing` keeps them.

    `left_out` says of each chart that was chosen and cannot be shown why not, in sentences.
    """

    publication: Publication
    charts: Sequence[Mapping[str, Any]]
    diagram: Mapping[str, Any] | None
    left_out: Sequence[str] = ()

    def texts(self) -> Iterator[str]:
        """Yield every text that stands on the charts and in the diagram, each by itself."""
        yield from _texts([self.charts, self.diagram])


def _texts(kept: Any) -> Iterator[str]:
    if isinstance(kept, str):
        yield kept
    elif isinstance(kept, Mapping):
        yield from _texts(list(kept.values()))
    elif isinstance(kept, Sequence):
        for each in kept:
            yield from _texts(each)


def shown_now(publication: Publication) -> Shown:
    """Return a publication with what goes along with it, in a constant number of statements."""
    if not publication.is_written:
        kept = [chart.shown for chart in _KEPT.all(publication=publication.pk)]
        return Shown(publication, kept, publication.diagram)
    there = {measure.pk: measure for measure in _measures(publication.project)}
    gone = sum(key not in there for key in publication.measures_shown)
    left_out = ["A measure that you chose is no longer there."] * gone
    charts = []
    for charted in marked_charts_of([there[key] for key in publication.measures_shown if key in there]):
        try:
            charts.append(frozen(charted))
        except NotForThePublic as refused:
            left_out.append(f"{charted.measure.name}: {refused}")
    diagram = frozen_diagram(outlining.read(publication.project)) if publication.shows_diagram else None
    return Shown(publication, charts, diagram, left_out)


def charts_to_choose(project: Project) -> list[tuple[Measure, str]]:
    """Return the measures of a project, each with why the public cannot be shown its chart: nothing, where it can."""
    return [(charted.measure, _why_not(charted)) for charted in charts_of(_measures(project))]


def _why_not(charted: Charted) -> str:
    try:
        for_the_public(charted)
    except NotForThePublic as refused:
        return str(refused)
    return ""


def names_of_chosen(publication: Publication) -> list[str]:
    """Return what the measures are called whose charts were chosen, in that order."""
    names = dict(publication.project.measures.values_list("pk", "name"))
    return [names[key] for key in publication.measures_shown if key in names]


def _measures(project: Project) -> list[Measure]:
    found = list(project.measures.all())
    for measure in found:
        measure.project = project
    return found
