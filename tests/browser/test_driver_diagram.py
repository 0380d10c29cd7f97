"""A driver diagram drawn up as an outline: by keyboard on a phone's width, by mouse on a wide screen, and on paper."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from qi_projects import outlining
from qi_projects.diagram import Level
from qi_projects.models import Project
from tests.browser.person import SCREENSHOTS, Hand, Keyboard, Mouse, Person
from tests.qi_projects.making import lead_of, make_draft
from tests.qi_projects.test_diagram import texts

pytestmark = pytest.mark.browser
Seat = Callable[[Hand], Person]

AIM = "Everybody who asks for pain relief in labour is answered within 15 minutes, and told what happens next."
LONG = "Say at each handover who has asked and still waits, what they were told, and when somebody comes " * 2
ARABIC = "اكتبها على اللوح من فضلك"


def given_a_project() -> Project:
    return make_draft(aim_what=AIM, aim_how_much="From about half of requests to 9 of 10")


def adds(person: Person, link: str, heading: str, *written: str) -> None:
    """Follow a link to a new box, and write one, or several one after the other."""
    person.follows(link, heading)
    for number, text in enumerate(written, 1):
        person.types(heading.removeprefix("Add a ").capitalize(), text)
        if number < len(written):
            person.presses("Add it and write another", heading)
        else:
            person.presses("Add it", "Driver diagram")


def opens_what_can_be_done(person: Person, text: str) -> None:
    """Open what is held back of a box, unless it is open: it is where one has just come from."""
    found = person.page.locator("li").filter(has=person.page.locator("> p", has_text=text)).locator("> details").first
    if found.get_attribute("open") is None:
        person.hand.press(person.page, found.locator("summary"))


@pytest.mark.parametrize("hand", [Keyboard(), Mouse()], ids=["keyboard at 320", "mouse at 1280"])
def test_given_an_aim_then_a_diagram_is_drawn_up_and_rearranged(somebody: Seat, hand: Hand) -> None:
    project = given_a_project()
    person = somebody(hand)
    person.is_signed_in(lead_of(project))
    person.opens(project.get_absolute_url(), str(project))

    # When somebody adds what decides it, and what acts on that
    person.follows("Driver diagram", "Driver diagram")
    adds(person, "Add a primary driver", "Add a primary driver", "Requests are noticed", "Somebody answers")
    opens_what_can_be_done(person, "Requests are noticed")
    adds(
        person,
        "Add a secondary driver under it “Requests are noticed”",
        "Add a secondary driver",
        "Everybody sees who waits",
        "Requests survive a handover",
    )
    opens_what_can_be_done(person, "Requests survive a handover")
    adds(person, "Add a change idea under it “Requests survive", "Add a change idea", LONG[:200], ARABIC)

    # And puts the second before the first, says it in other words, and links it to the other primary driver
    opens_what_can_be_done(person, "Requests survive a handover")
    person.presses("Move up “Requests survive a handover”", "Driver diagram")
    person.follows("Change the words “Requests survive", "Change the words")
    person.types("Secondary driver", "Requests are handed over")
    person.presses("Save", "Driver diagram")
    person.follows("Link it to one more driver “Requests are handed", "Link “Requests are handed over” to a driver")
    person.chooses("Somebody answers")
    person.presses("Link it", "Driver diagram")

    # And deletes a driver, once told what hangs on it
    opens_what_can_be_done(person, "Requests are noticed")
    person.follows("Delete it “Requests are noticed”", "Delete “Requests are noticed”?")
    person.sees("Requests are handed over, which hangs on another driver, too", "which will be under no driver")
    person.presses("Delete it", "Driver diagram")

    # Then the diagram says so, as picture on a wide screen and as outline on both
    person.sees("Not under a driver yet", "Everybody sees who waits")
    found = outlining.read(project)
    assert texts(found.of_level(Level.PRIMARY)) == ["Somebody answers"]
    assert texts(found.of_level(Level.SECONDARY)) == ["Requests are handed over", "Everybody sees who waits"]
    picture = person.page.get_by_role("img", name="Driver diagram")
    expect(picture).to_have_count(1 if hand.width > 320 else 0)


def test_given_sixty_ideas_then_each_primary_driver_has_a_sheet_of_paper(somebody: Seat, tmp_path: Path) -> None:
    project = given_a_project()
    lead = lead_of(project)
    for number in range(4):
        primary = outlining.add(project, f"Primary driver number {number} of this project", Level.PRIMARY, by=lead)
        for second in range(3):
            above = outlining.add_under(project, primary.pk, f"What acts on it, {number}.{second}", by=lead)
            for idea in range(5):
                outlining.add_under(project, above.pk, f"Something to try out, {number}.{second}.{idea}", by=lead)
    person = somebody(Mouse())
    person.is_signed_in(lead)
    person.opens(f"{project.get_absolute_url()}diagram/", "Driver diagram")
    folder = Path(SCREENSHOTS) if SCREENSHOTS else tmp_path
    printed = person.page.pdf(path=folder / "driver-diagram.pdf", format="A4", print_background=True)
    assert printed.startswith(b"%PDF")
    person.page.emulate_media(media="print")
    sheets = person.page.get_by_role("img", name="Driver diagram")
    expect(sheets).to_have_count(4)
    for text in ("Change the words", "Move up"):
        expect(person.page.get_by_text(text).first).to_be_hidden()
