"""Charts: the picture is well formed whatever is written on it, and says what the table and the words say."""

import random
import re
from collections import Counter
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.spreadsheets import Column, read
from qi_projects.chart_drawing import MOST_DRAWN, STRETCHES, draw, explanation
from qi_projects.chart_icons import draw_assurance, draw_variation
from qi_projects.chart_png import as_png
from qi_projects.chart_scales import days_named, say_figure, scale_of
from qi_projects.chart_table import as_csv, columns, rows
from qi_projects.chart_words import ASSURANCES, VARIATIONS, remarks, signals_told, summary
from qi_projects.charts import Kind, Mark, MarkKind, Point, Rebase, Reckoned, Series, reckon
from qi_projects.spc import Assurance, Direction, SeriesRefused, Variation

SVG = "{http://www.w3.org/2000/svg}"
STEADY = [9, 11] * 7


def months(count, first=date(2025, 1, 1)):
    """Return the first day of so many months."""
    return [date(first.year + (first.month - 1 + at) // 12, (first.month - 1 + at) % 12 + 1, 1) for at in range(count)]


def chart(values, kind=Kind.XMR, **more):
    """Return a chart of one value a month."""
    points = [Point(day, value) for day, value in zip(months(len(values)), values, strict=True)]
    return reckon(Series("waits", kind, points, **({"unit": "minutes"} | more)))


def counted(pairs, kind=Kind.P, **more):
    """Return a chart of one pair of counts a month."""
    days = months(len(pairs))
    points = [Point(day, numerator=few, denominator=of) for day, (few, of) in zip(days, pairs, strict=True)]
    return reckon(Series("plans", kind, points, **more))


def well_formed(drawn: str) -> ET.Element:
    """Return the picture's elements, of what is well-formed XML."""
    return ET.fromstring(drawn.encode())  # noqa: S314  # we have just drawn it


def parsed(of: Reckoned, **more) -> ET.Element:
    return well_formed(draw(of, name="it", **more))


def shapes(root: ET.Element) -> Counter[str]:
    """Return how many points there are of each colour; those of the key are left out."""
    fills = [each.get("fill", "") for each in root if each.tag in (f"{SVG}circle", f"{SVG}path") and each.get("stroke")]
    found = Counter(fill for fill in fills if fill not in ("none", "#ffffff"))
    return found - Counter(found.keys())


def texts(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


# --- the picture


def test_every_point_has_a_shape_and_a_signal_has_another():
    drawn = parsed(chart([*STEADY, 16, None, 4], baseline=14, direction=Direction.HIGHER))
    assert shapes(drawn) == {"#a6a6a6": 14, "#00b0f0": 1, "#e46c0a": 1}
    tags = {each.get("fill"): each.tag.removeprefix(SVG) for each in drawn if each.get("stroke")}
    assert (tags["#a6a6a6"], tags["#00b0f0"], tags["#e46c0a"]) == ("circle", "path", "path")


def test_a_gap_breaks_the_line():
    lines = [each for each in parsed(chart([1, 2, 3, None, 5, 6])) if each.get("stroke") == "#4c6272"]
    assert sorted(each.get("d", "").count("L") for each in lines if each.get("stroke-width") == "1.5")[-2:] == [1, 2]


def test_the_picture_is_told_in_words():
    root = parsed(chart([*STEADY, 9, *[12] * 8], baseline=14))
    title, words = root[0], root[1]
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "it-title it-words")
    assert (title.tag, title.text, title.get("id")) == (f"{SVG}title", "XmR chart: waits", "it-title")
    assert (words.tag, words.get("id")) == (f"{SVG}desc", "it-words")
    assert "23 points, from 1 January 2025 to 1 November 2026." in (words.text or "")
    assert "A shift of 8 points above the mean, from 1 April 2026 to 1 November 2026." in (words.text or "")


def test_limits_step_with_each_denominator_and_each_phase():
    def stepped(of):
        dashed = [each.get("d", "") for each in parsed(of) if each.get("stroke-dasharray") == "7 4"]
        return [line for line in dashed if "H" in line]

    (lower, upper) = stepped(counted([(5, 10), (20, 40), (20, 40), (30, 60)]))
    assert (lower.count("V"), upper.count("V"), upper.count("M")) == (2, 2, 1)
    (lower, upper) = stepped(chart([1, 2, 1, 2, 7, 8, 7, 8], rebase=[Rebase(4, "new form")]))
    assert (lower.count("M"), lower.count("H"), lower.count("V")) == (2, 2, 0)


@pytest.mark.parametrize("narrow", [False, True])
def test_no_style_and_nothing_that_runs_or_is_fetched_is_in_a_picture(narrow):
    of = chart([1, 2, 3], marks=[Mark(date(2025, 2, 3), "a")], target=2)
    icon = draw_variation(Variation.COMMON, name="i")
    for drawn in (draw(of, name="it", narrow=narrow, ranges=True, alone=True), icon):
        assert not re.search(r"style|<script|href|url\(|\bon\w+=", drawn)


def test_a_picture_alone_has_its_title_and_explains_its_flags():
    of = chart([1, 2, 3], marks=[Mark(date(2025, 2, 3), "Tea & talk", MarkKind.CYCLE)])
    assert "1. PDSA cycle, 3 February 2025: Tea & talk" in texts(parsed(of, alone=True))
    assert "waits" in texts(parsed(of, alone=True))
    assert "waits" not in texts(parsed(of))
    assert explanation(of.flags[0]) == "1. PDSA cycle, 3 February 2025: Tea & talk"


def test_flags_are_numbered_from_left_to_right_over_the_period_they_fall_in():
    points = [Point(day, at, note="hot" if at == 1 else "") for at, day in enumerate(months(6))]
    marks = [
        Mark(date(2025, 5, 31), "late"),
        Mark(date(2024, 1, 1), "early"),
        Mark(date(2025, 4, 2), "cycle", MarkKind.CYCLE),
    ]
    of = reckon(Series("waits", Kind.XMR, points, rebase=[Rebase(3, "form")], marks=marks))
    assert [(flag.number, flag.at, flag.text) for flag in of.flags] == [
        (1, 0, "early"), (2, 1, "hot"), (3, 3, "form"), (4, 3, "cycle"), (5, 4, "late"),
    ]  # fmt: skip
    assert [each for each in texts(parsed(of)) if re.fullmatch("[1-5]", each)][-5:] == ["1", "2", "3", "4", "5"]


def test_moving_ranges_stand_beneath_when_asked_for():
    of = chart([1, 5, 2, 7], rebase=[Rebase(2, "form")])
    assert of.moving_ranges == [None, 4, None, 5]
    assert "Moving range" in texts(parsed(of, ranges=True))
    assert shapes(parsed(of, ranges=True)) == {"#a6a6a6": 6}
    assert "Moving range" not in texts(parsed(chart([1, 2, 3], Kind.RUN), ranges=True))


def test_a_long_series_is_drawn_with_every_peak_and_stays_small():
    values = [random.Random(1).gauss(50, 1) for _ in range(MOST_DRAWN + 1)]
    values = values * 20
    values[4321], values[15678] = 90, -10
    points = [Point(date(2000, 1, 1) + timedelta(at // 4), value) for at, value in enumerate(values)]
    of = reckon(Series("waits", Kind.XMR, points, direction=Direction.LOWER))
    drawn = draw(of, name="it")
    assert len(drawn) < 200_000
    root = well_formed(drawn)
    line = max((each.get("d", "") for each in root), key=len)
    assert line.count("L") <= 2 * STRETCHES
    ends = [float(y) for y in re.findall(r"[\d.]+ ([\d.]+)", line)]
    limits = of.limits[0]
    assert limits
    scale = scale_of([*values, *limits], lines=7)
    assert max(ends) - min(ends) == pytest.approx((scale.share(90) - scale.share(-10)) * 360, abs=0.2)
    assert {"#00b0f0", "#e46c0a"} <= set(shapes(root))
    assert "#a6a6a6" not in shapes(root)


TEXT = st.text(max_size=60) | st.sampled_from(
    ["<script>alert(1)</script>", '"><svg onload=x>', "]]>", "&amp;", "\x00\ud800\ufffe"]
)
VALUE = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(VALUE, TEXT), min_size=1, max_size=25),
    TEXT, TEXT, st.sampled_from([Kind.RUN, Kind.XMR]), st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)  # fmt: skip
def test_a_picture_is_well_formed_whatever_is_in_it(entries, title, unit, kind, target, narrow):
    days = months(len(entries))
    points = [Point(day, value, note=note) for day, (value, note) in zip(days, entries, strict=True)]
    marks = [Mark(days[0], note, MarkKind.CYCLE) for _, note in entries[:3]]
    try:
        of = reckon(Series(title, kind, points, unit=unit, target=target, marks=marks))
    except SeriesRefused:
        assert all(value is None for value, _ in entries)
        return
    drawn = draw(of, name="it", narrow=narrow, ranges=True, alone=True)
    root = well_formed(drawn)
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "path", "text", "circle"}
    lines = "".join(each.get("d", "") for each in root.iter())
    assert set(lines) <= set("0123456789.- MLHVZ")
    assert len(rows(of)) == len(entries)
    assert b"".join(as_csv(of)).decode("utf-8-sig").count("\r\n") == len(entries) + 1


# --- words


def test_words_say_what_to_bear_in_mind():
    assert remarks(chart([1, 2, 3], baseline=12)) == [
        "The baseline is to be 12 points. Until there are as many, all count.",
        "The limits rest on 3 points: they are trial limits, and will still move.",
        "From 13 points on an icon says what the measure shows.",
    ]
    assert remarks(chart(STEADY)) == []
    assert "At 2 points the denominators are so small that the limits are rough." in remarks(counted([(1, 2)] * 2))
    assert "At 1 point the denominator is so small that the limits are rough." in remarks(counted([(1, 2), (20, 40)]))


def test_signals_are_told_one_by_one_and_many_are_counted():
    assert signals_told(chart(STEADY)) == ["No signal of a change: the points vary as chance lets them."]
    assert signals_told(chart([*STEADY, 20], baseline=14)) == [
        "1 point outside the limits, above the mean on 1 March 2026."
    ]
    told = signals_told(chart([*STEADY, 20, 9, 1], baseline=14))
    assert told == ["2 points outside the limits, the last below the mean on 1 May 2026."]
    told = signals_told(chart([*STEADY, *([12] * 7 + [9]) * 5], baseline=14))
    assert len(told) == 4
    assert told[-1] == "2 more like that before them."


def test_a_run_chart_says_its_crossings():
    told = signals_told(chart(([1] * 5 + [9] * 5) * 2, Kind.RUN))
    assert told == ["The median is crossed 3 times; by chance it would be 6 or more."]


def test_the_icons_are_told_as_they_are_drawn():
    for icon in Variation:
        root = well_formed(draw_variation(icon, name="v"))
        assert (root.get("role"), root[0].text) == ("img", VARIATIONS[icon])
        letters = texts(root)
        assert letters == ([] if icon is Variation.COMMON else ["H" if icon.endswith("_high") else "L"])
    for assurance, letter in ((Assurance.PASS, "P"), (Assurance.FAIL, "F"), (Assurance.HIT_OR_MISS, "?")):
        root = well_formed(draw_assurance(assurance, name="a"))
        assert (root[0].text, texts(root)) == (ASSURANCES[assurance], [letter])


def test_words_and_icons_agree_with_the_chart():
    of = counted([(8, 10)] * 13, target=10, direction=Direction.LOWER)
    assert (of.variation, of.assurance) == (Variation.COMMON, Assurance.FAIL)
    assert f"The target is 10%. {ASSURANCES[Assurance.FAIL]}." in summary(of)


# --- table and file


def test_table_and_picture_agree():
    of = chart([*STEADY, 16, None, 4], baseline=14, direction=Direction.LOWER, target=9)
    table = rows(of)
    words = Counter(row.reading for row in table)
    drawn = shapes(parsed(of))
    assert words == {"Usual variation": 14, "Concern": 1, "Improvement": 1, "": 1}
    assert (drawn["#a6a6a6"], drawn["#e46c0a"], drawn["#00b0f0"]) == (14, 1, 1)
    assert (table[14].value, table[14].centre, table[14].upper) == ("16 minutes", "10.0 minutes", "15.3 minutes")
    assert (table[14].rules, table[15].value, table[16].number) == ("Outside the limits", "Missing", 17)
    assert rows(of, 14, 16) == table[14:16]


def test_the_table_of_counts_has_them_and_that_of_a_run_chart_no_limits():
    of = counted([(3, 10), (7, 20)])
    assert columns(of)[2:4] == ["Numerator", "Denominator"]
    assert (rows(of)[1].numerator, rows(of)[1].denominator, rows(of)[1].value) == ("7", "20", "35.0%")
    assert columns(chart([1, 2], Kind.RUN)) == ["Date", "Value", "Median", "Reading", "Rules", "On the chart"]
    rate = counted([(3, 1000), (7, 1400)], Kind.U, per=1000, unit="falls")
    assert rows(rate)[1].value == "5.00 falls"


def test_a_point_is_said_as_it_was_entered_and_only_what_was_divided_is_rounded():
    entered = {12.0: "12 minutes", 12.5: "12.5 minutes", 1234.0: "1,234 minutes", -0.25: "\N{MINUS SIGN}0.25 minutes"}
    entered |= {0.12345678: "0.12345678 minutes", 1.5e9: "1,500,000,000 minutes", 0.0: "0 minutes"}
    for kind in (Kind.RUN, Kind.XMR):
        assert [row.value for row in rows(chart([*entered], kind))] == [*entered.values()]
    divided = [Point(date(2026, 1, at), value=100 * at / 3, numerator=at, denominator=3) for at in (1, 2)]
    assert [row.value for row in rows(reckon(Series("share", Kind.RUN, divided, unit="%")))] == ["33.3%", "66.7%"]
    told = summary(chart([1, 2, 3], Kind.RUN, target=2.5))
    assert "The median is 2.00 minutes." in told
    assert "The target is 2.5 minutes" in told


def test_the_file_is_read_back_as_it_was_and_runs_nothing():
    points = [Point(date(2025, 1, 1), -3.5, note="=HYPERLINK()"), Point(date(2025, 2, 1)), Point(date(2025, 3, 1), 4)]
    content = b"".join(as_csv(reckon(Series("waits", Kind.XMR, points, unit="minutes"))))
    keys = [Column("day", "Date"), Column("value", "Value (minutes)"), Column("mean", "Mean"), Column("note", "Note")]
    (first, gap, last) = read(content, [*keys, *_others(content, keys)]).rows
    assert (first.cells["day"], first.cells["value"], first.cells["note"]) == ("2025-01-01", "-3.5", "'=HYPERLINK()")
    assert (gap.cells["value"], last.cells["value"], last.cells["mean"]) == ("", "4", "0.25")


def _others(content: bytes, keys: list[Column]) -> list[Column]:
    headings = re.findall('"([^"]*)"', content.decode("utf-8-sig").splitlines()[0])
    known = {column.heading for column in keys}
    return [Column(heading, heading) for heading in headings if heading not in known]


def test_a_png_is_made_of_the_same_picture():
    content = as_png(draw(chart([1, 2, 3]), name="it", alone=True))
    assert content.startswith(b"\x89PNG\r\n")


# --- scales


@pytest.mark.parametrize(
    ("figures", "ticks"),
    [
        ([3, 97], (0, 20, 40, 60, 80, 100)),
        ([30.2, 47.9], (30, 35, 40, 45, 50)),
        ([0], (0, 0.2, 0.4, 0.6, 0.8, 1)),
        ([-4, 4], (-4, -2, 0, 2, 4)),
    ],
)
def test_lines_are_at_round_numbers(figures, ticks):
    assert scale_of(figures).ticks == pytest.approx(ticks)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1), st.booleans())
def test_every_figure_is_on_its_scale(figures, per_cent):
    scale = scale_of(figures, per_cent=per_cent)
    assert all(0 <= scale.share(each) <= 1 for each in figures)
    assert 1 <= len(scale.ticks) <= 15


@pytest.mark.parametrize(
    ("figure", "decimals", "unit", "said"),
    [
        (1234.5, 1, "", "1,234.5"),
        (85, 0, "%", "85%"),
        (-0.04, 1, "", "0.0"),
        (-2.5, 1, "hours", "\N{MINUS SIGN}2.5 hours"),
        (2.5e12, 0, "", "2.5 \N{MULTIPLICATION SIGN} 10^12"),
        (3e-7, 2, "", "3 \N{MULTIPLICATION SIGN} 10^\N{MINUS SIGN}7"),
    ],
)
def test_figures_are_said_as_people_write_them(figure, decimals, unit, said):
    assert say_figure(figure, decimals, unit) == said


def test_days_are_named_as_far_as_they_fit():
    assert days_named(months(4), 10) == [(0, "Jan", "2025"), (1, "Feb", ""), (2, "Mar", ""), (3, "Apr", "")]
    assert days_named(months(24), 5) == [(0, "Jan", "2025"), (6, "Jul", ""), (12, "Jan", "2026"), (18, "Jul", "")]
    weeks = [date(2025, 12, 22) + timedelta(7 * at) for at in range(3)]
    assert days_named(weeks, 10) == [(0, "22 Dec", "2025"), (1, "29 Dec", ""), (2, "5 Jan", "2026")]
    assert len(days_named(months(100) * 100, 12)) <= 12


def test_what_cannot_be_reckoned_is_refused_with_the_number_of_the_point():
    more: dict[str, Any] = {"kind": Kind.P}
    with pytest.raises(SeriesRefused, match="Point 2: the numerator"):
        counted([(1, 2), (3, 2)], **more)
    with pytest.raises(SeriesRefused, match="There are no values yet"):
        reckon(Series("waits", Kind.RUN, []))
