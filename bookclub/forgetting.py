"""What an erased person leaves behind in book clubs."""

from django.db.models import Exists, OuterRef

from bookclub.models import Backing, CopyRequest, Loan, Reading, Reflection, Suggestion
from portal.accounts.erasure import forgets_people
from portal.accounts.models import User
from portal.accounts.people import Actor


@forgets_people(
    goes=(
        "books that you suggested and that nobody else backs, why you suggested others, and which you back",
        "where you are in the books of your cohorts",
        "your book club reflections and drafts, those that you shared too",
        "which books you borrowed and gave back, and which you asked to borrow",
    ),
    stays=(
        "books that you suggested and that others back, without your name, because they may want to read them",
        "that a copy which you have on loan is not back, without your name, so that the programme knows what it has",
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
