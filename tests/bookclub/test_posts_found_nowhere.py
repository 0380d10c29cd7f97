"""Canary words are posted, edited, reported, taken back and taken away; then everything is searched for them.

Searched are every page as those around the thread and far from it have it, every page of the admin, a dump of the
database, Valkey, mail and everything logged. Found they may be where the rules say, and nowhere else. Doubles that
leak are found by the same search.
"""

import io
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookclub import digesting, discussing, reporting, rules
from bookclub.models import Post, PostReport
from cohorts import alongside
from portal import sealed_text
from portal.administration import RuledAdmin
from portal.outbox.sending import send_what_waits
from tests.access_table import EVERYBODY, HERE, KEEPERS, MEMBERS, TABLE
from tests.bookclub.searching import AUTHOR, Page, Unsealed, fail, pages_of, pages_of_deleting, seen_as
from tests.referrals.test_canary import everything_kept, found_in, logs
from tests.test_access import World

__all__ = ["logs"]  # fixture

pytestmark = pytest.mark.django_db(transaction=True)

# What stands in the thread; of it, the second was reported, and waits.
SHOWN = POSTED, REPORTED = ("Wacholderbeere", "Mispelbaum")
# What a moderator took away, and what they wrote to its author.
OF_THE_AUTHOR = TAKEN_AWAY, NOTE = ("Sanddornsaft", "Schlehenhecke")
# What was reported before its author took it back, and what the reporter said of it.
OF_MODERATORS = TAKEN_BACK_LATE, TOLD = ("Ebereschenlaub", "Kornelkirsche")
# What was taken back, said before an edit, only previewed, and refused.
OF_NOBODY = TAKEN_BACK, BEFORE, PREVIEWED, PASTED = (
    *("Felsenbirnenzweig", "Holunderblatt"),
    *("Vogelbeerbaum", "Hagebuttenmus"),
)
WORDS = (*SHOWN, *OF_THE_AUTHOR, *OF_MODERATORS, *OF_NOBODY)

REPORTER: Final = "champion"
TALKERS: Final = MEMBERS | HERE
THREAD: Final = {"book_club_thread", "thread_post", "post_reply", "post_report"}
OWN: Final = {"own_posts", "own_data", "own_data_file", "post_edit", "post_take_back"}
WHERE: Final = ("cohorts_cohort", "book_meeting")
REPORT: Final = ("admin:bookclub_postreport_change",)
FAR_FROM_IT: Final = {"triager", "triage lead", "triage lead elsewhere", "board sponsor", "coach"}
"""Those whose other pages are their own work alone. The pages about a post are searched as they have them, too."""
OF_A_POST: Final = {
    name
    for name, line in TABLE.items()
    if {"thread_post", "post_of_another", "bookclub_postreport"} & {*line.args} or name == "book_club_thread"
}


def may_be_found(role: str, name: str, word: str) -> bool:
    """Say whether the rules let somebody read a word on a page."""
    return (
        (role in TALKERS and name in THREAD and word in SHOWN)
        or (role == AUTHOR and name in OWN and word in SHOWN + OF_THE_AUTHOR)
        or (role == REPORTER and name in OWN and word == TOLD)
        or (role in KEEPERS and name in REPORT and word in (REPORTED, TAKEN_AWAY, *OF_MODERATORS))
    )


def live_through(world: World) -> None:
    """Say, edit, preview, report, take back and take away, as people do at browsers, mistakes included."""
    author, reporter, leads, desk = (
        world.clients[role] for role in (AUTHOR, REPORTER, "facilitator of the session", "programme admin")
    )

    def at(name: str, *args: Any) -> str:
        return reverse(name, args=[world.values["cohorts_cohort"], world.values["book_meeting"], *args])

    def say(words: str) -> int:
        author.post(at("thread_write"), {"words": f"I heard {words}", "uid": uuid4()})
        return Post.objects.filter(author=world.people[AUTHOR].pk).latest("pk").pk

    edited, goes, goes_late, reported, away = map(say, (BEFORE, TAKEN_BACK, TAKEN_BACK_LATE, REPORTED, TAKEN_AWAY))
    author.post(at("thread_write"), {"words": PREVIEWED, "uid": uuid4(), "preview": "yes"})
    author.post(at("post_edit", edited), {"words": f"I heard {POSTED}", "version": 1})
    reporter.post(at("post_reply", goes), {"words": "What happened then?", "uid": uuid4()})
    author.post(at("post_take_back", goes))
    for post in (goes_late, reported, away):
        reporter.post(at("post_report", post), {"reason": "hurts", "words": f"It says {TOLD}"})
    author.post(at("post_take_back", goes_late))
    taken = reverse("admin:bookclub_postreport_take_away", args=[PostReport.objects.get(post=away).pk])
    desk.post(taken, {"reason": "hurts", "note": f"Please think of {NOTE}"}, secure=True)

    author.post(at("thread_write"), {"words": PASTED * 5_000, "uid": uuid4()})
    author.post(at("post_edit", edited), {"words": PASTED, "version": 9})
    reporter.post(at("post_edit", edited), {"words": PASTED, "version": 2})
    reporter.post(at("post_report", reported), {"reason": "hurts", "words": PASTED})
    leads.post(at("thread_close"))
    author.post(at("thread_write"), {"words": PASTED, "uid": uuid4()})
    leads.post(at("thread_open_again"))
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(discussing, "let_author_stay", fail)
        assert author.post(at("thread_write"), {"words": PASTED, "uid": uuid4()}).status_code == 500
    Client().post(at("thread_write"), {"words": PASTED, "uid": uuid4()})

    digesting.write_due(now=timezone.localtime().replace(hour=8))
    PostReport.objects.waiting().update(due_on=timezone.localdate() - timedelta(days=1))
    reporting.tell_what_is_overdue()
    send_what_waits(limit=1000)
    rows = Post.objects.in_bulk([edited, goes, goes_late, reported, away])
    assert [rows[pk].is_shown for pk in rows] == [True, False, False, True, False]
    assert rows[away].is_taken_away


def pages_about(world: World, post: Post) -> dict[Page, bytes]:
    """Return the pages that name a post, or a report of it, as everybody has them, and as seen on their behalf."""
    report = PostReport.objects.filter(post=post).first()
    values = {"thread_post": post.pk, "post_of_another": post.pk}
    values |= {"bookclub_postreport": report.pk} if report else {}
    own = [reverse("own_posts"), reverse("book_club_thread", args=[world.values[key] for key in WHERE])]
    own.append(reverse("thread_post", args=[*(world.values[key] for key in WHERE), post.pk]))
    return pages_of(world, EVERYBODY, OF_A_POST, values) | seen_as(world, KEEPERS, post.author_id, own)


def found_on(pages: Mapping[Page, bytes]) -> set[tuple[str, str, str]]:
    """Return as whom, on which page, which word is found."""
    return {(*page, word) for page, word in found_in(pages, WORDS)}


def test_words_are_found_where_the_rules_say_and_nowhere_else(logs: io.StringIO) -> None:
    world = World()
    live_through(world)
    kept = everything_kept(logs)
    # A superuser, as everybody who keeps the programme, reads what was reported, and what the reporter said of it.
    assert found_in(kept, WORDS) == {("admin", word) for word in (REPORTED, TAKEN_AWAY, *OF_MODERATORS)}
    found = found_on(pages_of(world, EVERYBODY - FAR_FROM_IT))
    for post in Post.objects.filter(author=world.people[AUTHOR].pk):
        found |= found_on(pages_about(world, post))
    assert {each for each in found if not may_be_found(*each)} == set()
    # Where they may be found they are: the search looks there.
    must = {(role, "book_club_thread", word) for role in TALKERS for word in SHOWN}
    must |= {(AUTHOR, name, word) for name in ("own_posts", "own_data_file") for word in SHOWN + OF_THE_AUTHOR}
    must |= {(role, *REPORT, word) for role in KEEPERS for word in (REPORTED, TAKEN_AWAY, *OF_MODERATORS)}
    must.add((REPORTER, "own_data_file", TOLD))
    assert must - found == set()


def what_keeps_it(desk: Any, rows: Any, request: HttpRequest) -> Any:
    """Name what keeps a row, as Django does."""
    *_, kept = ModelAdmin.get_deleted_objects(desk, rows, request)
    return [], {}, set(), kept


TELLING = re.compile(r"\b(thread|digest)s?\b(?!s)|\b(post|report) \d", re.IGNORECASE)


def test_no_page_of_deleting_tells_that_anybody_posts_or_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    live_through(world)
    pages = pages_of_deleting(world)
    assert len(pages) > 100
    assert {where for where, said in pages.items() if TELLING.search(said)} == set()
    # The same search finds it where Django names what keeps a session.
    monkeypatch.setattr(alongside, "is_kept", lambda _: False)
    monkeypatch.setattr(RuledAdmin, "get_deleted_objects", what_keeps_it)
    meeting = reverse("admin:cohorts_session_delete", args=[world.values["book_meeting"]])
    assert TELLING.search(pages_of_deleting(world)[f"superuser: {meeting}"])


def test_the_same_search_finds_it_where_nothing_is_sealed(monkeypatch: pytest.MonkeyPatch, logs: io.StringIO) -> None:
    monkeypatch.setattr(sealed_text, "secret_box", lambda _: Unsealed)
    live_through(World())
    found = found_in({"dump": everything_kept(logs)["dump"]}, WORDS)
    assert {word for _, word in found} == {*SHOWN, *OF_THE_AUTHOR, *OF_MODERATORS}


def test_the_same_search_finds_it_where_a_rule_asks_not_who_talks(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    live_through(world)
    monkeypatch.setattr(rules, "talks", lambda _: True)
    found = found_on(pages_of(world, KEEPERS, THREAD))
    assert {word for _, _, word in found} >= {*SHOWN}
    assert not any(may_be_found(*each) for each in found)
