"""What becomes of somebody's part in book clubs when two accounts of theirs are put together."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from bookclub.models import Backing, Reading, Suggestion
from portal.accounts.merging import Merging, merges_people
from portal.accounts.moving import MOVES, Line


@merges_people("bookclub.suggestion.suggested_by")
def move_suggestions(merging: Merging) -> Iterator[Line]:
    """Move what somebody suggested, so that they can take it back."""
    if moved := Suggestion.objects.filter(suggested_by=merging.leaving).update(suggested_by=merging.staying):
        yield Line("Books suggested", f"{moved:,}", MOVES)


@merges_people("bookclub.backing.backed_by")
def move_backings(merging: Merging) -> Iterator[Line]:
    """Move what somebody backs: one person backs a book once."""
    both = Backing.objects.filter(backed_by=merging.staying, suggestion=OuterRef("suggestion"))
    leaving = Backing.objects.filter(backed_by=merging.leaving)
    leaving.filter(Exists(both)).delete()
    if moved := leaving.update(backed_by=merging.staying):
        yield Line("Books backed", f"{moved:,}", MOVES)


@merges_people("bookclub.reading.reader")
def move_readings(merging: Merging) -> Iterator[Line]:
    """Move where somebody is in their books. Of two for one book the one stays that is further."""
    leaving, staying = (Reading.objects.filter(reader=user) for user in (merging.leaving, merging.staying))
    further = leaving.finished().filter(listed=OuterRef("listed"))
    staying.filter(Exists(further), state=Reading.State.BEGUN).delete()
    leaving.filter(Exists(staying.filter(listed=OuterRef("listed")))).delete()
    if moved := leaving.update(reader=merging.staying):
        yield Line("Books begun or finished", f"{moved:,}", MOVES)
