"""Dates and numbers as people write them: what is read, what is asked about, and what is refused with what to write."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qi_projects import periods
from qi_projects.day_cells import NoDay, read_day
from qi_projects.number_cells import Style, is_nothing, read_number, say_number, styles_of

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
OFTEN = ("day", "weekday", "week", "fortnight", "month", "quarter")


class TestDays:
    """Whatever stands in a cell."""

    @pytest.mark.parametrize(
        "written",
        [
            *("3/2/2026", "03/02/2026", "3/2/26", "3.2.2026", "3-2-26", "2026-02-03", "2026/2/3", "3 Feb 2026"),
            *("3 February 2026", "3rd February 2026", "Tue 3 Feb 2026", "Tuesday, 3 February 2026", "3-Feb-26"),
            *("w/c 03/02/2026", "week commencing 3 Feb 2026", "2026-02-03 00:00:00", "46056", " 3\u00a0Feb  2026 "),
        ],
    )
    def test_is_read_as_people_write_days_in_the_uk(self, written: str) -> None:
        assert read_day(written) == date(2026, 2, 3)

    @pytest.mark.parametrize("written", ["Feb 2026", "February 2026", "feb-2026", "Feb-26", "2026-02", "02/2026"])
    def test_is_a_month_where_months_are_counted_and_a_question_elsewhere(self, written: str) -> None:
        assert read_day(written, months=True) == date(2026, 2, 1)
        with pytest.raises(NoDay, match="is a whole month"):
            read_day(written)

    @pytest.mark.parametrize(
        ("written", "says"),
        [
            ("", "There is no date"),
            ("2/13/2026", "Is the month first"),
            ("31/2/2026", "There is no day"),
            ("Feb 26", "may be a day or a month"),
            ("Q1 2026", "of the financial year"),
            ("2026/27 Q1", "of the financial year"),
            ("3 Feb", "has no year"),
            ("3/2", "has no year"),
            ("03/02/2026 14:30", "has a time of day"),
            ("next week", "no date that we can read"),
            ("2026-02-30", "There is no day"),
            ("Smarch 2026", "no date that we can read"),
            ("9" * 80, "too long"),
            ("3/2/2026\N{ARABIC-INDIC DIGIT ONE}", "no date"),
        ],
    )
    def test_is_refused_with_what_to_write(self, written: str, says: str) -> None:
        for months in (False, True):
            with pytest.raises(NoDay, match=says):
                read_day(written, months=months)

    @given(DAYS, st.sampled_from(["%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d %B %Y", "%d-%b-%y", "%a %d %b %Y"]))
    def test_every_day_comes_back_from_every_form(self, day: date, form: str) -> None:
        assert read_day(day.strftime(form)) == day

    @given(st.text(max_size=80), st.sampled_from([True, False]))
    def test_anything_is_a_day_or_says_why_not(self, written: str, whole_months: bool) -> None:  # noqa: FBT001  # drawn
        with suppress(NoDay):
            assert isinstance(read_day(written, months=whole_months), date)


class TestNumbers:
    """One column at a time."""

    @pytest.mark.parametrize(
        ("written", "style", "number"),
        [
            ("12.5", Style.POINT, "12.5"),
            ("1,234.5", Style.POINT, "1234.5"),
            ("1 234", Style.POINT, "1234"),
            ("85%", Style.POINT, "85"),
            ("85 %", Style.POINT, "85"),
            ("\N{MINUS SIGN}3", Style.POINT, "-3"),
            (".5", Style.POINT, "0.5"),
            ("12,5", Style.COMMA, "12.5"),
            ("1.234,5", Style.COMMA, "1234.5"),
            ("0,500", Style.COMMA, "0.5"),
        ],
    )
    def test_is_read(self, written: str, style: Style, number: str) -> None:
        assert read_number(written, style) == Decimal(number)

    @pytest.mark.parametrize(
        "written",
        [*("abc", "12.5.3", "1,23.4", "12 min", "=1+1", "1e5", "Infinity", "NaN", "1" * 50, "0,500", "12,5", "\u0663")],
    )
    def test_is_none(self, written: str) -> None:
        assert read_number(written, Style.POINT) is None

    @pytest.mark.parametrize(
        "written", ["", " ", "-", "n/a", "N/A", "#DIV/0!", "\N{EN DASH}", "Not  available", "null"]
    )
    def test_nothing_is_known_by_many_names(self, written: str) -> None:
        assert is_nothing(written)

    @pytest.mark.parametrize(
        ("cells", "styles"),
        [
            (["12.5", "13"], {Style.POINT}),
            (["12,5", "13"], {Style.COMMA}),
            (["1,234", "12.5"], {Style.POINT}),
            (["1.234", "12,5"], {Style.COMMA}),
            (["12", "13"], {Style.POINT}),
            (["1,234", "987"], {Style.POINT, Style.COMMA}),
            (["1.234"], {Style.POINT, Style.COMMA}),
            (["12.5", "12,5"], set()),
            (["n", "12,5"], {Style.COMMA}),
            ([], {Style.POINT}),
        ],
    )
    def test_a_column_decides_or_is_a_question(self, cells: list[str], styles: set[Style]) -> None:
        assert styles_of(cells) == styles

    def test_a_count_is_whole_which_answers_the_question(self) -> None:
        whole = lambda number: number == number.to_integral_value()  # noqa: E731  # as short as what it says
        assert styles_of(["1,234"], whole) == {Style.POINT}

    @given(st.lists(st.decimals(-(10**9), 10**9, places=2, allow_nan=False), min_size=1), st.sampled_from(Style))
    def test_no_column_is_read_as_what_it_does_not_say(self, numbers: list[Decimal], style: Style) -> None:
        written = [f"{number:,.2f}" for number in numbers]
        if style is Style.COMMA:
            written = [each.translate(str.maketrans(",.", ".,")) for each in written]
        assert [read_number(each, style) for each in written] == numbers
        assert styles_of(written) == {style}

    @given(st.text(max_size=60), st.sampled_from(Style))
    def test_anything_is_a_number_or_none(self, written: str, style: Style) -> None:
        number = read_number(written, style)
        assert number is None or number.is_finite()

    @pytest.mark.parametrize(
        ("number", "said"), [("12.50", "12.5"), ("1200", "1,200"), ("0.000", "0"), ("1E+3", "1,000"), ("-5", "-5")]
    )
    def test_is_said_without_zeros_that_nobody_wrote(self, number: str, said: str) -> None:
        assert say_number(Decimal(number)) == said


class TestPeriods:
    """Which periods have no point."""

    @pytest.mark.parametrize(
        ("often", "days", "missing"),
        [
            ("day", [date(2026, 2, 2), date(2026, 2, 4)], [date(2026, 2, 3)]),
            # From Friday to Monday nothing is missing; from Friday to Wednesday two days are.
            ("weekday", [date(2026, 2, 6), date(2026, 2, 9)], []),
            ("weekday", [date(2026, 2, 6), date(2026, 2, 11)], [date(2026, 2, 9), date(2026, 2, 10)]),
            # Wednesday of one week, Monday of the week after the next.
            ("week", [date(2026, 2, 4), date(2026, 2, 16)], [date(2026, 2, 9)]),
            ("fortnight", [date(2026, 2, 4), date(2026, 2, 16)], []),
            ("fortnight", [date(2026, 2, 4), date(2026, 3, 4)], [date(2026, 2, 16)]),
            ("month", [date(2025, 12, 31), date(2026, 3, 1)], [date(2026, 1, 1), date(2026, 2, 1)]),
            ("quarter", [date(2025, 11, 1), date(2026, 4, 1)], [date(2026, 1, 1)]),
            ("week", [], []),
            ("week", [date(2026, 2, 4)], []),
        ],
    )
    def test_are_told_by_their_first_day(self, often: str, days: list[date], missing: list[date]) -> None:
        assert periods.missing(days, often) == missing

    @given(st.sets(DAYS, min_size=1, max_size=12), st.sampled_from(OFTEN))
    def test_with_them_every_period_has_an_entry(self, days: set[date], often: str) -> None:
        first, last = min(days), max(days)
        if (last - first).days > 2000:
            last = first + timedelta(days=2000)
        there = sorted(day for day in days if day <= last)
        entries = sorted([*there, *periods.missing(there, often)])
        numbers = [periods.period_of(day, often, there[0]) for day in entries]
        assert all(after - before in (0, 1) for before, after in pairwise(numbers))
        assert all(
            periods.period_of(periods.first_day_of(number, often, there[0]), often, there[0]) == number
            for number in numbers
        )

    def test_what_is_due_is_told_once_its_period_is_over(self) -> None:
        monday = date(2026, 2, 2)
        assert periods.due_since([monday], "week", date(2026, 2, 15)) == 0
        assert periods.due_since([monday], "week", date(2026, 2, 16)) == 1
        assert periods.due_since([], "week", monday) == 0
        assert periods.say_periods(1, "week") == "1 week"
        assert periods.say_periods(2, "fortnight") == "4 weeks"
