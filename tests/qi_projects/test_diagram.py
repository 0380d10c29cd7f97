"""Driver diagrams: the outline, the verbs, and what PostgreSQL refuses whoever asks."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from portal import together
from portal.together import ChangedMeanwhile
from portal.trail.models import Entry
from qi_projects import life, outlining
from qi_projects.diagram import Box, Diagram, Level, Place, arrange
from qi_projects.models import DiagramItem, DiagramLink, Project
from qi_projects.refusals import BoxGone, ProjectOver, ProjectRefused
from tests.qi_projects.making import lead_of, make_active, make_draft

pytestmark = pytest.mark.django_db


class Drawn:
    """A project with a diagram: two primary drivers, two secondary ones, the second under both; two ideas."""

    def __init__(self, project: Project | None = None) -> None:
        self.project = project or make_draft()
        self.by = lead_of(self.project)
        self.noticed = self.add("Requests are noticed", Level.PRIMARY)
        self.answered = self.add("Somebody answers", Level.PRIMARY)
        self.seen = self.under(self.noticed, "Everybody sees who waits")
        self.handed = self.under(self.noticed, "Requests are handed over")
        outlining.link(self.project, self.handed, self.answered, by=self.by)
        self.board = self.under(self.seen, "Write it on the board")
        self.words = self.under(self.handed, "Say it at handover")

    def add(self, text: str, level: Level) -> int:
        return outlining.add(self.project, text, level, by=self.by).pk

    def under(self, upper: int, text: str) -> int:
        return outlining.add_under(self.project, upper, text, by=self.by).pk

    def read(self) -> Diagram:
        return outlining.read(self.project)


def flat(places: Any) -> Iterator[Place]:
    for place in places:
        yield place
        yield from flat(place.under)


def texts(boxes: Any) -> list[str]:
    return [box.text for box in boxes]


class TestOutline:
    def test_a_box_stands_under_each_driver_and_what_hangs_on_it_under_the_first_alone(self) -> None:
        drawn = Drawn()
        places = list(flat(drawn.read().outline))
        assert [place.box.text for place in places] == [
            "Requests are noticed",
            "Everybody sees who waits",
            "Write it on the board",
            "Requests are handed over",
            "Say it at handover",
            "Somebody answers",
            "Requests are handed over",
        ]
        assert places[-1].again == places[3].key
        assert (places[1].is_first, places[1].is_last) == (True, False)

    def test_what_is_under_no_driver_stands_apart_with_what_hangs_on_it(self) -> None:
        drawn = Drawn()
        outlining.unlink(drawn.project, drawn.seen, drawn.noticed, by=drawn.by)
        drawn.add("An idea of the night shift", Level.IDEA)
        assert [place.box.text for place in flat(drawn.read().loose)] == [
            "Everybody sees who waits",
            "Write it on the board",
            "An idea of the night shift",
        ]

    def test_parts_are_the_primary_drivers_and_the_rest(self) -> None:
        drawn = Drawn()
        drawn.add("Loose", Level.IDEA)
        parts = drawn.read().parts()
        assert [(box.text if box else None, len(part.boxes)) for box, part in parts] == [
            ("Requests are noticed", 5),
            ("Somebody answers", 3),
            (None, 1),
        ]


class TestVerbs:
    def test_a_box_goes_up_and_down_among_those_beside_it(self) -> None:
        drawn = Drawn()

        def move(item: int, under: int | None, *, up: bool) -> None:
            outlining.move(drawn.project, item, up=up, under=under, by=drawn.by)

        third = drawn.under(drawn.answered, "Somebody is named")
        move(third, drawn.answered, up=True)
        assert texts(drawn.read().lowers[drawn.answered]) == ["Somebody is named", "Requests are handed over"]
        assert texts(drawn.read().lowers[drawn.noticed]) == ["Everybody sees who waits", "Requests are handed over"]
        move(drawn.noticed, None, up=False)
        assert texts(drawn.read().of_level(Level.PRIMARY)) == ["Somebody answers", "Requests are noticed"]
        before = Entry.objects.count()
        move(drawn.noticed, None, up=False)
        assert Entry.objects.count() == before
        with pytest.raises(ProjectRefused):
            move(drawn.board, drawn.noticed, up=True)

    def test_renaming_meets_what_another_has_put(self) -> None:
        drawn = Drawn()
        seen = together.seen(DiagramItem.objects.get(pk=drawn.board), ["text"])
        outlining.rename(drawn.project, drawn.board, "Theirs", seen=seen, by=drawn.by)
        with pytest.raises(ChangedMeanwhile) as caught:
            outlining.rename(drawn.project, drawn.board, "Mine", seen=seen, by=drawn.by)
        assert caught.value.conflicts[0].now == "Theirs"

    def test_deleting_keeps_what_hung_on_it(self) -> None:
        drawn = Drawn()
        seen = together.seen(DiagramItem.objects.get(pk=drawn.noticed), ["text"])
        outlining.delete(drawn.project, drawn.noticed, seen=seen, by=drawn.by)
        found = drawn.read()
        assert [place.box.text for place in found.loose] == ["Everybody sees who waits"]
        assert texts(found.lowers[drawn.answered]) == ["Requests are handed over"]
        with pytest.raises(BoxGone):
            outlining.rename(drawn.project, drawn.noticed, "x", seen=seen, by=drawn.by)

    def test_what_was_renamed_meanwhile_is_not_deleted_unseen(self) -> None:
        drawn = Drawn()
        seen = together.seen(DiagramItem.objects.get(pk=drawn.board), ["text"])
        outlining.rename(drawn.project, drawn.board, "Theirs", seen=seen, by=drawn.by)
        with pytest.raises(ProjectRefused, match="changed since"):
            outlining.delete(drawn.project, drawn.board, seen=seen, by=drawn.by)

    def test_only_neighbours_of_one_project_are_linked(self) -> None:
        drawn, other = Drawn(), Drawn()
        for item, upper in (
            (drawn.board, drawn.noticed),
            (drawn.noticed, drawn.seen),
            (drawn.seen, drawn.seen),
            (drawn.noticed, drawn.answered),
        ):
            with pytest.raises(ProjectRefused, match="cannot be linked"):
                outlining.link(drawn.project, item, upper, by=drawn.by)
        with pytest.raises(BoxGone):
            outlining.link(drawn.project, drawn.seen, other.noticed, by=drawn.by)
        with pytest.raises(ProjectRefused, match="Nothing hangs on a change idea"):
            drawn.under(drawn.board, "x")
        outlining.link(drawn.project, drawn.seen, drawn.noticed, by=drawn.by)
        assert DiagramLink.objects.filter(project=drawn.project).count() == 5

    def test_a_diagram_has_an_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = Drawn()
        monkeypatch.setattr(outlining, "MOST_BOXES", 6)
        with pytest.raises(ProjectRefused, match="at most"):
            drawn.add("One too many", Level.IDEA)

    def test_one_that_has_ended_is_left_as_it_is(self) -> None:
        drawn = Drawn(make_active())
        life.finish(drawn.project, "It worked.", by=drawn.by)
        with pytest.raises(ProjectOver):
            drawn.add("Late", Level.IDEA)

    def test_the_trail_has_numbers_and_no_words(self) -> None:
        drawn = Drawn()
        entry = Entry.objects.filter(verb="project.change_idea_added").latest("id")
        assert entry.details == {"box": drawn.words, "level": 3}
        assert entry.deed == "Change idea added"

    def test_a_draft_is_deleted_with_its_diagram(self) -> None:
        drawn = Drawn()
        life.discard(drawn.project, by=drawn.by)
        assert not DiagramItem.objects.exists()
        assert not DiagramLink.objects.exists()


class TestPostgreSQL:
    """No code of ours can make a circle, or a link that skips a level or leaves its project."""

    def refused(self, constraint: str, **columns: Any) -> None:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            DiagramLink.objects.create(**columns)

    def test_links_join_neighbouring_levels(self) -> None:
        drawn = Drawn()
        begins, ends = "a_link_begins_at", "a_link_ends_at"
        common = {"project": drawn.project}
        self.refused(ends, upper_id=drawn.noticed, lower_id=drawn.board, upper_level=1, **common)
        self.refused(begins, upper_id=drawn.noticed, lower_id=drawn.board, upper_level=2, **common)
        self.refused(begins, upper_id=drawn.board, lower_id=drawn.noticed, upper_level=0, **common)
        self.refused(ends, upper_id=drawn.seen, lower_id=drawn.seen, upper_level=2, **common)
        self.refused("hangs_on_another_once", upper_id=drawn.noticed, lower_id=drawn.seen, upper_level=1, **common)

    def test_links_stay_in_their_project(self) -> None:
        drawn, other = Drawn(), Drawn()
        for project in (drawn.project, other.project):
            with pytest.raises(IntegrityError, match="a_link_"), transaction.atomic():
                DiagramLink.objects.create(project=project, upper_id=drawn.noticed, lower_id=other.seen, upper_level=1)

    def test_a_box_that_is_linked_changes_neither_level_nor_project(self) -> None:
        drawn = Drawn()
        for change in ({"level": 3}, {"level": 1}, {"project": make_draft()}):
            with pytest.raises(IntegrityError), transaction.atomic():
                DiagramItem.objects.filter(pk=drawn.seen).update(**change, position=99)

    @pytest.mark.parametrize("level", [0, 4])
    def test_there_are_three_levels(self, level: int) -> None:
        with pytest.raises(IntegrityError, match="two_levels_of_drivers"):
            DiagramItem.objects.create(project=make_draft(), level=level, text="x", position=1)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some.lists(
        some.tuples(
            some.sampled_from(["add", "under", "link", "unlink", "up", "down", "delete"]),
            some.integers(0, 30),
            some.integers(0, 30),
        ),
        max_size=25,
    )
)
def test_given_any_order_of_changes_then_the_diagram_holds(deeds: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        _do_all(deeds)
        transaction.set_rollback(True)


def _do_all(deeds: list[tuple[str, int, int]]) -> None:
    project = make_draft()
    by = lead_of(project)
    for deed, one, two in deeds:
        before = outlining.read(project)
        keys = list(before.boxes) or [0]
        item, upper = keys[one % len(keys)], keys[two % len(keys)]
        try:
            match deed:
                case "add":
                    outlining.add(project, f"Box {one}", Level(one % 3 + 1), by=by)
                case "under":
                    outlining.add_under(project, upper, f"Box {one}", by=by)
                case "link":
                    outlining.link(project, item, upper, by=by)
                case "unlink":
                    outlining.unlink(project, item, upper, by=by)
                case "up" | "down":
                    outlining.move(project, item, up=deed == "up", under=upper if two % 2 else None, by=by)
                case _:
                    row = DiagramItem.objects.filter(pk=item).first()
                    seen = together.seen(row, ["text"]) if row else ""
                    outlining.delete(project, item, seen=seen, by=by)
        except ProjectRefused:
            assert outlining.read(project) == before
        _holds(project, outlining.read(project), before, deleted=deed == "delete")


def _holds(project: Project, now: Diagram, before: Diagram, *, deleted: bool) -> None:
    connection.check_constraints()
    assert all(now.boxes[lower].level == now.boxes[upper].level + 1 for upper, lower in now.links)
    # Nothing goes but what is deleted, and its own links.
    gone = before.boxes.keys() - now.boxes.keys()
    assert len(gone) <= (1 if deleted else 0)
    # Every box is in the outline, once with what hangs on it; under each driver on which it hangs.
    places = list(flat([*now.outline, *now.loose]))
    assert sorted(place.box.key for place in places if not place.again) == sorted(now.boxes)
    assert {(place.upper, place.box.key) for place in places if place.upper} == now.links
    assert len({place.key for place in places}) == len(places)
    # And the order of each level has no place twice.
    orders = list(DiagramItem.objects.filter(project=project).values_list("level", "position"))
    assert len(set(orders)) == len(orders)


def test_arranging_keeps_the_order_that_it_is_given() -> None:
    boxes = [Box(3, Level.PRIMARY, "c"), Box(1, Level.PRIMARY, "a"), Box(2, Level.SECONDARY, "b")]
    found = arrange(boxes, [(1, 2), (3, 2)])
    assert texts(found.uppers[2]) == ["c", "a"]
