"""Threads as tests make them."""

from datetime import date
from typing import Any, NamedTuple
from uuid import uuid4

from bookclub import discussing, moderating, reporting, rules
from bookclub.discussing import Place
from bookclub.models import Post, PostReport
from bookclub.rules import MeetingSeat
from bookclub.thread_words import TEXT
from cohorts.models import Cohort, Membership, Session
from portal.accounts.models import User
from tests.bookclub.making import make_leader, make_meeting, make_reader, make_reading_cohort
from tests.cohorts.pages import address
from tests.factories import make_user

Reason = Post.Reason


class Talk(NamedTuple):
    """A meeting of a cohort, two of its members, and who leads it."""

    cohort: Cohort
    meeting: Session
    amina: User
    bea: User
    leads: User

    @property
    def where(self) -> tuple[int, int]:
        """Return by what its addresses name it."""
        return self.cohort.pk, self.meeting.pk


def make_talk(**cohort: Any) -> Talk:
    """Make a cohort of two that meets for a book."""
    made = make_reading_cohort(**cohort)
    meeting = make_meeting(made)
    amina, bea = (make_reader(made, make_user(name=f"Demo {name}")).user for name in ("Amina", "Bea"))
    return Talk(made, meeting, amina, bea, make_leader(meeting))


def make_report(meeting: Session, *, author: Membership, reported_by: Membership) -> PostReport:
    """Make a report, by one member of a cohort, of what another posted about a meeting."""
    posted = discussing.post(Place(meeting, author.cohort, author.user, member=True), uuid4(), "You people")
    return report(posted, reported_by.user)


def at(talk: Talk, person: User) -> MeetingSeat:
    """Return where somebody sits at the meeting."""
    found = rules.meeting(person, *talk.where)
    assert found
    return found


def say(talk: Talk, person: User, words: str = "I listened.", *, to: Post | None = None) -> Post:
    """Post something, or a reply."""
    return discussing.post(at(talk, person).place, uuid4(), words, reply_to=to.pk if to else None)


def report(post: Post, by: User, words: str = "It hurts.", reason: Reason = Reason.HURTS) -> PostReport:
    """Report a post."""
    return reporting.report(post.pk, reason, words, by=by)


def take_away(made: PostReport, by: User, note: str = "") -> None:
    """Take away what was reported."""
    moderating.take_away(made, Reason.HURTS, note, by=by)


def words_of(post: Post) -> str:
    """Return what a post says now; nothing where it is gone."""
    found = Post.objects.filter(pk=post.pk).first()
    return TEXT.opened(found.sealed) if found else ""


def end(cohort: Cohort) -> None:
    """Let a cohort have ended."""
    Cohort.objects.filter(pk=cohort.pk).update(starts_on=date(2020, 1, 1), ends_on=date(2020, 6, 1))
    cohort.refresh_from_db()


def thread_page(talk: Talk) -> str:
    """Return the address of a thread."""
    return address("book_club_thread", *talk.where)


def page(name: str, talk: Talk, post: Post) -> str:
    """Return the address of a page about a post."""
    return address(name, *talk.where, post.pk)
