"""Publishing projects: writing, the steps from state to state, and charts that stay."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal import together
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.together import ChangedMeanwhile
from portal.trail.models import Entry
from qi_projects import life, publishable, publishing
from qi_projects.models import Publication
from qi_projects.refusals import (
    NotToPublish,
    PublicationChanged,
    PublicationMoved,
)
from tests.factories import make_admin, make_user
from tests.qi_projects.coaching import mail_to, told
from tests.qi_projects.making import approve, lead_of, make_active
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.publishing import (
    STORY,
    again,
    end,
    make_ended,
    make_published,
    make_sent,
    make_written,
    write,
)

pytestmark = pytest.mark.django_db
State = Publication.State
Step = Callable[[Publication], object]

STEPS: dict[str, Step] = {
    "send": lambda it: publishing.send(it, by=lead_of(it.project)),
    "withdraw": lambda it: publishing.withdraw(it, by=lead_of(it.project)),
    "return": lambda it: publishing.send_back(it, "Say how many.", read=again(it).version, by=make_admin()),
    "publish": lambda it: publishing.publish(it, read=again(it).version, by=make_admin()),
    "take_back": lambda it: publishing.take_back(it, by=lead_of(it.project)),
    "take_down": lambda it: publishing.take_down(it, "It names a patient.", by=make_admin()),
}
WAYS: dict[State, tuple[str, ...]] = {
    State.DRAFT: (),
    State.SENT: ("send",),
    State.RETURNED: ("send", "return"),
    State.PUBLISHED: ("send", "publish"),
    State.TAKEN_BACK: ("send", "publish", "take_back"),
}


def standing(state: State) -> Publication:
    """Make a publication that has come to a state."""
    publication = make_written()
    for step in WAYS[state]:
        STEPS[step](publication)
    assert again(publication).state == state
    return publication


class TestWriting:
    """It begins with what the project says, and nothing of two people is lost."""

    def test_it_begins_with_what_the_project_says(self) -> None:
        fields: dict[str, Any] = {"noticed": "People wait.", "why_it_matters": "It hurts.", "first_change": "A board."}
        project = make_ended(aim_what="All are answered", aim_for_whom="Women on our ward", **fields)
        begun = publishing.begin(project, by=lead_of(project))
        assert begun.title == project.title
        assert begun.noticed == "People wait.\n\nIt hurts."
        assert begun.aim == "All are answered\nFor whom: Women on our ward"
        assert (begun.what_changed, begun.what_came_of_it) == ("A board.", "By day people wait less.")
        assert publishing.begin(project, by=lead_of(project)) == begun

    def test_what_two_write_in_different_fields_stays_and_in_one_the_second_is_told(self) -> None:
        written = make_written()
        other = join_after(written)
        seen = together.seen(written, ["aim", "tell_next"])
        publishing.change(written, {"aim": "One", "tell_next": STORY["tell_next"]}, seen=seen, by=other)
        settled = publishing.change(
            written, {"aim": STORY["aim"], "tell_next": "Two"}, seen=seen, by=lead_of(written.project)
        )
        assert settled.theirs == ["The aim"]
        with pytest.raises(ChangedMeanwhile) as refused:
            publishing.change(written, {"aim": "Three"}, seen=seen, by=lead_of(written.project))
        assert refused.value.conflicts[0].now == "One"
        assert (again(written).aim, again(written).tell_next) == ("One", "Two")

    def test_which_charts_somebody_else_chose_is_said_by_their_names(self) -> None:
        project = make_active()
        one, two = make_measure(project, name="Waits"), make_measure(project, name="Calls")
        begun = publishing.begin(project, by=lead_of(project))
        seen = together.seen(begun, ["measures_shown"])
        publishing.change(begun, {"measures_shown": [one.pk]}, seen=seen, by=lead_of(project))
        with pytest.raises(ChangedMeanwhile) as refused:
            publishing.change(begun, {"measures_shown": [two.pk]}, seen=seen, by=lead_of(project))
        assert refused.value.conflicts[0].now == "Waits"

    def test_it_is_the_teams_activity_and_no_change_of_the_project(self) -> None:
        written = make_written()
        version = written.project.version
        write(written, aim="Another")
        written.project.refresh_from_db()
        assert written.project.version == version
        entry = Entry.objects.filter(verb="project.publication_changed").latest("id")
        assert entry.details == {"publication": written.pk, "fields": "aim"}


def join_after(written: Publication) -> User:
    """Let somebody join the team of a project that has ended."""
    person = make_user()
    written.project.team.create(user=person, role="member")
    return person


class TestSteps:
    """Every step from every state."""

    @pytest.mark.parametrize("step", STEPS)
    @pytest.mark.parametrize("state", list(State))
    def test_each_step_leads_where_the_table_says_or_is_refused(self, state: State, step: str) -> None:
        publication = standing(state)
        if state in publishing.STEPS[step].sources:
            STEPS[step](publication)
            assert again(publication).state == publishing.STEPS[step].target
            assert Entry.objects.latest("id").verb == publishing.STEPS[step].verb
        else:
            with pytest.raises(PublicationMoved):
                STEPS[step](publication)
            assert again(publication).state == state

    @pytest.mark.parametrize("state", [State.SENT, State.PUBLISHED, State.TAKEN_BACK])
    def test_what_an_editor_has_or_had_is_not_changed(self, state: State) -> None:
        with pytest.raises(PublicationMoved):
            write(standing(state), aim="Another")

    def test_an_editor_decides_about_what_they_have_read(self) -> None:
        sent = make_sent()
        lead, read = lead_of(sent.project), sent.version
        publishing.withdraw(sent, by=lead)
        publishing.send(write(sent, aim="Another"), by=lead)
        for decide in (
            lambda: publishing.publish(sent, read=read, by=make_admin()),
            lambda: publishing.send_back(sent, "Why?", read=read, by=make_admin()),
        ):
            with pytest.raises(PublicationChanged):
                decide()
        assert again(sent).state == State.SENT

    def test_nobody_of_the_team_decides(self) -> None:
        admin = make_admin()
        project = make_active(admin)
        approve(project)
        life.finish(project, "Done.", by=admin)
        sent = make_sent(project)
        with pytest.raises(NotToPublish, match="Another editor"):
            publishing.publish(sent, read=sent.version, by=admin)
        with pytest.raises(NotToPublish, match="Another editor"):
            publishing.send_back(sent, "No.", read=sent.version, by=admin)

    def test_after_it_was_taken_back_another_begins_with_its_words_and_no_name(self) -> None:
        taken = standing(State.TAKEN_BACK)
        anew = publishing.begin(taken.project, by=lead_of(taken.project))
        assert anew.pk != taken.pk
        assert (anew.tell_next, anew.result) == (STORY["tell_next"], STORY["result"])
        assert not anew.consents.exists()

    def test_the_team_is_told_of_each_decision_while_it_stands(self) -> None:
        sent = make_sent()
        lead = lead_of(sent.project)
        STEPS["return"](sent)
        mail = mail_to("publication.returned", lead)
        assert mail.subject == "What you want to publish was returned"
        assert sent.project.title not in mail.subject
        STEPS["send"](sent)
        assert mail_to("publication.returned", lead) == Message.Skipped.STALE
        STEPS["return"](sent)
        assert Message.objects.filter(rule="publication.returned", person=lead).count() == 2
        STEPS["send"](sent)
        STEPS["publish"](sent)
        STEPS["take_down"](sent)
        assert told("publication.published") == told("publication.taken_down") == {lead}
        assert "no longer published" in mail_to("publication.taken_down", lead).subject

    def test_postgresql_holds_it_whoever_writes(self) -> None:
        rows = Publication.objects.filter(pk=make_published().pk)
        wrong: list[dict[str, Any]] = [
            {"published_at": None},
            {"decided_by": None},
            {"what_changed": ""},
            {"result": ""},
            {"state": State.TAKEN_BACK},
            {"state": State.RETURNED},
            {"taken_down": True},
        ]
        for values in wrong:
            with pytest.raises(IntegrityError), transaction.atomic():
                rows.update(**values)
        with pytest.raises(IntegrityError), transaction.atomic():
            Publication.objects.create(project=rows.get().project)

    @pytest.mark.parametrize("state", [State.SENT, State.PUBLISHED, State.TAKEN_BACK])
    def test_postgresql_keeps_what_an_editor_has_read(self, state: State) -> None:
        project = make_active()
        measure = make_measure(project)
        enter(measure, [12, 14, 13])
        approve(project)
        end(project)
        publication = make_written(project, measures_shown=[measure.pk])
        for step in WAYS[state]:
            STEPS[step](publication)
        rows, charts = Publication.objects.filter(pk=publication.pk), publication.charts.all()
        wrong: list[Callable[[], object]] = [
            *(partial(rows.update, **{name: "Another"}) for name in publishable.WORDS),
            partial(rows.update, result=Publication.Result.WORSE),
            partial(rows.update, diagram={"boxes": [], "links": []}),
            partial(charts.update, shown={}),
            partial(publication.charts.create, position=2, shown={}),
        ]
        if state != State.SENT:
            wrong.append(partial(rows.update, state=State.DRAFT, published_at=None, ended_at=None, ended_by=None))
        if state != State.TAKEN_BACK:
            wrong.append(charts.delete)
        for change in wrong:
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


class TestCharts:
    """What was read is what is published, whatever is measured later."""

    def test_points_that_come_later_change_nothing_of_it(self) -> None:
        project = make_active()
        measure = make_measure(project)
        enter(measure, [12, 14, 13, 15])
        approve(project)
        end(project)
        sent = make_sent(project, measures_shown=[measure.pk])
        kept = sent.charts.get().shown
        life.resume(project, by=lead_of(project))
        measure.refresh_from_db()
        point = measure.points.latest("day")
        point.value = 99
        point.save()
        end(project)
        publishing.publish(sent, read=sent.version, by=make_admin())
        assert again(sent).charts.get().shown == kept
        assert [value for _, value in kept["series"]["points"]] == [12, 14, 13, 15]

    def test_returned_it_is_drawn_anew_as_it_is_sent_again(self) -> None:
        project = make_active()
        measure = make_measure(project)
        enter(measure, [12, 14, 13])
        approve(project)
        end(project)
        sent = make_sent(project, measures_shown=[measure.pk])
        STEPS["return"](sent)
        assert not sent.charts.exists()
        measure.points.filter(day=measure.points.latest("day").day).update(value=40)
        STEPS["send"](sent)
        assert [value for _, value in sent.charts.get().shown["series"]["points"]] == [12, 14, 40]

    def test_the_words_of_a_chart_hold_no_denominator(self) -> None:
        project = make_active()
        share = make_measure(project, counted="proportion", chart="p", name="Answered in time")
        enter(share, [(7, 17), (8, 16), (3, 9), (12, 18)])
        approve(project)
        life.finish(project, "Done.", by=lead_of(project))
        kept = make_published(project, measures_shown=[share.pk]).charts.get().shown
        assert [value for _, value in kept["series"]["points"]] == [40, 50, None, 65]
        assert kept["series"]["kind"] == "xmr"
