"""The pages of a driver diagram: the outline and its buttons, two at one box, and whoever tries what cannot be."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import together
from qi_projects import life, outlining
from qi_projects.diagram import Level
from qi_projects.models import DiagramItem
from qi_projects.models.teams import Role
from tests.cohorts.pages import address, words
from tests.qi_projects.making import browser_of, join, lead_of, make_active, make_draft
from tests.qi_projects.test_diagram import Drawn, texts
from tests.qi_projects.test_diagram_drawing import SVG, parsed

pytestmark = pytest.mark.django_db


def page_of(drawn: Drawn, browser: Client | None = None) -> str:
    page = (browser or browser_of(drawn.by)).get(address("project_diagram", drawn.project.pk))
    assert page.status_code == 200
    return page.content.decode()


class TestReading:
    def test_picture_and_outline_say_the_same(self) -> None:
        drawn = Drawn(make_draft(aim_what="Everybody is answered.", aim_how_much="From half to 9 of 10"))
        page = page_of(drawn)
        picture = page[page.index("<svg xmlns") :]
        picture = picture[: picture.index("</svg>") + len("</svg>")]
        assert "Everybody is answered. From half to 9 of 10" in page
        for box in drawn.read().boxes.values():
            assert box.text in (parsed(picture).findtext(f"{SVG}desc") or "")
            assert f"<bdi>{box.text}</bdi>" in page
        assert " style=" not in page

    def test_an_empty_one_says_how_to_begin(self) -> None:
        project = make_draft()
        page = words(browser_of(lead_of(project)).get(address("project_diagram", project.pk)))
        assert "theory of today" in page
        assert "Write the aim" in page
        assert "Add a primary driver" in page

    @pytest.mark.parametrize("role", [Role.SPONSOR, Role.COACH, Role.VIEWER])
    def test_who_reads_alone_finds_nothing_to_change(self, role: Role) -> None:
        drawn = Drawn()
        browser = browser_of(join(drawn.project, role).user)
        page = page_of(drawn, browser)
        assert "<details" not in page
        assert "/rename/" not in page
        refused = browser.post(address("diagram_add", drawn.project.pk, "idea"), {"text": "Kept words"})
        assert refused.status_code == 403
        assert "Kept words" in words(refused)

    def test_one_that_has_ended_is_read(self) -> None:
        drawn = Drawn(make_active())
        life.finish(drawn.project, "It worked.", by=drawn.by)
        assert "Requests are noticed" in page_of(drawn)
        answer = browser_of(drawn.by).post(address("diagram_add", drawn.project.pk, "idea"), {"text": "Late"})
        assert answer.status_code == 409

    def test_the_project_leads_to_it(self) -> None:
        drawn = Drawn()
        page = words(browser_of(drawn.by).get(drawn.project.get_absolute_url()))
        assert "4 drivers, 2 change ideas." in page

    def test_it_takes_as_many_statements_for_many_boxes_as_for_one(self) -> None:
        drawn = Drawn()
        browser = browser_of(drawn.by)
        at = address("project_diagram", drawn.project.pk)

        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(at).status_code == 200
            return len(asked)

        browser.get(at)
        few = statements()
        for number in range(10):
            drawn.under(drawn.seen, f"Idea {number}")
        assert statements() == few
        assert few <= 7


class TestEditing:
    def test_given_a_box_is_added_then_one_comes_back_to_it(self) -> None:
        drawn = Drawn()
        browser = browser_of(drawn.by)
        at = address("diagram_add_under", drawn.project.pk, drawn.seen)
        assert "Add a change idea" in words(browser.get(at))
        answer = browser.post(at, {"text": "  A second\n board  "})
        added = DiagramItem.objects.get(text="A second board")
        place = f"{added.pk}-{drawn.seen}"
        where = f"{address('project_diagram', drawn.project.pk)}?at={place}#box-{place}"
        assert answer.headers["Location"] == where
        page = browser.get(where).content.decode()
        opened = page[page.index(f'id="box-{place}"') :]
        assert " open>" in opened[: opened.index("</details>")]

    def test_another_can_be_written_at_once(self) -> None:
        project = make_draft()
        at = address("diagram_add", project.pk, "primary")
        answer = browser_of(lead_of(project)).post(at, {"text": "One", "another": "yes"}, follow=True)
        assert answer.redirect_chain == [(at, 302)]
        assert "Added: One" in words(answer)

    @pytest.mark.parametrize("text", ["", "  ", "\u202e", "x" * 201])
    def test_what_says_nothing_or_too_much_is_refused(self, text: str) -> None:
        project = make_draft()
        answer = browser_of(lead_of(project)).post(address("diagram_add", project.pk, "primary"), {"text": text})
        assert answer.status_code == 422
        assert not DiagramItem.objects.exists()

    def test_a_patient_is_warned_of(self) -> None:
        drawn = Drawn()
        sent = {"text": "Jane Smith 01/02/1990", "_seen": ""}
        for name, args in (
            ("diagram_add", ["idea"]),
            ("diagram_add_under", [drawn.seen]),
            ("diagram_rename", [drawn.seen]),
        ):
            page = browser_of(drawn.by).post(address(name, drawn.project.pk, *args), sent)
            assert page.status_code == 422
            assert "This may be about patients" in words(page)

    def test_the_buttons_move_and_unlink(self) -> None:
        drawn = Drawn()
        browser, at = browser_of(drawn.by), address("project_diagram", drawn.project.pk)
        place = f"{drawn.handed}-{drawn.noticed}"
        assert browser.post(at, {"up": place}).headers["Location"] == f"{at}?at={place}#box-{place}"
        assert texts(drawn.read().lowers[drawn.noticed])[0] == "Requests are handed over"
        browser.post(at, {"down": place})
        assert texts(drawn.read().lowers[drawn.noticed])[1] == "Requests are handed over"
        answer = browser.post(at, {"unlink": f"{drawn.seen}-{drawn.noticed}"}, follow=True)
        assert "Not under a driver yet" in words(answer)

    @pytest.mark.parametrize("sent", [{}, {"up": "x"}, {"up": "9" * 30 + "-1"}, {"down": "1-"}, {"unlink": "0-0"}])
    def test_a_button_that_is_none_changes_nothing(self, sent: dict[str, str]) -> None:
        drawn = Drawn()
        before = drawn.read()
        assert browser_of(drawn.by).post(address("project_diagram", drawn.project.pk), sent).status_code == 409
        assert drawn.read() == before

    def test_one_more_driver_is_chosen_among_those_above(self) -> None:
        drawn = Drawn()
        browser, at = browser_of(drawn.by), address("diagram_link", drawn.project.pk, drawn.seen)
        page = words(browser.get(at))
        assert "Somebody answers" in page
        assert "Requests are noticed" not in page
        assert browser.post(at, {}).status_code == 422
        assert browser.post(at, {"upper": str(drawn.answered)}).status_code == 302
        assert texts(drawn.read().uppers[drawn.seen]) == ["Requests are noticed", "Somebody answers"]
        assert "There is no other primary driver" in words(browser.get(at))
        assert "hangs on the aim" in words(browser.get(address("diagram_link", drawn.project.pk, drawn.noticed)))

    def test_a_circle_or_a_leap_is_refused_in_words(self) -> None:
        drawn, other = Drawn(), Drawn()
        browser = browser_of(drawn.by)
        at = address("diagram_link", drawn.project.pk, drawn.board)
        for upper in (drawn.noticed, drawn.board, drawn.words, other.seen, "x", ""):
            page = browser.post(at, {"upper": str(upper)})
            assert page.status_code == 422
        under_an_idea = address("diagram_add_under", drawn.project.pk, drawn.board)
        for page in (browser.get(under_an_idea), browser.post(under_an_idea, {"text": "Kept words"})):
            assert page.status_code == 409
            assert "Nothing hangs on a change idea" in words(page)
        assert "Kept words" in words(page)

    def test_deleting_says_first_what_hangs_on_it(self) -> None:
        drawn = Drawn()
        browser, at = browser_of(drawn.by), address("diagram_delete", drawn.project.pk, drawn.noticed)
        page = browser.get(at)
        said = words(page)
        assert "<bdi>Everybody sees who waits</bdi>, which will be under no driver until" in said
        assert "<bdi>Requests are handed over</bdi>, which hangs on another driver, too" in said
        assert browser.post(at, {"seen": ""}).status_code == 409
        assert browser.post(at, {"seen": page.context["seen"]}).status_code == 302
        assert not DiagramItem.objects.filter(pk=drawn.noticed).exists()

    def test_a_box_that_is_gone_is_said_with_what_was_typed(self) -> None:
        drawn = Drawn()
        browser = browser_of(drawn.by)
        seen = together.seen(DiagramItem.objects.get(pk=drawn.board), ["text"])
        outlining.delete(drawn.project, drawn.board, seen=seen, by=drawn.by)
        for name in ("diagram_rename", "diagram_add_under", "diagram_link", "diagram_delete"):
            page = browser.post(address(name, drawn.project.pk, drawn.board), {"text": "Kept words"})
            assert page.status_code == 409
            assert "has deleted this box" in words(page)
            assert "Kept words" in words(page)

    def test_a_box_of_another_project_is_not_there(self) -> None:
        drawn, other = Drawn(), Drawn()
        page = browser_of(drawn.by).post(address("diagram_rename", drawn.project.pk, other.seen), {"text": "x"})
        assert page.status_code == 409
        assert browser_of(drawn.by).get(address("diagram_rename", other.project.pk, other.seen)).status_code == 404
        assert browser_of(drawn.by).get(address("diagram_add", drawn.project.pk, "none")).status_code == 404


class TestTwoAtOneBox:
    def test_the_second_reads_the_first_and_loses_nothing(self) -> None:
        drawn = Drawn()
        second = browser_of(join(drawn.project).user)
        at = address("diagram_rename", drawn.project.pk, drawn.board)
        seen = second.get(at).context["form"].initial["_seen"]
        sent: dict[str, Any] = {"_seen": seen}
        assert browser_of(drawn.by).post(at, {**sent, "text": "The first words"}).status_code == 302
        page = second.post(at, {**sent, "text": "The second words"})
        assert page.status_code == 409
        assert "The first words" in words(page)
        assert "The second words" in words(page)
        anew = page.context["form"]["_seen"].value()
        assert second.post(at, {"_seen": anew, "text": "Both words"}).status_code == 302
        assert drawn.read().boxes[drawn.board].text == "Both words"
        assert drawn.read().boxes[drawn.board].level is Level.IDEA
