"""Testimonies: whatever an editor does at the same moment, what its author takes back is never public afterwards."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cohorts import testifying
from cohorts.models import Testimony
from cohorts.testifying import ANONYMOUS, OfferedAlready, TestimonyChanged
from portal.accounts.erasure import erase
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_programme, make_testimony, make_user

pytestmark = pytest.mark.django_db(transaction=True)

State, ShownAs = Testimony.State, Testimony.ShownAs
ROUNDS = 10
TEXT = "Words that are taken back"


def read_by_a_visitor(testimony: Testimony) -> str:
    """Return both public pages, the kept one included."""
    slug = testimony.programme.slug
    return "".join(Client().get(reverse(name, args=[slug])).content.decode() for name in ("programme", "testimonies"))


def test_taken_back_while_it_is_published_and_read_it_is_not_public_afterwards() -> None:
    editor = make_admin()
    for _ in range(ROUNDS):
        testimony = make_testimony(text=TEXT)
        deeds: list[Callable[[], Any]] = [
            partial(testifying.publish, testimony, looked_at=testimony.sequence, by=editor),
            partial(testifying.take_back, testimony),
            partial(read_by_a_visitor, testimony),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        failed = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, TestimonyChanged) for each in failed), failed
        testimony.refresh_from_db()
        assert (testimony.state, testimony.text) == (State.TAKEN_BACK, "")
        assert TEXT not in read_by_a_visitor(testimony)


def test_a_byline_that_is_changed_while_it_is_published_is_not_public_unseen() -> None:
    editor = make_admin()
    for _ in range(ROUNDS):
        testimony = make_testimony(text=TEXT)
        at_once(
            partial(testifying.publish, testimony, looked_at=testimony.sequence, by=editor),
            partial(testifying.show_as, testimony, ShownAs.NAMED, "Demo Amina"),
        )
        testimony.refresh_from_db()
        assert (testimony.state, testimony.byline) == (State.OFFERED, "Demo Amina")
        assert "Demo Amina" not in read_by_a_visitor(testimony)


def test_published_or_shortened_it_is_one_of_both() -> None:
    editors = make_admin(), make_admin()
    for _ in range(ROUNDS):
        testimony = make_testimony(text=TEXT)
        done = at_once(
            partial(testifying.publish, testimony, looked_at=testimony.sequence, by=editors[0]),
            partial(testifying.ask_about, testimony, "Words", by=editors[1]),
        )
        assert sum(isinstance(each, TestimonyChanged) for each in done) == 1
        testimony.refresh_from_db()
        assert testimony.words == TEXT


def test_offered_twice_it_is_one() -> None:
    author, programme = make_user(), make_programme()
    given: dict[str, Any] = {"component": None, "shown_as": ShownAs.ANONYMOUS, "byline": ANONYMOUS}
    same = at_once(*(partial(testifying.offer, author, programme, TEXT, **given) for _ in range(4)))
    assert {each.pk for each in same} == {Testimony.objects.get().pk}
    other = at_once(*(partial(testifying.offer, author, programme, f"Other {n}", **given) for n in range(2)))
    assert all(isinstance(each, OfferedAlready) for each in other)


def test_who_is_erased_while_theirs_is_published_leaves_none() -> None:
    editor = make_admin()
    for _ in range(ROUNDS):
        testimony = make_testimony(text=TEXT)
        done = at_once(
            partial(erase, testimony.author, by=editor),
            partial(testifying.publish, testimony, looked_at=testimony.sequence, by=editor),
        )
        failed = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, TestimonyChanged) for each in failed), failed
        assert not Testimony.objects.exists()
        assert TEXT not in read_by_a_visitor(testimony)
