"""Reflections: private, shared, read by a colleague and taken back; a draft that comes back; and two tabs."""

from collections.abc import Callable
from typing import Final

import pytest
from django.conf import settings
from playwright.sync_api import expect

from bookclub.models import Reflection
from bookclub.sealed_words import draft_of, words_of
from cohorts.models import Cohort
from portal.accounts.models import User
from tests.bookclub.making import make_book, make_listed, make_meeting, make_reader, make_reading_cohort
from tests.bookclub.reflections import write
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_facilitator, make_programme, make_user

pytestmark = pytest.mark.browser

Seat = Callable[[Hand], Person]
HANDS = pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
BOOK: Final = "The weight of a name"
HEARD: Final = "I heard myself in chapter 2. I do not know yet what to do with it."


def given_a_book_club() -> tuple[Cohort, User, User]:
    """Make a cohort that reads a book and meets for it, with two members."""
    cohort = make_reading_cohort(programme=make_programme(name="Perinatal programme"), name="Perinatal cohort 5")
    meeting = make_meeting(cohort)
    meeting.facilitators.add(make_facilitator(make_user(name="Demo Facilitator")))
    make_listed(cohort, make_book(title=BOOK), meeting=meeting)
    amina, bea = (make_reader(cohort, make_user(name=f"Demo {name}")).user for name in ("Amina", "Bea"))
    return cohort, amina, bea


def book_club(cohort: Cohort) -> str:
    return f"/book-club/cohorts/{cohort.pk}/"


@HANDS
def test_private_shared_read_taken_back_and_gone(somebody: Seat, hand: Hand) -> None:
    # Given two members of a book club
    cohort, amina, bea = given_a_book_club()
    author, colleague = somebody(hand), somebody(hand)
    author.is_signed_in(amina)
    colleague.is_signed_in(bea)

    # When one writes about a book
    author.opens(book_club(cohort), "Book club")
    author.follows("Your reflections", "Your reflections")
    author.follows(BOOK, "Write a reflection")
    author.sees("Only you read this.")
    author.presses("Save", "Write a reflection")
    author.is_told_what_to_put_right("Write something before you save it")
    author.types("Your words", HEARD)
    author.presses("Save", "Your reflection")
    author.sees("Saved, for you alone.", HEARD, "Only you.")

    # Then nobody else reads it
    colleague.opens(book_club(cohort), "Book club")
    colleague.follows("Reflections that members share", "Reflections that members share")
    colleague.sees("Nothing is shared here now.")

    # Until she shares it, knowing what that means
    author.follows("Share it, or see what that means", "Share this reflection?")
    author.sees(
        HEARD, "At present Demo Facilitator can read what you share.", "they may have read it, or copied it, before"
    )
    author.presses("Share it", "Share this reflection?")
    author.sees("Choose who may read it")
    author.chooses("Everybody in my cohort, and those facilitators")
    author.presses("Share it", "Your reflection")
    author.sees("Your cohort and its facilitators can read it now.")
    colleague.opens(f"{book_club(cohort)}reflections/shared/", "Reflections that members share")
    colleague.sees("Demo Amina", BOOK, HEARD)

    # And again, once she takes it back
    author.presses("Take it back", "Your reflection")
    author.sees("It is yours alone again.", "Only you.")
    colleague.opens(f"{book_club(cohort)}reflections/shared/", "Reflections that members share")
    colleague.does_not_see(HEARD)

    # And it is hers to take along, and to delete
    author.opens("/book-club/reflections/", "Your reflections")
    assert HEARD in author.downloads("Download as Markdown")
    assert author.downloads_bytes("Download as PDF").startswith(b"%PDF")
    author.follows("Perinatal cohort 5", "Your reflections")
    author.follows(BOOK, "Your reflection", nth=1)
    author.follows("Delete it", "Delete this reflection?")
    author.presses("Delete it", "Your reflections")
    author.sees("You have written nothing here yet.")


@HANDS
def test_a_draft_comes_back(somebody: Seat, hand: Hand) -> None:
    # Given a member who types, and whose phone rings
    cohort, amina, _ = given_a_book_club()
    author = somebody(hand)
    author.is_signed_in(amina)
    author.opens(f"{book_club(cohort)}reflections/", "Your reflections")
    author.follows(BOOK, "Write a reflection")
    author.types("Your words", HEARD)
    expect(author.page.get_by_role("status")).to_have_text("Draft saved")

    # When she comes back to it later
    author.opens(f"{book_club(cohort)}reflections/", "Your reflections")
    author.sees("Draft, not saved.")
    author.follows(BOOK, "You were writing this", nth=0)
    author.sees(HEARD)
    author.presses("Go on", "Write a reflection")

    # Then she goes on, and saves it
    expect(author.page.get_by_label("Your words")).to_have_value(HEARD)
    author.types("Your words", f"{HEARD} I will ask.")
    author.presses("Save", "Your reflection")
    author.sees(f"{HEARD} I will ask.")
    row = Reflection.objects.get()
    assert (words_of(row), row.has_draft) == (f"{HEARD} I will ask.", False)

    # And of what she begins to change and drops, nothing is saved
    author.follows("Change it", "Change your reflection")
    author.types("Your words", "Something else")
    expect(author.page.get_by_role("status")).to_have_text("Draft saved")
    author.opens(f"{book_club(cohort)}reflections/{row.uid}/edit/", "You were writing this")
    author.sees("What you saved before stays as it is")
    author.follows("Throw the draft away", "Throw this draft away?")
    author.sees("what you saved before stays as it is")
    author.presses("Throw it away", "Your reflection")
    author.sees("The draft is gone.", f"{HEARD} I will ask.")

    # And where her sign-in has ended, her words stay on the page and wait for her
    author.follows("Change it", "Change your reflection")
    author.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    author.types("Your words", "Typed without a sign-in")
    expect(author.page.get_by_role("status")).to_contain_text("you are no longer signed in")
    expect(author.page.get_by_label("Your words")).to_have_value("Typed without a sign-in")
    author.finds_nothing_wrong()


@HANDS
def test_two_tabs(somebody: Seat, hand: Hand) -> None:
    # Given a reflection that its author has opened on two devices
    cohort, amina, _ = given_a_book_club()
    member = cohort.memberships.get(user=amina)
    row = write(member, "First")
    one, other = somebody(hand), somebody(hand)
    for device in (one, other):
        device.is_signed_in(amina)
        device.opens(f"{book_club(cohort)}reflections/{row.uid}/edit/", "Change your reflection")

    # When she writes on both
    one.types("Your words", "On the phone")
    expect(one.page.get_by_role("status")).to_have_text("Draft saved")
    other.types("Your words", "On the computer")
    expect(other.page.get_by_role("status")).to_contain_text("You are writing this in another tab too")
    one.presses("Save", "Your reflection")
    other.presses("Save", "Change your reflection")

    # Then the second shows her both, and she decides
    other.sees("On the phone", "You have changed this in another tab")
    expect(other.page.get_by_label("Your words")).to_have_value("On the computer")
    other.types("Your words", "On the phone and on the computer")
    other.presses("Save", "Your reflection")
    row.refresh_from_db()
    assert words_of(row) == "On the phone and on the computer"


def test_without_javascript(somebody: Seat, chromium: object) -> None:
    # Given a browser that runs no script (what axe needs one for is looked at in the other journeys)
    cohort, amina, _ = given_a_book_club()
    author = somebody(Mouse())
    author.is_signed_in(amina)
    still = author.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]  # it has one
    still.add_cookies(author.context.cookies())  # type: ignore[arg-type]  # what it gives it takes
    page, tab = still.new_page(), still.new_page()

    # When somebody writes, on a page that is open in two tabs
    page.goto(f"{author.origin}{book_club(cohort)}reflections/new/")
    page.get_by_label("Your words").fill(HEARD)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Saved, for you alone.")
    page.get_by_role("link", name="Change it").click()
    tab.goto(page.url)
    page.get_by_label("Your words").fill("In one tab")
    page.get_by_role("button", name="Save").click()
    tab.get_by_label("Your words").fill("In the other")
    tab.get_by_role("button", name="Save").click()

    # Then both are shown, and sharing and taking back work as well
    expect(tab.locator("body")).to_contain_text("In one tab")
    expect(tab.get_by_label("Your words")).to_have_value("In the other")
    tab.get_by_role("button", name="Save").click()
    tab.get_by_role("link", name="Share it").click()
    tab.get_by_label("Only the facilitators").check()
    tab.get_by_role("button", name="Share it").click()
    expect(tab.locator("body")).to_contain_text("The facilitators can read it now, and nobody else.")
    tab.get_by_role("button", name="Take it back").click()
    row = Reflection.objects.get()
    assert (words_of(row), draft_of(row), row.is_shared) == ("In the other", "", False)
    still.close()
