"""The documents name what is there: each decision in the index, each dependency in a decision, each link somewhere."""

import json
import re
from pathlib import Path

import pytest

from tests.production.compose import REPOSITORY

DECISIONS = REPOSITORY / "docs" / "decisions"
DOCUMENTS = [REPOSITORY / "README.md", REPOSITORY / "SECURITY.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

# The issue gives these without an argument.
GIVEN = {
    "celery",
    "django",
    "django-allauth",
    "django-crispy-forms",
    "psycopg",
    "pytest",
    "pytest-django",
    "redis",
}


def dependencies() -> set[str]:
    """Return the packages that we name ourselves, for Python and for Node."""
    lists = "".join((REPOSITORY / name).read_text() for name in ("requirements.in", "requirements-dev.in"))
    python = {name.lower() for name in re.findall(r"^([A-Za-z][\w.-]*)", lists, re.MULTILINE)}
    package = json.loads((REPOSITORY / "package.json").read_text())
    return python | {*package["dependencies"], *package["devDependencies"]}


def test_index_lists_every_decision() -> None:
    listed = re.findall(r"\]\((\d{4}[\w-]*\.md)\)", (DECISIONS / "README.md").read_text())
    assert listed == sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))


@pytest.mark.parametrize("name", sorted(dependencies() - GIVEN))
def test_each_dependency_has_its_decision(name: str) -> None:
    decided = [path for path in DECISIONS.glob("[0-9]*.md") if f"`{name}" in path.read_text().lower()]
    assert decided


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_each_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        page = (document.parent / path).resolve() if path else document
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_each_file_that_is_named_is_there(document: Path) -> None:
    roots = r"(?:portal|cohorts|templates|static|tests|docs|\.ci|\.github)/"
    named = re.findall(rf"`({roots}[\w./-]*)`", document.read_text())
    made_by_the_build = {"static/build"}
    assert not [
        name for name in named if name.rstrip("/") not in made_by_the_build and not (REPOSITORY / name).exists()
    ]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
