"""A list of three books: the next one whole, and those before and after it one step away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.bookclub.making import (
    bring_near,
    make_book,
    make_listed,
    make_meeting,
    make_reader,
    make_reading_cohort,
    meeting_of,
)
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_programme, make_user

pytestmark = pytest.mark.browser
READ, NEXT, LATER = "The weight of a name", "Whose pain counts", "Kitchen table, labour ward"


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse at 1280", "keyboard at 320"])
def test_the_next_book_is_whole_and_the_others_are_one_step_away(
    somebody: Callable[[Hand], Person], hand: Hand
) -> None:
    # Given a cohort that has talked about one book, and reads two more
    cohort = make_reading_cohort(programme=make_programme(name="Perinatal programme"), name="Perinatal cohort 4")
    for title, days in ((READ, 10), (NEXT, 20), (LATER, 60)):
        book = make_book(title=title, description=f"All about “{title}”.")
        make_listed(cohort, book, meeting=make_meeting(cohort, days=days))
    bring_near(meeting_of(cohort.reading_list.get(book__title=READ)), days=-3)
    member = somebody(hand)
    member.is_signed_in(make_reader(cohort, make_user(name="Demo Midwife")).user)

    # When a member opens the book club
    member.opens(f"/book-club/cohorts/{cohort.pk}/", "Book club")

    # Then the next book stands there whole, above the others
    member.sees(f"All about “{NEXT}”.")
    headings = member.page.get_by_role("main").get_by_role("heading", level=2)
    expect(headings).to_have_text(["Next", "To come", "Read before", "Reflections"])
    for other in (READ, LATER):
        member.does_not_see(f"All about “{other}”.")

    # And the others have their own pages, where a member says how far they are, and the list tells them so
    member.follows(LATER, LATER)
    member.sees(f"All about “{LATER}”.")
    member.presses(f"I have begun it {LATER}", LATER)
    member.opens(f"/book-club/cohorts/{cohort.pk}/", "Book club")
    member.sees("You have begun it.")
    member.follows(READ, READ)
    member.sees(f"All about “{READ}”.")
