"""The pages of publishing: who meets what, bad input, the gallery, and what anybody reads."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qi_projects import building_on, gallery, life, naming, outlining, publishing, teams
from qi_projects.diagram import Level
from qi_projects.models import Project, Publication, Theme
from qi_projects.models.teams import Role
from tests.cohorts.pages import address
from tests.factories import make_admin, make_admin_of, make_programme, make_user
from tests.qi_projects.coaching import text_of
from tests.qi_projects.making import (
    approve,
    browser_of,
    join,
    lead_of,
    make_active,
    make_draft,
    member_of_a_programme_with_a_project,
    place_of,
)
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.publishing import (
    STORY,
    again,
    agree,
    make_ended,
    make_published,
    make_sent,
    make_written,
    write,
)
from tests.qi_projects.test_pages import statements
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
GALLERY = reverse("gallery")
State = Publication.State


def at(publication: Publication, name: str, *more: str) -> str:
    return address(name, publication.project_id, *more)


def lead_browser(publication: Publication) -> Client:
    return browser_of(lead_of(publication.project))


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
        for word in ("40.0%", "50.0%", "65.0%", "Missing", "to the nearest 5%", "Requests are heard"):
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


class TestTheGallery:
    """What anybody finds and reads."""

    def test_it_takes_as_many_statements_for_three_as_for_one(self) -> None:
        themes = [Theme.objects.create(name=f"Theme {number}") for number in range(3)]
        make_published(theme=themes[0])
        visitor = Client()
        visitor.get(GALLERY)
        searched = f"{GALLERY}?words=answered&result=mixed&theme={themes[0].pk}&setting=maternity"
        one = [statements(visitor, page) for page in (GALLERY, searched)]
        assert one <= [2, 4]
        for theme in themes[1:]:
            make_published(theme=theme)
        assert [statements(visitor, page) for page in (GALLERY, searched)] == one

    def test_a_page_takes_as_many_statements_whatever_is_on_it(self) -> None:
        visitor = Client()

        def of(people: int, measures: int) -> int:
            project = make_active()
            everybody = [join(project).user for _ in range(people)]
            for _ in range(measures):
                enter(make_measure(project), [12, 14, 13])
            approve(project)
            life.finish(project, "Done.", by=lead_of(project))
            keys = list(project.measures.values_list("pk", flat=True))
            whole = make_published(project, measures_shown=keys)
            for person in everybody:
                agree(whole, person)
            visitor.get(whole.get_absolute_url())
            return statements(visitor, whole.get_absolute_url())

        assert of(1, 1) == of(3, 3) <= 4

    def test_what_did_not_work_is_said_and_found(self) -> None:
        make_published(title="It got worse here", result=Publication.Result.WORSE)
        make_published()
        page = text_of(Client().get(GALLERY))
        assert "Not every change is an improvement" in page
        found = text_of(Client().get(f"{GALLERY}?result=worse"))
        assert "It got worse here" in found
        assert STORY["title"] not in found

    def test_on_a_card_the_aim_is_its_first_line(self) -> None:
        make_published(aim="Everybody is answered\nBy how much: From 40% to 80%")
        page = text_of(Client().get(GALLERY))
        assert "Everybody is answered" in page
        assert "By how much" not in page

    def test_what_is_not_published_is_not_there(self) -> None:
        sent = make_sent()
        for client in (Client(), lead_browser(sent), desk_of(make_admin())):
            assert client.get(sent.get_absolute_url()).status_code == 404
        assert STORY["title"] not in text_of(Client().get(GALLERY))
        assert "Nothing is published yet" in text_of(Client().get(GALLERY))

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("theme=x", 422),
            ("theme=" + "9" * 30, 422),
            ("result=%00", 422),
            ("words=%00", 200),
            ("words=" + "x" * 201, 422),
            ("before=x&words=%27%3B--", 200),
            ("before=99999999999999999-1", 200),
            ("words=%F0%9F%98%80", 200),
        ],
    )
    def test_whatever_an_address_says_it_answers(self, query: str, status: int) -> None:
        make_published()
        assert Client().get(f"{GALLERY}?{query}").status_code == status

    def test_it_goes_on_page_by_page_with_what_was_looked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gallery, "PAGE", 2)
        made = [make_published(title=f"Project {number}") for number in range(3)]
        first = Client().get(f"{GALLERY}?words=answered")
        assert [card.pk for card in first.context["cards"]] == [made[2].pk, made[1].pk]
        second = Client().get(GALLERY + first.context["next_href"])
        assert [card.pk for card in second.context["cards"]] == [made[0].pk]
        assert not second.context["next_href"]

    def test_a_number_that_nothing_has_is_not_found(self) -> None:
        for number in ("0", "9223372036854775807", "9" * 30):
            assert Client().get(f"{GALLERY}{number}/").status_code == 404


class TestStarting:
    """One's own project from another's."""

    def test_a_colleague_starts_theirs_which_says_on_what_it_builds(self) -> None:
        whole, person = make_published(), make_user()
        browser = browser_of(person)
        assert "Start my project from this one" in text_of(browser.get(whole.get_absolute_url()))
        begun = browser.post(address("gallery_start", whole.pk), follow=True)
        assert "This is your own draft." in text_of(begun)
        assert f'href="{whole.get_absolute_url()}"' in begun.content.decode()
        publishing.take_back(whole, by=lead_of(whole.project))
        project = Project.objects.get(started_from=whole.project)
        assert "does not any more" in text_of(browser.get(project.get_absolute_url()))
        assert browser.post(address("gallery_start", whole.pk)).status_code == 404

    def test_a_visitor_is_asked_to_sign_in_and_a_get_starts_nothing(self) -> None:
        whole = make_published()
        page = Client().get(whole.get_absolute_url())
        assert "Sign in to start a project from this one" in text_of(page)
        assert "csrfmiddlewaretoken" not in page.content.decode()
        assert browser_of(make_user()).get(address("gallery_start", whole.pk)).status_code == 405
        Client().post(address("gallery_start", whole.pk))
        assert Project.objects.count() == 1

    def test_who_is_in_several_cohorts_is_asked_for_which_it_counts_and_told(self) -> None:
        whole, one = make_published(), member_of_a_programme_with_a_project()
        start, browser = address("gallery_start", whole.pk), browser_of(one.user)
        begun = browser.post(start, follow=True)
        assert f"It counts for {one.cohort.name}." in text_of(begun)
        two = member_of_a_programme_with_a_project(one.user)
        asked = browser.post(start)
        assert asked.status_code == 200
        assert "Does this project count for a cohort of yours?" in text_of(asked)
        assert browser.post(start, {"counts_for": "x"}).status_code == 422
        assert Project.objects.filter(started_from=whole.project).count() == 1
        begun = browser.post(start, {"counts_for": str(two.pk)}, follow=True)
        assert f"It counts for {two.cohort.name}." in text_of(begun)
        assert Project.objects.latest("pk").team.get().membership == two

    def test_few_are_not_counted_in_public(self) -> None:
        whole = make_published()
        for _ in range(9):
            building_on.begin_from(whole, make_user())
        assert "were started from it" not in text_of(Client().get(whole.get_absolute_url()))
        building_on.begin_from(whole, make_user())
        assert "10 or more projects were started from it" in text_of(Client().get(whole.get_absolute_url()))


CHANGE, PAGE = "admin:qi_projects_publication_change", "admin:qi_projects_publication_{}"


class TestTheEditor:
    """In the admin: what waits, reading it, publishing, returning, taking down."""

    def test_what_waits_is_on_the_start_page_and_leads_to_it(self) -> None:
        sent = make_sent()
        page = desk_of(make_admin()).get(reverse("admin:index"))
        assert "Projects to publish" in text_of(page)
        assert f'href="{address(CHANGE, sent.pk)}"' in page.content.decode()

    def test_an_editor_returns_it_and_then_publishes_it(self) -> None:
        sent = make_sent()
        desk = desk_of(make_admin())
        page = desk.get(address(CHANGE, sent.pk))
        assert at(sent, "publication_preview") in page.content.decode()
        assert desk.get(at(sent, "publication_preview")).status_code == 200
        returning = address(PAGE.format("return"), sent.pk)
        empty = desk.post(returning, {"words": "", "read": sent.version})
        assert empty.status_code == 422
        assert "Write what you would like to see first" in text_of(empty)
        assert desk.post(returning, {"words": "Say how many.", "read": sent.version}).status_code == 302
        team = text_of(lead_browser(sent).get(at(sent, "project_publication")))
        assert "Say how many." in team
        assert "This cannot be done as it stands now" in text_of(desk.get(address(PAGE.format("publish"), sent.pk)))
        publishing.send(again(sent), by=lead_of(sent.project))
        publish = address(PAGE.format("publish"), sent.pk)
        asked = desk.post(publish)
        assert again(sent).state == State.SENT
        assert "Look once more for names" in text_of(asked)
        confirmed = {"confirmed": "yes", "read": again(sent).version}
        assert "It is in the gallery" in text_of(desk.post(publish, confirmed, follow=True))
        assert Client().get(sent.get_absolute_url()).status_code == 200

    def test_what_the_team_changed_meanwhile_is_read_first_and_the_editors_words_are_shown(self) -> None:
        sent = make_sent()
        publishing.withdraw(sent, by=lead_of(sent.project))
        publishing.send(write(sent, aim="Another"), by=lead_of(sent.project))
        desk = desk_of(make_admin())
        returned = desk.post(
            address(PAGE.format("return"), sent.pk), {"words": "My long words", "read": sent.version}, follow=True
        )
        assert "the team has changed this" in text_of(returned)
        assert "My long words" in text_of(returned)
        published = {"confirmed": "yes", "read": sent.version}
        refused = desk.post(address(PAGE.format("publish"), sent.pk), published, follow=True)
        assert "the team has changed this" in text_of(refused)
        assert again(sent).state == State.SENT

    def test_an_editor_takes_it_down_with_why_and_the_team_reads_it(self) -> None:
        whole = make_published()
        desk = desk_of(make_admin())
        down = address(PAGE.format("take_down"), whole.pk)
        assert desk.post(down, {"words": "", "read": whole.version}).status_code == 422
        assert desk.post(down, {"words": "It names a colleague.", "read": whole.version}).status_code == 302
        assert Client().get(whole.get_absolute_url()).status_code == 404
        assert "It names a colleague." in text_of(lead_browser(whole).get(at(whole, "project_publication")))

    def test_what_looks_like_patients_in_an_editors_words_is_asked_about_first(self) -> None:
        sent = make_sent()
        desk, returning = desk_of(make_admin()), address(PAGE.format("return"), sent.pk)
        words = {"words": "Take out 943 476 5919.", "read": sent.version}
        asked = desk.post(returning, words)
        assert asked.status_code == 422
        assert "Take out what is about patients" in text_of(asked)
        mark = asked.context["form"].fields["_not_about_patients"].choices[0][0]
        assert desk.post(returning, {**words, "_not_about_patients": mark}).status_code == 302
        assert again(sent).state == State.RETURNED

    def test_who_keeps_another_programme_sees_nothing_of_it(self) -> None:
        sent = make_sent()
        desk = desk_of(make_admin_of(make_programme()))
        assert STORY["title"] not in text_of(desk.get(reverse("admin:qi_projects_publication_changelist")))
        assert desk.get(address(PAGE.format("publish"), sent.pk)).status_code == 404
        assert "Projects to publish" not in text_of(desk.get(reverse("admin:index")))

    def test_what_the_team_took_back_to_write_on_is_not_read(self) -> None:
        sent = make_sent()
        publishing.withdraw(sent, by=lead_of(sent.project))
        desk = desk_of(make_admin())
        page = text_of(desk.get(reverse("admin:qi_projects_publication_changelist")))
        assert STORY["title"] not in page
        assert "Being written" not in page
        assert desk.get(address(CHANGE, sent.pk)).status_code in {302, 404}

    def test_what_was_taken_out_leads_nowhere(self) -> None:
        whole = make_published(theme=Theme.objects.create(name="Waiting"))
        make_published()
        publishing.take_back(whole, by=lead_of(whole.project))
        desk = desk_of(make_admin())
        page = desk.get(address(CHANGE, whole.pk))
        assert at(whole, "publication_preview") not in page.content.decode()
        assert "it was taken back" in text_of(page)
        assert "No theme" in text_of(desk.get(reverse("admin:qi_projects_publication_changelist")))

    def test_what_was_never_sent_is_not_there(self) -> None:
        written = make_written()
        desk = desk_of(make_admin())
        assert STORY["title"] not in text_of(desk.get(reverse("admin:qi_projects_publication_changelist")))
        assert desk.get(address(PAGE.format("return"), written.pk)).status_code == 404

    def test_the_list_takes_as_many_statements_for_three_as_for_one(self) -> None:
        desk, page = desk_of(make_admin()), reverse("admin:qi_projects_publication_changelist")
        make_sent()
        desk.get(page)
        one = statements(desk, page)
        make_sent()
        make_published()
        assert statements(desk, page) == one

    @pytest.mark.parametrize("read", [{}, *({"read": read} for read in ("", "x", "-1", "9" * 30))])
    @pytest.mark.parametrize(
        ("deed", "sent"), [("return", {"words": "My long words"}), ("publish", {"confirmed": "yes"})]
    )
    def test_a_version_that_is_none_decides_nothing(
        self, deed: str, sent: dict[str, str], read: dict[str, str]
    ) -> None:
        waiting = make_sent()
        desk, page = desk_of(make_admin()), address(PAGE.format(deed), waiting.pk)
        answer = desk.post(page, {**sent, **read})
        assert again(waiting).state == State.SENT
        assert f'name="read" value="{waiting.version}"' in answer.content.decode()
        assert sent.get("words", "Look once more for names") in text_of(answer)
        assert desk.post(page, {**sent, "read": waiting.version}).status_code == 302
