"""What somebody needs is on no page, of no role, but the two on which it may be: looked for on every one of them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from cohorts.models import Booking
from portal.accounts import needs
from portal.trail.models import Entry
from tests.access_table import HERE, KEEPERS, MEMBER, TABLE
from tests.test_access import World
from tests.whole_database import everything_in_the_database

pytestmark = pytest.mark.django_db

CANARY = "canary-need"
READ_BY = {"needs": MEMBER, "own_data": MEMBER, "own_data_file": MEMBER, "session_needs": HERE | KEEPERS}


@pytest.fixture(scope="module")
def world(django_db_setup: Any, django_db_blocker: Any) -> Iterator[World]:
    """The world of the table, in which the member has said what they need; it is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = World()
        member = Booking.objects.get(uid=made.values["booking"]).user
        needs.say(member, needs.Needed(access=CANARY, diet=f"{CANARY}-to-eat"))
        yield made
        transaction.set_rollback(True)


def test_it_is_on_no_page_but_where_it_may_be(world: World, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = False
    found: dict[str, set[str]] = {}
    for name, line in TABLE.items():
        address = line.at or reverse(name, args=[world.values[key] for key in line.args]) + line.query
        for role, client in world.clients.items():
            cookies = dict(client.cookies)
            with transaction.atomic():
                answer: Any = client.get(address)
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                transaction.set_rollback(True)
            client.cookies.load(cookies)
            if CANARY.encode() in body:
                found.setdefault(name, set()).add(role)
    assert found == READ_BY


def test_it_is_in_no_row_of_the_database(world: World) -> None:
    assert CANARY not in everything_in_the_database()
    assert not [entry for entry in Entry.objects.all() if re.search("need", f"{entry.verb} {entry.details}")]
