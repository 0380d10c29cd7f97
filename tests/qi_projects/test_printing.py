"""Poster and report as PDF: what a screen reader finds in them, and that whatever is written has its place."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from portal.documents import LettersMissing
from qi_projects.printing import (
    Branch,
    Picture,
    PrintedChart,
    PrintedDiagram,
    Section,
    Sheet,
    Table,
    poster_pdf,
    report_pdf,
    sentences_of,
)
from tests.cohorts.test_certificate_pdf import read, root_of, structure, tags, words

DAY = date(2026, 11, 30)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 340" width="600" height="340">'
    '<text x="20" y="40" font-size="16" font-family="Arial, Arimo">{}</text></svg>'
)
BOTH = pytest.mark.parametrize("make", [poster_pdf, report_pdf])


def chart(name: str = "Minutes to an answer", says: str = "minutes", **given: Any) -> PrintedChart:
    fields: dict[str, Any] = {
        "kind": "Outcome measure",
        "words": ("A shift of 8 points below the mean.", "The limits rest on 12 points."),
        "short": "A shift of 8 points below the mean.",
        "picture": Picture(SVG.format(says), f"XmR chart of {name}. 20 points."),
        "flags": ("1. Note, 5 January 2026: The board hangs",),
        "facts": (("How it is measured", "Read off the board"), ("Target", "15 minutes")),
        "table": Table(
            ("Date", "Value", "Reading"), (("5 January 2026", "31", "Usual variation"),), ("Mean 31 minutes.",)
        ),
    }
    return PrintedChart(name, **(fields | given))


def sheet(**given: Any) -> Sheet:
    fields: dict[str, Any] = {
        "title": "Heard within 15 minutes",
        "made_on": DAY,
        "organisation": "Demo Trust",
        "theme": "Pain relief and being heard",
        "setting": "Maternity unit",
        "state": "Active since 3 March 2026",
        "credits": ("Demo Trust (lead, 2 members)", "Demo Community Trust (sponsor)"),
        "aim": "Everybody is answered within 15 minutes.",
        "facts": (("Approval", "Approved on 3 March 2026, Director of midwifery"),),
        "opening": (
            Section("Why it matters", "They waited.\n\nNobody counted it."),
            Section("What we changed", "A board."),
        ),
        "diagram": PrintedDiagram(
            (Picture(SVG.format("Aim"), "The aim on the left, and 1 primary driver."),),
            (Branch("Primary driver: Heard", (Branch("Change idea: A board"),)),),
        ),
        "charts": (chart(), chart("Answered in time"), chart("Calls")),
        "work": (
            Section(
                "PDSA cycles",
                within=(
                    Section(
                        "The board",
                        "Tries out: A board.",
                        within=(Section("PDSA cycle 1", facts=(("Predicted", "Half"), ("Found", "7 of 10"))),),
                    ),
                ),
            ),
        ),
        "closing": (Section("What came of it", "They wait half as long."), Section("What we learnt", "Ask first.")),
    }
    return Sheet(**(fields | given))


def headings(pdf: bytes) -> list[str]:
    return [tag for tag in tags(pdf) if tag in {"/H1", "/H2", "/H3", "/H4", "/H5", "/H6"}]


def in_order(text: str, *expected: str) -> bool:
    at = [text.find(each) for each in expected]
    return -1 not in at and at == sorted(at)


class TestBoth:
    """What holds of either."""

    @BOTH
    def test_it_is_tagged_titled_and_in_english(self, make: Any) -> None:
        made = make(sheet())
        pdf, root = read(made), root_of(made)
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"] == "en-GB"
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
        assert pdf.metadata is not None
        assert (pdf.metadata.title or "").startswith("Heard within 15 minutes: ")
        assert pdf.metadata.author == "Demo Trust"

    @BOTH
    def test_headings_are_headings_and_none_leaves_out_a_level(self, make: Any) -> None:
        levels = [int(tag[2]) for tag in headings(make(sheet()))]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    @BOTH
    def test_the_same_sheet_gives_the_same_bytes(self, make: Any) -> None:
        assert make(sheet()) == make(sheet())

    @BOTH
    def test_a_draft_says_so_on_each_page(self, make: Any) -> None:
        pages = read(make(sheet(mark="Draft: for the team alone"))).pages
        assert all("Draft: for the team alone" in " ".join(page.extract_text().split()) for page in pages)

    @BOTH
    @pytest.mark.parametrize("text", ["王小明", "Well done 🙂"])
    def test_letters_that_the_fonts_lack_are_named_and_never_left_out(self, make: Any, text: str) -> None:
        for given_ in ({"title": text}, {"aim": text}, {"charts": (chart(says=text),)}):
            with pytest.raises(LettersMissing) as missing:
                make(sheet(**given_))
            assert missing.value.letters
            assert missing.value.letters in text

    @BOTH
    @pytest.mark.parametrize(
        "text",
        ['#panic("x")', "= x // </script> {{ y }} @ref <label> `raw` $x$", "שלום עולם", "محمد علي", "\x0bTab\x00"],
    )
    def test_what_people_write_is_text(self, make: Any, text: str) -> None:
        said = words(make(sheet(aim=text, title=text)))
        assert set(text) - set("\x0b\x00") <= set(said) | {" "}

    @BOTH
    def test_of_an_empty_project_there_is_a_page(self, make: Any) -> None:
        assert len(read(make(Sheet(title="Nothing yet", made_on=DAY))).pages) == 1


class TestReport:
    """Everything, on as many pages as it takes."""

    def test_all_of_it_is_read_in_its_order(self) -> None:
        text = words(report_pdf(sheet()))
        assert in_order(
            text,
            *("Heard within 15 minutes", "Organisation: Demo Trust", "Approval: Approved on 3 March 2026"),
            *("Demo Community Trust (sponsor)", "Everybody is answered", "They waited.", "Nobody counted it."),
            *("Driver diagram", "Primary driver: Heard", "Change idea: A board", "Measures", "Outcome measure"),
            *("How it is measured: Read off the board", "A shift of 8 points", "The board hangs", "Mean 31 minutes."),
            *("Usual variation", "PDSA cycles", "Predicted: Half", "Found: 7 of 10"),
            *("They wait half as long.", "Ask first."),
        )
        assert "Printed on 30 November 2026 1 of " in text

    def test_pictures_say_what_they_show_and_tables_have_headings(self) -> None:
        pdf = report_pdf(sheet())
        told = [str(each["/Alt"]) for each in structure(pdf) if "/Alt" in each]
        assert told == [
            "The aim on the left, and 1 primary driver.",
            *(f"XmR chart of {name}. 20 points." for name in ("Minutes to an answer", "Answered in time", "Calls")),
        ]
        found = tags(pdf)
        assert found.count("/Figure") == 4
        assert (found.count("/Table"), found.count("/TH"), found.count("/TD")) == (3, 9, 9)
        assert {"/L", "/LI", "/P"} <= set(found)

    def test_a_measure_without_a_chart_says_why(self) -> None:
        without = PrintedChart("Calls", "Balancing measure", ("There are no points yet.",))
        assert "Balancing measure • There are no points yet." in words(report_pdf(sheet(charts=(without,))))

    def test_a_text_of_200_000_letters_is_whole(self) -> None:
        long = "\n\n".join(f"Paragraph {number} of all. {'It goes on. ' * 10}" for number in range(1_500))
        assert len(long) > 200_000
        pdf = report_pdf(sheet(aim=long))
        assert all(f"Paragraph {number} of all." in words(pdf) for number in (0, 1_499))

    def test_where_all_can_read_it_the_address_is_a_link(self) -> None:
        pdf = report_pdf(sheet(address="https://qi.demo.example/gallery/1/"))
        assert "https://qi.demo.example/gallery/1/" in words(pdf)


LETTERS = "aAmWÄłΩЖшبשא019.,!?:;-\u2013—()“”\"'&<#$*_@\\/"
MARKS = "\u0301\u0323\u200b\u200f\u202e\u00ad\ufeff\u2028\x0b\t\n  "


def words_of_any(longest: int = 400) -> some.SearchStrategy[str]:
    """Return what people might paste: letters of our fonts, with marks, long words and empty lines among them."""
    mixed = some.text(some.sampled_from(LETTERS + MARKS), min_size=1, max_size=longest)
    word = some.text(some.sampled_from(LETTERS + " \n"), min_size=1, max_size=12)
    again = some.builds(lambda word, times: word * times, word, some.integers(1, 900))
    return some.one_of(mixed, again).map(lambda text: f"x{text}")


SECTIONS = some.lists(some.builds(Section, words_of_any(), words_of_any()), max_size=6).map(tuple)
CHARTS = some.lists(
    some.builds(
        lambda name, short, flags: chart(name, short=short, flags=tuple(flags)),
        words_of_any(),
        words_of_any(),
        some.lists(words_of_any(60), max_size=12),
    ),
    max_size=3,
).map(tuple)
ANY_SHEET = some.builds(
    sheet,
    title=words_of_any(),
    organisation=words_of_any(),
    credits=some.lists(words_of_any(), max_size=8).map(tuple),
    aim=words_of_any(),
    opening=SECTIONS,
    closing=SECTIONS,
    charts=CHARTS,
    mark=some.sampled_from(["", "Draft: for the team alone"]),
    address=some.sampled_from(["", "https://qi.demo.example/gallery/1/"]),
)
FULL = "W" * 5_000
FULLEST = sheet(
    title=FULL,
    organisation=FULL,
    credits=(FULL, FULL),
    aim=FULL,
    opening=(Section(FULL, FULL),) * 5,
    closing=(Section(FULL, FULL),) * 5,
    charts=(chart(FULL, short=FULL, flags=(FULL,) * 9),) * 3,
    mark="Draft: for the team alone",
    address="https://qi.demo.example/gallery/1/",
)


def widths_of_charts(printed: Sheet) -> list[float]:
    """Return how wide each chart of a poster is, in points, as the PDF tells those who hear it."""
    boxes = [each["/A"][0]["/BBox"] for each in structure(poster_pdf(printed)) if "/Alt" in each]
    return [float(right - left) for left, _, right, _ in boxes]


class TestPoster:
    """One page, whatever it is about."""

    def test_it_says_what_a_ward_wants_to_know(self) -> None:
        pdf = poster_pdf(sheet())
        (page,) = read(pdf).pages
        assert page.mediabox.width > page.mediabox.height
        text = words(pdf)
        assert in_order(
            text,
            *("Heard within 15 minutes", "Maternity unit", "Demo Trust (lead, 2 members)", "Our aim"),
            *("Everybody is answered", "Why it matters", "Nobody counted it.", "Minutes to an answer", "A shift of 8"),
            *("Answered in time", "What came of it", "Ask first.", "On the first chart", "1. Note, 5 January 2026"),
            "Printed on 30 November 2026. 1 more chart is in the project's report.",
        )
        assert "Shortened" not in text
        assert [str(each["/Alt"])[:30] for each in structure(pdf) if "/Alt" in each] == [
            "XmR chart of Minutes to an ans",
            "XmR chart of Answered in time.",
        ]

    def test_where_all_can_read_it_a_code_leads_there(self) -> None:
        pdf = poster_pdf(sheet(address="https://qi.demo.example/gallery/1/", aim=FULL))
        assert "Read all of it at https://qi.demo.example/gallery/1/" in words(pdf)
        assert "[Shortened: all of it is at the address on this page.]" in words(pdf)
        told = [each.get("/Alt") for each in structure(pdf)]
        assert "QR code that leads to https://qi.demo.example/gallery/1/" in told

    @pytest.mark.parametrize("sentences", [1, 10, 40, 400, 10_000])
    def test_what_is_too_long_ends_after_a_sentence_and_says_where_the_whole_is(self, sentences: int) -> None:
        long = " ".join(f"This is what we found in week {number} of all." for number in range(sentences))
        text = words(poster_pdf(sheet(closing=(Section("What came of it", long), Section("What we learnt", "Ask.")))))
        shown = text.count("of all.")
        assert "Ask." in text
        assert f"in week {shown - 1} of all." in text
        assert "in week " not in text.partition(f"in week {shown - 1} of all.")[2]
        assert ("of all. [Shortened: all of it is in the project's report.]" in text) == (shown < sentences)
        assert (shown == sentences) == (sentences <= 10)

    def test_more_sections_than_have_room_are_said_to_be_more(self) -> None:
        many = tuple(Section(f"Part {number}", "Said.") for number in range(5))
        text = words(poster_pdf(sheet(closing=many)))
        assert "Part 2" in text
        assert "Part 3" not in text
        assert "[Shortened: all of it is in the project's report.]" in text

    def test_the_only_chart_takes_the_width_that_texts_leave_it(self) -> None:
        (alone,) = widths_of_charts(sheet(charts=(chart(),)))
        two = widths_of_charts(sheet())
        assert len(two) == 2
        assert alone > 1.4 * max(two)
        (without_texts,) = widths_of_charts(Sheet("Heard", DAY, charts=(chart(),)))
        assert without_texts > alone
        assert widths_of_charts(sheet(charts=())) == []

    def test_beside_long_texts_it_leaves_them_their_room(self) -> None:
        long = (Section("What came of it", "They wait half as long as before. " * 25),)
        (short, beside) = (widths_of_charts(sheet(charts=(chart(),), closing=each))[0] for each in ((), long))
        assert beside < short
        assert "Shortened" not in words(poster_pdf(sheet(charts=(chart(),), closing=long)))

    def test_what_the_numbers_on_the_only_chart_mean_stands_beneath_it(self) -> None:
        text = words(poster_pdf(sheet(charts=(chart(),))))
        assert in_order(text, "A shift of 8", "On the chart", "1. Note, 5 January 2026", "What came of it")

    @given(ANY_SHEET)
    @example(FULLEST)
    @example(replace(FULLEST, charts=FULLEST.charts[:1]))
    @settings(max_examples=30, deadline=None)
    def test_it_has_one_page_whatever_is_written(self, any_sheet: Sheet) -> None:
        pdf = poster_pdf(any_sheet)
        assert len(read(pdf).pages) == 1
        text = words(pdf)
        told = [section.heading + section.text for section in (*any_sheet.opening, *any_sheet.closing)]
        told += [each.name + each.short + "".join(each.flags) for each in any_sheet.charts]
        letters = "".join((any_sheet.title, any_sheet.aim, *any_sheet.credits, *told)).count("Ж")
        # Whatever is not on it, it says so.
        assert text.count("Ж") >= letters or "Shortened" in text or "…" in text or len(any_sheet.charts) == 3

    @given(ANY_SHEET)
    @example(FULLEST)
    @settings(max_examples=10, deadline=None)
    def test_whatever_has_room_on_a_poster_has_on_the_report(self, any_sheet: Sheet) -> None:
        assert report_pdf(any_sheet)


@pytest.mark.parametrize(
    ("line", "sentences"),
    [
        ("They waited. Nobody counted it.", ["They waited.", "Nobody counted it."]),
        ("We asked, e.g. in the bay. “Who?” “We.” So.", ["We asked, e.g. in the bay.", "“Who?”", "“We.”", "So."]),
        ("From 4.5 to 9 of 10", ["From 4.5 to 9 of 10"]),
        ("2. Note, 5 May: It hangs. All see it.", ["2. Note, 5 May: It hangs.", "All see it."]),
        ("", [""]),
    ],
)
def test_sentences_are_what_people_take_for_one(line: str, sentences: list[str]) -> None:
    assert sentences_of(line) == sentences
