"""What somebody is told whose request could not be read."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("size", [3_000_000, 10_000_000])
def test_text_that_is_too_long_is_said_to_be(size: int) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    answer = client.post(reverse("typed"), {"reason": "a" * size}, headers={"origin": "http://testserver"})
    assert answer.status_code == 413
    page = answer.content.decode()
    assert "What you sent is too long" in page
    assert "Make it shorter" in page


def test_the_longest_text_that_is_taken_is_taken(client: Client) -> None:
    client.force_login(make_user())
    assert client.post(reverse("typed"), {"reason": "a" * 2_000_000}).status_code == 302


def test_anything_else_is_not_said_to_be_too_long(client: Client) -> None:
    answer = client.get(reverse("home"), headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "We did not understand that" in answer.content.decode()
