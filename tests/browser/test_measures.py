"""A measure from its name to a chart whose picture, icons, words and table say the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from qi_projects.models import Measure
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_user
from tests.qi_projects.making import make_active
from tests.qi_projects.measures import MONDAY

pytestmark = pytest.mark.browser

NAME = "Minutes from a request for pain relief to an answer"
WAITS = [31, 28, 34, 30, 36, 27, 33, 29, 35, 31, 26, 34, 32, 30, 24, 22, 21, 17, 19, 16, 20, 18, 15, 19, 17, 14]
ROWS = "\n".join(f"{(MONDAY + timedelta(weeks=at)):%d/%m/%Y}\t{wait}" for at, wait in enumerate(WAITS))


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_rows_of_a_spreadsheet_become_a_chart_that_says_one_thing(
    somebody: Callable[[Hand], Person], hand: Hand
) -> None:
    # Given an active project, its lead says what is measured
    lead = make_user(name="Demo Midwife")
    project = make_active(lead)
    person = somebody(hand)
    person.is_signed_in(lead)
    # The button of the design system's file upload names itself by its own text, which axe leaves out.
    person.not_ours = frozenset({"label-content-name-mismatch"})
    person.opens(project.get_absolute_url(), str(project))
    person.follows("Measures", "Measures")
    person.presses("Add a measure", "Add a measure")
    person.types("Name of the measure", NAME)
    for choice in ("Outcome", "One figure", "Every week", "Lower is better"):
        person.chooses(choice)
    person.presses("Continue", "How it is measured")
    person.types("Unit", "minutes")
    person.types("Target", "15")
    person.presses("Save", NAME)
    person.sees("There are no points yet.")
    measure = Measure.objects.get()

    # When rows are pasted of which one cannot be, it is told by its number, and the rows stay
    person.presses("Paste from a spreadsheet", "Paste points from a spreadsheet")
    _paste(person, f"{ROWS}\n31/02/2026\t12")
    person.presses("Look at it first", "Paste points from a spreadsheet")
    person.sees(f"Row {len(WAITS) + 1}: There is no day 31/02/2026.")
    assert "31/02/2026" in person.page.get_by_label("Rows from your spreadsheet").input_value()
    assert not measure.points.exists()

    # And put right, looked at and saved
    _paste(person, ROWS)
    person.presses("Look at it first", "Paste points from a spreadsheet")
    person.sees(f"New: {len(WAITS)}")
    person.presses(f"Save {len(WAITS)} points", NAME)
    person.sees(f"Saved: {len(WAITS)} new.")

    # And the chart is chosen that is suggested, on the first 12 points
    person.follows("Choose a chart", "Chart and rules")
    person.chooses("XmR chart")
    person.presses("Save", NAME)
    person.opens(reverse("measure_edit", args=[project.pk, measure.pk, "chart"]), "Chart and rules")
    person.types("On how many points are limits to rest?", "12")
    person.presses("Save", NAME)

    # Then picture, icon, words and table agree
    _agree(person)

    # And what happened is written on it, and the table is there as a file
    person.presses("Write on the chart", "Notes on the chart")
    when = MONDAY + timedelta(weeks=14)
    for part, number in (("Day", when.day), ("Month", when.month), ("Year", when.year)):
        person.types(part, str(number))
    person.types("What happened?", "All shifts write each request on the board")
    person.presses("Put it on the chart", NAME)
    person.sees("1. Note, 13 April 2026: All shifts write each request on the board")
    assert f'"{MONDAY.isoformat()}","31"' in person.downloads("the data as CSV")


def _agree(person: Person) -> None:
    """Hold the picture that is shown, the icons' words, the sentences and the table to one another."""
    person.sees("Special cause variation of an improving nature, with lower values")
    person.sees("The target will not be met, unless the process changes")
    shown = person.page.locator(".app-chart:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_have_class(f"app-chart app-chart--{'wide' if person.hand.width > 640 else 'narrow'}")
    told = shown.locator("desc").text_content() or ""
    assert "Special cause variation of an improving nature, with lower values" in told
    said = person.page.get_by_role("heading", name="What the chart says").locator("xpath=following-sibling::ul[1]")
    for sentence in said.locator("li").all_text_contents()[:2]:
        assert sentence.strip() in told
    improved = person.page.get_by_role("cell").filter(has_text="Improvement").count()
    assert improved >= 7
    # One of the shapes is in the key.
    diamonds = shown.locator("path[fill='#00b0f0']").count()
    assert diamonds == improved + 1


def _paste(person: Person, rows: str) -> None:
    """Put rows into the box as a paste does: a tab that is typed would leave it."""
    box = person.page.get_by_label("Rows from your spreadsheet")
    if isinstance(person.hand, Keyboard):
        person.hand.go_to(person.page, box)
        person.page.keyboard.press("Control+A")
        person.page.keyboard.insert_text(rows)
    else:
        box.fill(rows)
