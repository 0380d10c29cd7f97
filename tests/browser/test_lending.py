"""Books and copies: an admin takes books by file and lends a copy; a member asks for it, has it, and gives it back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bookclub.models import Book, LendingTerms, Loan
from portal.accounts.models import User
from tests.bookclub.lending import let_pass, make_copy, make_loan
from tests.bookclub.making import make_book, make_listed, make_meeting, make_reader, make_reading_cohort
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_admin_of, make_programme, make_user

pytestmark = pytest.mark.browser
TITLE = "The weight of a name"
BY_FILE = "Add or change books by file"
HEADINGS = "Title,Authors,Edition,ISBN,Content warnings,Formats\n"
ANOTHER = f"{TITLE},Demo Author,Large print,978-3-16-148410-0,,large print\n"
KNOWN = f"{TITLE},Demo Author,,0-306-40615-2,Chapter 4 tells of a stillbirth.,print\n"
NEW = "Kitchen table,Demo Sister,,{isbn},,audiobook\n"


def file_of(folder: Path, isbn: str) -> Path:
    path = folder / "books.csv"
    path.write_text(HEADINGS + KNOWN + ANOTHER + NEW.format(isbn=isbn))
    return path


def takes_books_by_file(admin: Person, folder: Path) -> None:
    """Take a file of books: first one in which a row is wrong, and then one that changes a book and adds two."""
    admin.opens("/admin/bookclub/book/", "Select")
    admin.follows("Add or change by file", BY_FILE)
    admin.page.locator("input[type=file]").set_input_files(file_of(folder, "978-1-4028-9462-7"))
    admin.presses("Check the file", BY_FILE)
    admin.sees("Correct 1 row in your file", "One of the digits is wrong")
    admin.follows("Choose another file", BY_FILE)
    admin.page.locator("input[type=file]").set_input_files(file_of(folder, "978-1-4028-9462-6"))
    admin.presses("Check the file", BY_FILE)
    admin.sees(
        "This adds 2 books to the catalogue.",
        "This changes 1 book",
        "ISBN: empty → “978-0-306-40615-7”.",
        "Content warnings: empty →",
    )
    note = admin.page.get_by_text(
        f"This adds another edition. The catalogue has “{TITLE}” by Demo Author"
    ).bounding_box()
    assert note
    assert note["x"] + note["width"] <= admin.hand.width  # in sight, and not at the end of a table that scrolls
    assert not Book.objects.filter(title="Kitchen table").exists()
    admin.presses("Add or change 3 books", f"{BY_FILE}: Done")
    assert Book.objects.get(title=TITLE, edition="").isbn == "9780306406157"


def lends_what_was_asked_for(admin: Person) -> None:
    """From the start page, begin to lend a copy of another kind than was asked for, and lend the right one."""
    admin.opens("/admin/", "")
    admin.sees("Copies that members ask for", "Copies that were due back")
    admin.follows("Perinatal cohort 4, “The weight of a name”", "View")
    admin.follows("Lend a copy", f"Lend “{TITLE}”")
    admin.sees("Demo Midwife")
    copies = admin.page.get_by_label("Which copy")
    expect(copies.locator(":checked")).to_have_text("Names 3 (large print)")
    copies.select_option("Names 1 (print)")
    admin.types("How it gets to them", "It waits for you at the next session.")
    admin.presses("Lend it", f"Lend “{TITLE}”")
    admin.sees("Demo Midwife asked for this kind: large print.", "In, and of the kind they asked for: Names 3.")
    admin.presses("Go back and change it", f"Lend “{TITLE}”")
    copies.select_option("Names 3 (large print)")
    admin.presses("Lend it", "Select")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse at 1280", "keyboard at 320"])
def test_books_come_by_file_and_a_copy_is_asked_for_lent_and_given_back(
    somebody: Callable[[Hand], Person], at_the_desk: Callable[[User, Hand], Person], hand: Hand, tmp_path: Path
) -> None:
    # Given a cohort that reads a book of which its programme has three copies: one is on loan, one in large print
    cohort = make_reading_cohort(programme=make_programme(name="Perinatal programme"), name="Perinatal cohort 4")
    listed = make_listed(cohort, make_book(title=TITLE), meeting=make_meeting(cohort))
    LendingTerms.objects.create(programme=cohort.programme, how_to_return="Bring it to a session.")
    make_copy(cohort, listed.book, label="Names 1")
    make_copy(cohort, listed.book, label="Names 3", format="large_print")
    make_loan(make_reader(cohort, make_user(name="Demo Colleague")), make_copy(cohort, listed.book, label="Names 2"))
    # And two that were due back some days ago, so that more than one line stands under a heading of the start page
    for _ in range(2):
        let_pass(make_loan(make_reader(cohort)), 50)
    midwife = make_reader(cohort, make_user(name="Demo Midwife")).user
    admin, member = at_the_desk(make_admin_of(cohort.programme), hand), somebody(hand)
    member.is_signed_in(midwife)

    # When an admin takes a file in which an ISBN is wrong, and mends it, then it changes one book and adds two
    takes_books_by_file(admin, tmp_path)

    # When a member sees on the book club's page that copies are in, and asks for one in large print
    member.opens(f"/book-club/cohorts/{cohort.pk}/", "Book club")
    member.sees("2 of 3 copies are in.", "Chapter 4 tells of a stillbirth.")
    member.does_not_see("Demo Colleague")
    member.follows("Ask for a copy", "Ask for a copy")
    member.chooses("Large print")
    member.presses("Ask for a copy", TITLE)
    member.sees(f"You have asked for a copy of “{TITLE}”.", "You asked for one (large print) on")

    # Then the programme team is warned as it would lend another kind, and lends that one
    lends_what_was_asked_for(admin)

    # And the member finds among their tasks until when they have it, and how it comes back
    member.opens("/me/", "Your programme")
    member.sees_task(f"Give back “{TITLE}”", "On loan")
    member.follows(f"Give back “{TITLE}”", "Book club")
    member.sees("What you have on loan", "Names 3", "Bring it to a session.", "1 of 3 copies is in.")

    # When the team has it back, it is in again, and nobody has to give anything back
    loan = Loan.objects.out().get(borrower=midwife)
    admin.opens(f"/admin/bookclub/loan/{loan.pk}/change/", "View")
    admin.follows("Say that it is back", "is back")
    admin.presses("It is back", "Select")
    member.opens(f"/book-club/cohorts/{cohort.pk}/", "Book club")
    member.sees("2 of 3 copies are in.")
    member.does_not_see("What you have on loan")
