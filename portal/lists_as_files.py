"""A list as a file to download, as CSV or as an Excel workbook, with no cell a formula."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.contrib import admin
from django.db.models import Model
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from portal import trail, workbooks
from portal.access import person
from portal.questions import Question, ask, is_confirmed
from portal.spreadsheets import Cell, neutral, write


class Format(NamedTuple):
    """A kind of file: how its name ends, what browsers call it, and what the button says."""

    ending: str
    content_type: str
    label: str


FORMATS: Final = {
    "csv": Format("csv", "text/csv; charset=utf-8", "CSV"),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel workbook"),
}


@dataclass(frozen=True, slots=True)
class List:
    """A list that can be downloaded: `deed` is the trail's word for it, `holds` says what it tells, and of how many.

    `rows` is asked for only once that is confirmed, and read as the file is written.
    """

    name: str
    deed: str
    subject: Model | str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    number: int
    holds: str
    about: Model | None = None
    title: str = "Download the list"


def download_page(model_admin: "admin.ModelAdmin[Any]", request: HttpRequest, listed: List) -> HttpResponseBase:
    """Say what the file holds, and give it once that is confirmed: who took it, and how much, stands in the trail."""
    chosen = FORMATS.get(request.POST.get("format", "csv"))
    if is_confirmed(request) and chosen:
        trail.record(
            listed.deed, actor=person(request), subject=listed.subject, rows=listed.number, format=chosen.ending
        )
        return answer(listed.name, chosen, listed.headings, listed.rows)
    return ask(
        request,
        model_admin,
        Question(
            title=listed.title,
            says=[
                f"The file holds {listed.holds}.",
                "Keep it only where your organisation keeps personal data, and delete it once it has served.",
            ],
            button="Download",
            about=listed.about,
            choices=("format", "As", [(key, each.label) for key, each in FORMATS.items()]),
        ),
    )


def answer(name: str, chosen: Format, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponseBase:
    """Return the file, as today's."""
    filename = f"{name}-{timezone.localdate().isoformat()}.{chosen.ending}"
    if chosen is FORMATS["csv"]:
        return StreamingHttpResponse(
            write(headings, rows),
            content_type=chosen.content_type,
            headers={"Content-Disposition": f'attachment; filename="{filename}"'},
        )
    cells = ([neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return FileResponse(
        workbooks.write(headings, cells), as_attachment=True, filename=filename, content_type=chosen.content_type
    )
