"""A list of people from Excel: looked at, mended, confirmed, and carried out by a worker while one watches."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from portal.accounts.models import User
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_admin_of, make_cohort, make_organisation

pytestmark = pytest.mark.browser

PAGE = "Enrol people by file"
MANY = 250
FILE = "input[type=file]"


def workbook(folder: Path, *rows: Sequence[str]) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("People")
    for row in [("Name", "Email", "Organisation", "Job role"), *rows]:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    path = folder / "people.xlsx"
    path.write_bytes(file.getvalue())
    return path


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["1280", "320"])
def test_a_workbook_is_mended_and_carried_out_by_a_worker(
    at_the_desk: Callable[[User, Hand], Person], hand: Hand, tmp_path: Path
) -> None:
    trust = make_organisation(ods_code="ZZ1", name="Demo Trust")
    cohort = make_cohort(places=MANY)
    admin = at_the_desk(make_admin_of(cohort.programme), hand)
    people = [(f"Demo Person {number}", f"demo-{number}@trust.example", "ZZ1", "") for number in range(MANY)]

    admin.opens(f"/admin/cohorts/cohort/{cohort.pk}/enrol/", PAGE)
    admin.presses("Check the file", PAGE)
    admin.sees("Choose a file")
    wrong = [
        ("Demo Formula", '="demo-0@"&"trust.example"', "ZZ1", ""),
        ("Demo Elsewhere", "x@trust.example", "NO1", ""),
    ]
    admin.page.locator(FILE).set_input_files(workbook(tmp_path, *people, *wrong))
    admin.presses("Check the file", PAGE)
    admin.sees("Correct 2 rows in your file", "Column B holds a formula.", "There is no organisation with the ODS code")
    with admin.page.expect_download() as coming:
        admin.hand.press(admin.page, admin.page.get_by_role("button", name="Download what to correct"))
    assert "no organisation with the ODS code “NO1”" in coming.value.path().read_text("utf-8-sig")
    admin.follows("Choose another file", PAGE)

    admin.page.locator(FILE).set_input_files(workbook(tmp_path, *people))
    admin.presses("Check the file", PAGE)
    admin.sees("250 people are enrolled in", "Nobody is written to.")
    assert not cohort.memberships.exists()
    admin.presses("Enrol 250 people", PAGE)
    expect(admin.page.get_by_text("Done: all 250 rows of the file.")).to_be_visible(timeout=60_000)
    admin.arrives_at(f"{PAGE}: Done")
    assert cohort.memberships.filter(organisation=trust).count() == MANY
    admin.follows("Go to the list", "Select")
