"""Starting a project from what another team has published."""

from datetime import date
from typing import Any

import pytest

from qi_projects import (
    building_on,
    life,
    outlining,
    publishing,
)
from qi_projects.diagram import Level
from qi_projects.gallery import started_from
from qi_projects.models import Measure, Publication
from qi_projects.refusals import (
    PublicationMoved,
)
from tests.factories import make_user
from tests.qi_projects.making import approve, lead_of, make_active
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.publishing import (
    STORY,
    make_ended,
    make_published,
)

pytestmark = pytest.mark.django_db


class TestStartingFromOne:
    """A draft of one's own: the same words to adapt, the diagram, and what is measured."""

    def make_whole(self) -> Publication:
        project = make_active()
        lead = lead_of(project)
        driver = outlining.add(project, "Requests are heard", Level.PRIMARY, by=lead)
        second = outlining.add_under(project, driver.pk, "Everybody sees who waits", by=lead)
        outlining.add_under(project, second.pk, "A board", by=lead)
        measure = make_measure(project, target=15, definition="From asking to an answer")
        enter(measure, [12, 14, 13])
        approve(project)
        life.finish(project, "Done.", by=lead)
        return make_published(project, measures_shown=[measure.pk], shows_diagram=True)

    def test_it_begins_with_what_everybody_reads_and_nothing_else(self) -> None:
        whole = self.make_whole()
        person = make_user()
        begun = building_on.begin_from(whole, person)
        assert (begun.state, begun.started_from) == ("draft", whole.project)
        assert (begun.title, begun.aim_what, begun.setting) == (STORY["title"], STORY["aim"], STORY["setting"])
        assert lead_of(begun) == person
        assert len(begun.team.all()) == 1
        theirs, ours = outlining.read(whole.project), outlining.read(begun)
        assert [box.text for box in ours.boxes.values()] == [box.text for box in theirs.boxes.values()]
        assert len(ours.links) == 2
        copied, measured = begun.measures.get(), Measure.objects.get(project=whole.project)
        assert (copied.name, copied.definition, copied.target) == (
            measured.name,
            measured.definition,
            measured.target,
        )
        assert not copied.points.exists()
        outlining.add(begun, "One more", Level.PRIMARY, by=person)

    def test_the_parts_of_the_aim_come_back_to_their_fields_and_the_day_does_not(self) -> None:
        aim: dict[str, Any] = {
            "aim_what": "All are answered",
            "aim_how_much": "From 40% to 80%",
            "aim_by_when": date(2027, 9, 30),
            "aim_for_whom": "Women on our ward",
        }
        project = make_ended(**aim)
        written = publishing.begin(project, by=lead_of(project))
        assert written.aim == (
            "All are answered\nBy how much: From 40% to 80%\nBy when: 30 September 2027\nFor whom: Women on our ward"
        )
        begun = building_on.begin_from(make_published(project, aim=written.aim), make_user())
        assert {name: getattr(begun, name) for name in aim} == {**aim, "aim_by_when": None}

    def test_of_an_aim_that_is_too_long_nothing_is_lost(self) -> None:
        long = " ".join(["answered"] * 400)
        begun = building_on.begin_from(make_published(aim=f"{long}\nFor whom: {long}"), make_user())
        assert len(begun.aim_what) <= building_on.LONGEST_AIM
        assert begun.aim_for_whom == ""
        assert f"{begun.aim_what} {begun.why_it_matters}".split() == f"{long} For whom: {long}".split()

    def test_without_a_diagram_and_charts_it_begins_with_the_words(self) -> None:
        begun = building_on.begin_from(make_published(), make_user())
        assert not begun.diagram_items.exists()
        assert not begun.measures.exists()

    def test_what_was_taken_back_starts_nothing(self) -> None:
        whole = make_published()
        publishing.take_back(whole, by=lead_of(whole.project))
        with pytest.raises(PublicationMoved):
            building_on.begin_from(whole, make_user())

    def test_how_many_did_is_told_from_ten_up(self) -> None:
        whole = make_published()
        for _ in range(9):
            building_on.begin_from(whole, make_user())
        assert started_from(whole) is None
        building_on.begin_from(whole, make_user())
        assert started_from(whole) == 10
