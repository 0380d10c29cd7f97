"""Talking around a meeting: posting and replying, editing, taking back; and closing the thread for a while.

All that changes a thread comes one after the other, under the lock of its row; a member's place in the cohort is held
before it. The trail has that a thread was closed and opened again: who posts, and when, stands in the thread.

| a post that | edit | take back | reply | report |
|---|---|---|---|---|
| is shown, in an open thread | edited | gone | a reply | a report |
| is shown, in a closed or ended one | refused | gone | refused | a report |
| a moderator took away | refused | gone | refused | refused |
| was taken back | refused | gone | refused | refused |

"Gone" is deleted, or a trace without words where somebody has replied or reported it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from bookclub.models import Post, Thread
from bookclub.reflecting import hold_place
from bookclub.refusals import (
    PostChanged,
    PostedAlready,
    PostGone,
    PostUnreadable,
    ThreadClosed,
    ThreadOver,
    TooManyPosts,
)
from bookclub.thread_words import TEXT, written
from cohorts.models import Cohort, Session
from portal import trail
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User

LONGEST: Final = 5_000
"""Characters of one post."""
MOST_IN_AN_HOUR: Final = 30
"""Posts and replies of one person."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody talks: about a meeting, with a cohort in which they are a `member` or whose meetings they lead."""

    meeting: Session
    cohort: Cohort
    person: User
    member: bool


@transaction.atomic
def post(place: Place, uid: UUID, words: str, *, reply_to: int | None = None) -> Post:
    """Post something, or a reply to a post, under one's name. What was posted already under its `uid` stays as it is.

    Raises PostedAlready where other words were posted under it, NoMember, ThreadClosed, ThreadOver, TooManyPosts, and
    PostGone where there is nothing to reply to any more.
    """
    thread = _hold_to_write(place)
    if posted := Post.objects.filter(author=place.person, uid=uid).first():
        if (posted.thread_id, posted.reply_to_id, TEXT.opened(posted.sealed)) != (thread.pk, reply_to, words):
            raise PostedAlready
        return posted
    _require_open(thread, place.cohort)
    if reply_to and not Post.objects.shown().filter(thread=thread, reply_to=None, pk=reply_to).exists():
        raise PostGone
    now = timezone.now()
    lately = Post.objects.filter(author=place.person, written_at__gt=now - timedelta(hours=1))
    if lately.count() >= MOST_IN_AN_HOUR:
        raise TooManyPosts
    posted = Post.objects.create(
        thread=thread, reply_to_id=reply_to, uid=uid, author=place.person, written_at=now, **written(words)
    )
    let_author_stay(place.person.pk)
    return posted


@transaction.atomic
def edit(place: Place, pk: int, words: str, *, seen: int) -> Post:
    """Put a post of one's own in other words, which it says of itself; the same words again change nothing.

    `seen` is the version that the page knew. Raises NoMember, ThreadClosed, ThreadOver, PostGone, PostUnreadable, and
    PostChanged with what stands there now.
    """
    thread = _hold_to_write(place)
    row = Post.objects.filter(thread=thread, author=place.person, pk=pk).first()
    if row is None or not row.is_shown:
        raise PostGone
    _require_open(thread, place.cohort)
    before = TEXT.opened(row.sealed)
    if before == TEXT.unreadable:
        raise PostUnreadable
    if before == words:
        return row
    if row.version != seen:
        raise PostChanged(row)
    for name, value in written(words).items():
        setattr(row, name, value)
    row.edited_at = timezone.now()
    row.version += 1
    row.save(update_fields=["sealed", "sealed_html", "edited_at", "version"])
    let_author_stay(place.person.pk)
    return row


@transaction.atomic
def take_back(pk: int, *, by: User) -> None:
    """Let the words of one's own post go, whoever has read them; of one that is gone already nothing changes.

    Whoever has left the cohort can, and in a closed thread, too.
    """
    row = hold_post(pk)
    if row is None or row.author_id != by.pk or row.is_taken_back:
        return
    if not row.replies.exists() and not row.reports.exists():
        row.delete()
        return
    let_words_go([row])


@transaction.atomic
def close(meeting: Session, cohort: Cohort, *, by: User) -> None:
    """Let nobody write in a thread until it is opened again; nothing changes in a closed one. Raises ThreadOver."""
    _require_going_on(cohort)
    thread = _hold(meeting, cohort)
    if not thread.is_closed:
        thread.closed_at = timezone.now()
        thread.save(update_fields=["closed_at"])
        trail.record("thread.closed", actor=by, subject=thread, cohort=cohort.pk)


@transaction.atomic
def open_again(meeting: Session, cohort: Cohort, *, by: User) -> None:
    """Let people write in a thread again that was closed. Raises ThreadOver."""
    _require_going_on(cohort)
    thread = _hold(meeting, cohort)
    if thread.is_closed:
        thread.closed_at = None
        thread.save(update_fields=["closed_at"])
        trail.record("thread.opened_again", actor=by, subject=thread, cohort=cohort.pk)


def hold_post(pk: int) -> Post | None:
    """Return a post, with its thread held until the caller's transaction ends, or None where there is none."""
    Thread.objects.select_for_update(of=("self",), no_key=True).filter(posts=pk).first()
    # What stands in it is read once nobody else changes it.
    return Post.objects.select_related("author", "thread__cohort").filter(pk=pk).first()


def let_words_go(rows: list[Post]) -> None:
    """Leave of posts a trace without words."""
    now = timezone.now()
    for row in rows:
        row.sealed = row.sealed_html = row.sealed_note = row.taken_away_at = None
        row.taken_away_for, row.taken_back_at = "", now
        row.version += 1
    Post.objects.bulk_update(
        rows, ["sealed", "sealed_html", "sealed_note", "taken_away_at", "taken_away_for", "taken_back_at", "version"]
    )


def _hold_to_write(place: Place) -> Thread:
    if place.member:
        hold_place(place.cohort, place.person)
    return _hold(place.meeting, place.cohort)


def _hold(meeting: Session, cohort: Cohort) -> Thread:
    """Lock a thread, which is made where there was none."""
    rows = Thread.objects.select_for_update(no_key=True).filter(meeting=meeting, cohort=cohort)
    if there := rows.first():
        return there
    Thread.objects.bulk_create([Thread(meeting=meeting, cohort=cohort)], ignore_conflicts=True)
    return rows.get()


def _require_going_on(cohort: Cohort) -> None:
    if cohort.has_ended:
        raise ThreadOver


def _require_open(thread: Thread, cohort: Cohort) -> None:
    _require_going_on(cohort)
    if thread.is_closed:
        raise ThreadClosed
