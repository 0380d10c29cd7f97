"""A file on its way: the programme team uploads it as a material, and whoever has a place downloads it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cohorts.models import Material
from portal.accounts.models import User
from tests.attachments import made
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_admin_of, make_booking, make_membership, make_session

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["1280", "320"])
def test_a_file_goes_from_the_team_to_who_has_a_place(
    at_the_desk: Callable[[User, Hand], Person],
    somebody: Callable[[Hand], Person],
    hand: Hand,
    tmp_path: Path,
) -> None:
    booked = make_membership()
    session = make_session(cohort=booked.cohort)
    make_booking(booked.user, session)
    without = make_membership(cohort=booked.cohort)
    drawing, slides, photograph = (tmp_path / name for name in ("Aim.png", "Slides of the day.pptx", "Room.jpg"))
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    slides.write_bytes(made.office("pptx"))
    photograph.write_bytes(made.photograph())

    admin = at_the_desk(make_admin_of(booked.cohort.programme), hand)
    for title, file in (("The slides", slides), ("How to find the room", photograph)):
        admin.opens(f"/admin/cohorts/material/add/?session={session.pk}", "Add material")
        admin.types("Title", title)
        admin.types("Text", "For your own use.")
        admin.page.locator("input[type=file]").set_input_files(drawing)
        admin.presses("Save and continue editing", "Add material")
        admin.sees("The file is a web page or a drawing in code")
        expect(admin.page.get_by_label("Title")).to_have_value(title)
        admin.page.locator("input[type=file]").set_input_files(file)
        admin.presses("Save and continue editing", "Change material")
        admin.sees(file.name, "Upload another in its place")
    assert admin.downloads_bytes("Room.jpg") != photograph.read_bytes()

    participant = somebody(hand)
    participant.is_signed_in(booked.user)
    participant.opens(session.get_absolute_url(), session.component.title)
    expect(participant.page.get_by_role("img", name="How to find the room")).to_have_js_property("naturalWidth", 60)
    assert participant.downloads_bytes("The slides (PowerPoint") == slides.read_bytes()
    picture = participant.downloads_bytes("How to find the room (JPEG")
    assert b"canary" not in picture
    assert picture.startswith(b"\xff\xd8")

    other = somebody(hand)
    other.is_signed_in(without.user)
    other.opens(session.get_absolute_url(), session.component.title)
    other.does_not_see("The slides")
    kept = Material.objects.get(title="The slides").file
    assert kept
    other.opens(f"/files/materials/{kept.uid}/", "Page not found")
