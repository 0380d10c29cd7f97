"""What somebody is told whose request could not be read."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.uploads import MOST_OF_A_REQUEST
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


def test_a_file_that_is_too_large_to_be_read_is_said_to_be() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())
    upload = SimpleUploadedFile("large.pdf", b"a" * MOST_OF_A_REQUEST)
    answer = client.post(reverse("typed"), {"file": upload}, headers={"origin": "http://testserver"})
    assert answer.status_code == 413
    page = answer.content.decode()
    assert "The file is too large" in page
    assert "A file can have up to 10 MB" in page


def test_anything_else_is_not_said_to_be_too_long(client: Client) -> None:
    answer = client.get(reverse("home"), headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "We did not understand that" in answer.content.decode()
