"""Rows out of a spreadsheet: which column is which, and every way in which a row can be wrong, told by its number."""

import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.file_limits import UnreadableFile
from qi_projects.models import Measure
from qi_projects.number_cells import Style
from qi_projects.pasted_columns import MOST_ROWS
from qi_projects.pasted_points import Pasted, read_pasted

TODAY = date(2026, 11, 30)
VALUE = Measure(name="Minutes to an answer", counted="value", often="week", unit="minutes")
PERCENT = Measure(name="Satisfied", counted="value", often="month", unit="%")
SHARE = Measure(name="In time", counted="proportion", often="month", numerator="answered", denominator="asked")
RATE = Measure(name="Falls", counted="rate", often="month")
COUNT = Measure(name="Calls", counted="count", often="week")


def read(text: str, measure: Measure = VALUE, **more: Any) -> Pasted:
    return read_pasted(text, measure, today=TODAY, **more)


def values(pasted: Pasted) -> list[tuple[int, str]]:
    """Return day of the month and value of each reading."""
    assert not pasted.problems, pasted.problems
    return [(each.day.day, str(each.value)) for each in pasted.readings]


class TestColumns:
    """Found by headings or by order."""

    @pytest.mark.parametrize(
        "text",
        [
            "2/2/2026\t12.5\n3/2/2026\t13",
            "2/2/2026;12,5\n3/2/2026;13",
            "2/2/2026,12.5\n3/2/2026,13",
            "Date\tValue\n2/2/2026\t12.5\n3/2/2026\t13",
            "Value,Date\n12.5,2/2/2026\n13,3/2/2026",
            "Week commencing\tWard\tMinutes to an answer\n2/2/2026\tA\t12.5\n3/2/2026\tA\t13",
            "date;figure (minutes)\n2/2/2026;12,5\n3/2/2026;13",
            "\n\nDate\tValue\n\n3/2/2026\t13\n2/2/2026\t12.5\n\n",
            "sep=;\nDate;Value\n2/2/2026;12,5\n3/2/2026;13",
            "Week\tMinutes\tNote\n2/2/2026\t12.5\t\n3/2/2026\t13\t",
            "Week\tHow long\tNote\n2/2/2026\t12.5\t\n3/2/2026\t13\t",
            "When it was\tHow long\n2/2/2026\t12.5\n3/2/2026\t13",
            '"2/2/2026","12.5"\r\n"3/2/2026","13"\r\n',
        ],
    )
    def test_are_found(self, text: str) -> None:
        assert values(read(text)) == [(2, "12.5"), (3, "13")]

    def test_what_is_not_used_is_said(self) -> None:
        assert read("Date\tWard\tValue\n2/2/2026\tA\t12").said == ["Not used: the columns “Ward”."]
        assert "taken for headings" in read("When it was\tHow long\n2/2/2026\t12.5").said[0]

    def test_pairs_and_notes_too(self) -> None:
        for text in (
            "Month\tAnswered\tAsked\tNotes\nFeb 2026\t17\t20\tA strike",
            "Asked\tComment\tDate\tNumerator\n20\tA strike\t1/2/2026\t17",
            "Feb 2026\t17\t20\tA strike",
        ):
            (reading,) = read(text, SHARE).readings
            assert (reading.day, str(reading)) == (date(2026, 2, 1), "17 of 20")
            assert reading.note == "A strike"

    @pytest.mark.parametrize(
        ("text", "measure", "says"),
        [
            ("", VALUE, "no rows"),
            (" \n\t\n", VALUE, "no rows"),
            ("2/2/2026\n3/2/2026", VALUE, "one column alone"),
            ("Date\tWard\n2/2/2026\tA", VALUE, "none is for the value"),
            ("Date\tNumerator\n2/2/2026\t3", SHARE, "none is for the denominator"),
            ("Date\tValue\tFigure\n2/2/2026\t3\t4", VALUE, "More than one column"),
            ("Date\tValue", VALUE, "no rows below"),
            ("2/2/2026\t1\t2\tx\ty", VALUE, "5 columns and no headings"),
            ("2/2/2026,12,5\n3/2/2026,13,0", VALUE, "“12,5” is one number"),
            ('2/2/2026\t"12', VALUE, "quotation mark"),
        ],
    )
    def test_what_is_no_table_is_refused_with_what_to_do(self, text: str, measure: Measure, says: str) -> None:
        with pytest.raises(UnreadableFile, match=says):
            read(text, measure)


class TestRows:
    """Each wrong thing, with its row."""

    @pytest.mark.parametrize(
        ("row", "measure", "says"),
        [
            ("3/13/2026\t12", VALUE, "Row 3: “3/13/2026” is no date"),
            ("\t12", VALUE, "Row 3: There is no date."),
            ("2/2/2026\t12", VALUE, "Row 3: 2 February 2026 is in row 2 already. Keep one of them."),
            ("1/12/2026\t12", VALUE, "Row 3: 1 December 2026 is in the future."),
            ("1/2/1999\t12", VALUE, "Row 3: 1 February 1999 is before the year 2000."),
            ("3/2/2026\tabout 12", VALUE, "Row 3: “about 12” is not a number."),
            ("3/2/2026\t12%", VALUE, "Row 3: “12%” is in per cent, and this measure is in minutes."),
            ("3/2/2026\t1" + "0" * 13, VALUE, "Row 3: The number is too large."),
            ("3/2/2026\t0." + "1" * 16, VALUE, "has more than 15 decimals"),
            ("3/2/2026\t12\t" + "x" * 201, VALUE, "Row 3: The note is longer than 200 characters."),
            ("3/2/2026\t12.5", COUNT, "Row 3: 12.5 is not a whole number, and a count has to be."),
            ("3/2/2026\t-1", COUNT, "Row 3: -1 is below 0, and a count cannot be."),
            ("3/2/2026\t50%", COUNT, "Row 3: “50%” is in per cent. Enter how many there were."),
            ("3/2/2026\t3\t0", SHARE, "Row 3: The denominator is 0."),
            ("3/2/2026\t21\t20", SHARE, "Row 3: The numerator, 21, is larger than the denominator, 20."),
            ("3/2/2026\t3\t", SHARE, "Row 3: Enter both, or leave both empty."),
            ("3/2/2026\t\t3", SHARE, "Row 3: Enter both, or leave both empty."),
            ("3/2/2026\t3\t10.5", SHARE, "Row 3: 10.5 is not a whole number"),
            ("3/2/2026\t3\t0", RATE, "Row 3: The denominator is 0."),
            ("3/2/2026\t3.5\t10.5", RATE, "Row 3: 3.5 is not a whole number"),
        ],
    )
    def test_is_told(self, row: str, measure: Measure, says: str) -> None:
        first = {"value": "Date\tValue\tNote", "count": "Date\tValue"}.get(
            measure.counted, "Date\tNumerator\tDenominator"
        )
        good = "2/2/2026\t12" if "Value" in first else "2/2/2026\t1\t12"
        (problem,) = read(f"{first}\n{good}\n{row}", measure).problems
        assert says in problem

    def test_more_cells_than_headings_are_told(self) -> None:
        (problem,) = read("Date,Value\n2/2/2026,1,234").problems
        assert problem.startswith("Row 2: There are more cells than columns. Does a number have a comma in it?")

    def test_where_there_is_nothing_it_is_a_point_without_a_figure(self) -> None:
        readings = read("2/2/2026\tn/a\n9/2/2026\t\tNobody counted\n16/2/2026\t-\n23/2/2026\t12").readings
        assert [each.value for each in readings] == [None, None, None, 12]
        assert readings[1].note == "Nobody counted"
        (empty,) = read("1/2/2026\tn/a\tn/a", SHARE).readings
        assert empty.is_empty

    def test_days_in_any_order_are_put_in_theirs(self) -> None:
        assert [each.day.day for each in read("9/2/2026\t3\n2/2/2026\t1\n16/2/2026\t2").readings] == [2, 9, 16]

    def test_per_cent_is_taken_where_it_is_meant(self) -> None:
        assert [str(each.value) for each in read("Feb 2026\t85%\nMar 2026\t85.5", PERCENT).readings] == ["85", "85.5"]

    def test_a_rate_has_more_events_than_it_is_of_and_days_with_decimals(self) -> None:
        (reading,) = read("Feb 2026\t12\t10.5", RATE).readings
        assert str(reading) == "12 of 10.5"


class TestDecimals:
    """Decided for each column, and asked about where nobody can know."""

    def test_a_column_is_read_in_one_way(self) -> None:
        assert values(read("2/2/2026\t1.234,5\n3/2/2026\t987")) == [(2, "1234.5"), (3, "987")]
        assert values(read("2/2/2026\t1,234\n3/2/2026\t98.7")) == [(2, "1234"), (3, "98.7")]

    def test_what_is_unclear_is_asked_and_read_as_it_is_answered(self) -> None:
        text = "2/2/2026\t1,234\n3/2/2026\t2"
        assert read(text).asks_for_decimals == "1,234"
        assert values(read(text, style=Style.POINT)) == [(2, "1234"), (3, "2")]
        assert values(read(text, style=Style.COMMA)) == [(2, "1.234"), (3, "2")]

    def test_both_ways_in_one_column_are_told_once_one_is_said(self) -> None:
        text = "2/2/2026\t12.5\n3/2/2026\t12,5"
        assert read(text).asks_for_decimals
        assert read(text, style=Style.POINT).problems == [
            "Row 2: “12,5” has a comma for decimals, unlike the rest of its column."
        ]

    def test_counts_need_no_question(self) -> None:
        assert values(read("2/2/2026\t1,234", COUNT)) == [(2, "1234")]


class TestPatients:
    """What a text holds besides its dates is looked at."""

    def test_the_dates_of_points_are_left_out_and_all_else_is_there(self) -> None:
        assert read("2/2/2026\t12\tEaster Monday").besides == "12\tEaster Monday"
        besides = read("Date\tName\tValue\n2/2/2026\tJane Smith 1/2/1990\t943 476 5919").besides
        assert "Jane Smith 1/2/1990" in besides
        assert "943 476 5919" in besides


class TestMany:
    """As many as a measure takes, and a hundred thousand."""

    def test_the_most_are_read_quickly_and_one_more_is_refused_with_why(self) -> None:
        first = TODAY - timedelta(days=MOST_ROWS - 1)
        days = [first + timedelta(days=at) for at in range(MOST_ROWS)]
        text = "\n".join(f"{day:%d/%m/%Y}\t{at}.5" for at, day in enumerate(days))
        began = time.process_time()
        pasted = read(text, Measure(name="x", counted="value", often="day"))
        assert len(pasted.readings) + len(pasted.problems) == MOST_ROWS
        assert time.process_time() - began < 5
        with pytest.raises(UnreadableFile, match=r"10,002 rows, and a measure takes 10,000"):
            read(f"Date\tValue\n{text}\n1/1/2030\t1\n")

    def test_a_hundred_thousand_are_refused_at_once(self) -> None:
        text = "\n".join(f"2/2/2026\t{at}" for at in range(100_000))
        began = time.process_time()
        with pytest.raises(UnreadableFile, match=r"100,000 rows.*count them for each day"):
            read(text)
        assert time.process_time() - began < 2

    @given(st.text(max_size=300), st.sampled_from([VALUE, SHARE, COUNT, RATE, PERCENT]))
    def test_anything_is_read_or_refused(self, text: str, measure: Measure) -> None:
        try:
            pasted = read(text, measure)
        except UnreadableFile as refused:
            assert refused.problems  # noqa: PT017  # whether it is raised is Hypothesis's to find
        else:
            assert len({each.day for each in pasted.readings}) == len(pasted.readings)

    @given(
        st.lists(
            st.tuples(st.dates(date(2001, 1, 1), TODAY), st.decimals(0, 10**6, places=1), st.text("abc ", max_size=9)),
            min_size=1,
            unique_by=lambda row: row[0],
        ),
        st.sampled_from(["\t", ";"]),
    )
    def test_what_is_written_out_comes_back(self, rows: list[tuple[date, Decimal, str]], separator: str) -> None:
        text = "\n".join(separator.join((f"{day:%d/%m/%Y}", f"{number:.1f}", note)) for day, number, note in rows)
        found = read(f"{separator.join(('Date', 'Value', 'Note'))}\n{text}").readings
        assert [(each.day, each.value, each.note) for each in found] == [
            (day, number, " ".join(note.split())) for day, number, note in sorted(rows)
        ]
