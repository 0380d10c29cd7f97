"""Asking to be erased, and the admin pages that answer: legal holds, requests, what is disposed of."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.accounts import erasure_requests
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.retention.disposing import dispose
from portal.retention.models import ErasureRequest, Hold
from tests.browser.person import Finger, Hand, Keyboard, Mouse, Person
from tests.factories import make_admin, make_user
from tests.retention.kept import make_message

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["1280", "320"])
def test_somebody_asks_to_be_erased_and_takes_it_back(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    amina = somebody(hand)
    amina.is_signed_in(make_user(name="Demo Amina"))

    amina.opens("/people/data/", "What we hold about you")
    amina.follows("Ask us to delete what we hold about you", "Ask us to delete what we hold about you")
    amina.sees("What we delete", "What we keep, and why", "answer it within 28 days")
    amina.presses("Ask us to delete it", "What we hold about you")
    amina.sees("We have your request.", "you asked us to delete what we hold about you. We answer by")
    assert ErasureRequest.objects.exists()
    amina.presses("Take the request back", "What we hold about you")
    amina.sees("Your request is taken back.")
    assert not ErasureRequest.objects.exists()


@pytest.mark.parametrize("hand", [Mouse(), Finger()], ids=["1280", "320"])
def test_an_admin_sets_a_hold_lifts_it_and_erases(at_the_desk: Callable[[User, Hand], Person], hand: Hand) -> None:
    person = make_user(name="Demo Amina")
    erasure_requests.ask(person)
    admin = at_the_desk(make_admin(name="Demo Keeper"), hand)

    admin.opens("/admin/retention/hold/add/", "Add legal hold")
    admin.page.locator(".field-person .select2-selection").click()
    admin.page.locator(".select2-search__field").fill("Amina")
    admin.page.get_by_role("option", name="Demo Amina").click()
    admin.types("Reference", "et/2026/0417")
    admin.presses("Save", "Select")
    assert Hold.objects.get().reference == "ET/2026/0417"

    admin.opens("/admin/", "What needs doing today")
    admin.sees("People who ask to be erased", "A legal hold keeps 1 person from being erased")
    admin.follows("1 request: answer the first by", "Select")
    admin.page.locator("input[name=_selected_action]").check()
    admin.page.locator("select[name=action]").select_option("erase")
    admin.presses("Go", "Erase people who asked for it")
    admin.sees("Left as they are (1)", "A legal hold since")

    admin.opens("/admin/retention/hold/", "Select")
    admin.page.locator("input[name=_selected_action]").check()
    admin.page.locator("select[name=action]").select_option("lift")
    admin.presses("Go", "Lift legal holds")
    admin.presses("Lift", "Select")

    admin.opens("/admin/retention/erasurerequest/", "Select")
    admin.page.locator("input[name=_selected_action]").check()
    admin.page.locator("select[name=action]").select_option("erase")
    admin.presses("Go", "Erase people who asked for it")
    admin.sees("This deletes for ever who 1 person is", "We keep that there was an account")
    admin.presses("Erase", "Select")
    admin.sees("Erased: 1 person.")
    admin.follows("what was done", "What we tell people who were erased")
    admin.sees("What we keep, and why", "complain to the Information Commissioner")
    person.refresh_from_db()
    assert person.name == "Erased person"


@pytest.mark.parametrize("hand", [Mouse(), Finger()], ids=["1280", "320"])
def test_an_admin_sees_what_would_be_disposed_of_and_what_was(
    at_the_desk: Callable[[User, Hand], Person], hand: Hand
) -> None:
    make_message(timezone.now() - timedelta(days=200), make_user())
    dispose()
    make_message(timezone.now() - timedelta(days=200), make_user())
    admin = at_the_desk(make_admin(name="Demo Keeper"), hand)

    admin.opens("/admin/retention/disposal/", "Select disposal")
    admin.sees("Records of messages", "180 days")
    admin.follows("What would be disposed of now", "What would be disposed of now")
    admin.sees("Records of messages", "180 days from the day on which it was written")
    admin.opens("/admin/retention/disposal/", "Select disposal")
    assert "messages" in admin.downloads("Download the log")
    assert Message.objects.filter(rule="booking.booked").exists()
