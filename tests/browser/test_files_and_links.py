"""What a team adds to its project beside words: a file, and which measure tells of a driver and of a cycle."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from qi_projects.models import BoxMeasure, CycleMeasure, Measure, ProjectFile
from tests.attachments import made
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.browser.test_driver_diagram import opens_what_can_be_done
from tests.factories import make_user
from tests.qi_projects.making import join, make_active
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.test_cycles import Tried, today

pytestmark = pytest.mark.browser
Seat = Callable[[Hand], Person]

WAIT, SHARE = "Minutes to an answer", "Answered in time"
CYCLE = "PDSA cycle 1 of “The board”"
BEGAN = "PDSA cycle 1 of “The board” began"


@pytest.mark.parametrize("hand", [Keyboard(), Mouse()], ids=["keyboard at 320", "mouse at 1280"])
def test_given_a_project_then_a_member_adds_a_file_and_says_which_measure_tells_of_what(
    somebody: Seat, hand: Hand, tmp_path: Path
) -> None:
    tried = Tried(make_active(aim_what="Everybody is answered."))
    member = join(tried.project, person=make_user(name="Demo Midwife")).user
    for name in (WAIT, SHARE):
        enter(make_measure(tried.project, name=name), [31, 28, 34, 30, 19, 16, 17], today(-49))
    tried.begins(-21)
    person = somebody(hand)
    person.is_signed_in(member)
    # The button of the design system's file upload names itself by its own text, which axe leaves out.
    person.not_ours = frozenset({"label-content-name-mismatch"})
    person.opens(tried.project.get_absolute_url(), str(tried.project))

    adds_a_file(person, tmp_path)
    says_which_measure_tells_of_a_driver(person, tried)
    says_by_which_a_cycle_is_studied(person, tried)

    # Then the cycle is marked on the chart of that measure, and on the other's no more
    person.follows(WAIT, WAIT)
    person.sees(BEGAN, "Everybody sees who waits", CYCLE)
    expect(person.page.locator("svg.app-chart circle[fill='#ffffff']").locator("visible=true")).to_have_count(1)
    share = Measure.objects.get(name=SHARE)
    person.opens(reverse("measure", args=[tried.project.pk, share.pk]), SHARE)
    person.does_not_see(BEGAN)


def adds_a_file(person: Person, folder: Path) -> None:
    """Choose a drawing that is refused, then a table that looks like patients, and at last a photograph."""
    drawing, patients, photograph = (folder / name for name in ("Card.png", "List.csv", "Board.jpg"))
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    patients.write_text("".join(f"{name} Smith,01/02/1990\n" for name in ("Jane", "Mary", "Ann")))
    photograph.write_bytes(made.photograph())
    person.follows("Files", "Files")
    person.sees("There are no files yet.")
    person.presses("Add a file", "Add a file")
    person.types("What is it called?", "The board in bay 2")
    person.types("What is it about?", "Where the time of each request is written")
    person.chooses("I have looked through this file. Nothing in it identifies a patient")
    for file, says in ((drawing, "a drawing in code"), (patients, "3 dates of birth, under “File”")):
        person.page.locator("input[type=file]").set_input_files(file)
        person.presses("Add the file", "Add a file")
        person.sees(says)
        expect(person.page.get_by_label("What is it called?")).to_have_value("The board in bay 2")
    person.page.locator("input[type=file]").set_input_files(photograph)
    person.presses("Add the file", "Files")
    person.sees("The file is added.", "The board in bay 2", "Where the time of each request is written")
    kept = person.downloads_bytes("The board in bay 2 (JPEG")
    assert kept.startswith(b"\xff\xd8")
    assert b"canary" not in kept
    assert ProjectFile.objects.get().file.name == "Board.jpg"


def says_which_measure_tells_of_a_driver(person: Person, tried: Tried) -> None:
    """Tick a measure for a driver, and find it in the outline and in the picture."""
    person.opens(reverse("project_diagram", args=[tried.project.pk]), "Driver diagram")
    person.sees("4 drivers have no measure yet")
    opens_what_can_be_done(person, "Everybody sees who waits")
    person.follows("Choose its measures “Everybody sees", "Which measures tell of “Everybody sees who waits”?")
    person.chooses(WAIT)
    person.presses("Save", "Driver diagram")
    person.sees("Saved.", "Measured by", "3 drivers have no measure yet")
    assert BoxMeasure.objects.get().box_id == tried.seen


def says_by_which_a_cycle_is_studied(person: Person, tried: Tried) -> None:
    """Tick a measure for a cycle of which Do has begun."""
    person.opens(reverse("cycle", args=[tried.project.pk, tried.cycle]), CYCLE)
    person.sees("None chosen, so it is marked on each chart")
    person.follows("Change its measures", "By which measures is it studied?")
    person.chooses(WAIT)
    person.presses("Save", CYCLE)
    assert CycleMeasure.objects.get().measure.name == WAIT
