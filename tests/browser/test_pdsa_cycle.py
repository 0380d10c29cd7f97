"""A change idea is tried out: a cycle from its plan to Act, with a prediction that nobody changes afterwards."""

from collections.abc import Callable

import pytest

from qi_projects.models import Cycle
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.qi_projects.test_diagram import Drawn

pytestmark = pytest.mark.browser
Seat = Callable[[Hand], Person]
CYCLE = "PDSA cycle 1 of “The board”"
PREDICTED = "On half of the shifts, because the pen is in the office"


@pytest.mark.parametrize("hand", [Keyboard(), Mouse()], ids=["keyboard at 320", "mouse at 1280"])
def test_given_an_idea_then_a_cycle_goes_from_plan_to_act_and_on_to_the_next(somebody: Seat, hand: Hand) -> None:
    drawn = Drawn()
    person = somebody(hand)
    person.is_signed_in(drawn.by)
    person.opens(drawn.project.get_absolute_url(), str(drawn.project))
    plans(person)
    does(person)
    studies(person)
    acts_and_plans_the_next(person)
    assert list(Cycle.objects.values_list("number", "state")) == [(1, "closed"), (2, "plan")]


def plans(person: Person) -> None:
    """Choose the idea, and write the plan; Do cannot begin without a prediction."""
    person.follows("PDSA cycles", "PDSA cycles")
    person.presses("Try out an idea", "Try out an idea")
    person.chooses("Write it on the board")
    person.types("Name of the ramp", "The board")
    person.presses("Plan the first cycle", "What do you want to learn?")
    person.types("What do you want to learn?", "Whether a board is filled in at night")
    person.presses("Save", CYCLE)
    person.follows("Change the plan", "The plan")
    for label, text in (
        ("What will you do?", "Write the time of each request on the board"),
        ("Who will do it?", "Whoever takes the request"),
        ("Where?", "Bays 1 to 4"),
        ("When?", "Two night shifts next week"),
    ):
        person.types(label, text)
    person.presses("Save", CYCLE)
    person.sees("Before Do can begin, write a question, with what you predict.")
    person.does_not_see("Begin Do")
    person.follows("Add a question", "A question, and what you predict")
    person.types("What do you want to know?", "Is the time on the board for each request?")
    person.types("What do you predict?", PREDICTED)
    person.presses("Save", CYCLE)
    person.presses("Begin Do", "Begin Do")
    person.presses("Begin Do", CYCLE)
    person.sees("Questions and predictions have stayed as they were since Do began.")


def does(person: Person) -> None:
    """Write what happened."""
    person.follows("Change what happened", "What happened")
    person.types("What happened?", "11 of 14 requests stood on the board.")
    person.types("What was unexpected?", "Women read it, and told us when we had forgotten one.")
    person.presses("Save", CYCLE)
    person.presses("Go on to Study", "Go on to Study")
    person.presses("Go on to Study", CYCLE)


def studies(person: Person) -> None:
    """Hold what was found against what was predicted."""
    person.follows("Say what you found", "Is the time on the board for each request?")
    person.sees(PREDICTED)
    person.presses("Save", "Is the time on the board for each request?")
    person.is_told_what_to_put_right("Write what you found")
    person.types("What did you find?", "For 11 of 14")
    person.chooses("Not as predicted")
    person.presses("Save", CYCLE)
    person.follows("Change what you learnt", "What did you learn?")
    person.types("What did you learn?", "A board that women can read is filled in.")
    person.presses("Save", CYCLE)


def acts_and_plans_the_next(person: Person) -> None:
    """Decide, and begin the next cycle with what is carried over."""
    person.presses("Go on to Act", "Act")
    person.chooses("Adopt it")
    person.types("Why?", "It is filled in, and women use it.")
    person.types("What comes next?", "All bays, for two weeks")
    person.presses("Close the cycle", CYCLE)
    person.presses("Plan the next cycle", "Plan the next cycle")
    person.presses("Plan the next cycle", "PDSA cycle 2 of “The board”")
    person.sees("after which you wrote", "All bays, for two weeks", "Is the time on the board for each request?")
    person.follows("PDSA cycles", "PDSA cycles")
