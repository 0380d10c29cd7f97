"""A published project on paper: what everybody reads of it, with the names of now and no others."""

from typing import Any

import pytest
from django.test import Client

from qi_projects import life, naming, outlining
from qi_projects.diagram import Level
from qi_projects.models import Publication
from tests.cohorts.pages import address
from tests.cohorts.pages import words as page_words
from tests.cohorts.test_certificate_pdf import root_of, words
from tests.factories import make_user
from tests.qi_projects.making import approve, join, lead_of, make_active
from tests.qi_projects.measures import STEADY, enter, make_measure
from tests.qi_projects.publishing import agree, make_published, make_written
from tests.qi_projects.test_pages import statements

pytestmark = pytest.mark.django_db
PAPERS = pytest.mark.parametrize("paper", ["poster", "report"])


def get(publication: Publication, paper: str) -> Any:
    return Client().get(address(f"gallery_{paper}", publication.pk))


@PAPERS
def test_everybody_can_have_what_stands_in_the_gallery(paper: str) -> None:
    whole = make_published(title='Heard "within" 15 minutes')
    answer = get(whole, paper)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="heard-within-15-minutes-{paper}.pdf"'
    assert "no-store" in answer.headers["Cache-Control"]
    root = root_of(answer.content)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    said = words(answer.content)
    for part in (
        "A labour ward",
        "People wait, and nobody counts how long.",
        "Everybody is answered within 15 minutes.",
        "The time of each request stands on a board.",
        whole.get_result_display(),
        "By day people wait less. By night nothing changed.",
        "Begin with the nights.",
        whole.get_absolute_url(),
    ):
        assert part in said
    assert get(whole, paper).content == answer.content


@PAPERS
def test_who_agreed_is_named_until_they_take_it_back(paper: str) -> None:
    project = make_active(make_user(name="Demo Amina"))
    join(project, person=make_user(name="Demo Bryn"))
    approve(project)
    whole = make_published(life.finish(project, "By day people wait less.", by=lead_of(project)))
    amina = lead_of(project)
    assert "Demo" not in words(get(whole, paper).content)
    agree(whole, amina)
    said = words(get(whole, paper).content)
    assert "Those who wanted to be named" in said
    assert "Who works on it" not in said
    assert "What came of it: Some of it got better, and some did not" in said
    assert "State:" not in said
    assert "Demo Amina" in said
    assert "Demo Bryn" not in said
    naming.answer(whole, "", by=amina)
    assert "Demo" not in words(get(whole, paper).content)


@PAPERS
def test_what_is_not_published_is_not_there(paper: str) -> None:
    assert get(make_written(), paper).status_code == 404
    assert Client().get(address(f"gallery_{paper}", 10**12)).status_code == 404


@PAPERS
def test_letters_that_are_lacking_are_shown_with_what_to_do(paper: str) -> None:
    answer = get(make_published(tell_next="Begin with the nights 🙂"), paper)
    assert answer.status_code == 422
    said = page_words(answer)
    assert f"The {paper} was not made." in said
    assert "<bdi>🙂</bdi>" in said
    assert "print the page from your browser" in said


def make_shown(number: int) -> Publication:
    """Publish a project with so many charts, and its driver diagram."""
    project = make_active()
    outlining.add(project, "Requests are heard", Level.PRIMARY, by=lead_of(project))
    measures = [make_measure(project, name=f"Minutes {at}") for at in range(number)]
    for measure in measures:
        enter(measure, STEADY)
    approve(project)
    life.finish(project, "By day people wait less.", by=lead_of(project))
    return make_published(project, measures_shown=[measure.pk for measure in measures], shows_diagram=True)


@PAPERS
@pytest.mark.parametrize("number", [1, 3])
def test_charts_and_diagram_are_those_that_were_frozen(paper: str, number: int) -> None:
    whole = make_shown(number)
    before = get(whole, paper).content
    said = words(before)
    assert "Minutes 0" in said
    assert ("Requests are heard" in said) == (paper == "report")
    for measure in whole.project.measures.all():
        measure.points.update(value=1)
    assert get(whole, paper).content == before
    assert statements(Client(), address(f"gallery_{paper}", whole.pk)) == 3
