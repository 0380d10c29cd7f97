"""Which of a project's own fields stand together on a page, and what a reader reads of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.nhsuk.dates import say_date
from portal.together import label, said
from qi_projects.models import Project

AIM: Final = "aim"


@dataclass(frozen=True, slots=True)
class Part:
    """Some fields that are written together. `hint` says what is asked where nothing is there yet."""

    key: str
    title: str
    hint: str
    fields: Sequence[str]


PARTS: Final = (
    Part("about", "Name, theme and place", "", ("title", "theme", "setting", "organisation")),
    Part("why", "Why it matters", "What you noticed, and what it costs people.", ("noticed", "why_it_matters")),
    Part(
        AIM,
        "Aim",
        "What will change, by how much, by when and for whom.",
        ("aim_what", "aim_how_much", "aim_by_when", "aim_for_whom"),
    ),
    Part("ideas", "Help and first ideas", "Who could help, and what to try first.", ("who_could_help", "first_change")),
)
_BY_KEY: Final = {each.key: each for each in PARTS}


def part(key: str) -> Part:
    """Return the part of that key. Raises KeyError."""
    return _BY_KEY[key]


def find(key: str) -> Part | None:
    """Return the part of that key, or None."""
    return _BY_KEY.get(key)


def said_in(project: Project, chosen: Part) -> list[tuple[str, str]]:
    """Return label and words of each field of a part that says something."""
    return [(label(project, field), words) for field in chosen.fields if (words := said(project, field))]


def aim_of(project: Project) -> str:
    """Say a project's aim in sentences; nothing, where nothing of it is written."""
    words = {name: said(project, name).strip().rstrip(".") for name in part(AIM).fields}
    sentences = (
        words["aim_what"],
        words["aim_how_much"],
        words["aim_by_when"] and f"By {words['aim_by_when']}",
        words["aim_for_whom"] and f"For: {words['aim_for_whom']}",
    )
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def aim_in_lines(project: Project) -> str:
    """Say a project's aim in a line for each part, for its team to write on. `read_aim` takes it apart again."""
    found = [project.aim_what] if project.aim_what else []
    for name in ("aim_how_much", "aim_by_when", "aim_for_whom"):
        if value := getattr(project, name):
            words = say_date(value, weekday=False) if isinstance(value, date) else value
            found.append(f"{label(project, name)}: {words}")
    return "\n".join(found)


def read_aim(text: str) -> dict[str, str]:
    """Return an aim that `aim_in_lines` said, and others have written on since, as the fields of a project.

    By when it was is nobody else's date, and left out. Whatever is no part, or is too long for its field, is what is to
    change.
    """
    found: dict[str, str] = {}
    what = []
    for line in text.splitlines():
        name = next((name for name in part(AIM).fields[1:] if line.startswith(f"{label(Project, name)}: ")), "")
        words = line.removeprefix(f"{label(Project, name)}: ").strip() if name else ""
        if name == "aim_by_when":
            continue
        if words and name not in found and len(words) <= _longest(name):
            found[name] = words
        else:
            what.append(line)
    return {"aim_what": "\n".join(what).strip(), **found}


def _longest(name: str) -> int:
    return int(getattr(Project._meta.get_field(name), "max_length", 0) or 0)


def in_one(aim: str) -> str:
    """Return an aim that was written in lines as sentences of one."""
    lines = [line.strip() for line in aim.splitlines()]
    return " ".join(
        line if line.endswith((".", "!", "?", "…", ":", ";", ",")) else f"{line}." for line in lines if line
    )
