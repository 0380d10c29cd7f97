"""The demonstration's book clubs, made once, through the verbs: a catalogue, and what each cohort reads.

No such book exists, so none has an ISBN; what they are about is what cohorts read about.
"""

from typing import Final

from django.db import transaction

from bookclub import choosing, suggesting
from bookclub.models import Book, ListedBook
from cohorts.models import Cohort, Component, Membership, Programme
from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import User

Format = Book.Format
LIBRARY: Final = "Ask your trust's library; most have it on the shelf or as an e-book. Or borrow one of ours."

BOOKS: Final = (
    Book(
        title="The weight of a name",
        authors="Adaeze Finch",
        description="A midwife listens to twelve women about how they were spoken to in labour, and about their names. "
        "Short chapters that can be read between shifts.",
        content_warnings="Racist remarks by staff, quoted as they were heard. Chapter 4 tells of a stillbirth.",
        formats=[Format.PRINT, Format.EBOOK, Format.AUDIO, Format.LARGE_PRINT, Format.LIBRARY],
        how_to_get=LIBRARY,
    ),
    Book(
        title="Whose pain counts",
        authors="Bryony Lark and Samuel Otieno",
        edition="2nd edition",
        description="How medicine came to believe that some people feel less pain, who wrote that down, and how it is "
        "still taught. With questions for teams at the end of each part.",
        content_warnings="Operations without consent in the 19th century, described by those to whom they were done.",
        formats=[Format.PRINT, Format.EBOOK, Format.LIBRARY],
        how_to_get=LIBRARY,
    ),
    Book(
        title="Whose pain counts",
        authors="Bryony Lark and Samuel Otieno",
        edition="1st edition",
        description="The first edition. Its chapters on midwifery were written anew for the second.",
        formats=[Format.PRINT],
        offered=False,
    ),
    Book(
        title="The meeting before the meeting",
        authors="Marigold Hart",
        description="A director of nursing on how decisions about people are made where they are not in the room, and "
        "what happened when she changed that.",
        formats=[Format.PRINT, Format.AUDIO],
        how_to_get=LIBRARY,
    ),
    Book(
        title="Kitchen table, labour ward",
        authors="Precious Rowan",
        description="Letters between two sisters, of whom one trains as a midwife in London and the other gives birth "
        "in Lagos.",
        content_warnings="A baby is very ill, and lives.",
        formats=[Format.PRINT, Format.EBOOK, Format.LARGE_PRINT],
        how_to_get=LIBRARY,
    ),
    Book(
        title="Counting and being counted",
        authors="Farah Swift",
        description="What NHS figures about ethnicity can say, what they cannot, and who chose the boxes to tick.",
        formats=[Format.EBOOK],
        how_to_get="Free to read on the publisher's website, without an account.",
    ),
)
READ: Final = ("The weight of a name", "Whose pain counts", "The meeting before the meeting")
WHY: Final = (
    "It begins where most of us were once: hearing something, and not knowing what to say.",
    "You will meet what it tells in our second training day.",
    "For the project that you take back to work.",
)


@transaction.atomic
def make() -> int:
    """Make books, lists and a suggestion unless there are any; return how many books. Needs `manage.py demo` first."""
    if Book.objects.exists():
        return 0
    Book.objects.bulk_create(BOOKS)
    admin = _person("admin")
    programme = Programme.objects.get(slug="perinatal")
    for cohort in programme.cohorts.order_by("number"):
        _fill(cohort, by=admin)
    member = Membership.objects.enrolled().get(user=_person("participant"), cohort__programme=programme)
    cohort, colleagues = member.cohort, _colleagues(member)
    _swap_the_last(cohort, by=admin)
    suggestion = suggesting.suggest(
        cohort,
        title="A body of work",
        authors="Ines Calder",
        why="A patient gave it to me. It is about being a surgeon and being mistaken for the cleaner.",
        by=colleagues[0],
    )
    for colleague in colleagues[1:]:
        suggesting.back(suggestion, by=colleague)
    return len(BOOKS)


def _fill(cohort: Cohort, *, by: User) -> None:
    """Give a cohort its three books, each with the first date of one of its meetings."""
    components = cohort.programme.components.filter(kind=Component.Kind.BOOK_CLUB).order_by("position")
    for title, why, component in zip(READ, WHY, components, strict=True):
        meeting = choosing.meetings_of(cohort).filter(component=component).first()
        choosing.add(cohort, _book(title), meeting=meeting, why=why, by=by)


def _swap_the_last(cohort: Cohort, *, by: User) -> None:
    last = ListedBook.objects.live().filter(cohort=cohort).reverse()[0]
    why = "You asked for something that is not about meetings. It is short, and there is a large-print edition."
    choosing.swap(last, _book("Kitchen table, labour ward"), why=why, by=by)


def _book(title: str) -> Book:
    return Book.objects.offered().get(title=title)


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}@{DEMO_DOMAIN}")


def _colleagues(of: Membership) -> list[User]:
    """Return four people of a member's cohort beside them."""
    rows = Membership.objects.enrolled().filter(cohort=of.cohort_id).exclude(pk=of.pk)
    return [row.user for row in rows.select_related("user").order_by("pk")[:4]]
