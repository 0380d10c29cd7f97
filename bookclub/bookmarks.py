"""Where members are in each book: said by themselves, for themselves. Nobody else reads it; see `how_far`."""

from django.db import transaction

from bookclub.models import ListedBook, Reading
from bookclub.refusals import OffList
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User


@transaction.atomic
def put(listed: ListedBook, state: Reading.State | None, *, place: str = "", by: User) -> None:
    """Say that somebody has begun a book, at which chapter or page, or finished it; None: not begun. Raises OffList.

    The last word counts, also of two that are said at once. The trail has none of it: it is nobody else's.
    """
    if not ListedBook.objects.live().filter(pk=listed.pk).exists():
        raise OffList
    if state is None:
        Reading.objects.filter(listed=listed, reader=by).delete()
        return
    at = place if state == Reading.State.BEGUN else ""
    Reading.objects.bulk_create(
        [Reading(listed=listed, reader=by, state=state, place=at)],
        update_conflicts=True,
        unique_fields=["reader", "listed"],
        update_fields=["state", "place", "said_at"],
    )
    let_author_stay(by.pk)
