"""The trail as admins read it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import capped_pages, trail
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.trail.models import Entry
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PAGE = "admin:trail_entry_changelist"


@pytest.fixture(autouse=True)
def _signed_in(client) -> None:
    client.force_login(make_user(is_staff=True, is_superuser=True))
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()


def test_costs_the_same_however_long_it_is(client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(PAGE)).status_code == 200
        return len(queries)

    trail.record("a.b", actor=make_user(), subject="booking:1")
    statements()
    few = statements()
    for number in range(20):
        trail.record("a.b", actor=make_user(), subject=f"booking:{number}")
    assert statements() == few


def test_finds_what_was_done_to_one_thing(client) -> None:
    trail.record("booking.booked", actor=trail.SYSTEM, subject="booking:1")
    trail.record("booking.cancelled", actor=trail.SYSTEM, subject="booking:12")
    html = client.get(reverse(PAGE), {"q": "booking:12"}).content.decode()
    assert "booking.cancelled" in html
    assert "booking.booked" not in html


def test_is_for_reading(client) -> None:
    trail.record("booking.booked", actor=trail.SYSTEM, subject="booking:1")
    entry = Entry.objects.get()
    assert client.get(reverse("admin:trail_entry_add")).status_code == 403
    assert client.post(reverse("admin:trail_entry_delete", args=[entry.pk])).status_code == 403
    assert client.post(reverse("admin:trail_entry_change", args=[entry.pk]), {"verb": "x.y"}).status_code == 403


def test_counts_no_further_than_anybody_pages(monkeypatch) -> None:
    trail.record_many("a.b", actor=trail.SYSTEM, entries=[(f"booking:{n}", {}) for n in range(30)])
    monkeypatch.setattr(capped_pages, "MOST", 20)
    assert capped_pages.CappedPaginator(Entry.objects.all(), 10).count == 20
