"""What an erased person leaves behind in book clubs."""

from django.db.models import Exists, OuterRef, Q

from bookclub.discussing import let_words_go
from bookclub.models import Backing, CopyRequest, Loan, Post, PostReport, Reading, Reflection, Suggestion, Thread
from portal.accounts.erasure import forgets_people
from portal.accounts.models import User
from portal.accounts.people import Actor


@forgets_people(
    goes=(
        "books that you suggested and that nobody else backs, why you suggested others, and which you back",
        "where you are in the books of your cohorts",
        "your book club reflections and drafts, those that you shared too",
        "which books you borrowed and gave back, and which you asked to borrow",
        "the words of what you posted in book clubs, with reports of it; what you wrote where you reported something",
    ),
    stays=(
        "books that you suggested and that others back, without your name, because they may want to read them",
        "that a copy which you have on loan is not back, without your name, so that the programme knows what it has",
        "that something of yours once stood in a thread of a book club, without words and name, where others replied",
    ),
)
def forget(person: User, by: Actor) -> None:
    """Let what others back stay, in no words of the person's own, and what is on loan, which names nobody then."""
    CopyRequest.objects.filter(asked_by=person).delete()
    Loan.objects.filter(borrower=person).exclude(outcome=Loan.Outcome.OUT).delete()
    Reflection.objects.filter(author=person).delete()
    Backing.objects.filter(backed_by=person).delete()
    Reading.objects.filter(reader=person).delete()
    own = Suggestion.objects.filter(suggested_by=person)
    own.filter(~Exists(Backing.objects.filter(suggestion=OuterRef("pk")))).delete()
    own.exclude(why="").update(why="")
    _forget_posts(person)


def _forget_posts(person: User) -> None:
    """Let a trace without words stay where others have replied; what nobody has decided about is decided still."""
    own, reported = Post.objects.filter(author=person), PostReport.objects.filter(reported_by=person)
    of_thread = {"thread": OuterRef("pk")}
    theirs = Thread.objects.filter(
        Q(Exists(own.filter(**of_thread))) | Q(Exists(reported.filter(post__thread=OuterRef("pk"))))
    )
    list(theirs.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    PostReport.objects.filter(post__author=person).delete()
    reported.exclude(state=PostReport.State.WAITS).delete()
    reported.update(sealed=None)
    own.filter(reply_to__isnull=False).delete()
    own.filter(~Exists(Post.objects.filter(reply_to=OuterRef("pk")))).delete()
    let_words_go(list(own.filter(sealed__isnull=False)))
