"""What an erased person leaves behind in book clubs."""

from django.db.models import Exists, OuterRef

from bookclub.models import Backing, Reading, Reflection, Suggestion
from portal.accounts.erasure import forgets_people
from portal.accounts.models import User
from portal.accounts.people import Actor


@forgets_people(
    goes=(
        "books that you suggested and that nobody else backs, why you suggested others, and which you back",
        "where you are in the books of your cohorts",
        "your book club reflections and drafts, those that you shared too",
    ),
    stays=("books that you suggested and that others back, without your name, because they may want to read them",),
)
def forget(person: User, by: Actor) -> None:
    """Let what others back stay, in no words of the person's own."""
    Reflection.objects.filter(author=person).delete()
    Backing.objects.filter(backed_by=person).delete()
    Reading.objects.filter(reader=person).delete()
    own = Suggestion.objects.filter(suggested_by=person)
    own.filter(~Exists(Backing.objects.filter(suggestion=OuterRef("pk")))).delete()
    own.exclude(why="").update(why="")
