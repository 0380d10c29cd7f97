"""The pages of publishing for a team and for whoever is asked to be named: who meets what, and bad input."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qi_projects import life, naming, outlining, publishing, teams
from qi_projects.diagram import Level
from qi_projects.models import Project, Publication
from qi_projects.models.teams import Role
from tests.cohorts.pages import address
from tests.factories import make_user
from tests.qi_projects.coaching import text_of
from tests.qi_projects.making import (
    approve,
    browser_of,
    join,
    lead_of,
    make_active,
    make_draft,
    place_of,
)
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.publishing import (
    STORY,
    again,
    agree,
    at,
    lead_browser,
    make_ended,
    make_published,
    make_sent,
    make_written,
    write,
)
from tests.qi_projects.test_pages import statements

pytestmark = pytest.mark.django_db
State = Publication.State


def carried(page: Any) -> str:
    """Return what a page carries of how the row stood."""
    return str(page.context["form"]["_seen"].value())


class TestTheTeam:
    """From nothing to the gallery and out of it again."""

    def test_what_is_needed_is_said_with_the_way_to_it(self) -> None:
        project = make_active()
        browser = browser_of(lead_of(project))
        assert "Publication" in text_of(browser.get(project.get_absolute_url()))
        page = browser.get(address("project_publication", project.pk))
        for said in ("Begin to write it", "has ended, or a review has accepted it", "Needed first"):
            assert said in text_of(page)
        assert f'href="{address("project_approval", project.pk)}"' in page.content.decode()
        assert browser.post(address("project_publication", project.pk), {"deed": "begin"}).status_code == 302
        page = browser.get(address("project_publication", project.pk))
        assert "Still to say: setting, the aim, what you changed, whether it got better, what came of it." in text_of(
            page
        )
        assert "First: The project has ended" in text_of(browser.get(address("publication_act", project.pk, "send")))
        assert browser.post(address("publication_act", project.pk, "send")).status_code == 409

    def test_a_draft_project_cannot_be_published_and_is_told_so(self) -> None:
        project = make_draft()
        browser = browser_of(lead_of(project))
        assert "Once the project is active" in text_of(browser.get(address("project_publication", project.pk)))
        refused = browser.post(address("project_publication", project.pk), {"deed": "begin"})
        assert (refused.status_code, Publication.objects.count()) == (409, 0)

    def test_from_writing_to_sending_and_taking_back(self) -> None:
        project = make_ended()
        browser = browser_of(lead_of(project))
        browser.post(address("project_publication", project.pk), {"deed": "begin"})
        for part, fields in (("about", ("title", "setting")), ("why", ("aim",)), ("story", ("what_changed", "result"))):
            page = browser.get(address("publication_edit", project.pk, part))
            says = {name: STORY[name] for name in fields} | {"_seen": carried(page)}
            kept = {name: page.context["form"][name].value() or "" for name in page.context["form"].names}
            assert browser.post(page.wsgi_request.path, {**kept, **says}).status_code == 302
        sent = browser.post(address("publication_act", project.pk, "send"), follow=True)
        assert "It is sent." in text_of(sent)
        assert "With an editor" in text_of(browser.get(project.get_absolute_url()))
        late = browser.post(address("publication_edit", project.pk, "why"), {"aim": "My late words"})
        assert late.status_code == 409
        assert "My late words" in text_of(late)
        assert browser.get(address("publication_edit", project.pk, "why")).status_code == 302
        assert "go on writing" in text_of(browser.post(address("publication_act", project.pk, "withdraw"), follow=True))
        assert browser.get(address("publication_act", project.pk, "withdraw")).status_code == 302
        assert browser.post(address("publication_act", project.pk, "take-back")).status_code == 409
        assert browser.get(address("publication_act", project.pk, "nonsense")).status_code == 404

    def test_of_two_who_write_the_same_the_second_reads_the_other_and_loses_nothing(self) -> None:
        written = make_written()
        browser, page = lead_browser(written), at(written, "publication_edit", "why")
        seen = carried(browser.get(page))
        write(written, aim="What the other wrote")
        refused = browser.post(page, {"noticed": STORY["noticed"], "aim": "What I wrote", "_seen": seen})
        assert refused.status_code == 409
        for said in ("What the other wrote", "What I wrote", "Somebody else has changed the same"):
            assert said in text_of(refused)
        sent = {"noticed": STORY["noticed"], "aim": "What I wrote", "_seen": carried(refused)}
        assert browser.post(page, sent).status_code == 302
        assert again(written).aim == "What I wrote"

    def test_what_looks_like_patients_is_asked_about_first(self) -> None:
        written = make_written()
        page = at(written, "publication_edit", "why")
        asked = lead_browser(written).post(page, {"noticed": "", "aim": "For 943 476 5919", "_seen": ""})
        assert asked.status_code == 422
        assert "This may be about patients" in text_of(asked)
        assert again(written).aim == STORY["aim"]

    @pytest.mark.parametrize(
        ("part", "sent", "said"),
        [
            ("story", {"result": "triumph"}, "Select a valid choice"),
            ("about", {"setting": "moon"}, "Select a valid choice"),
            ("about", {"theme": "9" * 30}, "Select a valid choice"),
            ("about", {"theme": "x"}, "Select a valid choice"),
            ("why", {"aim": "x" * 8001}, "must be 8,000 characters or fewer"),
        ],
    )
    def test_bad_input_is_told_and_nothing_is_saved(self, part: str, sent: dict[str, str], said: str) -> None:
        written = make_written()
        answer = lead_browser(written).post(at(written, "publication_edit", part), sent)
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert again(written).version == written.version

    def test_what_is_needed_first_is_not_called_optional(self) -> None:
        written = make_written()
        page = text_of(lead_browser(written).get(at(written, "publication_edit", "why")))
        assert "What was your aim? (optional)" not in page
        assert "why does it matter? (optional)" in page
        assert "You can leave anything empty and come back to it." in page

    def test_who_only_reads_the_project_reads_this_and_writes_nothing(self) -> None:
        project = make_active()
        viewer = browser_of(join(project, Role.VIEWER).user)
        approve(project)
        life.finish(project, "Done.", by=lead_of(project))
        written = make_written(project)
        stranger = browser_of(make_user())
        page = text_of(viewer.get(at(written, "project_publication")))
        assert "You have not said whether you want to be named" in page
        assert "Send it to an editor" not in page
        for name, more in (("publication_edit", ("why",)), ("publication_charts", ()), ("publication_act", ("send",))):
            assert viewer.get(at(written, name, *more)).status_code == 403
            assert viewer.post(at(written, name, *more)).status_code == 403
            assert stranger.get(at(written, name, *more)).status_code == 404
        assert viewer.get(at(written, "publication_preview")).status_code == 200
        assert viewer.post(at(written, "project_publication"), {"deed": "ask"}).status_code == 403
        for name in ("project_publication", "publication_preview", "publication_naming"):
            assert stranger.get(at(written, name)).status_code == 404

    def test_they_learn_who_is_named_and_not_who_said_no(self) -> None:
        project = make_active()
        one, two, three = (join(project, person=make_user(name=f"Demo {name}")).user for name in ("One", "Two", "Tre"))
        approve(project)
        life.finish(project, "Done.", by=lead_of(project))
        written = make_written(project)
        agree(written, one)
        naming.answer(written, naming.NOT_NAMED, by=two)
        browser = browser_of(lead_of(project))
        page = text_of(browser.get(at(written, "project_publication")))
        assert "Demo One" in page
        for person in (two, three):
            assert person.name not in page
        # Nor is it told whether anybody is still to answer, or who has.
        naming.answer(written, naming.NOT_NAMED, by=three)
        assert text_of(browser.get(at(written, "project_publication"))) == page
        history = text_of(browser.get(address("project_history", project.pk)))
        assert "answered" not in history.casefold()
        assert two.name not in history.split("Publication begun")[0]
        asked = browser.post(at(written, "project_publication"), {"deed": "ask"}, follow=True)
        assert "1 person is asked by email" in text_of(asked)
        asked = browser.post(at(written, "project_publication"), {"deed": "ask"}, follow=True)
        assert "Nobody was asked: everybody has been asked already, or has answered." in text_of(asked)

    def test_a_name_in_the_words_is_said_before_it_is_sent(self) -> None:
        project = make_ended(make_user(name="Demo Adebayo"))
        written = make_written(project, tell_next="Ask Demo Adebayo.")
        assert "No name of your team in the words" in text_of(
            lead_browser(written).get(at(written, "publication_act", "send"))
        )


class TestCharts:
    """Which charts go with it, and which cannot."""

    def make_measured(self) -> Project:
        project = make_active()
        share = make_measure(project, counted="proportion", chart="p", name="Answered in time")
        enter(share, [(7, 17), (8, 16), (3, 9), (12, 18)])
        falls = make_measure(project, counted="count", chart="c", name="Falls on the ward")
        enter(falls, [12, 4, 11])
        make_measure(project, name="Without points")
        outlining.add(project, "Requests are heard", Level.PRIMARY, by=lead_of(project))
        approve(project)
        return life.finish(project, "Done.", by=lead_of(project))

    def test_what_can_be_shown_is_chosen_and_what_cannot_says_why(self) -> None:
        project = self.make_measured()
        share = project.measures.get(name="Answered in time")
        written = make_written(project)
        browser, page = lead_browser(written), at(written, "publication_charts")
        shown = browser.get(page)
        assert "Falls on the ward: It has numbers under 10." in text_of(shown)
        assert "Without points: It has no points yet." in text_of(shown)
        sent = {"measures_shown": [str(share.pk)], "shows_diagram": "on", "_seen": carried(shown)}
        assert browser.post(page, sent).status_code == 302
        assert again(written).measures_shown == [share.pk]
        preview = browser.get(at(written, "publication_preview"))
        assert "Requests are heard" in text_of(preview)
        assert "Answered in time" in text_of(preview)

    @pytest.mark.parametrize("sent", ["x", "9" * 30, "0", ""])
    def test_another_measure_is_no_choice(self, sent: str) -> None:
        written = make_written(self.make_measured())
        answer = lead_browser(written).post(at(written, "publication_charts"), {"measures_shown": sent})
        assert answer.status_code == 422

    def test_preview_naming_and_sending_take_as_many_statements_for_three_as_for_one(self) -> None:
        def of(measures: int) -> list[int]:
            project = make_active()
            for _ in range(measures):
                enter(make_measure(project), [12, 14, 13])
            approve(project)
            life.finish(project, "Done.", by=lead_of(project))
            keys = list(project.measures.values_list("pk", flat=True))
            written = make_written(project, measures_shown=keys, shows_diagram=True)
            browser = lead_browser(written)
            pages = [at(written, name) for name in ("publication_preview", "publication_naming", "project_publication")]
            browser.get(pages[0])
            found = [statements(browser, page) for page in pages]
            with CaptureQueriesContext(connection) as sending:
                publishing.send(written, by=lead_of(project))
            assert written.charts.count() == measures
            return [*found, len(sending)]

        assert of(3) == of(1)

    def test_the_public_reads_shares_and_no_numbers_behind_them(self) -> None:
        project = self.make_measured()
        share = project.measures.get(name="Answered in time")
        whole = make_published(project, measures_shown=[share.pk], shows_diagram=True)
        page = Client().get(whole.get_absolute_url())
        said = text_of(page)
        for word in ("40%", "50%", "65%", "Missing", "to the nearest 5%", "Requests are heard"):
            assert word in said
        for word in ("41.2", "66.7", "Numerator", "Denominator"):
            assert word not in said
        table = Client().get(address("gallery_data", whole.pk, "1"))
        assert table.headers["Content-Type"].startswith("text/csv")
        assert b"40" in table.content
        assert b"41.17" not in table.content
        assert Client().get(address("gallery_data", whole.pk, "2")).status_code == 404

    def test_a_chart_says_what_it_said_when_it_was_sent(self) -> None:
        project = self.make_measured()
        share = project.measures.get(name="Answered in time")
        whole = make_published(project, measures_shown=[share.pk])
        before = Client().get(whole.get_absolute_url()).content
        share.points.update(numerator=1)
        assert Client().get(whole.get_absolute_url()).content == before


class TestNaming:
    """One's own answer, on a page of its own."""

    def test_they_read_what_would_stand_there_and_say_so(self) -> None:
        written = make_written()
        lead = lead_of(written.project)
        browser, page = browser_of(lead), at(written, "publication_naming")
        shown = browser.get(page)
        assert STORY["aim"] in text_of(shown)
        assert "you are not named" in text_of(shown)
        assert browser.post(page, {}).status_code == 422
        assert browser.post(page, {"byline": "Demo Director"}).status_code == 422
        assert f"You are named as “{lead.name}”" in text_of(browser.post(page, {"byline": lead.name}, follow=True))
        assert f"You are named as {lead.name}" in text_of(browser.get(page))
        assert "You are not named." in text_of(browser.post(page, {"byline": "not-named"}, follow=True))
        assert naming.named(written) == []

    def test_what_waits_for_an_answer_stands_on_my_projects_in_as_many_statements(self) -> None:
        person = make_user()
        browser, page = browser_of(person), reverse("projects")

        def asked() -> Publication:
            project = make_active()
            join(project, person=person)
            approve(project)
            life.finish(project, "Done.", by=lead_of(project))
            return make_sent(project)

        first = asked()
        assert "Would you like to be named?" in text_of(browser.get(page))
        one = statements(browser, page)
        for _ in range(2):
            asked()
        assert statements(browser, page) == one
        shown = browser.get(page).content.decode()
        assert shown.count("Would you like to be named?") == 3
        naming.answer(first, naming.NOT_NAMED, by=person)
        assert browser.get(page).content.decode().count("Would you like to be named?") == 2

    def test_nobody_is_asked_there_about_what_was_not_sent(self) -> None:
        written = make_written()
        assert "Would you like to be named?" not in text_of(lead_browser(written).get(reverse("projects")))
        naming.ask_the_team(written, by=lead_of(written.project))
        assert "Would you like to be named?" in text_of(lead_browser(written).get(reverse("projects")))

    def test_of_what_is_published_it_is_said_that_everybody_can_read_it(self) -> None:
        whole = make_published()
        page = text_of(lead_browser(whole).get(at(whole, "publication_naming")))
        assert "Everybody can read it, also without an account." in page

    def test_who_has_left_answers_and_sees_nothing_else_of_the_project(self) -> None:
        project = make_active()
        left = join(project).user
        teams.leave(place_of(project, left))
        approve(project)
        life.finish(project, "Done.", by=lead_of(project))
        written = make_written(project)
        browser = browser_of(left)
        assert browser.get(at(written, "publication_naming")).status_code == 404
        publishing.send(written, by=lead_of(project))
        assert browser.get(project.get_absolute_url()).status_code == 404
        assert browser.get(at(written, "publication_naming")).status_code == 200
        publishing.withdraw(written, by=lead_of(project))
        assert browser.post(at(written, "publication_naming"), {"byline": left.name}).status_code == 302
        assert naming.named(written) == [left.name]

    def test_once_it_was_taken_back_there_is_nothing_to_answer(self) -> None:
        whole = make_published()
        page, browser = at(whole, "publication_naming"), lead_browser(whole)
        publishing.take_back(whole, by=lead_of(whole.project))
        assert browser.get(page).status_code == 404

    def test_a_name_taken_back_is_gone_from_the_page(self) -> None:
        whole = make_published()
        lead = lead_of(whole.project)
        browser_of(lead).post(at(whole, "publication_naming"), {"byline": lead.name})
        assert lead.name in text_of(Client().get(whole.get_absolute_url()))
        browser_of(lead).post(at(whole, "publication_naming"), {"byline": "not-named"})
        assert lead.name not in text_of(Client().get(whole.get_absolute_url()))
