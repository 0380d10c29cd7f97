"""What was typed when the sign-in ended: kept for its owner, shown to them alone, sent by nobody else."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.accounts import typed
from portal.accounts.models import User
from tests.factories import make_admin, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]

CARRY_ON = "/people/carry-on/"


@pytest.fixture
def person() -> User:
    return make_user()


@pytest.fixture
def browser(person: User) -> Client:
    """Return the browser of somebody who was signed in, and whose session has gone."""
    client = Client()
    client.force_login(person)
    client.get("/reason/")
    del client.cookies["session"]
    return client


def test_what_was_typed_comes_back_after_sign_in_and_can_be_sent(browser: Client, person: User) -> None:
    answer = browser.post("/reason/", {"reason": "My child is ill\nand I must go"})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "You have been signed out" in page
    assert f"/accounts/login/?next={CARRY_ON}" in page
    browser.force_login(person)
    shown = browser.get(CARRY_ON)
    assert "My child is ill<br>and I must go" in shown.content.decode()
    assert shown.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    typed = shown.context["typed"]
    assert 'action="/reason/"' in shown.content.decode()
    assert browser.post(typed.path, dict(typed.fields)).content == b"taken: My child is ill\nand I must go"


def test_it_survives_looking_twice(browser: Client, person: User) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    browser.force_login(person)
    assert browser.get(CARRY_ON).context["typed"]
    assert browser.get(CARRY_ON).context["typed"]


def test_an_idle_sign_in_is_answered_in_the_same_way(person: User) -> None:
    client = Client()
    client.force_login(person)
    client.get("/reason/")
    session = client.session
    session["seen_at"] -= 3601
    session.save()
    answer = client.post("/reason/", {"reason": "Ill"})
    assert answer.status_code == 403
    client.force_login(person)
    assert client.get(CARRY_ON).context["typed"].fields == [("reason", "Ill")]


def test_another_person_at_the_same_browser_sees_nothing(browser: Client) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    browser.force_login(make_user())
    page = browser.get(CARRY_ON)
    assert page.context["typed"] is None
    assert "Ill" not in page.content.decode()


def test_another_browser_of_the_same_person_sees_nothing(browser: Client, person: User) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    other = Client()
    other.force_login(person)
    assert other.get(CARRY_ON).context["typed"] is None


@pytest.mark.parametrize("key", ["nonsense", "A" * 44, "é", ""])
def test_a_made_up_key_opens_nothing(browser: Client, person: User, key: str) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    browser.force_login(person)
    browser.cookies["typed"] = key
    assert browser.get(CARRY_ON).context["typed"] is None


def test_a_visitor_who_never_signed_in_here_has_nothing_kept(client: Client) -> None:
    answer = client.post("/reason/", {"reason": "Ill"}, headers={"referer": "http://testserver/reason/?page=2"})
    assert answer.status_code == 403
    assert "typed" not in client.cookies
    assert "/accounts/login/?next=/reason/%3Fpage%3D2" in answer.content.decode()


@pytest.mark.parametrize("referer", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\evil"])
def test_a_page_of_somebody_else_is_not_led_back_to(client: Client, referer: str) -> None:
    answer = client.post("/reason/", {"reason": "Ill"}, headers={"referer": referer})
    assert "/accounts/login/?next=/reason/" in answer.content.decode()
    assert "evil" not in answer.content.decode()


def test_a_forged_owner_is_nobody(client: Client, person: User) -> None:
    client.cookies["last_person"] = f"{person.pk}:forged"
    client.post("/reason/", {"reason": "Ill"})
    assert "typed" not in client.cookies


def test_by_whichever_way_they_sign_in_the_first_page_says_that_it_waits(browser: Client, person: User) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    browser.force_login(person)
    page = browser.get(reverse("me"))
    assert "is kept, not sent" in page.content.decode()
    assert f'href="{CARRY_ON}"' in page.content.decode()
    assert "is kept, not sent" not in browser.get(reverse("me")).content.decode()


def test_the_page_that_shows_it_does_not_say_so_too(browser: Client, person: User) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    browser.force_login(person)
    assert "is kept, not sent" not in browser.get(CARRY_ON).content.decode()


def test_nobody_else_is_told_that_something_waits(browser: Client, person: User) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    other, elsewhere = make_user(), Client()
    browser.force_login(other)
    assert "is kept, not sent" not in browser.get(reverse("me")).content.decode()
    elsewhere.force_login(person)
    assert "is kept, not sent" not in elsewhere.get(reverse("me")).content.decode()


def test_once_it_is_deleted_nothing_waits(browser: Client, person: User) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    browser.force_login(person)
    browser.post(CARRY_ON)
    browser.force_login(person)
    assert "is kept, not sent" not in browser.get(reverse("me")).content.decode()


def test_once_it_is_sent_and_taken_it_waits_no_longer(browser: Client, person: User) -> None:
    address, here = reverse("details"), {"referer": f"http://testserver{CARRY_ON}"}
    browser.post(address, {"name": ""})
    browser.force_login(person)
    assert browser.post(address, {"name": ""}, headers=here).status_code == 422
    assert browser.get(CARRY_ON).context["typed"]
    assert browser.post(address, {"name": "Demo Amina"}, headers=here).status_code == 302
    assert browser.get(CARRY_ON).context["typed"] is None


@pytest.mark.parametrize("answer", ["confirmed", "send", "key"])
def test_a_yes_is_not_kept_so_that_it_is_asked_for_again(browser: Client, person: User, answer: str) -> None:
    browser.post("/reason/", {"reason": "Ill", answer: "yes"})
    browser.force_login(person)
    page = browser.get(CARRY_ON)
    assert page.context["typed"].fields == [("reason", "Ill")]
    assert "asks you once more" in page.content.decode()
    assert f'name="{answer}"' not in page.content.decode()


def test_neither_passwords_nor_files_nor_tokens_are_kept(browser: Client, person: User) -> None:
    evidence = SimpleUploadedFile("evidence.txt", b"evidence")
    browser.post("/reason/", {"reason": "Ill", "password": "secret", "csrfmiddlewaretoken": "x", "evidence": evidence})
    browser.force_login(person)
    page = browser.get(CARRY_ON)
    assert page.context["typed"].fields == [("reason", "Ill")]
    assert "choose them again" in page.content.decode()


def test_what_is_very_long_is_not_kept_and_that_is_said(browser: Client, person: User) -> None:
    answer = browser.post("/reason/", {"reason": "a" * (typed.LONGEST + 1)})
    assert "go back in your browser and copy it" in answer.content.decode()
    browser.force_login(person)
    assert browser.get(CARRY_ON).context["typed"] is None


def test_of_one_person_few_forms_wait_and_the_newest_are_not_lost(person: User) -> None:
    browsers = [Client() for _ in range(typed.MOST_FORMS + 1)]
    for client in browsers:
        client.force_login(person)
        client.get("/reason/")
        del client.cookies["session"]
        client.post("/reason/", {"reason": "Ill"})
        client.force_login(person)

    assert [client.get(CARRY_ON).context["typed"] is not None for client in browsers] == [False, True, True, True]


def test_the_cache_alone_tells_nothing(browser: Client) -> None:
    browser.post("/reason/", {"reason": "My child is ill"})
    key = browser.cookies["typed"].value
    assert browser.cookies["typed"]["httponly"]
    assert browser.cookies["typed"]["path"] == CARRY_ON
    redis = cache._cache.get_client()  # type: ignore[attr-defined]  # what Valkey itself holds
    held = b"".join(name + (redis.get(name) or b"") for name in redis.keys("*typed*"))
    assert held
    assert b"child" not in held
    assert key.encode() not in held


def test_it_can_be_deleted(browser: Client, person: User) -> None:
    browser.post("/reason/", {"reason": "Ill"})
    browser.force_login(person)
    key = browser.cookies["typed"].value
    assert browser.post(CARRY_ON).status_code == 302
    browser.cookies["typed"] = key
    assert browser.get(CARRY_ON).context["typed"] is None


def test_a_request_forged_from_another_site_keeps_nothing(person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    client.get("/reason/")
    del client.cookies["session"]
    assert client.post("/reason/", {"reason": "Forged"}).status_code == 403
    assert "typed" not in client.cookies


def stale(person: User, path: str = "/reason/", origin: str = "http://testserver", **fields: str) -> tuple[Client, Any]:
    """Send a form with the token that a page had before its reader signed in again, in another tab."""
    client = Client(enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    client.force_login(person)
    client.get("/reason/")
    token = {"csrfmiddlewaretoken": "b" * 32}
    return client, client.post(path, {**token, **fields}, headers={"origin": origin} if origin else {})


def test_a_page_from_before_the_latest_sign_in_loses_nothing(person: User) -> None:
    client, answer = stale(person, reason="My child is ill")
    assert answer.status_code == 403
    assert f'href="{CARRY_ON}"' in answer.content.decode()
    assert client.get(CARRY_ON).context["typed"].fields == [("reason", "My child is ill")]


def test_it_is_shown_to_its_owner_alone(person: User) -> None:
    client, _ = stale(person, reason="Ill")
    client.force_login(make_user())
    assert client.get(CARRY_ON).context["typed"] is None


def test_what_another_site_had_the_browser_send_is_not_kept(person: User) -> None:
    for origin in ("https://evil.example", "null", ""):
        client, answer = stale(person, origin=origin, reason="Forged")
        assert answer.status_code == 403
        assert "typed" not in client.cookies
        assert "Back button" in answer.content.decode()


def test_a_form_without_anything_typed_takes_the_place_of_none(person: User) -> None:
    client, _ = stale(person, path=CARRY_ON)
    assert "typed" not in client.cookies


def test_a_form_of_signing_in_is_not_kept(person: User) -> None:
    client, _ = stale(person, path=reverse("account_login"), login="amina@trust.example")
    assert "typed" not in client.cookies


@pytest.mark.parametrize(
    "reason", ["\0", "\u202eIll", "Ame\u0301lie 👩🏾‍⚕️", "<script>alert(1)</script>", "a" * 1_000_000]
)
def test_any_text_comes_back_as_it_was(browser: Client, person: User, reason: str) -> None:
    browser.post("/reason/", {"reason": reason})
    browser.force_login(person)
    page = browser.get(CARRY_ON)
    assert page.context["typed"].fields == [("reason", reason)]
    assert "<script>alert" not in page.content.decode()


def test_a_form_of_the_admin_pages_is_kept_as_well() -> None:
    admin, client = make_admin(), Client()
    client.force_login(admin)
    session = client.session
    session["has_second_factor"] = True
    session.save()
    client.get("/reason/")
    del client.cookies["session"]
    address = reverse("admin:accounts_organisation_add")
    assert client.post(address, {"name": "Demo Trust", "ods_code": "RXX", "_save": "Save"}).status_code == 403
    client.force_login(admin)
    session = client.session
    session["has_second_factor"] = True
    session.save()
    page = client.get(CARRY_ON)
    assert page.context["typed"].path == address
    assert page.context["shown"] == [("Name", "Demo Trust"), ("Ods code", "RXX")]
    assert re.search(r'<input type="hidden" name="_save" value="Save">', page.content.decode())


def test_what_is_sent_to_what_is_gone_comes_back_at_once(person: User) -> None:
    client = Client()
    client.force_login(person)
    answer = client.post("/gone/", {"reason": "My <child> is ill", "password": "Hidden away"})
    assert answer.status_code == 404
    assert "My &lt;child&gt; is ill" in answer.content.decode()
    assert "Hidden away" not in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/gone/", "/nowhere/", "/admin/nowhere/"])
def test_what_another_site_sends_there_is_not_shown(person: User, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    answer = client.post(address, {"reason": "Not mine"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code in {403, 404}
    assert "Not mine" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/gone/", "/nowhere/"])
def test_what_cannot_be_read_is_no_error_there(person: User, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person)
    long = client.post(address, b"x" * 5_000_000, content_type="application/x-www-form-urlencoded")
    broken = client.post(address, b"--", content_type="multipart/form-data; boundary=")
    assert {long.status_code, broken.status_code} <= {400, 403, 404, 413}
