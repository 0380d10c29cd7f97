"""Choosing what a cohort reads: books put on its list, swapped, taken off, and in which order.

Each verb holds the cohort's row, so that of two who change a list at once the second finds it as the first has left it.
Nothing that was written of a book goes with it: it hangs on the book's row of the list, which stays.
"""

from django.db import transaction
from django.db.models import F, Max, OuterRef
from django.utils import timezone

from bookclub.models import Book, ListedBook
from bookclub.refusals import (
    ListOver,
    MeetingBegun,
    MeetingNotToCome,
    NoMeeting,
    NotOffered,
    OffList,
    OnListAlready,
)
from cohorts.enrolment import hold
from cohorts.models import Cohort, Component, Session
from cohorts.models.sessions import SessionQuerySet
from portal import trail
from portal.accounts.models import User


def meetings_of(cohort: Cohort) -> SessionQuerySet:
    """Return the book club meetings to which a cohort's members can come, in order of time."""
    sessions = Session.objects.scheduled().of_cohort(cohort.pk, cohort.programme_id)
    return sessions.filter(component__kind=Component.Kind.BOOK_CLUB).order_by("starts_at", "pk")


def own_meetings_of(cohort: Cohort | OuterRef) -> SessionQuerySet:
    """Return the book club meetings that are a cohort's own, and not for all of its programme."""
    return Session.objects.scheduled().filter(cohort=cohort, component__kind=Component.Kind.BOOK_CLUB)


@transaction.atomic
def add(
    cohort: Cohort, book: Book, *, meeting: Session | None = None, why: str = "", though_begun: bool = False, by: User
) -> ListedBook:
    """Put a book at the end of a cohort's list.

    It goes to a meeting that has begun only if whoever does so knows that it then stays there: `though_begun`.
    Raises NotOffered, OnListAlready, NoMeeting, MeetingNotToCome.
    """
    held = hold(cohort)
    _require_offered(book)
    _require_off_list(held, book)
    _require_meeting(held, meeting, though_begun=though_begun)
    last = ListedBook.objects.filter(cohort=held).aggregate(last=Max("position"))["last"] or 0
    listed = ListedBook.objects.create(cohort=held, book=book, position=last + 1, meeting=meeting, why=why)
    trail.record("listedbook.added", actor=by, subject=listed, cohort=held.pk, book=book.pk)
    return listed


@transaction.atomic
def swap(listed: ListedBook, book: Book, *, why: str = "", by: User) -> ListedBook:
    """Let a cohort read another book in the place of one, at the same meeting; the first stays with what was written.

    Raises OffList, ListOver, NotOffered, OnListAlready, MeetingBegun.
    """
    held = hold(listed.cohort)
    current = _on_list(listed)
    if held.has_ended:
        raise ListOver
    _require_meeting_to_come(current)
    _require_offered(book)
    _require_off_list(held, book)
    position, meeting = current.position, current.meeting
    _take_off(current)
    chosen = ListedBook.objects.create(cohort=held, book=book, position=position, meeting=meeting, why=why)
    current.swapped_for = chosen
    current.save(update_fields=["swapped_for"])
    trail.record("listedbook.swapped", actor=by, subject=current, cohort=held.pk, by_which=chosen.pk)
    return chosen


@transaction.atomic
def take_off(listed: ListedBook, *, by: User) -> None:
    """Take a book off a list; what was written of it stays. Raises OffList, MeetingBegun."""
    held = hold(listed.cohort)
    current = _on_list(listed)
    _require_meeting_to_come(current)
    position = current.position
    _take_off(current)
    ListedBook.objects.filter(cohort=held, position__gt=position).update(position=F("position") - 1)
    trail.record("listedbook.taken_off", actor=by, subject=current, cohort=held.pk)


@transaction.atomic
def move(listed: ListedBook, *, earlier: bool, by: User) -> bool:
    """Let a book and its neighbour on the list change places. Raises OffList.

    Return whether they did: the first cannot go earlier, nor the last later.
    """
    held = hold(listed.cohort)
    current = _on_list(listed)
    live = ListedBook.objects.live().filter(cohort=held)
    if earlier:
        other = live.filter(position__lt=current.position).order_by("-position").first()
    else:
        other = live.filter(position__gt=current.position).first()
    if other is None:
        return False
    current.position, other.position = other.position, current.position
    ListedBook.objects.bulk_update([current, other], ["position"])
    trail.record("listedbook.moved", actor=by, subject=current, cohort=held.pk, to=current.position)
    return True


@transaction.atomic
def arrange(
    listed: ListedBook, *, meeting: Session | None, why: str, though_begun: bool = False, by: User
) -> ListedBook:
    """Say at which meeting a book is talked about, and why the cohort reads it; `though_begun` as in `add`.

    Raises OffList, NoMeeting, MeetingBegun, MeetingNotToCome.
    """
    held = hold(listed.cohort)
    current = _on_list(listed)
    if meeting != current.meeting:
        _require_meeting_to_come(current)
        _require_meeting(held, meeting, though_begun=though_begun)
    changed = [name for name, new in (("meeting", meeting), ("why", why)) if getattr(current, name) != new]
    if changed:
        current.meeting, current.why = meeting, why
        if "meeting" in changed:
            current.nudged_at = None
        current.save(update_fields=[*changed, "nudged_at"])
        trail.record("listedbook.arranged", actor=by, subject=current, cohort=held.pk, fields=",".join(changed))
    return current


def _on_list(listed: ListedBook) -> ListedBook:
    current = ListedBook.objects.live().select_related("meeting", "book").filter(pk=listed.pk).first()
    if current is None:
        raise OffList
    return current


def _take_off(current: ListedBook) -> None:
    current.position, current.taken_off_at = None, timezone.now()
    current.save(update_fields=["position", "taken_off_at"])


def _require_offered(book: Book) -> None:
    if not Book.objects.offered().filter(pk=book.pk).exists():
        raise NotOffered


def _require_off_list(held: Cohort, book: Book) -> None:
    if ListedBook.objects.live().filter(cohort=held, book=book).exists():
        raise OnListAlready


def _require_meeting(held: Cohort, meeting: Session | None, *, though_begun: bool) -> None:
    if meeting is None:
        return
    current = meetings_of(held).filter(pk=meeting.pk).first()
    if current is None:
        whose = meeting.cohort or meeting.component.programme
        # Of the cohort's own, and of its programme's, it is the kind or the state that is wrong.
        raise NoMeeting(
            "" if whose in (held, held.programme) else f"That is {whose}'s meeting. Choose one of {held}'s."
        )
    if current.has_begun and not though_begun:
        raise MeetingNotToCome


def _require_meeting_to_come(current: ListedBook) -> None:
    if current.stays:
        raise MeetingBegun
