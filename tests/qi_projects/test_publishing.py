"""Publishing projects: what has to be there, the steps from state to state, charts that stay, and starting from one."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.models import User
from portal.outbox.models import Message
from portal.trail.models import Entry
from qi_projects import (
    annotating,
    building_on,
    life,
    outlining,
    public_parts,
    publishable,
    publishing,
    together,
    vouching,
)
from qi_projects.diagram import Level
from qi_projects.gallery import Wanted, page, published, started_from
from qi_projects.models import Approval, Measure, Project, Publication
from qi_projects.refusals import (
    NotToPublish,
    ProjectRefused,
    PublicationChanged,
    PublicationMoved,
)
from qi_projects.together import ChangedMeanwhile
from tests.factories import make_admin, make_user
from tests.qi_projects.coaching import accept, mail_to, make_sendable, send, told
from tests.qi_projects.making import approve, lead_of, make_active, make_draft
from tests.qi_projects.measures import MONDAY, STEADY, enter, make_measure
from tests.qi_projects.publishing import (
    STORY,
    again,
    make_ended,
    make_published,
    make_sent,
    make_written,
    write,
)

pytestmark = pytest.mark.django_db
State = Publication.State
NO_NAME = "No name of your team in the words, on the charts or in the driver diagram"
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
        "words", ["It waits.\nDemo Amina Okoro asks.", "Demo Amina\nOkoro", "Ask:\tDemo Amina Okoro"]
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


def end(project: Project) -> None:
    """End a project, so that it can be published."""
    life.finish(project, "By day people wait less.", by=lead_of(project))


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


class TestTheGallery:
    """What is found by its words, theme, setting and result."""

    def test_words_are_found_in_any_form_and_names_are_not(self) -> None:
        lead = make_user(name="Demo Amina Okoro")
        found = make_published(make_ended(lead), tell_next="Ask the interpreters first.")
        make_published(title="Something else")
        for words in ("interpreting", "ask interpreter", '"ask the interpreters"', "ward interpreter"):
            assert [card.pk for card in page(Wanted(words=words)).rows] == [found.pk], words
        assert not page(Wanted(words="Okoro")).rows
        for words in ("-labour", "%", "'; --", '"', "a & b | !c:*", "\\"):
            page(Wanted(words=words))

    def test_setting_and_result_narrow_it_and_what_is_not_published_is_not_there(self) -> None:
        worse = make_published(result=Publication.Result.WORSE, setting="community")
        make_published()
        make_sent()
        taken = standing(State.TAKEN_BACK)
        assert [card.pk for card in page(Wanted(result="worse")).rows] == [worse.pk]
        assert [card.pk for card in page(Wanted(setting="community")).rows] == [worse.pk]
        assert len(page(Wanted()).rows) == 2
        assert published(taken.pk) is None

    def test_the_words_of_a_chart_hold_no_denominator(self) -> None:
        project = make_active()
        share = make_measure(project, counted="proportion", chart="p", name="Answered in time")
        enter(share, [(7, 17), (8, 16), (3, 9), (12, 18)])
        approve(project)
        life.finish(project, "Done.", by=lead_of(project))
        kept = make_published(project, measures_shown=[share.pk]).charts.get().shown
        assert [value for _, value in kept["series"]["points"]] == [40, 50, None, 65]
        assert kept["series"]["kind"] == "xmr"
