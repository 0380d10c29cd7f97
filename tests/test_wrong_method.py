"""Whoever opens an address that takes forms alone is told so on a page."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.referrals.conftest import new_team, signed_in


def test_it_says_so_in_words(db: None) -> None:
    team = new_team()
    answer = signed_in(team.triager).get(reverse("queue_lock"))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert "This address has no page of its own" in answer.content.decode()


@pytest.mark.parametrize("method", ["DELETE", "PUT", "TRACE"])
def test_every_other_method_too(client: Client, db: None, method: str) -> None:
    assert "has no page of its own" in client.generic(method, reverse("referral_receipt")).content.decode()
