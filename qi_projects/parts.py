"""Which of a project's own fields stand together on a page, and what a reader reads of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.text import capfirst

from qi_projects.models import Project
from qi_projects.together import said

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
    named = ((project._meta.get_field(field), said(project, field)) for field in chosen.fields)
    return [(capfirst(str(getattr(field, "verbose_name", ""))), words) for field, words in named if words]


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
