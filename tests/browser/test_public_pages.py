"""Pages that anybody sees, at both widths."""

from collections.abc import Callable

import pytest

from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_component, make_series, make_session

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_visitor_finds_an_open_session(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    series = make_series(name="Race Equality Week", slug="race-equality-week")
    session = make_session(make_component(series, title="The importance of names", slug="names"))
    visitor = somebody(hand)

    visitor.opens("/", "Anti-racist training")
    visitor.follows("See all programmes", "Programmes")
    visitor.follows("Race Equality Week", "Race Equality Week")
    visitor.follows("The importance of names", "The importance of names")
    visitor.sees("20 left")
    visitor.opens(f"/sessions/{session.pk}/", "The importance of names")
    visitor.presses("Book this date", "Sign in")
