"""The pages of PDSA cycles: from a ramp to Act and on to the next, two at one cycle, and whoever tries what is over."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import together
from qi_projects import cycles, life
from qi_projects.models import Cycle, CycleQuestion, Ramp
from qi_projects.models.teams import Role
from tests.cohorts.pages import address, words
from tests.qi_projects.making import browser_of, join, lead_of, make_active, make_draft
from tests.qi_projects.test_cycles import Tried, today
from tests.qi_projects.test_diagram import Drawn

pytestmark = pytest.mark.django_db


def day(name: str, days: int = 0) -> dict[str, str]:
    """Return what the three boxes of a day send."""
    chosen = today(days)
    return {f"{name}_day": str(chosen.day), f"{name}_month": str(chosen.month), f"{name}_year": str(chosen.year)}


class Desk(Tried):
    """A planned cycle, and the browser of the lead."""

    def __init__(self, project: Any = None) -> None:
        super().__init__(project)
        self.browser = browser_of(self.by)

    def at(self, name: str = "cycle", *args: object) -> str:
        return address(name, self.project.pk, self.cycle, *args)

    def post(self, name: str, *args: object, **sent: str) -> Any:
        return self.browser.post(self.at(name, *args), sent)


class TestTheWayOfACycle:
    def test_from_a_ramp_to_the_next_cycle(self) -> None:
        drawn = Drawn()
        browser, project = browser_of(drawn.by), drawn.project

        def goes(at: str, sent: dict[str, str]) -> str:
            answer = browser.post(at, sent)
            assert answer.status_code == 302, words(answer)
            return answer.headers["Location"]

        new = address("ramp_new", project.pk)
        assert "Write it on the board" in words(browser.get(new))
        at = goes(new, {"idea": str(drawn.board), "name": "The board"})
        cycle = Cycle.objects.select_related("ramp").get()
        assert at == address("cycle_edit", project.pk, cycle.pk, "objective")

        def of(name: str, *args: object) -> str:
            return address(name, project.pk, cycle.pk, *args)

        assert goes(at, {"objective": "To see whether it is filled in"}) == of("cycle")
        plan = {"plan_what": "Board", "plan_who": "The night team", "plan_where": "Bay 1", "plan_when": "Friday"}
        goes(of("cycle_edit", "plan"), plan)
        goes(of("cycle_question_new"), {"text": "Is it filled in?", "prediction": "On half of shifts"})
        assert "stay as they are" in words(browser.get(of("cycle_step", "do")))
        goes(of("cycle_step", "do"), day("day", -9))
        goes(of("cycle_edit", "do"), {"happened": "We filled it in.", "unexpected": "The pen was gone."})
        goes(of("cycle_step", "study"), day("day", -8))
        question = CycleQuestion.objects.get()
        answering = of("cycle_question", question.pk)
        assert "On half of shifts" in words(browser.get(answering))
        goes(answering, {"answer": "On 7 of 10", "outcome": "otherwise"})
        goes(of("cycle_edit", "learnt"), {"learnt": "Beside the telephone it works."})
        act = {"decision": "adapt", "why": "It works where people pass.", "next_step": "Both wards", **day("day")}
        goes(of("cycle_step", "act"), act)
        page = words(browser.get(of("cycle")))
        for said in (
            "Adapt it",
            "Not as predicted",
            "The pen was gone.",
            "Beside the telephone it works.",
            "Both wards",
        ):
            assert said in page
        following = goes(of("cycle_step", "next"), {})
        page = words(browser.get(following))
        assert "PDSA cycle 2" in page
        assert "after which you wrote" in page
        assert "Both wards" in page
        assert "The night team" in page
        assert "2 going on" not in words(browser.get(project.get_absolute_url()))
        assert "1 going on, 1 closed." in words(browser.get(project.get_absolute_url()))

    def test_the_diagram_leads_from_an_idea_to_trying_it_out(self) -> None:
        drawn = Drawn()
        browser, at = browser_of(drawn.by), f"{address('ramp_new', drawn.project.pk)}?idea={drawn.words}"
        assert at in browser.get(address("project_diagram", drawn.project.pk)).content.decode()
        assert f'value="{drawn.words}" checked' in words(browser.get(at))

    def test_without_an_idea_one_is_led_to_the_diagram(self) -> None:
        project = make_draft()
        page = words(browser_of(lead_of(project)).get(address("ramp_new", project.pk)))
        assert "no change idea yet" in page

    def test_a_ramp_is_renamed_and_an_idea_that_is_tried_out_says_why_it_stays(self) -> None:
        desk = Desk()
        ramp = Ramp.objects.get()
        seen = together.seen(ramp, ["name"])
        at = address("ramp_rename", desk.project.pk, ramp.pk)
        assert desk.browser.post(at, {"name": "The pen", "_seen": seen}).status_code == 302
        assert desk.browser.post(at, {"name": "Another", "_seen": seen}).status_code == 409
        page = words(desk.browser.get(address("diagram_delete", desk.project.pk, desk.board)))
        assert "PDSA cycles try out this idea" in page
        assert "nhsuk-button--warning" not in page


class TestSteps:
    def test_do_waits_for_predictions_and_says_so(self) -> None:
        desk = Desk()
        desk.answers(prediction="")
        page = desk.browser.post(desk.at("cycle_step", "do"), day("day"))
        assert page.status_code == 409
        assert "Write first what you predict" in words(page)

    def test_days_that_are_none_or_out_of_order_are_said_beside_them(self) -> None:
        desk = Desk()
        begin, study = desk.at("cycle_step", "do"), desk.at("cycle_step", "study")
        for sent, said in (
            (day("day", 1), "today or in the past"),
            ({}, "Enter the day"),
            ({"day_day": "31", "day_month": "2", "day_year": "2026"}, "must be a real date"),
        ):
            page = desk.browser.post(begin, sent)
            assert page.status_code == 422
            assert said in words(page)
        desk.browser.post(begin, day("day", -5))
        page = desk.browser.post(study, day("day", -6))
        assert page.status_code == 422
        assert "cannot have ended before it began" in words(page)
        desk.browser.post(study, day("day", -4))
        days = {**day("began_on", -3), **day("ended_on", -4)}
        page = desk.browser.post(desk.at("cycle_edit", "days"), days)
        assert page.status_code == 422
        assert "cannot have ended before it began" in words(page)
        desk.answers(answer="7", outcome="as")
        desk.writes(learnt="Something")
        act = {"decision": "adopt", "why": "Kept words", **day("day", -7)}
        page = desk.browser.post(desk.at("cycle_step", "act"), act)
        assert page.status_code == 422
        assert "decided before Do ended" in words(page)
        assert "Kept words" in words(page)

    def test_act_keeps_what_was_typed_while_study_lacks_something(self) -> None:
        desk = Desk()
        desk.begins()
        desk.ends()
        act = {"decision": "adopt", "why": "Kept words", **day("day")}
        page = desk.browser.post(desk.at("cycle_step", "act"), act)
        assert page.status_code == 409
        assert "Write first what you found" in words(page)
        assert "Kept words" in words(page)

    def test_a_cycle_is_abandoned_with_why(self) -> None:
        desk = Desk()
        at = desk.at("cycle_step", "abandon")
        assert desk.browser.post(at, {"why": "", **day("day")}).status_code == 422
        assert desk.browser.post(at, {"why": "The ward moved.", **day("day")}).status_code == 302
        page = words(desk.browser.get(desk.at()))
        assert "The ward moved." in page
        assert "Plan the next cycle" in page
        assert desk.browser.post(at, {"why": "Again"}).status_code == 409

    def test_a_plan_is_deleted(self) -> None:
        desk = Desk()
        answer = desk.post("cycle_step", "delete")
        assert answer.headers["Location"] == address("cycles", desk.project.pk)
        assert not Cycle.objects.exists()

    @pytest.mark.parametrize("step", ["study", "act", "next"])
    def test_a_step_out_of_turn_is_refused(self, step: str) -> None:
        desk = Desk()
        for page in (desk.browser.get(desk.at("cycle_step", step)), desk.post("cycle_step", step, why="Kept words")):
            assert page.status_code == 409
        assert "Kept words" in words(page)
        assert desk.browser.get(desk.at("cycle_step", "none")).status_code == 404


class TestPredictions:
    def test_once_do_has_begun_a_prediction_that_is_sent_changes_nothing_and_is_kept_to_copy(self) -> None:
        desk = Desk()
        at = desk.at("cycle_question", desk.question)
        sent = {"text": "Is it filled in?", "prediction": "Kept words", "_seen": ""}
        for go_on in (desk.begins, desk.ends):
            go_on()
            page = desk.browser.post(at, sent)
            assert page.status_code == 409
            assert "Do has begun" in words(page)
            assert "Kept words" in words(page)
        assert desk.asked().prediction == "On half of shifts"
        assert desk.post("cycle_question_new", text="x", prediction="y").status_code == 409
        assert desk.post("cycle_question_remove", desk.question, seen="").status_code == 409

    def test_a_question_is_changed_and_taken_out_before(self) -> None:
        desk = Desk()
        page = desk.browser.get(desk.at("cycle_question", desk.question))
        seen = page.context["form"].initial["_seen"]
        desk.post("cycle_question", desk.question, text="Is it used?", prediction="Yes", _seen=seen)
        assert (desk.asked().text, desk.asked().prediction) == ("Is it used?", "Yes")
        assert desk.post("cycle_question_remove", desk.question, seen=seen).status_code == 409
        page = desk.browser.get(desk.at("cycle_question_remove", desk.question))
        assert desk.post("cycle_question_remove", desk.question, seen=page.context["seen"]).status_code == 302
        assert not CycleQuestion.objects.exists()


class TestWriting:
    def test_two_at_one_cycle_lose_nothing_and_both_are_told(self) -> None:
        desk = Desk()
        second = browser_of(join(desk.project).user)
        at = desk.at("cycle_edit", "plan")
        seen = second.get(at).context["form"].initial["_seen"]
        desk.browser.post(at, {"plan_what": "The first words", "plan_where": "Bay 1", "_seen": seen})
        page = second.post(at, {"plan_what": "The second words", "_seen": seen})
        assert page.status_code == 409
        assert "The first words" in words(page)
        assert "The second words" in words(page)
        answer = second.post(at, {"plan_who": "The night team", "_seen": seen}, follow=True)
        assert "it stands as they put it: what will be done and where" in words(answer)
        assert (desk.row().plan_what, desk.row().plan_who) == ("The first words", "The night team")

    def test_what_belongs_to_a_step_that_is_over_is_kept_to_copy(self) -> None:
        desk = Desk()
        desk.begins()
        page = desk.post("cycle_edit", "plan", plan_what="Kept words")
        assert page.status_code == 409
        assert "taken this cycle on" in words(page)
        assert "Kept words" in words(page)
        assert desk.browser.get(desk.at("cycle_edit", "none")).status_code == 404

    def test_a_patient_is_warned_of(self) -> None:
        desk = Desk()
        pasted = "Jane Smith 943 476 5919 01/02/1990"
        for name, args, sent in (
            ("cycle_edit", ["objective"], {"objective": pasted}),
            ("cycle_question_new", [], {"text": "x", "prediction": pasted}),
            ("cycle_question", [desk.question], {"text": "x", "prediction": pasted}),
            ("cycle_step", ["abandon"], {"why": pasted, **day("day")}),
        ):
            page = desk.browser.post(desk.at(name, *args), sent)
            assert page.status_code == 422
            assert "This may be about patients" in words(page)
        page = desk.browser.post(address("ramp_new", desk.project.pk), {"name": pasted, "idea": str(desk.board)})
        assert "This may be about patients" in words(page)

    @pytest.mark.parametrize("role", [Role.SPONSOR, Role.COACH, Role.VIEWER])
    def test_who_reads_alone_reads_and_keeps_what_they_typed(self, role: Role) -> None:
        desk = Desk()
        reader = browser_of(join(desk.project, role).user)
        for at in (desk.at(), address("cycles", desk.project.pk)):
            page = reader.get(at)
            assert page.status_code == 200
            assert "/edit/" not in page.content.decode()
            assert "/step/" not in page.content.decode()
        refused = reader.post(desk.at("cycle_edit", "objective"), {"objective": "Kept words"})
        assert refused.status_code == 403
        assert "Kept words" in words(refused)

    def test_one_that_has_ended_is_read(self) -> None:
        desk = Desk(make_active())
        life.finish(desk.project, "It worked.", by=desk.by)
        assert "/step/" not in words(desk.browser.get(desk.at()))
        assert desk.post("cycle_edit", "objective", objective="Late").status_code == 409

    def test_a_cycle_of_another_project_is_not_there(self) -> None:
        desk, other = Desk(), Desk()
        for name, args in (("cycle", []), ("cycle_edit", ["plan"]), ("cycle_step", ["do"])):
            at = address(name, desk.project.pk, other.cycle, *args)
            assert desk.browser.get(at).status_code == 404
        assert desk.browser.get(other.at()).status_code == 404
        assert desk.browser.get(desk.at("cycle_question", other.question)).status_code == 404


def statements(browser: Client, at: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(at).status_code == 200
    return len(asked)


def test_pages_take_as_many_statements_for_three_as_for_one() -> None:
    desk = Desk()
    pages = [desk.at(), address("cycles", desk.project.pk)]
    desk.browser.get(pages[0])
    one = [statements(desk.browser, at) for at in pages]
    for number in range(2):
        cycles.ask(desk.project, desk.cycle, f"Question {number}?", "Yes", by=desk.by)
        cycles.begin_ramp(desk.project, desk.words, f"Ramp {number}", by=desk.by)
    assert [statements(desk.browser, at) for at in pages] == one
    assert max(one) <= 8, one
