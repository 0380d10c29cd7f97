"""Suggesting a book to read, backing what others have suggested, and what the programme team makes of it.

The trail has what the programme team does, and nothing of who suggests, backs or takes back: that is nobody else's.
"""

from django.db import transaction
from django.utils import timezone

from bookclub.models import Backing, ListedBook, Suggestion
from bookclub.refusals import OnListAlready, SuggestedAlready, SuggestionOver
from cohorts.enrolment import hold
from cohorts.models import Cohort
from portal import trail
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User

State = Suggestion.State


@transaction.atomic
def suggest(cohort: Cohort, *, title: str, authors: str, why: str, by: User) -> Suggestion:
    """Suggest a book to a cohort, and back it by that. Raises OnListAlready, SuggestedAlready."""
    held = hold(cohort)
    read = ListedBook.objects.live().called(title).filter(cohort=held).select_related("book").first()
    if read:
        raise OnListAlready(
            f"“{read}” by {read.book.authors} is on your cohort's list already. If you mean another book, add to its "
            "title what tells them apart, such as the subtitle."
        )
    waiting = Suggestion.objects.waiting().filter(cohort=held, title__iexact=title, authors__iexact=authors)
    if waiting.exists():
        raise SuggestedAlready
    suggestion = Suggestion.objects.create(cohort=held, title=title, authors=authors, why=why, suggested_by=by)
    Backing.objects.create(suggestion=suggestion, backed_by=by)
    let_author_stay(by.pk)
    return suggestion


@transaction.atomic
def back(suggestion: Suggestion, *, by: User) -> None:
    """Back a suggestion; to do so again changes nothing. Raises SuggestionOver."""
    held = _open(suggestion)
    Backing.objects.get_or_create(suggestion=held, backed_by=by)


@transaction.atomic
def stop_backing(suggestion: Suggestion, *, by: User) -> None:
    """Back a suggestion no longer. Raises SuggestionOver."""
    held = _open(suggestion)
    Backing.objects.filter(suggestion=held, backed_by=by).delete()


@transaction.atomic
def withdraw(suggestion: Suggestion, *, by: User) -> None:
    """Take back one's own suggestion. Raises SuggestionOver, also for somebody else's."""
    held = _open(suggestion)
    if held.suggested_by_id != by.pk:
        raise SuggestionOver
    _end(held, State.WITHDRAWN)


@transaction.atomic
def decide(suggestion: Suggestion, state: Suggestion.State, *, by: User) -> None:
    """Take a suggestion up, or set it aside, as the programme team. Raises SuggestionOver."""
    held = _open(suggestion)
    _end(held, state)
    trail.record(f"suggestion.{state}", actor=by, subject=held, cohort=held.cohort_id)


def _open(suggestion: Suggestion) -> Suggestion:
    """Lock a suggestion that waits. Raises SuggestionOver."""
    held = Suggestion.objects.select_for_update(of=("self",), no_key=True).filter(pk=suggestion.pk).first()
    if held is None or not held.is_open:
        raise SuggestionOver
    return held


def _end(held: Suggestion, state: Suggestion.State) -> None:
    held.state, held.state_since = state, timezone.now()
    held.save(update_fields=["state", "state_since"])
