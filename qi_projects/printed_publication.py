"""A published project as a `Sheet` to print: what stands on its page in the gallery, with the names of today.

It is made anew each time, so that a name that somebody has taken back is on no file that is downloaded afterwards.
"""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from qi_projects.chart_words import remarks
from qi_projects.charts import reckon
from qi_projects.freezing import borne_in_mind, measure_of, said_of
from qi_projects.gallery import Whole
from qi_projects.models import Publication
from qi_projects.parts import in_one
from qi_projects.printed_parts import print_chart, print_diagram
from qi_projects.printing import PrintedChart, PrintedDiagram, Section, Sheet


def sheet_of(whole: Whole) -> Sheet:
    """Return what is printed of a publication. It carries the day on which that was published (UK date)."""
    publication = whole.publication
    if publication.published_at is None:
        raise ValueError("What is not published is not printed for everybody.")
    return Sheet(
        title=publication.title,
        made_on=timezone.localdate(publication.published_at),
        organisation=publication.organisation_name,
        theme=publication.theme.name if publication.theme else "",
        setting=publication.get_setting_display(),
        state=publication.get_result_display(),
        state_is="What came of it",
        credits=tuple(whole.names),
        credits_are="Those who wanted to be named",
        aim=publication.aim,
        opening=tuple(
            _written(
                ("What we noticed, and why it matters", publication.noticed),
                ("What we changed", publication.what_changed),
            )
        ),
        diagram=_diagram(whole),
        charts=tuple(_charts(whole)),
        closing=tuple(
            _written(
                ("What came of it", publication.what_came_of_it),
                ("What we would tell the next team", publication.tell_next),
            )
        ),
        address=f"{settings.ORIGIN}{publication.get_absolute_url()}",
    )


def _diagram(whole: Whole) -> PrintedDiagram | None:
    publication = whole.publication
    if whole.diagram is None:
        return None
    return print_diagram(whole.diagram, title=publication.title, aim=in_one(publication.aim))


def _written(*parts: tuple[str, str]) -> Iterator[Section]:
    yield from (Section(heading, text) for heading, text in parts if text.strip())


def _charts(whole: Whole) -> Iterator[PrintedChart]:
    for number, (shown, series) in enumerate(whole.charts, start=1):
        measure, chart = measure_of(shown), reckon(series)
        yield print_chart(
            chart,
            number,
            is_only_one=len(whole.charts) == 1,
            kind=f"{measure.get_kind_display()} measure",
            facts=said_of(measure),
            mind=[*remarks(chart), *borne_in_mind(measure)],
            file=f"{settings.ORIGIN}{_file(whole.publication, number)}",
        )


def _file(publication: Publication, number: int) -> str:
    return reverse("gallery_data", args=[publication.pk, number])
