"""A project on paper, as PDF: a poster of one page, and a report of as many as it takes (ADR 0090).

What is printed is a `Sheet`, which knows of no database: whoever has a project to tell fills one, a team's own
(`printed_project`) or one that is published. The same sheet gives the same bytes.

A poster never has a second page. What is too long for it ends after a sentence, and says where the whole is; its
template measures that (`templates/qi_projects/poster.typ`).
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

from portal.documents import make_pdf
from portal.nhsuk.dates import say_date
from portal.qr_codes import draw

MOST_LETTERS: Final = 6_000
"""More of one text than this has no room on a poster, whatever stands beside it."""
MOST_LINES: Final = 80
"""And so have more lines. Each is set by itself, so that thousands of one letter would take long and much memory."""
MOST_CHARTS: Final = 2
MOST_SECTIONS: Final = 3
"""So many charts, and so many sections before them and after them, have room on a poster."""
SENTENCE: Final = re.compile("(?<=[.!?…。؟।])[”\u2019\"')\\]]*\\s+(?=[^\\sa-z])")
"""What stands between two sentences: not what follows "e.g.", after which a small letter comes."""


NUMBER: Final = re.compile(r"\d+[.)]\s+")
"""What stands before a line of a list."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it: text, facts as label and words, and sections of its own."""

    heading: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    within: tuple["Section", ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Points of a chart. `above` says what is to be known first: what is the same in each row, and what is left out."""

    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG, with what it tells to whoever cannot see it."""

    svg: str
    told: str


@dataclass(frozen=True, slots=True)
class PrintedChart:
    """A measure: what it is for, how it is measured, its chart with what that says, and its points.

    `short` says on the poster what `words` say in the report; without a picture they say why there is none. `flags`
    explain the numbers on the picture.
    """

    name: str
    kind: str
    words: tuple[str, ...]
    picture: Picture | None = None
    short: str = ""
    flags: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A box of a driver diagram in its outline, with what hangs on it."""

    text: str
    under: tuple["Branch", ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedDiagram:
    """A driver diagram: one picture, or one for each sheet of a large one; and its outline, which says the same."""

    pictures: tuple[Picture, ...]
    outline: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A project as it is printed. What is empty is left out.

    `credits` say whose it is, in the words in which they may be named; `state_is` and `credits_are` say what state and
    credits are, where that is not how far the project is and who works on it. `opening` comes before the charts and
    `closing` after them, on poster and report; `facts` and `work` are the report's alone. `address` is where whoever
    holds a printout can read all of it: empty, where that is not for everybody. `mark` is said on every page, such as
    of a draft.
    """

    title: str
    made_on: date
    organisation: str = ""
    theme: str = ""
    setting: str = ""
    state: str = ""
    state_is: str = ""
    credits: tuple[str, ...] = ()
    credits_are: str = ""
    aim: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    opening: tuple[Section, ...] = ()
    diagram: PrintedDiagram | None = None
    charts: tuple[PrintedChart, ...] = ()
    work: tuple[Section, ...] = ()
    closing: tuple[Section, ...] = ()
    address: str = ""
    mark: str = ""

    @property
    def made_at(self) -> datetime:
        """Return the moment that the file carries: the beginning of its day."""
        return datetime.combine(self.made_on, time(), UTC)


def report_pdf(sheet: Sheet) -> bytes:
    """Return the report: everything on the sheet. Raises LettersMissing."""
    where = {
        "Organisation": sheet.organisation,
        "Theme": sheet.theme,
        "Where": sheet.setting,
        sheet.state_is or "State": sheet.state,
        "Read it at": sheet.address,
    }
    told = asdict(sheet) | {
        "facts": [*((label, words) for label, words in where.items() if words), *sheet.facts],
        "credits_are": sheet.credits_are or "Who works on it",
        "made_on": _made_on(sheet),
    }
    return make_pdf("qi_projects/report.typ", made_at=sheet.made_at, **told)


def poster_pdf(sheet: Sheet) -> bytes:
    """Return the poster: one page of A3 on its side, with letters to be read on A4. Raises LettersMissing."""
    whole = "at the address on this page" if sheet.address else "in the project's report"
    named = any(sheet.organisation in credit for credit in sheet.credits)
    where = ("" if named else sheet.organisation, sheet.setting, sheet.theme, _said_of(sheet.state_is, sheet.state))
    drawn = [(chart, chart.picture) for chart in sheet.charts if chart.picture]
    charts, more = drawn[:MOST_CHARTS], len(drawn) - MOST_CHARTS
    legends = _legends([chart for chart, _ in charts])
    alone = len(charts) == 1
    return make_pdf(
        "qi_projects/poster.typ",
        made_at=sheet.made_at,
        title=sheet.title,
        organisation=sheet.organisation,
        mark=sheet.mark,
        heading=_part(sheet.title),
        who=_part(_said_of(sheet.credits_are, "; ".join(sheet.credits))),
        where=_part(" · ".join(filter(None, where))),
        aim=_part(sheet.aim),
        opening=_column(sheet.opening),
        charts=[
            {
                "picture": asdict(picture),
                "name": _part(chart.name),
                "says": _part(chart.short),
                "legends": legends if alone else [],
            }
            for chart, picture in charts
        ],
        closing=_column(sheet.closing, [] if alone else legends),
        shortened=f"[Shortened: all of it is {whole}.]",
        address=sheet.address,
        made_on=_made_on(sheet),
        more=f"{more} more chart{' is' if more == 1 else 's are'} {whole}." if more > 0 else "",
        qr=draw(sheet.address).decode() if sheet.address else "",
    )


def _made_on(sheet: Sheet) -> str:
    return f"Printed on {say_date(sheet.made_on, weekday=False)}"


def _said_of(what: str, words: str) -> str:
    """Return words with what they are before them, where that is to be said."""
    return f"{what}: {words}" if what and words else words


def _column(sections: Sequence[Section], legends: Sequence[Any] = ()) -> dict[str, Any]:
    """Return the sections of a column that say something, as many as have room, and whether there are more.

    Beneath them stands what the numbers on the charts mean, of several charts.
    """
    there = [section for section in sections if section.text.strip()]
    return {
        "sections": [
            {"heading": _label(section.heading), "text": _part(section.text)} for section in there[:MOST_SECTIONS]
        ],
        "more": len(there) > MOST_SECTIONS,
        "legends": legends,
    }


def _legends(charts: Sequence[PrintedChart]) -> list[dict[str, Any]]:
    """Return what the numbers on charts mean, under a heading for each chart that has some."""
    which = [f"{each} chart" for each in ("first", "second")] if len(charts) > 1 else ["chart"]
    return [
        {"heading": _label(f"On the {each}"), "text": _part("\n".join(chart.flags))}
        for each, chart in zip(which, charts, strict=False)
        if chart.flags
    ]


def _part(text: str) -> dict[str, Any]:
    """Return a text in its sentences, each with whether it begins a line, and whether that is all of it.

    As much is left out at the end as no poster has room for, which may be within a sentence.
    """
    whole = text.strip()
    lines = [line for each in whole[:MOST_LETTERS].splitlines() if (line := each.strip())]
    sentences = [
        {"text": sentence, "line": number == 0}
        for line in lines[:MOST_LINES]
        for number, sentence in enumerate(sentences_of(line))
    ]
    return {"sentences": sentences, "whole": len(whole) <= MOST_LETTERS and len(lines) <= MOST_LINES}


def _label(text: str) -> dict[str, Any]:
    """Return a text that stays together."""
    return {"sentences": [{"text": " ".join(text.split()), "line": True}], "whole": True}


def sentences_of(line: str) -> list[str]:
    """Return the sentences of a line, each with the marks that end it. The number of a list is none."""
    number = NUMBER.match(line)
    found, start = [], 0
    for between in SENTENCE.finditer(line, number.end() if number else 0):
        end = between.start() + len(between[0].rstrip())
        found.append(line[start:end])
        start = between.end()
    return [*found, line[start:]]
