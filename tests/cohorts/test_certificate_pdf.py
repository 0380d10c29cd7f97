"""Certificates as PDF: what a screen reader finds in one, and that every name is printed as it is written."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from cohorts.certificate_pdf import certificate_as_pdf, record_as_pdf
from cohorts.cpd import Entry
from cohorts.models import Certificate
from portal.documents import LettersMissing

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)


def certificate(**fields: Any) -> Certificate:
    given = {
        "kind": "completion",
        "name": "Amina Begum",
        "programme_name": "Anti-racist practice for perinatal clinicians",
        "cohort_name": "Perinatal cohort 4",
        "issuer": "Demo Care System",
        "first_day": date(2026, 3, 3),
        "last_day": date(2026, 11, 12),
        "cpd_points": Decimal("12.5"),
        "minutes": 1110,
        "serial": "2026-7K3MX-PQ9TD",
        "code": "7K3M-XPQ9-TDBC-4H8W",
        "issued_at": NOON,
    }
    return Certificate(**{**given, **fields})


def entry(**fields: Any) -> Entry:
    given = {
        "title": "Training day 1",
        "programme": "Perinatal programme",
        "day": date(2026, 3, 3),
        "points": Decimal(6),
        "minutes": 390,
        "booking": None,
        "serial": None,
    }
    return Entry(**{**given, **fields})


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def words(pdf: bytes) -> str:
    """Return the text of all pages, in the order in which it is read."""
    pages = [page.extract_text() for page in read(pdf).pages]
    # Where a long word may be broken stands a space of no width.
    return " ".join(" ".join(pages).replace("\u200b", "").split())


def root_of(pdf: bytes) -> Any:
    return read(pdf).trailer["/Root"]


def structure(pdf: bytes) -> list[Any]:
    """Return the elements of the structure tree, in reading order."""
    found: list[Any] = []

    def walk(kid: Any) -> None:
        node: Any = kid.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(root_of(pdf)["/StructTreeRoot"])
    return found


def tags(pdf: bytes) -> list[str]:
    return [str(element["/S"]) for element in structure(pdf)]


class TestCertificate:
    """A page that says it all, to eyes and ears."""

    def test_it_is_tagged_titled_and_in_english(self) -> None:
        made = certificate_as_pdf(certificate())
        pdf, root = read(made), root_of(made)
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "en-GB"
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert pdf.metadata is not None
        assert pdf.metadata.title == "Certificate of completion: Amina Begum"
        assert pdf.metadata.author == "Demo Care System"
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()

    def test_its_parts_are_what_they_look_like_in_the_order_in_which_they_are_read(self) -> None:
        found = tags(certificate_as_pdf(certificate()))
        assert found.count("/H1") == 1
        assert found.index("/H1") < found.index("/Figure")
        assert {"/Document", "/P", "/Link"} <= set(found)

    def test_the_code_says_where_it_leads(self) -> None:
        pdf = certificate_as_pdf(certificate())
        says = "QR code that leads to the page on which certificate 2026-7K3MX-PQ9TD is checked"
        assert says in [element.get("/Alt") for element in structure(pdf)]

    def test_it_says_what_was_done(self) -> None:
        text = words(certificate_as_pdf(certificate()))
        assert (
            "Certificate of completion This is to certify that Amina Begum has completed "
            "Anti-racist practice for perinatal clinicians Perinatal cohort 4 "
            "Dates: 3 March 2026 to 12 November 2026 CPD points: 12.5 Time in sessions: 18 hours 30 minutes "
            "Issued: 29 November 2026" in text
        )
        assert "Serial: 2026-7K3MX-PQ9TD Code: 7K3M-XPQ9-TDBC-4H8W" in text

    def test_of_attendance_it_names_the_session(self) -> None:
        day = date(2026, 3, 3)
        attended = certificate(kind="attendance", title="Training day 1", last_day=day, cpd_points=0, minutes=390)
        text = words(certificate_as_pdf(attended))
        assert "Amina Begum attended Training day 1 Anti-racist practice for perinatal clinicians" in text
        assert "Date: 3 March 2026 Time in sessions: 6 hours 30 minutes" in text

    def test_the_same_row_gives_the_same_bytes(self) -> None:
        assert certificate_as_pdf(certificate()) == certificate_as_pdf(certificate())


class TestNames:
    """Whatever somebody is called."""

    @pytest.mark.parametrize(
        "name",
        [
            '#panic("x")',
            '*Ann* $x$ \\ "',
            "= Ann // </script> {{ name }} @ref <label> `raw` ~ -- ... 'x' [y] #{1+1}",
            "https://example.org/" + "x" * 60,
            "Zoë Nguyễn-Łukaszewicz Đặng",
            "Дмитрий Ελένη",
            "Q" * 150,
            "Wilhelmina " * 13 + "Osei",
        ],
    )
    def test_it_is_printed_as_it_is_written(self, name: str) -> None:
        pdf = certificate_as_pdf(certificate(name=name))
        assert " ".join(name.split()).replace(" ", "") in words(pdf).replace(" ", "")
        assert len(read(pdf).pages) == 1

    @pytest.mark.parametrize("name", ["محمد علي", "नमस्ते", "Ọládélé Ẹ̀kọ́", "e\u0323\u0301\u0302", "אברהם"])
    def test_letters_that_are_joined_or_stacked_are_all_there(self, name: str) -> None:
        """Their order in the file is that of drawing, and what is read out is said beside it."""
        assert set(name) <= set(words(certificate_as_pdf(certificate(name=name))))

    @pytest.mark.parametrize("name", ["王小明", "한지민", "さくら", "Ann 🙂"])
    def test_letters_that_the_fonts_lack_are_said_and_never_left_out(self, name: str) -> None:
        with pytest.raises(LettersMissing):
            certificate_as_pdf(certificate(name=name))

    def test_a_byte_order_mark_that_came_along_is_left_out(self) -> None:
        assert "Amina Begum" in words(certificate_as_pdf(certificate(name="\ufeffAmina\ufeff Begum")))

    def test_the_longest_of_everything_is_whole(self) -> None:
        longest = certificate(
            name="N" * 200, programme_name="P" * 150, cohort_name="C" * 150, issuer="I" * 200, kind="completion"
        )
        text = words(certificate_as_pdf(longest)).replace(" ", "")
        for letters in ("N" * 200, "P" * 150, "C" * 150, "I" * 200):
            assert letters in text


class TestRecord:
    """The record of professional development."""

    def test_it_is_a_tagged_table_with_a_heading_for_each_column(self) -> None:
        pdf = record_as_pdf("Amina Begum", [entry(), entry(minutes=None, points=Decimal("1.5"))], now=NOON)
        found = tags(pdf)
        assert found.count("/Table") == 1
        assert found.count("/TH") == 5
        assert found.count("/TD") == 10
        text = words(pdf)
        assert "As it stood on 29 November 2026. CPD points: 7.5. Time in sessions: 6 hours 30 minutes." in text
        assert "3 March 2026 Training day 1 Perinatal programme 6 6 hours 30 minutes" in text
        assert "Not known" in text

    def test_of_many_each_is_there(self) -> None:
        pdf = record_as_pdf("Amina Begum", [entry(title=f"Part {number} of all") for number in range(300)], now=NOON)
        text = words(pdf)
        assert all(f"Part {number} of all" in text for number in range(300))
        assert root_of(pdf)["/MarkInfo"]["/Marked"]

    def test_titles_are_text_too(self) -> None:
        assert "#[x] *y*" in words(record_as_pdf("Amina", [entry(title="#[x] *y*")], now=NOON))
