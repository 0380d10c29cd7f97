"""What the portal says of itself, and that each page leads there."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.retention.categories import all_of_them
from portal.retention.periods import days

pytestmark = pytest.mark.django_db


def text(client: Client, name: str) -> str:
    """Return a page with its white space made even."""
    return " ".join(client.get(reverse(name)).content.decode().split())


@pytest.mark.parametrize("name", ["contact", "privacy", "accessibility"])
@pytest.mark.parametrize("read_from", ["home", "referral_new", "account_login"])
def test_each_page_leads_to_what_the_portal_says_of_itself(client: Client, name: str, read_from: str) -> None:
    assert f'href="{reverse(name)}"' in text(client, read_from)


@pytest.mark.parametrize("name", ["contact", "privacy", "accessibility"])
def test_it_says_whom_to_write_to(client: Client, settings: Any, name: str) -> None:
    settings.CONTACT_EMAIL = "help@trust.example"
    assert '<a href="mailto:help@trust.example">' in text(client, name)


def test_the_whole_privacy_notice_is_led_to_where_there_is_one(client: Client, settings: Any) -> None:
    assert "full privacy notice" not in text(client, "privacy")
    settings.PRIVACY_NOTICE = "https://trust.example/privacy"
    assert '<a href="https://trust.example/privacy">The full privacy notice' in text(client, "privacy")


def test_it_says_how_long_each_thing_is_kept_here(client: Client, settings: Any) -> None:
    settings.RETENTION_PERIODS = {"messages": days(90)}
    page = text(client, "privacy")
    assert "Records of messages: 90 days from the day on which it was written" in page
    assert all(f"{category.heading}: {category.kept_for}" in page for category in all_of_them())
