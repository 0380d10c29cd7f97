"""Measures that tell of drivers and ideas, and by which cycles are studied: chosen, shown on both sides, and held."""

from collections.abc import Callable, Collection
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from portal import together
from portal.trail.models import Entry
from qi_projects import cycles, life, linking, measuring, outlining
from qi_projects.charts import Mark
from qi_projects.cycle_marks import marks
from qi_projects.diagram import Box, Level, Measured, arrange
from qi_projects.diagram_drawing import told
from qi_projects.linking import Chosen
from qi_projects.models import BoxMeasure, CycleMeasure, DiagramItem, Measure
from qi_projects.models.teams import Role
from qi_projects.refusals import BoxGone, CycleGone, MeasureGone, MeasureNotToChoose, ProjectOver
from tests.cohorts.pages import address, words
from tests.qi_projects.making import browser_of, join, make_active
from tests.qi_projects.measures import at, enter, make_measure
from tests.qi_projects.test_cycles import Tried, today
from tests.qi_projects.test_diagram_drawing import SVG, drawn, written

pytestmark = pytest.mark.django_db


class Linked(Tried):
    """A project with a diagram, a cycle that is planned, and two measures."""

    def __init__(self) -> None:
        super().__init__(make_active())
        self.wait = make_measure(self.project, name="Minutes to an answer")
        self.share = make_measure(self.project, name="Answered in time")
        self.browser = browser_of(self.by)

    def box(self, *chosen: Measure, seen: Collection[Measure] = (), box: int = 0) -> Chosen:
        return linking.link_box(self.project, box or self.seen, _keys(chosen), seen=_keys(seen), by=self.by)

    def studied_by(self, *chosen: Measure, seen: Collection[Measure] = ()) -> Chosen:
        return linking.link_cycle(self.project, self.cycle, _keys(chosen), seen=_keys(seen), by=self.by)

    def measures_of_the_box(self) -> list[Measure]:
        return linking.measures_of_box(DiagramItem.objects.get(pk=self.seen))

    def measures_of_the_cycle(self) -> list[Measure]:
        return linking.measures_of_cycle(self.row())

    def at_box(self, box: int = 0) -> str:
        return address("diagram_measures", self.project.pk, box or self.seen)

    def at_cycle(self, name: str = "cycle_measures") -> str:
        return address(name, self.project.pk, self.cycle)


def marks_on(measure: Measure) -> list[Mark]:
    """Return what cycles put on a measure's chart."""
    return [mark for _, mark in marks([measure])]


def _keys(measures: Collection[Measure]) -> list[int]:
    return [measure.pk for measure in measures]


class TestChoosing:
    def test_what_is_ticked_is_linked_and_what_is_cleared_no_longer(self) -> None:
        linked = Linked()
        assert linked.box(linked.wait, linked.share).changed
        assert linked.measures_of_the_box() == [linked.wait, linked.share]
        assert linked.box(linked.share, seen=[linked.wait, linked.share]).changed
        assert linked.measures_of_the_box() == [linked.share]
        assert linked.studied_by(linked.wait).changed
        assert linked.measures_of_the_cycle() == [linked.wait]

    def test_nothing_new_is_no_activity_and_the_trail_names_numbers_alone(self) -> None:
        linked = Linked()
        linked.box(linked.wait)
        linked.studied_by(linked.wait)
        linked.box(linked.wait, seen=[linked.wait])
        entries = Entry.objects.filter(verb__endswith="measures_chosen").order_by("pk").values_list("verb", "details")
        assert list(entries) == [
            ("project.driver_measures_chosen", {"box": linked.seen, "more": 1, "fewer": 0}),
            ("project.cycle_measures_chosen", {"cycle": linked.cycle, "more": 1, "fewer": 0}),
        ]

    def test_given_two_editors_then_what_each_ticked_or_cleared_is_kept_and_the_second_is_told(self) -> None:
        linked = Linked()
        linked.box(linked.wait)
        # The first clears one and ticks the other, while the second, who saw the one, adds the other as well.
        linked.box(linked.share, seen=[linked.wait])
        done = linked.box(linked.wait, linked.share, seen=[linked.wait])
        assert (done.changed, done.theirs) == (False, [linked.wait])
        assert linked.measures_of_the_box() == [linked.share]

    @pytest.mark.parametrize("link", ["box", "studied_by"])
    def test_what_was_put_away_meanwhile_is_not_chosen_and_what_is_chosen_stays(self, link: str) -> None:
        linked = Linked()
        choose: Callable[..., Chosen] = getattr(linked, link)
        enter(linked.wait, [1])
        choose(linked.share)
        for measure in (linked.wait, linked.share):
            enter(measure, [1])
            measuring.put_away(measure, by=linked.by)
        with pytest.raises(MeasureNotToChoose, match="no longer measured"):
            choose(linked.wait, linked.share, seen=[linked.share])
        assert choose(linked.share, seen=[linked.share]) == Chosen(changed=False, theirs=[])
        assert choose(seen=[linked.share]).changed

    def test_nothing_of_another_project_is_linked(self) -> None:
        linked, other = Linked(), Linked()
        with pytest.raises(MeasureGone):
            linked.box(other.wait)
        with pytest.raises(BoxGone):
            linked.box(linked.wait, box=other.seen)
        with pytest.raises(CycleGone):
            linking.link_cycle(linked.project, other.cycle, [linked.wait.pk], seen=[], by=linked.by)
        assert not BoxMeasure.objects.exists()

    def test_one_that_ended_is_read_alone(self) -> None:
        linked = Linked()
        life.finish(linked.project, "It worked.", by=linked.by)
        with pytest.raises(ProjectOver):
            linked.box(linked.wait)

    def test_links_go_with_what_they_link_and_are_carried_over_to_the_next_cycle(self) -> None:
        linked = Linked()
        linked.studied_by(linked.wait)
        linked.begins()
        cycles.abandon(linked.project, linked.cycle, "No pens", abandoned_on=today(), by=linked.by)
        following = cycles.plan_next(linked.project, linked.cycle, by=linked.by)
        assert linking.measures_of_cycle(following) == [linked.wait]
        cycles.delete_plan(linked.project, following.pk, by=linked.by)
        assert CycleMeasure.objects.count() == 1
        linked.box(linked.wait, linked.share)
        box = DiagramItem.objects.get(pk=linked.seen)
        measuring.put_away(linked.share, by=linked.by)  # for which nothing was ever entered: it goes whole
        outlining.delete(linked.project, box.pk, seen=together.seen(box, ["text"]), by=linked.by)
        assert not BoxMeasure.objects.exists()

    def test_a_draft_goes_with_all_its_links(self) -> None:
        tried = Tried()
        measure = make_measure(tried.project)
        linking.link_box(tried.project, tried.board, [measure.pk], seen=[], by=tried.by)
        linking.link_cycle(tried.project, tried.cycle, [measure.pk], seen=[], by=tried.by)
        life.discard(tried.project, by=tried.by)
        assert not BoxMeasure.objects.exists()
        assert not CycleMeasure.objects.exists()


class TestWhatPostgresqlHolds:
    @pytest.mark.parametrize("which", ["box of another", "measure of another", "cycle of another", "cycle's measure"])
    def test_both_are_of_one_project(self, which: str) -> None:
        here, other = Linked(), Linked()
        ramp = here.row().ramp_id
        rows: dict[str, Any] = {
            "box of another": BoxMeasure(project=here.project, box_id=other.seen, measure=here.wait),
            "measure of another": BoxMeasure(project=here.project, box_id=here.seen, measure=other.wait),
            "cycle of another": CycleMeasure(
                project=here.project, ramp_id=ramp, cycle_id=other.cycle, measure=here.wait
            ),
            "cycle's measure": CycleMeasure(
                project=other.project, ramp_id=ramp, cycle_id=here.cycle, measure=other.wait
            ),
        }
        with pytest.raises(IntegrityError), transaction.atomic():
            rows[which].save()

    def test_what_is_linked_does_not_move_to_another_project(self) -> None:
        here, other = Linked(), Linked()
        here.box(here.wait)
        with pytest.raises(IntegrityError), transaction.atomic():
            Measure.objects.filter(pk=here.wait.pk).update(project=other.project)


class TestMarksOnCharts:
    def test_a_cycle_is_on_the_charts_of_its_measures_and_without_any_on_all(self) -> None:
        linked = Linked()
        linked.begins()
        assert len(marks_on(linked.wait)) == len(marks_on(linked.share)) == 1
        linked.studied_by(linked.wait)
        assert [mark.text for mark in marks_on(linked.wait)] == ["PDSA cycle 1 of “The board” began"]
        assert marks_on(linked.share) == []
        linked.studied_by(seen=[linked.wait])
        assert len(marks_on(linked.share)) == 1

    def test_one_that_is_still_planned_is_on_none(self) -> None:
        linked = Linked()
        linked.studied_by(linked.wait)
        assert marks_on(linked.wait) == []


class TestPicture:
    def test_a_box_has_a_mark_and_the_words_name_the_measures(self) -> None:
        boxes = [
            Box(1, Level.PRIMARY, "Requests are noticed", (Measured(7, "Minutes"), Measured(8, "<b>Share</b>"))),
            Box(2, Level.PRIMARY, "Somebody answers"),
        ]
        root = drawn(arrange(boxes, []))
        assert written(root).count("2 measures") == 1
        assert "“Requests are noticed” is measured by “Minutes”, “<b>Share</b>”." in told(arrange(boxes, []))
        marked, plain = [float(rect.get("height", "")) for rect in root.iter(f"{SVG}rect")][1:]
        assert marked > plain

    def test_drivers_without_a_measure_are_told_apart_from_ideas(self) -> None:
        boxes = [Box(1, Level.PRIMARY, "A", (Measured(7, "M"),)), Box(2, Level.SECONDARY, "B"), Box(3, Level.IDEA, "C")]
        assert [box.text for box in arrange(boxes, []).not_measured] == ["B"]


class TestPages:
    def test_a_box_and_its_measure_lead_to_one_another(self) -> None:
        linked = Linked()
        diagram = address("project_diagram", linked.project.pk)
        page = words(linked.browser.get(diagram))
        assert "4 drivers have no measure yet" in page
        assert "Minutes to an answer" in words(linked.browser.get(linked.at_box()))
        answer = linked.browser.post(linked.at_box(), {"measures": [linked.wait.pk], "_seen": ""})
        assert answer.headers["Location"].startswith(f"{diagram}?at={linked.seen}-{linked.noticed}#")
        page = words(linked.browser.get(diagram))
        assert "3 drivers have no measure yet" in page
        assert "Measured by" in page
        assert "Everybody sees who waits" in words(linked.browser.get(at("measure", linked.wait)))

    def test_a_cycle_and_its_measure_lead_to_one_another_in_each_step(self) -> None:
        linked = Linked()
        assert "None chosen, so it is marked on each chart" in words(linked.browser.get(linked.at_cycle("cycle")))
        linked.begins()
        answer = linked.browser.post(linked.at_cycle(), {"measures": [linked.wait.pk], "_seen": ""})
        assert answer.headers["Location"] == linked.at_cycle("cycle")
        assert at("measure", linked.wait) in linked.browser.get(linked.at_cycle("cycle")).content.decode()
        assert linked.at_cycle("cycle") in linked.browser.get(at("measure", linked.wait)).content.decode()

    def test_who_comes_second_is_told_what_stands_otherwise(self) -> None:
        linked = Linked()
        linked.box(linked.share)
        answer = linked.browser.post(linked.at_box(), {"measures": [linked.wait.pk], "_seen": ""}, follow=True)
        assert "chosen or cleared this meanwhile, and it stands so: “Answered in time”" in words(answer)
        assert linked.measures_of_the_box() == [linked.wait, linked.share]

    @pytest.mark.parametrize("sent", ["of another project", "put away", "nonsense", "0", "9" * 30])
    def test_what_cannot_be_chosen_is_said_and_nothing_is_saved(self, sent: str) -> None:
        linked, other = Linked(), Linked()
        if sent == "put away":
            enter(linked.wait, [1])
            measuring.put_away(linked.wait, by=linked.by)
        key = {"of another project": other.wait.pk, "put away": linked.wait.pk}.get(sent, sent)
        for page in (linked.at_box(), linked.at_cycle()):
            answer = linked.browser.post(page, {"measures": [key, linked.share.pk], "_seen": "x \u0663 9"})
            assert answer.status_code == 422
            assert "no longer measured, or was deleted" in words(answer)
        assert not BoxMeasure.objects.exists()
        assert not CycleMeasure.objects.exists()

    def test_without_what_the_page_carried_nothing_that_is_chosen_is_lost_but_what_was_cleared(self) -> None:
        linked = Linked()
        linked.box(linked.wait)
        linked.browser.post(linked.at_box(), {"measures": [linked.share.pk]})
        assert linked.measures_of_the_box() == [linked.share]

    def test_a_box_or_a_plan_that_was_deleted_meanwhile_is_said(self) -> None:
        linked = Linked()
        box = DiagramItem.objects.get(pk=linked.words)
        outlining.delete(linked.project, box.pk, seen=together.seen(box, ["text"]), by=linked.by)
        answer = linked.browser.post(linked.at_box(box.pk), {"measures": [linked.wait.pk]})
        assert answer.status_code == 409
        assert "deleted this box" in words(answer)
        cycles.delete_plan(linked.project, linked.cycle, by=linked.by)
        assert linked.browser.post(linked.at_cycle(), {"measures": [linked.wait.pk]}).status_code == 404

    def test_who_reads_alone_chooses_nothing(self) -> None:
        linked = Linked()
        reader = browser_of(join(linked.project, Role.SPONSOR).user)
        for page in (linked.at_box(), linked.at_cycle()):
            assert reader.post(page, {"measures": [linked.wait.pk]}).status_code == 403
        assert "have no measure yet" not in words(reader.get(address("project_diagram", linked.project.pk)))
        assert "Choose its measures" not in words(reader.get(linked.at_cycle("cycle")))

    def test_without_measures_it_leads_to_the_first_one(self) -> None:
        tried = Tried()
        page = words(browser_of(tried.by).get(address("diagram_measures", tried.project.pk, tried.seen)))
        assert "Nothing is measured yet." in page
        assert "Add a measure" in page

    @pytest.mark.parametrize("page", ["diagram_measures", "project_diagram", "cycle_measures", "cycle", "measure"])
    def test_a_page_takes_as_many_statements_for_three_links_as_for_one(self, page: str) -> None:
        linked = Linked()
        enter(linked.wait, [1, 2])
        here = {
            "diagram_measures": linked.at_box(),
            "project_diagram": address("project_diagram", linked.project.pk),
            "cycle_measures": linked.at_cycle(),
            "cycle": linked.at_cycle("cycle"),
            "measure": at("measure", linked.wait),
        }[page]

        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert linked.browser.get(here).status_code == 200
            return len(asked)

        linked.box(linked.wait)
        linked.studied_by(linked.wait)
        linked.browser.get(here)
        one = statements()
        third = make_measure(linked.project, name="Third")
        linked.box(linked.wait, linked.share, third, seen=[linked.wait])
        linked.studied_by(linked.wait, linked.share, third, seen=[linked.wait])
        for box in (linked.handed, linked.board):
            linked.box(linked.wait, box=box)
        assert statements() == one
