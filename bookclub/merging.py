"""What becomes of somebody's part in book clubs when two accounts of theirs are put together."""

from collections.abc import Iterator
from uuid import uuid4

from django.db.models import Exists, F, OuterRef

from bookclub.models import (
    Backing,
    Copy,
    CopyRequest,
    Loan,
    Post,
    PostReport,
    Reading,
    Reflection,
    Suggestion,
    Thread,
)
from portal.accounts.merging import Merging, keeps_where_it_is, merges_people
from portal.accounts.models import User
from portal.accounts.moving import MOVES, Line


@merges_people("bookclub.suggestion.suggested_by", "bookclub.backing.backed_by", "bookclub.reading.reader")
def move_part(merging: Merging) -> Iterator[Line]:
    """Move what somebody suggested, backs and reads. Which of these, and how much, whoever does it is not told."""
    if any([_move_suggestions(merging), _move_backings(merging), _move_readings(merging)]):
        yield Line("Book club", "What they read, suggest or back, uncounted", MOVES)


def _move_suggestions(merging: Merging) -> int:
    return Suggestion.objects.filter(suggested_by=merging.leaving).update(suggested_by=merging.staying)


def _move_backings(merging: Merging) -> int:
    """One person backs a book once."""
    both = Backing.objects.filter(backed_by=merging.staying, suggestion=OuterRef("suggestion"))
    leaving = Backing.objects.filter(backed_by=merging.leaving)
    leaving.filter(Exists(both)).delete()
    return leaving.update(backed_by=merging.staying)


def _move_readings(merging: Merging) -> int:
    """Of two for one book the one stays that is further."""
    leaving, staying = (Reading.objects.filter(reader=user) for user in (merging.leaving, merging.staying))
    further = leaving.finished().filter(listed=OuterRef("listed"))
    staying.filter(Exists(further), state=Reading.State.BEGUN).delete()
    leaving.filter(Exists(staying.filter(listed=OuterRef("listed")))).delete()
    return leaving.update(reader=merging.staying)


def hold_reflections(leaving: User, staying: User) -> None:
    """Lock what either has written, as every verb that changes it does."""
    theirs = Reflection.objects.filter(author__in=[leaving, staying])
    list(theirs.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@merges_people("bookclub.reflection.author", hold=hold_reflections)
def move_reflections(merging: Merging) -> Iterator[Line]:
    """Move what somebody wrote. How much that is, nobody is told.

    There is one draft for each book or meeting. Those of the account that goes are saved as they stand, for their
    author alone, so that none is lost.
    """
    leaving = Reflection.objects.filter(author=merging.leaving)
    staying = Reflection.objects.filter(author=merging.staying)
    drafts = leaving.filter(sealed__isnull=True)
    drafts.update(
        sealed=F("draft_sealed"),
        saved_at=F("draft_at"),
        version=1,
        draft_sealed=None,
        draft_at=None,
        draft_turn=F("draft_turn") + 1,
    )
    for row in leaving.filter(Exists(staying.filter(uid=OuterRef("uid")))):
        row.uid = uuid4()
        row.save(update_fields=["uid"])
    if leaving.update(author=merging.staying):
        yield Line("Book club reflections", "What they wrote for themselves, unread", MOVES)


def hold_loans(leaving: User, staying: User) -> None:
    """Lock the copies that either has or had, as every verb that ends a loan does."""
    copies = Loan.objects.filter(borrower__in=[leaving, staying]).values("copy")
    list(Copy.objects.filter(pk__in=copies).select_for_update(no_key=True).order_by("pk").values_list("pk"))


@merges_people("bookclub.loan.borrower", hold=hold_loans)
def move_loans(merging: Merging) -> Iterator[Line]:
    """Move what somebody has borrowed, so that they are reminded and find it on their page."""
    if moved := Loan.objects.filter(borrower=merging.leaving).update(borrower=merging.staying):
        yield Line("Books borrowed", f"{moved:,}", MOVES)


keeps_where_it_is({"bookclub.loan.lent_by": "what they did: nobody's to change"})


@merges_people("bookclub.copyrequest.asked_by")
def move_requests(merging: Merging) -> Iterator[Line]:
    """Move what somebody asked to borrow: one person asks for a book once at a time."""
    leaving = CopyRequest.objects.filter(asked_by=merging.leaving)
    same = {"cohort": OuterRef("cohort"), "book": OuterRef("book"), "state": CopyRequest.State.OPEN}
    both = CopyRequest.objects.filter(asked_by=merging.staying, **same)
    leaving.filter(Exists(both), state=CopyRequest.State.OPEN).delete()
    if moved := leaving.update(asked_by=merging.staying):
        yield Line("Books asked for", f"{moved:,}", MOVES)


def hold_threads(leaving: User, staying: User) -> None:
    """Lock the threads in which either has written or reported something, as every verb that changes one does."""
    both = [leaving, staying]
    wrote = Post.objects.filter(author__in=both, thread=OuterRef("pk"))
    reported = PostReport.objects.filter(reported_by__in=both, post__thread=OuterRef("pk"))
    theirs = Thread.objects.filter(Exists(wrote) | Exists(reported))
    list(theirs.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@merges_people("bookclub.post.author", hold=hold_threads)
def move_posts(merging: Merging) -> Iterator[Line]:
    """Move what somebody posted. How much that is, nobody is told."""
    leaving, staying = (Post.objects.filter(author=user) for user in (merging.leaving, merging.staying))
    for row in leaving.filter(Exists(staying.filter(uid=OuterRef("uid")))):
        row.uid = uuid4()
        row.save(update_fields=["uid"])
    if leaving.update(author=merging.staying):
        yield Line("Book club threads", "What they posted, unread", MOVES)


@merges_people("bookclub.postreport.reported_by", hold=hold_threads)
def move_reports(merging: Merging) -> Iterator[Line]:
    """Move what somebody reported, which nobody is told: one person has one open report of a post."""
    leaving = PostReport.objects.filter(reported_by=merging.leaving)
    both = PostReport.objects.waiting().filter(reported_by=merging.staying, post=OuterRef("post"))
    leaving.waiting().filter(Exists(both)).delete()
    leaving.update(reported_by=merging.staying)
    return iter(())
