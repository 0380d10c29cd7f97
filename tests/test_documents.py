"""Documents as PDF: one at a time in each process, so that pages go on; and all in one face."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import psutil
import pytest
from django.test import Client

from cohorts.certificate_pdf import certificate_as_pdf, record_as_pdf
from portal import documents
from qi_projects import printing
from qi_projects.chart_drawing import draw, draw_for_print
from qi_projects.chart_png import as_png
from qi_projects.chart_shapes import FONT
from qi_projects.charts import Kind, Point, Reckoned, Series, reckon
from tests.cohorts.test_certificate_pdf import NOON, certificate, entry, read
from tests.qi_projects.making import browser_of, lead_of, make_active

pytestmark = pytest.mark.django_db


def test_who_waits_too_long_for_another_document_is_asked_to_try_again(monkeypatch: Any) -> None:
    monkeypatch.setattr(documents, "WAITS_AT_MOST", 0.05)
    project = make_active()
    browser: Client = browser_of(lead_of(project))
    browser.raise_request_exception = False
    page = f"{project.get_absolute_url()}report.pdf"
    with documents._one_at_a_time:
        refused = browser.get(page)
        with pytest.raises(documents.TooManyDocuments):
            documents.make_pdf("qi_projects/report.typ", made_at=datetime(2026, 11, 30, tzinfo=UTC))
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert browser.get(page).status_code == 200


def test_memory_is_let_go_of_between_large_documents() -> None:
    def made(lines: int) -> int:
        """Make a report of so many lines; return how many megabytes this process has then."""
        text = "\n".join(f"Line {at}" for at in range(lines))
        printing.report_pdf(printing.Sheet("Lines", date(2026, 11, 30), opening=(printing.Section("Why", text),) * 4))
        used: int = psutil.Process().memory_info().rss
        return used // 1_000_000

    first = made(1_500)
    # Each takes more than a hundred.
    assert max(made(1_501 + number) for number in range(4)) < first + 60


def typefaces(pdf: bytes) -> set[str]:
    """Return the faces of which a PDF carries letters."""
    reader = read(pdf)
    last: Any = reader.trailer["/Size"]
    objects: list[Any] = [reader.get_object(number) for number in range(1, last)]
    named = [str(each["/BaseFont"]) for each in objects if isinstance(each, dict) and "/BaseFont" in each]
    return {name.partition("+")[2] for name in named}


def a_chart() -> Reckoned:
    points = [Point(date(2026, month, 1), 10 + month % 3) for month in range(1, 12)]
    return reckon(Series("Minutes to an answer", Kind.RUN, points, unit="minutes", target=9))


def a_sheet() -> printing.Sheet:
    picture = printing.Picture(draw_for_print(a_chart(), name="it"), "A run chart.")
    drawn = printing.PrintedChart(
        "Minutes", "Outcome measure", ("Nothing yet.",), picture=picture, short="Nothing yet."
    )
    long = "A text that is too long for a poster, and ends early. " * 900
    return printing.Sheet(
        "Heard within 15 minutes", NOON.date(), aim=long, charts=(drawn,), address="https://qi.demo.example/gallery/1/"
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: certificate_as_pdf(certificate()),
        lambda: record_as_pdf("Amina Begum", [entry()], now=NOON),
        lambda: printing.poster_pdf(a_sheet()),
        lambda: printing.report_pdf(a_sheet()),
    ],
    ids=["certificate", "record", "poster", "report"],
)
def test_every_document_is_set_in_the_substitute_for_arial_its_charts_as_well(make: Callable[[], bytes]) -> None:
    found = typefaces(make())
    assert "Arimo-Regular" in found
    assert {face.partition("-")[0] for face in found} == {"Arimo"}


def test_what_that_face_lacks_comes_from_another_one() -> None:
    arabic = certificate_as_pdf(certificate(name="محمد علي"))
    assert [face for face in typefaces(arabic) if not face.startswith("Arimo")]


def test_a_chart_as_picture_is_set_in_it() -> None:
    drawn = draw(a_chart(), name="it", alone=True)
    assert as_png(drawn) == as_png(drawn.replace(FONT, "Arimo"))
    assert as_png(drawn) != as_png(drawn.replace(FONT, "Libertinus Serif"))
