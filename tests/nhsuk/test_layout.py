"""What stands around every page, and that it asks the database for nothing."""

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages, success
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from portal.nhsuk.layout import Layout


class Person:
    """Somebody who is signed in, with their roles as the request's user carries them."""

    is_authenticated = True

    def __init__(self, *roles: str, is_staff: bool = False, is_superuser: bool = False) -> None:
        self.role_kinds = frozenset(roles)
        self.is_staff = is_staff
        self.is_superuser = is_superuser


class Links(HTMLParser):
    """Collects the links of a page: (what they say, where they lead), and which of them is the current page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.current: list[str] = []
        self._href: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "a":
            self._href = said.get("href")
            if said.get("aria-current") == "page":
                self.current.append(str(self._href))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._href = None

    def handle_data(self, data: str) -> None:
        if self._href is not None and data.strip():
            self.found.append((data.strip(), self._href))


class Question(forms.Form):
    name = forms.CharField(label="Your name")


def requested(path: str = "/", user: Any = None) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = user or AnonymousUser()
    return request


def page(request: HttpRequest, template: str = "layouts/two_thirds.html", **context: Any) -> str:
    return render_to_string(template, context, request)


def places(reader: Any) -> list[str]:
    return [link.text for link in Layout(reader).navigation]


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (None, ["Programmes", "Sign in"]),
        (AnonymousUser(), ["Programmes", "Sign in"]),
        (Person(), ["Your programme", "My bookings", "Programmes"]),
        (Person("facilitator"), ["Your programme", "My bookings", "Programmes", "My sessions"]),
        (
            Person("organisation_lead"),
            ["Your programme", "My bookings", "Programmes", "My organisation", "Nominations"],
        ),
        (Person("programme_admin", is_staff=True), ["Your programme", "My bookings", "Programmes", "Admin"]),
        (Person("all_programmes_admin", is_staff=True), ["Your programme", "My bookings", "Programmes", "Admin"]),
        (
            Person("facilitator", is_staff=True, is_superuser=True),
            ["Your programme", "My bookings", "Programmes", "My sessions", "Admin"],
        ),
        (Person(is_staff=True), ["Your programme", "My bookings", "Programmes"]),
    ],
)
def test_leads_each_person_to_what_is_theirs(reader: Any, expected: Iterable[str]) -> None:
    assert places(reader) == expected


def test_marks_where_the_reader_is() -> None:
    programmes = next(link for link in Layout(None).navigation if link.text == "Programmes")
    links = Links(page(requested(f"{programmes.href}perinatal/")))
    assert links.current == [programmes.href]


def test_marks_nothing_elsewhere() -> None:
    assert Links(page(requested("/elsewhere/"))).current == []


def test_costs_no_sql(django_assert_num_queries: DjangoAssertNumQueries, db: None) -> None:
    with django_assert_num_queries(0):
        page(requested(user=Person("facilitator")), form=Question({}))


def test_needs_no_sign_in_middleware() -> None:
    """The referral pages run without it."""
    html = page(RequestFactory().get("/"))
    assert ("Sign in", "/accounts/login/") in Links(html).found


def test_logging_out_is_a_post_and_not_a_link() -> None:
    html = page(requested(user=Person()))
    assert "Log out" in html
    assert "Log out" not in dict(Links(html).found)
    assert "Log out" not in page(requested())


def test_says_that_it_is_a_demonstration_only_where_it_is_one(settings: LazySettings) -> None:
    assert "This is a demonstration" not in page(requested())
    assert not Layout().demo


def test_a_form_with_errors_leads_to_them() -> None:
    html = page(requested(), form=Question({}))
    assert "Error: " in html[html.index("<title>") : html.index("</title>")]
    assert ("Enter your name", "#id_name") in Links(html).found


def test_a_form_without_errors_says_nothing_of_errors() -> None:
    html = page(requested(), form=Question())
    assert "Error: " not in html
    assert "nhsuk-error-summary" not in html


def with_message() -> HttpRequest:
    request = requested()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]  # as its middleware does
    success(request, "Your place is booked")
    return request


def test_shows_what_the_last_request_had_to_say() -> None:
    html = page(with_message())
    assert "nhsuk-notification-banner--success" in html
    assert "Your place is booked" in html


def test_keeps_a_message_for_later_beside_errors() -> None:
    request = with_message()
    html = page(request, form=Question({}))
    assert "Your place is booked" not in html
    assert [message.message for message in get_messages(request)] == ["Your place is booked"]


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html", "503.html"])
def test_error_pages_need_no_request_and_no_database(name: str) -> None:
    html = render_to_string(name)
    assert "Cohort Portal homepage" in html
    assert html.count("<h1") == 1


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"])
def test_error_pages_say_what_to_do(name: str, django_assert_num_queries: DjangoAssertNumQueries, db: None) -> None:
    with django_assert_num_queries(0):
        html = page(requested(), name)
    assert html.count("<h1") == 1
    assert html.count("<p>") >= 2
