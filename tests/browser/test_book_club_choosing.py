"""What a cohort reads is chosen: from the catalogue to its list, and by what members suggest, until all can see it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from cohorts.models import Cohort, Session
from portal.accounts.models import User
from tests.bookclub.making import bring_near, make_listed, make_meeting, make_reader, make_reading_cohort
from tests.browser.person import Finger, Hand, Keyboard, Mouse, Person
from tests.factories import make_admin_of, make_programme, make_user

pytestmark = pytest.mark.browser

FIRST, OTHER = "Names we carry", "Kitchen table, labour ward"
NAME = "Perinatal cohort 4"
LISTS, BOOKS, SUGGESTIONS = "Select book on a reading list", "Select book to change", "Books that members suggest"


def picks(admin: Person, field: str, name: str) -> None:
    """Look for something in an autocomplete field, and choose it."""
    admin.page.locator(f".field-{field} .select2-selection").click()
    admin.page.locator(".select2-search__field").fill(name)
    admin.page.locator(".select2-results").get_by_role("option", name=name).click()


def adds_to_catalogue(admin: Person, title: str, isbn: str) -> None:
    """Add a book to the catalogue."""
    admin.opens("/admin/bookclub/book/add/", "Add book")
    admin.types("Title", title)
    admin.types("Authors", "Ines Calder")
    admin.types("ISBN", isbn)
    admin.types("Description", "Letters between two sisters.")


def make_book_club() -> tuple[Cohort, Session]:
    """Make a cohort that is to read, with its meeting."""
    programme = make_programme(name="Perinatal programme", published=True)
    cohort = make_reading_cohort(programme=programme, name=NAME)
    return cohort, make_meeting(cohort)


def make_alumna() -> User:
    """Make a member of a cohort that read and has ended."""
    today = timezone.localdate()
    cohort = make_reading_cohort(starts_on=today - timedelta(days=300), ends_on=today - timedelta(days=1))
    make_listed(cohort)
    return make_reader(cohort).user


def chooses_a_first_book(admin: Person, meeting: Session) -> None:
    """Add a book to the catalogue, with a digit of its ISBN wrong at first, and put it on a list, with a meeting."""
    adds_to_catalogue(admin, FIRST, "978-0-306-40615-8")
    admin.presses("Save", "Add book")
    admin.sees("One of the digits is wrong")
    admin.types("ISBN", "978-0-306-40615-7")
    admin.presses("Save", BOOKS)
    admin.opens("/admin/bookclub/listedbook/add/", "Put a book on a cohort's list")
    picks(admin, "cohort", NAME)
    picks(admin, "book", FIRST)
    admin.page.get_by_label("Meeting").select_option(str(meeting.pk))
    admin.types("Why this book", "Short, and about listening.")
    admin.presses("Put on the list", LISTS)
    admin.sees(f"“{FIRST}” is on the list.")
    admin.follows("Write for its meeting", "Chapters and guide")


def suggests_another(author: Person) -> None:
    """From the list that one reads, suggest a book; with nothing typed at first."""
    author.sees(f"1. {FIRST}", "Short, and about listening.", "978-0-306-40615-7")
    author.follows("Suggest a book, or back one", SUGGESTIONS)
    author.follows("Suggest a book", "Suggest a book")
    author.presses("Suggest it", "Suggest a book")
    author.is_told_what_to_put_right("Enter the title of the book")
    author.types("Title of the book", OTHER)
    author.types("Author", "Ines Calder")
    author.types("Why do you suggest it?", "There is a large-print edition.")
    author.presses("Suggest it", SUGGESTIONS)
    author.sees("You suggest this.", "1 of you backs it.")


def takes_it_up(admin: Person) -> None:
    """Add what was suggested to the catalogue, swap the first book for it, and say that it is taken up."""
    admin.opens("/admin/bookclub/suggestion/", "Select suggestion")
    admin.sees(OTHER)
    admin.does_not_see("Demo Amina")
    adds_to_catalogue(admin, OTHER, "0-19-852663-6")
    admin.presses("Save", BOOKS)
    admin.opens("/admin/bookclub/listedbook/", LISTS)
    admin.follows(FIRST, "View book on a reading list")
    admin.follows("Swap for another book", f"Swap “{FIRST}” for another book")
    admin.page.get_by_label("Which book instead").select_option(label=OTHER)
    admin.types("Why this book", "Two of you asked for it.")
    admin.presses("Swap", LISTS)
    admin.opens("/admin/bookclub/suggestion/", "Select suggestion")
    admin.follows(OTHER, "View suggestion")
    admin.sees("Why they suggest it", "There is a large-print edition.")
    expect(admin.page.locator(".field-backed_by .readonly")).to_have_text("2")
    admin.does_not_see("Demo Amina")
    admin.follows("Take up", f"Take up: “{OTHER}”")
    admin.sees("2 members back it", f"The catalogue has “{OTHER}” by", f"It is on the list of {NAME}.")
    admin.presses("Take up", "Select suggestion")
    admin.sees(f"“{OTHER}” is taken up.")


@pytest.mark.parametrize(
    ("desk", "hand"), [(Mouse(), Mouse()), (Finger(), Keyboard())], ids=["mouse at 1280", "keyboard at 320"]
)
def test_books_are_chosen_suggested_swapped_and_seen_by_all(
    somebody: Callable[[Hand], Person], at_the_desk: Callable[[User, Hand], Person], desk: Hand, hand: Hand
) -> None:
    # Given a cohort with a book club meeting and no book yet, two of its members, and an alumna of another
    cohort, meeting = make_book_club()
    amina, bea = (make_reader(cohort, make_user(name=f"Demo {name}")).user for name in ("Amina", "Bea"))
    admin = at_the_desk(make_admin_of(cohort.programme), desk)
    author, colleague, alumna, visitor = (somebody(hand) for _ in range(4))
    author.is_signed_in(amina)
    colleague.is_signed_in(bea)
    alumna.is_signed_in(make_alumna())
    book_club = f"/book-club/cohorts/{cohort.pk}/"

    # When an admin chooses a book
    chooses_a_first_book(admin, meeting)

    # Then a member sees it, and suggests another
    author.opens(book_club, "Book club")
    suggests_another(author)

    # And a second member backs it, without learning whose it is
    colleague.opens(f"{book_club}suggestions/", SUGGESTIONS)
    colleague.presses(f"Back it: {OTHER}", SUGGESTIONS)
    colleague.sees(f"You back “{OTHER}”.", "2 of you back it.")
    colleague.does_not_see("Demo Amina")

    # And suggests one, and takes it back once asked whether that is meant
    colleague.follows("Suggest a book", "Suggest a book")
    colleague.types("Title of the book", "The long corridor")
    colleague.types("Author", "Ines Calder")
    colleague.presses("Suggest it", SUGGESTIONS)
    colleague.presses("Take it back The long corridor", "Take this suggestion back?")
    colleague.presses("Take it back", SUGGESTIONS)
    colleague.sees("You have taken back “The long corridor”.")

    # When the admin takes it up, in the place of the first
    takes_it_up(admin)

    # Then the members see the new list, and what became of the suggestion
    author.opens(book_club, "Book club")
    author.sees(f"1. {OTHER}", "Two of you asked for it.", f"you read {OTHER} in its place")
    author.follows("Suggest a book, or back one", SUGGESTIONS)
    author.sees("What became of earlier suggestions", "taken up on", "It is on your list now.")
    colleague.opens(f"{book_club}suggestions/", SUGGESTIONS)
    colleague.sees("No suggestion is waiting.", "It is on your list now.")

    # And an alumna of another cohort sees it among every cohort's lists
    alumna.opens("/book-club/", "Book club")
    alumna.follows("What every cohort reads", "What every cohort reads")
    alumna.sees(NAME, OTHER)
    alumna.does_not_see(FIRST)

    # And everybody sees the book once the meeting is over, and not whose it was
    visitor.opens("/book-club/books/", "Books that cohorts have read")
    visitor.sees("The first meeting is still to come.")
    bring_near(meeting, days=-1)
    visitor.opens("/book-club/books/", "Books that cohorts have read")
    visitor.sees(OTHER, "Letters between two sisters.")
    visitor.does_not_see(NAME)
