"""The demonstration's book clubs, made once, through the verbs: a catalogue, and what each cohort reads.

No such book exists, so none has an ISBN; what they are about is what cohorts read about.
"""

from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from bookclub import (
    asking,
    bookmarks,
    choosing,
    discussing,
    lending,
    planning,
    reflecting,
    reporting,
    sharing,
    suggesting,
)
from bookclub.discussing import Place
from bookclub.models import Book, Copy, LendingTerms, ListedBook, Post, Reading, Reflection
from bookclub.reflecting import Seen
from bookclub.targets import Target
from cohorts.models import Cohort, Component, Membership, Programme, Session
from portal import together
from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import User

Format = Book.Format
Audience = Reflection.Audience
LIBRARY: Final = "Ask your trust's library; most have it on the shelf or as an e-book."

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
ON_THE_BOARD: Final = (
    "Chapter 2 is the ward round that I do every morning. She says her name three times before anybody writes it down "
    "as she said it.\n\nI have begun to ask, and to write it on the board myself. It takes ten seconds."
)
ON_THE_BUS: Final = (
    "I wanted to skip chapter 4, and read it on the bus in the end. Can we begin the meeting with a minute of silence?"
)
LIKE_A_ROOM: Final = "What I take from it: nobody asked the interpreter how she was. We book them like a room."
SHARED: Final = (
    (ON_THE_BOARD, Audience.COHORT),
    (ON_THE_BUS, Audience.FACILITATORS),
    (LIKE_A_ROOM, Audience.COHORT),
)
OWN: Final = "I was the midwife who laughed along. I remember the day, and not her name."
DRAFTED: Final = "I would like to tell that at the meeting, and do not know whether"
FREELY: Final = "Reading in the evening is hard after nights. The audiobook on the way home works."

SENTENCE: Final = (
    "Which *one* sentence stayed with you? Mine is in chapter 2:\n\n> She says her name three times.\n\n"
    "I read it on a night shift and had to put the book down."
)
TRY_IT: Final = (
    "What I would like to try at work:\n\n- ask how a name is said\n- write it on the board **as it is said**\n"
    "- read it from there at handover\n\nDoes anybody do this already?"
)
COMPLICATED: Final = "Some people just have complicated names. It is not racism when you are busy."
TALK: Final = (
    (SENTENCE, ("The same. How often do I let somebody say it twice?", "And who wrote it down wrongly.")),
    (TRY_IT, ("We do, since spring. It takes ten seconds, and the board is full of small dashes.",)),
    (COMPLICATED, ()),
)
REPORTED: Final = "It says that our names are the trouble. I would rather not answer it myself."

CHAPTERS: Final = ("Chapters 1 to 6", "Parts 1 and 2", "As far as you come")
GUIDE: Final = (
    "Open with a minute of quiet. Say that nobody has to have read anything, and that what is said here stays here. "
    "Let whoever has not spoken yet speak before anybody speaks twice.\n\n"
    "Some of it is hard for anybody who has lost a baby: say before you come to it that people can leave and come "
    "back, and stay behind for a while afterwards.\n\n"
    "Do not ask colleagues who are racialised to explain. If they offer, thank them and move on to what the others do."
)
PROMPTS: Final = (
    "Which sentence stayed with you, and where were you when you read it?",
    "When did you last hear a name said wrongly at work? What happened next?",
    "What is one thing that your team could do differently on Monday?",
)

RETURN: Final = "Bring it to a session, or send it to the programme team, marked “book club”."
COPIES: Final = (
    ("The weight of a name", "Names", (Copy.Format.PRINT,) * 4 + (Copy.Format.AUDIO,)),
    ("Kitchen table, labour ward", "Kitchen", (Copy.Format.PRINT, Copy.Format.LARGE_PRINT, Copy.Format.PRINT)),
)


@transaction.atomic
def make() -> int:
    """Make books, lists and what members write, unless there are any; return how many books.

    Needs `manage.py demo` first.
    """
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
    _reflect(member, colleagues)
    _lend(member, colleagues, by=admin)
    _talk(member, colleagues)
    return len(BOOKS)


def _fill(cohort: Cohort, *, by: User) -> None:
    """Give a cohort its three books, each with the first date of one of its meetings."""
    components = cohort.programme.components.filter(kind=Component.Kind.BOOK_CLUB).order_by("position")
    for title, why, chapters, component in zip(READ, WHY, CHAPTERS, components, strict=True):
        meeting = choosing.meetings_of(cohort).filter(component=component).first()
        choosing.add(cohort, _book(title), meeting=meeting, why=why, though_begun=True, by=by)
        if meeting:
            _set(meeting, chapters, by=by)
    _let_them_read(cohort)


def _set(meeting: Session, chapters: str, *, by: User) -> None:
    """Write what there is to read and to talk about at a meeting, and how to lead it."""
    given = {"chapters": chapters, "guide": GUIDE}
    planning.write(meeting, given, seen=together.seen(planning.plan_of(meeting), given), by=by)
    for prompt in PROMPTS:
        planning.add_prompt(meeting, prompt, by=by)


def _let_them_read(cohort: Cohort) -> None:
    """Let two in three be somewhere in the first book, and every third have finished it."""
    first = ListedBook.objects.live().filter(cohort=cohort)[0]
    for at, member in enumerate(
        Membership.objects.enrolled().filter(cohort=cohort).select_related("user").order_by("pk")
    ):
        if at % 3 == 0:
            bookmarks.put(first, Reading.State.FINISHED, by=member.user)
        elif at % 3 == 1:
            bookmarks.put(first, Reading.State.BEGUN, place=f"Chapter {at % 5 + 1}", by=member.user)


def _swap_the_last(cohort: Cohort, *, by: User) -> None:
    last = ListedBook.objects.live().filter(cohort=cohort).reverse()[0]
    why = "You asked for something that is not about meetings. It is short, and there is a large-print edition."
    choosing.swap(last, _book("Kitchen table, labour ward"), why=why, by=by)


def _reflect(member: Membership, colleagues: list[User]) -> None:
    """Let colleagues share what they wrote, and the participant have something of their own, and a draft."""
    first = ListedBook.objects.live().filter(cohort=member.cohort)[0]
    about = Target(member.cohort, listed=first)
    for colleague, (words, audience) in zip(colleagues, SHARED, strict=False):
        row = reflecting.save(about, uuid4(), words, seen=Seen(), by=colleague)
        sharing.share(member.cohort, row.uid, audience, seen=Seen(row.version), by=colleague)
    own = reflecting.save(about, uuid4(), OWN, seen=Seen(), by=member.user)
    reflecting.keep_draft(about, own.uid, f"{OWN}\n\n{DRAFTED}", seen=Seen(own.version, own.draft_turn), by=member.user)
    reflecting.save(Target(member.cohort), uuid4(), FREELY, seen=Seen(), by=member.user)


def _lend(member: Membership, colleagues: list[User], *, by: User) -> None:
    """Let the programme have copies: one with the participant, two with colleagues, one asked for, and one lost."""
    programme = member.cohort.programme
    LendingTerms.objects.create(programme=programme, weeks=6, how_to_return=RETURN)
    names, kitchen = (
        [
            Copy.objects.create(programme=programme, book=_book(title), label=f"{label} {number}", format=form)
            for number, form in enumerate(formats, 1)
        ]
        for title, label, formats in COPIES
    )
    for copy, reader, days in zip(names, (member.user, *colleagues), (5, 30, 40), strict=False):
        lending.lend(copy, reader, due_on=timezone.localdate() + timedelta(days=days), by=by)
    lending.lose(kitchen[-1], by=by)
    listed = ListedBook.objects.live().get(cohort=member.cohort, book=kitchen[0].book)
    asking.ask(listed, format=Copy.Format.LARGE_PRINT, by=colleagues[2])


def _talk(member: Membership, colleagues: list[User]) -> None:
    """Let the cohort talk about its first meeting, and somebody report a post, about which nobody has decided."""
    meeting = choosing.meetings_of(member.cohort)[0]

    def post(words: str, by: User, to: Post | None = None) -> Post:
        place = Place(meeting, member.cohort, by, member=True)
        return discussing.post(place, uuid4(), words, reply_to=to.pk if to else None)

    for author, (words, replies) in zip(colleagues, TALK, strict=False):
        first = post(words, author)
        for colleague, reply in zip((member.user, colleagues[3]), replies, strict=False):
            post(reply, colleague, first)
    reporting.report(first.pk, Post.Reason.HURTS, REPORTED, by=member.user)


def _book(title: str) -> Book:
    return Book.objects.offered().get(title=title)


def _person(name: str) -> User:
    return User.objects.get(email=f"{name}@{DEMO_DOMAIN}")


def _colleagues(of: Membership) -> list[User]:
    """Return four people of a member's cohort beside them."""
    rows = Membership.objects.enrolled().filter(cohort=of.cohort_id).exclude(pk=of.pk)
    return [row.user for row in rows.select_related("user").order_by("pk")[:4]]
