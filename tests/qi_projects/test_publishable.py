"""What has to be there before a project is published, asked as it is sent and again as it is published."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from qi_projects import (
    annotating,
    life,
    outlining,
    public_parts,
    publishable,
    publishing,
    vouching,
)
from qi_projects.diagram import Level
from qi_projects.models import Approval, Publication
from qi_projects.refusals import (
    NotToPublish,
    ProjectRefused,
)
from tests.factories import make_admin, make_user
from tests.qi_projects.coaching import accept, make_sendable, send
from tests.qi_projects.making import approve, lead_of, make_active, make_draft
from tests.qi_projects.measures import MONDAY, STEADY, enter, make_measure
from tests.qi_projects.publishing import (
    STORY,
    again,
    end,
    make_ended,
    make_sent,
    make_written,
    write,
)

pytestmark = pytest.mark.django_db
State = Publication.State
NO_NAME = "No name of your team in the words, on the charts or in the driver diagram"


def missing(publication: Publication) -> list[str]:
    current = again(publication)
    return publishable.what_is_missing(current.project, public_parts.shown_now(current))


class TestWhatHasToBeThere:
    """Before anybody is shown anything."""

    def test_a_draft_project_is_its_teams_alone(self) -> None:
        project = make_draft()
        with pytest.raises(ProjectRefused, match="A draft is your team's alone"):
            publishing.begin(project, by=lead_of(project))

    def test_all_that_is_missing_is_said_at_once(self) -> None:
        project = make_active()
        begun = publishing.begin(project, by=lead_of(project))
        with pytest.raises(NotToPublish, match=r"ended, or a review .*, your organisation's approval, the whole story"):
            publishing.send(begun, by=lead_of(project))

    def test_a_project_that_goes_on_can_be_published_once_a_review_has_accepted_it(self) -> None:
        project = make_sendable()
        approve(project)
        written = make_written(project)
        assert missing(written) == ["The project has ended, or a review has accepted it"]
        accept(send(project))
        assert missing(written) == []
        assert publishing.send(written, by=lead_of(project)).state == State.SENT

    def test_what_was_stopped_early_is_as_welcome(self) -> None:
        project = make_active()
        approve(project)
        life.abandon(project, "Nobody had the time.", by=lead_of(project))
        begun = publishing.begin(project, by=lead_of(project))
        assert begun.what_came_of_it == "Nobody had the time."
        written = write(begun, **{**STORY, "result": Publication.Result.NO_CHANGE})
        assert publishing.send(written, by=lead_of(project)).state == State.SENT

    def test_an_approval_that_has_ended_holds_it_up_also_while_an_editor_reads(self) -> None:
        sent = make_sent()
        lead = lead_of(sent.project)
        life.resume(sent.project, by=lead)
        vouching.record_approval(
            sent.project,
            decision=Approval.Decision.ENDED,
            name="Demo Director",
            role="Director",
            decided_on=timezone.localdate(),
            note="",
            by=lead,
        )
        with pytest.raises(NotToPublish, match="approval"):
            publishing.publish(sent, read=sent.version, by=make_admin())
        assert again(sent).state == State.SENT

    @pytest.mark.parametrize("where", ["tell_next", "title"])
    def test_no_name_of_the_team_stands_in_the_words(self, where: str) -> None:
        project = make_ended(make_user(name="Demo Amina O'Neill"))
        says: dict[str, Any] = {where: "Ask demo Amína  o'neill."}
        instead: dict[str, Any] = {where: "Ask somebody."}
        written = make_written(project, **says)
        assert missing(written) == [NO_NAME]
        assert missing(write(written, **instead)) == []

    @pytest.mark.parametrize(
        "words",
        [
            *("It waits.\nDemo Amina Okoro asks.", "Demo Amina\nOkoro", "Ask:\tDemo Amina Okoro"),
            *("Demo\u200b Am\u00adina Okoro", "Demo.Amina_Okoro", "Okoro, Demo Amina"),
        ],
    )
    @pytest.mark.parametrize("where", ["words", "note", "definition"])
    def test_a_name_is_found_at_the_beginning_of_a_line_and_over_two(self, words: str, where: str) -> None:
        project = make_active(make_user(name="Demo Amina Okoro"))
        measure = make_measure(project, definition=words if where == "definition" else "")
        enter(measure, STEADY)
        if where == "note":
            annotating.annotate(measure, MONDAY, words, by=lead_of(project))
        approve(project)
        end(project)
        written = make_written(project, measures_shown=[measure.pk], tell_next=words if where == "words" else "")
        assert missing(written) == [NO_NAME]
        with pytest.raises(NotToPublish, match="no name of your team"):
            publishing.send(written, by=lead_of(project))

    def test_two_texts_beside_each_other_make_no_name(self) -> None:
        project = make_active(make_user(name="Demo Amina"))
        for text in ("Demo", "Amina"):
            outlining.add(project, text, Level.PRIMARY, by=lead_of(project))
        approve(project)
        end(project)
        assert missing(make_written(project, shows_diagram=True)) == []

    @pytest.mark.parametrize("where", ["the words", "the diagram"])
    def test_who_joins_while_an_editor_reads_is_not_named_unasked(self, where: str) -> None:
        project = make_active()
        outlining.add(
            project, "Demo Amina Okoro asks" if where == "the diagram" else "All", Level.PRIMARY, by=lead_of(project)
        )
        approve(project)
        end(project)
        words = "Ask Demo Amina Okoro." if where == "the words" else "Ask."
        sent = make_sent(project, shows_diagram=True, tell_next=words)
        project.team.create(user=make_user(name="Demo Amina Okoro"), role="member")
        with pytest.raises(NotToPublish, match="no name of your team"):
            publishing.publish(sent, read=sent.version, by=make_admin())
        assert again(sent).state == State.SENT

    def test_a_chart_that_was_chosen_does_not_vanish_without_a_word(self) -> None:
        project = make_active()
        measure = make_measure(project, counted="count", chart="c", name="Falls")
        enter(measure, [12, 14, 13])
        written = make_written(project, measures_shown=[measure.pk])
        enter(measure, [4], first=MONDAY + timedelta(weeks=3))
        approve(project)
        end(project)
        assert missing(written) == ["Every chosen chart can be shown"]
        (point,) = [
            each
            for each in publishable.checklist(project, public_parts.shown_now(again(written)))
            if each.route == "publication_charts"
        ]
        assert point.why.startswith("Falls: It has numbers under 10.")
        with pytest.raises(NotToPublish, match="every chosen chart can be shown"):
            publishing.send(written, by=lead_of(project))
        none: dict[str, Any] = {"measures_shown": []}
        assert publishing.send(write(written, **none), by=lead_of(project)).state == State.SENT

    def test_a_name_that_is_a_word_holds_nobody_up(self) -> None:
        written = make_written(make_ended(make_user(name="Hope")), tell_next="We hope that it lasts.")
        assert missing(written) == []

    def test_nor_in_the_diagram_and_on_the_charts(self) -> None:
        project = make_active(make_user(name="Demo Amina Okoro"))
        outlining.add(project, "Demo Amina Okoro asks", Level.PRIMARY, by=lead_of(project))
        approve(project)
        life.finish(project, "Done.", by=lead_of(project))
        written = make_written(project, shows_diagram=True)
        with pytest.raises(NotToPublish, match="in the driver diagram"):
            publishing.send(written, by=lead_of(project))
        assert publishing.send(write(written, shows_diagram=False), by=lead_of(project)).diagram is None
