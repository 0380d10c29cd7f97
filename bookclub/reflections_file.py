"""All that somebody wrote in their book clubs as one document: Markdown, or a PDF that can be heard too."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from bookclub import targets
from bookclub.models import Reflection
from bookclub.sealed_words import draft_of, words_of
from portal.accounts.models import User
from portal.documents import make_pdf
from portal.nhsuk.dates import say_date

TITLE: Final = "Book club reflections"
MARKS: Final = re.compile(r"([\\`*_\[\]<>&~|])")
"""What means something to one Markdown or another wherever it stands."""
AT_THE_START: Final = re.compile(r"^(\s*)(?:([#+=-])|(\d+)([.)]))")
"""What means something at the start of a line: a heading, a rule, a list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text, and what is known of it: when it was written, and who reads it."""

    when: str
    words: str


@dataclass(frozen=True, slots=True)
class Section:
    """What was written for one book, for one meeting or one of its prompts, or for the book club as a whole."""

    heading: str
    prompt: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Chapter:
    """What was written in one cohort."""

    heading: str
    sections: Sequence[Section]


def chapters(person: User) -> list[Chapter]:
    """Return all that somebody wrote: by cohort, the earliest first; then by book, by meeting, and freely."""
    rows = Reflection.objects.with_target().filter(author=person)
    in_order = sorted(rows, key=_place)
    return [
        Chapter(
            cohort.name,
            [
                Section(
                    about.name,
                    about.prompt.text if about.prompt else "",
                    [entry for row in written for entry in _entries(row)],
                )
                for about, written in groupby(of_cohort, targets.of)
            ],
        )
        for cohort, of_cohort in groupby(in_order, lambda row: row.cohort)
    ]


def as_markdown(person: User, *, now: datetime) -> str:
    """Return the document as Markdown, in which what was written reads as it was typed."""
    parts = [f"# {TITLE}", f"{_escaped(person.name)}, {say_date(now, weekday=False)}"]
    for chapter in chapters(person):
        parts.append(f"## {_escaped(chapter.heading)}")
        for section in chapter.sections:
            parts += [f"### {_escaped(section.heading)}", markdown_of(section.prompt)]
            for entry in section.entries:
                parts += [f"#### {_escaped(entry.when)}", markdown_of(entry.words)]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_pdf(person: User, *, now: datetime) -> bytes:
    """Return the document as a PDF. Raises portal.documents.LettersMissing."""
    day = say_date(now, weekday=False)
    told: dict[str, Any] = {"chapters": [asdict(chapter) for chapter in chapters(person)]}
    return make_pdf(
        "bookclub/reflections.typ",
        made_at=now,
        title=f"{TITLE}, {day}",
        heading=TITLE,
        name=person.name,
        day=day,
        **told,
    )


def markdown_of(words: str) -> str:
    """Return plain text as Markdown that shows it as it was typed: its lines, and every mark in it."""
    paragraphs = re.split(r"\n[ \t\r]*\n\s*", words.strip())
    return "\n\n".join("\\\n".join(_escaped(line) for line in each.split("\n")) for each in paragraphs)


def _escaped(line: str) -> str:
    return AT_THE_START.sub(_escaped_start, MARKS.sub(r"\\\1", line.strip()))


def _escaped_start(found: re.Match[str]) -> str:
    if found[2]:
        return f"{found[1]}\\{found[2]}"
    return f"{found[1]}{found[3]}\\{found[4]}"


def _place(row: Reflection) -> tuple[Any, ...]:
    """Return where a reflection stands in the document."""
    of_cohort = (row.cohort.starts_on, row.cohort_id)
    if row.listed:
        return (*of_cohort, 0, row.listed.chosen_at.timestamp(), row.listed.pk, 0, row.begun_at)
    if row.meeting:
        prompt = row.prompt_id or 0
        return (*of_cohort, 1, row.meeting.starts_at.timestamp(), row.meeting.pk, prompt, row.begun_at)
    return (*of_cohort, 2, 0.0, 0, 0, row.begun_at)


def _entries(row: Reflection) -> Iterator[Entry]:
    """Yield what was saved, and what stands beside it as a draft."""
    if row.saved_at:
        shared = f", shared with: {row.get_audience_display().lower()}" if row.is_shared else ""
        yield Entry(f"Written on {say_date(row.saved_at, weekday=False)}{shared}", words_of(row))
    if row.draft_at:
        yield Entry(f"Draft of {say_date(row.draft_at, weekday=False)}, not saved", draft_of(row))
