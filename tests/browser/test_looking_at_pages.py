"""What the browser tests look at is the page that somebody comes to."""

from collections.abc import Callable

import pytest

from tests.browser.person import Hand, Mouse, Person

pytestmark = pytest.mark.browser

Seat = Callable[[Hand], Person]


def test_a_page_that_goes_while_it_is_looked_at_is_not_the_one_that_is_judged(somebody: Seat) -> None:
    visitor = somebody(Mouse())
    visitor.opens("/", "Anti-racist training")
    # This page goes as soon as it is put before axe, which never says what it found.
    visitor.page.evaluate("{ axe.run = () => (location.reload(), new Promise(() => {})); window.isOld = true }")
    visitor.finds_nothing_wrong()
    assert not visitor.page.evaluate("window.isOld")
