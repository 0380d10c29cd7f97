"""Canary words are written privately, drafted, shared and taken back; then everything is searched for them.

Searched are every page as those around their author, every page of the admin, a dump of the database, Valkey, mail,
everything logged, and the pages that admins see as their author does. Doubles that leak are found by the same search.
"""

import io
import re
from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from bookclub import bookmarks, reflecting, rules, suggesting
from bookclub.models import ListedBook, Reading, Reflection
from bookclub.rules import Diary
from cohorts import alongside
from cohorts.models import Cohort, Component, Membership, Session
from portal import sealed_text
from portal.administration import STAYS
from portal.outbox.sending import send_what_waits
from tests.access_table import TABLE
from tests.bookclub.reflections import write
from tests.bookclub.searching import AUTHOR, Unsealed, fail, pages_of, pages_of_deleting, seen_as
from tests.factories import make_component, make_session
from tests.referrals.test_canary import everything_kept, found_in, logs
from tests.test_access import World

__all__ = ["logs"]  # fixture

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = ("Wacholderbeere", "Mispelbaum", "Sanddornsaft", "Schlehenhecke")
PRIVATE, DRAFT, TAKEN_BACK, PASTED = WORDS
OTHERS = (
    *("champion", "member who withdrew", "facilitator of the session", "organisation lead"),
    *("programme admin", "superuser", "anonymous"),
)
"""A colleague of the cohort, who leads its book club, who keeps it, and the others who could be near."""


def make_world() -> World:
    """Make one of everybody, and let one of them lead a meeting of the author's book club."""
    world = World()
    cohort = Cohort.objects.get(pk=world.values["cohorts_cohort"])
    component = make_component(cohort.programme, kind=Component.Kind.BOOK_CLUB)
    make_session(component, cohort).facilitators.add(world.values["cohorts_facilitator"])
    return world


def live_through(world: World) -> Reflection:
    """Write, draft, share and take back as a member does at a browser, mistakes included; return what is private."""
    author, cohort = world.clients[AUTHOR], world.values["cohorts_cohort"]

    def at(name: str, *args: Any) -> str:
        return reverse(name, args=[cohort, *args])

    private, taken_back = uuid4(), uuid4()
    author.post(at("reflection_new"), {"words": f"I heard {PRIVATE}", "uid": private})
    author.post(at("reflection_draft", private) + "?version=1&turn=1", f"I hear {DRAFT}", content_type="text/plain")
    author.post(at("reflection_draft", private) + "?version=1&turn=1", f"Again {DRAFT}", content_type="text/plain")
    author.post(at("reflection_new"), {"words": f"I said {TAKEN_BACK}", "uid": taken_back})
    author.post(at("reflection_share", taken_back), {"version": 1, "audience": "cohort"})
    author.post(at("reflection_take_back", taken_back))
    author.post(at("reflection_new"), {"words": PASTED * 5_000, "uid": uuid4()})
    author.post(at("reflection_edit", private), {"words": PASTED, "version": 9})
    author.post(at("reflection_edit", uuid4()), {"words": PASTED, "version": 9})
    author.get(reverse("reflections_file", args=["pdf"]))
    world.clients["champion"].post(at("reflection_edit", private), {"words": "Mine", "version": 1})
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(reflecting, "let_author_stay", fail)
        assert author.post(at("reflection_new"), {"words": PASTED, "uid": uuid4()}).status_code == 500
    Client().post(at("reflection_edit", private), {"words": PASTED})
    send_what_waits(limit=1000)
    rows = Reflection.objects.filter(author=world.people[AUTHOR].pk)
    assert not rows.get(uid=taken_back).is_shared
    assert rows.get(uid=private).has_draft
    return rows.get(uid=private)


def pages_of_others(world: World, row: Reflection, names: Collection[str] = tuple(TABLE)) -> bytes:
    """Return every page of these names as others have it; the row's own addresses too, as admins might try them."""
    values = {"reflection": row.uid, "shared_reflection": row.pk}
    own = [reverse("reflection", args=[row.cohort_id, row.uid]), reverse("own_reflections")]
    pages = pages_of(world, OTHERS, names, values) | seen_as(world, OTHERS, row.author_id, own)
    return b"\n".join(pages.values())


def test_it_is_found_by_its_author_alone(logs: io.StringIO) -> None:
    world = make_world()
    row = live_through(world)
    kept = everything_kept(logs) | {"pages": pages_of_others(world, row)}
    assert len(kept["pages"]) > 1_000_000
    assert found_in(kept, WORDS) == set()
    author = world.clients[AUTHOR]
    own = [reverse("own_data_file"), reverse("reflections_file", args=["markdown"])]
    own.append(reverse("reflections", args=[row.cohort_id]))
    for address in own:
        assert PRIVATE.encode() in author.get(address).content, address


def live_around_an_unbooked_meeting(world: World) -> Session:
    """Write for a meeting that nobody has booked, read its book and back another, as members do."""
    member = Membership.objects.get(user=world.people[AUTHOR].pk, cohort=world.values["cohorts_cohort"])
    meeting = Session.objects.get(pk=world.values["book_meeting"])
    assert not meeting.bookings.exists()
    write(member, PRIVATE, meeting=meeting)
    bookmarks.put(ListedBook.objects.get(meeting=meeting), Reading.State.BEGUN, by=member.user)
    suggesting.suggest(member.cohort, title="Names we give", authors="Demo", why="", by=member.user)
    return meeting


TELLING = re.compile(r"\breflections?\b|\breading \d|\bbackings?\b|names we give", re.IGNORECASE)


def test_no_page_of_deleting_tells_that_anybody_writes_reads_or_backs(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    meeting = live_around_an_unbooked_meeting(world)
    pages = pages_of_deleting(world)
    assert len(pages) > 100
    assert {where for where, said in pages.items() if TELLING.search(said)} == set()
    # Nor where nothing says beforehand that a session stays.
    monkeypatch.setattr(alongside, "is_kept", lambda _: False)
    address = reverse("admin:cohorts_session_delete", args=[meeting.pk])
    said = pages_of_deleting(world)[f"superuser: {address}"]
    assert STAYS in said
    assert not TELLING.search(said)
    world.clients["superuser"].post(address, {"post": "yes"}, secure=True)
    assert Session.objects.filter(pk=meeting.pk).exists()


def test_the_same_search_finds_it_where_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch, logs: io.StringIO) -> None:
    monkeypatch.setattr(sealed_text, "secret_box", lambda _: Unsealed)
    live_through(World())
    found = found_in({"dump": everything_kept(logs)["dump"]}, WORDS)
    assert {word for _, word in found} == {PRIVATE, DRAFT, TAKEN_BACK}


def test_the_same_search_finds_it_where_a_rule_asks_not_whose_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def anybodys(diary: Diary, uid: UUID) -> Reflection | None:
        return Reflection.objects.filter(cohort=diary.cohort, uid=uid).first()

    world = make_world()
    row = live_through(world)
    monkeypatch.setattr(rules, "own_reflection", anybodys)
    names = [name for name in TABLE if name.startswith("reflection")]
    found = found_in({"pages": pages_of_others(world, row, names)}, WORDS)
    assert {word for _, word in found} == {PRIVATE, DRAFT}
