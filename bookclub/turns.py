"""Which of a cohort's books is talked about next, which come after it, and which were before.

The next is the one that stands among its readers' tasks, too (`beside_sessions`): each book of the next meeting; of a
cohort that goes on and has no meeting to come, the first whose meeting has no date.
"""

from collections.abc import Sequence
from enum import Enum, auto

from bookclub.models import ListedBook


class Turn(Enum):
    """When a book is talked about."""

    BEFORE = auto()
    NEXT = auto()
    LATER = auto()


def turns(books: Sequence[ListedBook], *, goes_on: bool) -> dict[int, Turn]:
    """Say by its key of each book of a list when it is talked about; `goes_on`: the cohort has not ended.

    Of a cohort that has ended, a book whose meeting never had a date was before, as all the others.
    """
    meetings = {book.pk: book.meeting for book in books if book.meeting and not book.meeting.is_cancelled}
    to_come = [meeting for meeting in meetings.values() if not meeting.has_ended]
    if to_come:
        first = min(to_come, key=lambda meeting: (meeting.starts_at, meeting.pk))
        following = {pk for pk, meeting in meetings.items() if meeting == first}
    else:
        undated = [book.pk for book in books if book.pk not in meetings]
        following = set(undated[:1] if goes_on else [])

    def turn(pk: int) -> Turn:
        if pk in following:
            return Turn.NEXT
        is_over = meetings[pk].has_ended if pk in meetings else not goes_on
        return Turn.BEFORE if is_over else Turn.LATER

    return {book.pk: turn(book.pk) for book in books}
