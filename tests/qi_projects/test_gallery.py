"""The gallery: what is found in it, what anybody reads, and starting one's own project from there."""

import pytest
from django.test import Client
from django.urls import reverse

from qi_projects import (
    building_on,
    gallery,
    life,
    outlining,
    publishing,
)
from qi_projects.diagram import Level
from qi_projects.models import Project, Publication, Theme
from tests.cohorts.pages import address
from tests.factories import make_admin, make_user
from tests.qi_projects.coaching import text_of
from tests.qi_projects.making import (
    approve,
    browser_of,
    join,
    lead_of,
    make_active,
    member_of_a_programme_with_a_project,
)
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.publishing import (
    STORY,
    agree,
    end,
    lead_browser,
    make_ended,
    make_published,
    make_sent,
)
from tests.qi_projects.test_pages import statements
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
GALLERY = reverse("gallery")


class TestWhatIsFound:
    """What is found by its words, theme, setting and result."""

    def test_words_are_found_in_any_form_and_names_are_not(self) -> None:
        lead = make_user(name="Demo Amina Okoro")
        found = make_published(make_ended(lead), tell_next="Ask the interpreters first.")
        make_published(title="Something else")
        for words in ("interpreting", "ask interpreter", '"ask the interpreters"', "ward interpreter"):
            assert [card.pk for card in gallery.page(gallery.Wanted(words=words)).rows] == [found.pk], words
        assert not gallery.page(gallery.Wanted(words="Okoro")).rows
        for words in ("-labour", "%", "'; --", '"', "a & b | !c:*", "\\"):
            gallery.page(gallery.Wanted(words=words))

    def test_setting_and_result_narrow_it_and_what_is_not_published_is_not_there(self) -> None:
        worse = make_published(result=Publication.Result.WORSE, setting="community")
        make_published()
        make_sent()
        taken = make_published()
        publishing.take_back(taken, by=lead_of(taken.project))
        assert [card.pk for card in gallery.page(gallery.Wanted(result="worse")).rows] == [worse.pk]
        assert [card.pk for card in gallery.page(gallery.Wanted(setting="community")).rows] == [worse.pk]
        assert len(gallery.page(gallery.Wanted()).rows) == 2
        assert gallery.published(taken.pk) is None


class TestTheGallery:
    """What anybody finds and reads."""

    def test_it_takes_as_many_statements_for_three_as_for_one(self) -> None:
        themes = [Theme.objects.create(name=f"Theme {number}") for number in range(3)]
        make_published(theme=themes[0])
        visitor = Client()
        visitor.get(GALLERY)
        searched = f"{GALLERY}?words=answered&result=mixed&theme={themes[0].pk}&setting=maternity"
        one = [statements(visitor, page) for page in (GALLERY, searched)]
        assert one == [2, 2]
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

    def test_in_the_box_of_the_aim_its_lines_are_sentences(self) -> None:
        project = make_active()
        outlining.add(project, "Requests are heard", Level.PRIMARY, by=lead_of(project))
        approve(project)
        whole = make_published(end(project), shows_diagram=True, aim="Heard\nBy noon")
        page = Client().get(whole.get_absolute_url())
        assert "Heard. By noon." in page.context["picture"]

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
