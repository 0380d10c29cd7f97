"""Documents as PDF: one at a time in each process, so that pages go on."""

from datetime import UTC, date, datetime
from typing import Any

import psutil
import pytest
from django.test import Client

from portal import documents
from qi_projects import printing
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
