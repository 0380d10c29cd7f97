"""Writing for oneself: what is saved, and the draft beside it that is kept while somebody types.

What one person writes in one cohort comes one after the other, under the lock of their membership; then the
reflection's own row is held. The trail has nothing of it: when somebody writes in their diary is nobody's business.

| | nothing kept | a draft alone | saved | saved, with a draft |
|---|---|---|---|---|
| save | saved | saved | saved | saved; another tab's draft stays |
| keep a draft | a draft alone | a draft alone | saved, with a draft | saved, with a draft |
| throw the draft away | nothing kept | nothing kept | saved | saved |
| delete | refused | nothing kept | nothing kept | nothing kept |

Who reads it, `bookclub.sharing` has.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from bookclub.models import Reflection
from bookclub.refusals import (
    ChangedInOtherTab,
    DraftedElsewhere,
    NoLongerReadable,
    NoMember,
    ReflectionGone,
    TooManyReflections,
)
from bookclub.sealed_words import TEXT, is_readable, words_of
from bookclub.targets import Target
from cohorts.models import Cohort, Membership
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User

LONGEST: Final = 20_000
"""Characters of one reflection, and of one draft."""
MOST: Final = 200
"""Reflections of one person in one cohort."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page of a tab knew: the version that was saved, and whose turn its draft was."""

    version: int = 0
    turn: int = 0


@transaction.atomic
def save(target: Target, uid: UUID, words: str, *, seen: Seen, by: User) -> Reflection:
    """Save what somebody wrote; as a new reflection it is theirs alone. The same words again change nothing.

    The draft goes, unless another tab has kept it. Raises NoMember, TooManyReflections, ReflectionGone,
    NoLongerReadable, and ChangedInOtherTab with what stands there now.
    """
    hold_place(target.cohort, by)
    row = held(uid, by)
    if row is None:
        _require_new(target, seen, by)
        row = Reflection(uid=uid, author=by, **target.columns)
    _require_readable(row)
    is_new_text = not row.is_saved or words_of(row) != words
    if is_new_text and row.version != seen.version:
        raise ChangedInOtherTab(row)
    now = timezone.now()
    if is_new_text:
        row.sealed, row.saved_at, row.changed_at = TEXT.seal(words), now, now
        row.version += 1
    if row.draft_turn == seen.turn:
        _drop_draft(row)
    row.save()
    let_author_stay(by.pk)
    return row


@transaction.atomic
def keep_draft(target: Target, uid: UUID, words: str, *, seen: Seen, by: User) -> int:
    """Keep what somebody is writing, beside what is saved; return whose turn it is then, for the tab to know.

    What was emptied, or put back as it is saved, is no draft. Raises NoMember, TooManyReflections, ReflectionGone,
    NoLongerReadable, and DraftedElsewhere where another tab has kept a draft, or saved, since this one was opened.
    """
    hold_place(target.cohort, by)
    row, says_something = held(uid, by), bool(words.strip())
    if row is None:
        _require_new(target, seen, by)
        if not says_something:
            return 0
        if _unsaved(target, by).exists():
            raise DraftedElsewhere
        row = Reflection(uid=uid, author=by, **target.columns)
    elif row.draft_turn != seen.turn:
        raise DraftedElsewhere
    _require_readable(row)
    if says_something and words_of(row) != words:
        row.draft_sealed, row.draft_at, row.draft_of = TEXT.seal(words), timezone.now(), seen.version
        row.draft_turn += 1
        row.changed_at = row.draft_at
        row.save()
        let_author_stay(by.pk)
        return row.draft_turn
    return _without_draft(row)


@transaction.atomic
def throw_draft_away(uid: UUID, *, seen: Seen, by: User) -> None:
    """Let go of what somebody was writing; what is saved stays. Where there is none, nothing happens.

    Raises ChangedInOtherTab where another tab has kept more of it since the page was opened that asked.
    """
    row = held(uid, by)
    if row and row.has_draft:
        if row.draft_turn != seen.turn:
            raise ChangedInOtherTab(row)
        _without_draft(row)


@transaction.atomic
def delete(uid: UUID, *, seen: Seen, by: User) -> None:
    """Delete a reflection, its draft too; nobody reads it any more. Raises ReflectionGone, ChangedInOtherTab."""
    row = existing_one(uid, by)
    require_seen(row, seen)
    row.delete()


def existing_one(uid: UUID, by: User) -> Reflection:
    """Return somebody's own reflection, held until the caller's transaction ends. Raises ReflectionGone."""
    row = held(uid, by)
    if row is None:
        raise ReflectionGone
    return row


def held(uid: UUID, by: User) -> Reflection | None:
    """Return somebody's own reflection, held until the caller's transaction ends, or None."""
    rows = Reflection.objects.select_for_update(of=("self",), no_key=True)
    return rows.with_target().filter(author=by, uid=uid).first()


def hold_place(cohort: Cohort, by: User) -> Membership:
    """Hold somebody's place in a cohort until the caller's transaction ends. Raises NoMember."""
    places = Membership.objects.enrolled().select_for_update(of=("self",), no_key=True)
    place = places.filter(cohort=cohort, user=by).first()
    if place is None:
        raise NoMember
    return place


def require_seen(row: Reflection, seen: Seen) -> None:
    """Raise ChangedInOtherTab where a page knew of another version than is saved."""
    if row.version != seen.version:
        raise ChangedInOtherTab(row)


def _require_new(target: Target, seen: Seen, by: User) -> None:
    if seen.version:
        raise ReflectionGone
    if Reflection.objects.filter(author=by, cohort=target.cohort).count() >= MOST:
        raise TooManyReflections


def _require_readable(row: Reflection) -> None:
    if not is_readable(row):
        raise NoLongerReadable


def _unsaved(target: Target, by: User) -> QuerySet[Reflection]:
    return Reflection.objects.filter(**target.columns, author=by, sealed__isnull=True)


def _drop_draft(row: Reflection) -> None:
    row.draft_sealed = row.draft_at = None
    row.draft_turn += 1


def _without_draft(row: Reflection) -> int:
    """Let a draft go, with its row where nothing was ever saved; return whose turn it is then."""
    if not row.is_saved:
        row.delete()
        return 0
    _drop_draft(row)
    row.save(update_fields=["draft_sealed", "draft_at", "draft_turn"])
    return row.draft_turn
