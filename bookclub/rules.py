"""Who may see and do what in a book club: one predicate for each question.

Each is asked of a `Seat`: somebody beside a cohort's book club. Whom none is given finds no book club there, so that
one that is not theirs and one that does not exist get the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from bookclub.choosing import own_meetings_of
from bookclub.discussing import Place
from bookclub.models import Book, CopyRequest, ListedBook, Post, PostReport, Reflection, Suggestion, Thread
from bookclub.models.books import BookQuerySet
from bookclub.targets import Target
from cohorts.alumni import alumni
from cohorts.models import Cohort, Component, Facilitator, Membership, Session
from cohorts.rules import keeps_programmes, programmes_kept, takes_registers
from portal.accounts.along import comes_along
from portal.accounts.models import User
from portal.prepared import Given, GivenMany, Prepared

WHICH: Final = ("title", "authors", "edition", "isbn")
"""What says which book it is: what people wrote of it was written of that one. See `read_elsewhere`."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody beside a cohort's book club: a member, or who leads one of its meetings, or keeps its programme."""

    cohort: Cohort
    person: User
    membership: Membership | None
    leads: bool = False
    keeps: bool = False

    @property
    def goes_on(self) -> bool:
        """Say whether the cohort has not ended (UK date): afterwards members read, and keep what they wrote."""
        return not self.cohort.has_ended


@dataclass(frozen=True, slots=True)
class MeetingSeat:
    """Somebody at one meeting of a cohort's book club. Who `writes` sets it, and reads the guide: nobody else does.

    Who leads a meeting that is for all cohorts of a programme sits there for each, and `reads_list` of none by that.
    Who `leads` leads this meeting, or another of the cohort's own. The `thread` of the meeting and the cohort comes
    along: one that is not saved, where nobody has posted yet.
    """

    seat: Seat
    meeting: Session
    thread: Thread
    writes: bool
    reads_list: bool
    leads: bool

    @property
    def place(self) -> Place:
        """Return where they talk about it, if they do: see `talks`."""
        return Place(self.meeting, self.seat.cohort, self.seat.person, member=self.seat.membership is not None)


HAS_A_LIST = Exists(ListedBook.objects.filter(taken_off_at=None, cohort=OuterRef("cohort")))


def _leads(cohort: OuterRef) -> Exists:
    """Say whether a person who is given leads a book club meeting of a cohort's own."""
    return Exists(own_meetings_of(cohort).filter(facilitators__user=Given("person")))


_MEMBERSHIP: Prepared[Any] = Prepared(
    lambda: (
        Membership.objects.enrolled()
        .select_related("cohort__programme")
        .annotate(leads=_leads(OuterRef("cohort")))
        .filter(user=Given("person"), cohort=Given("cohort"))
    )
)
_LED: Prepared[Cohort] = Prepared(
    lambda: Cohort.objects.select_related("programme").filter(_leads(OuterRef("pk")), pk=Given("cohort"))
)
_THREAD = Thread.objects.filter(meeting=OuterRef("pk"), cohort=Given("cohort"))
_MEETING: Prepared[Any] = Prepared(
    lambda: (
        Session.objects.select_related("component__programme", "venue", "cohort")
        .annotate(
            is_led=Exists(Facilitator.objects.filter(user=Given("person"), sessions=OuterRef("pk"))),
            thread=Subquery(_THREAD.values("pk")),
            closed_at=Subquery(_THREAD.values("closed_at")),
        )
        .filter(
            Q(cohort=Given("cohort")) | Q(cohort__isnull=True, component__programme__cohorts=Given("cohort")),
            component__kind=Component.Kind.BOOK_CLUB,
            pk=Given("meeting"),
        )
    )
)
_LED_BY: Prepared[Cohort] = Prepared(
    lambda: Cohort.objects.filter(_leads(OuterRef("pk"))).order_by("-starts_on", "-pk")
)
_READ_AS_MEMBER: Prepared[Any] = Prepared(
    lambda: Post.objects.filter(
        Exists(Membership.objects.enrolled().filter(user=Given("person"), cohort=OuterRef("thread__cohort"))),
        pk__in=GivenMany("posts"),
    ).values_list("pk")
)
_READ_AS_LEADER: Prepared[Any] = Prepared(
    lambda: Post.objects.filter(
        _leads(OuterRef("thread__cohort"))
        | Exists(Facilitator.objects.filter(user=Given("person"), sessions=OuterRef("thread__meeting"))),
        pk__in=GivenMany("posts"),
    ).values_list("pk")
)
_OWN_REFLECTION: Prepared[Reflection] = Prepared(
    lambda: Reflection.objects.with_target().filter(author=Given("person"), cohort=Given("cohort"), uid=Given("uid"))
)
_OWN: Prepared[Membership] = Prepared(
    lambda: (
        Membership.objects.enrolled()
        .select_related("cohort__programme")
        .filter(HAS_A_LIST, user=Given("person"))
        .order_by("-cohort__starts_on", "-pk")
    )
)


def seat(person: User, cohort: int) -> Seat | None:
    """Return somebody's seat beside a cohort's book club, or None.

    Whoever leads one of the cohort's own meetings sees it as its facilitator, also where they are a member; for as long
    as they have the role, as with registers.
    """
    if membership := _MEMBERSHIP.first(person=person.pk, cohort=cohort):
        return Seat(membership.cohort, person, membership, leads=membership.leads and takes_registers(person))
    if takes_registers(person) and (led := _LED.first(person=person.pk, cohort=cohort)):
        return Seat(led, person, None, leads=True)
    kept = Cohort.objects.filter(programme__in=programmes_kept(person), pk=cohort).select_related("programme").first()
    return Seat(kept, person, None, keeps=True) if kept else None


def meeting(person: User, cohort: int, pk: int) -> MeetingSeat | None:
    """Return somebody's seat at a book club meeting to which a cohort's members can come, or None.

    Whoever leads it sets it, also one that is for all cohorts of the programme; and so does who keeps the programme.
    """
    found = _MEETING.first(person=person.pk, cohort=cohort, meeting=pk)
    if found is None:
        return None
    beside, is_led = seat(person, cohort), found.is_led and takes_registers(person)
    reads_list = beside is not None
    if beside is None and is_led:
        beside = Seat(Cohort.objects.select_related("programme").get(pk=cohort), person, None, leads=True)
    if beside is None:
        return None
    writes = is_led or beside.keeps or _keeps(person, found.component.programme_id)
    leads = is_led or beside.leads
    thread = Thread(pk=found.thread, meeting=found, cohort=beside.cohort, closed_at=found.closed_at)
    return MeetingSeat(beside, found, thread, writes=writes, reads_list=reads_list, leads=leads)


def _keeps(person: User, programme: int) -> bool:
    """Say whether somebody keeps a programme; of who keeps none, PostgreSQL is not asked."""
    return keeps_programmes(person) and programmes_kept(person).filter(pk=programme).exists()


def sees_how_far(seat: Seat) -> bool:
    """Whoever leads a meeting of the cohort, or keeps its programme, sees how many have read what, and never who."""
    return seat.leads or seat.keeps


def own_book(seat: Seat, pk: int) -> ListedBook | None:
    """Return a book that the cohort has, or had, on its list."""
    return ListedBook.objects.filter(cohort=seat.cohort, pk=pk).first()


def may_say_where(seat: Seat) -> bool:
    """Members say where they are in each book, until their cohort ends."""
    return seat.membership is not None and seat.goes_on


def own_places(person: User) -> list[Membership]:
    """Return somebody's own memberships of cohorts that have a reading list, the latest cohort first."""
    return _OWN.all(person=person.pk)


def led_places(person: User) -> list[Cohort]:
    """Return the cohorts of whose own book club meetings somebody leads one, the latest first."""
    return _LED_BY.all(person=person.pk) if takes_registers(person) else []


def reads_all_lists(person: User) -> bool:
    """Alumni of any programme see what every cohort reads."""
    return alumni(Membership.objects.filter(user=person), timezone.localdate()).exists()


def read_elsewhere(person: User) -> BookQuerySet:
    """Return the books that a cohort of a programme which somebody does not keep reads, or has read.

    Nobody turns one of these into another book, on the page of the catalogue or by file: its `WHICH` stay.
    """
    others = ListedBook.objects.exclude(cohort__programme__in=programmes_kept(person))
    return Book.objects.filter(Exists(others.filter(book=OuterRef("pk"))))


def may_suggest(seat: Seat) -> bool:
    """Members suggest books, and back what others suggest, until their cohort ends."""
    return seat.membership is not None and seat.goes_on


def own_suggestion(seat: Seat, pk: int) -> Suggestion | None:
    """Return a suggestion of the cohort that this person made, whatever became of it."""
    return Suggestion.objects.filter(cohort=seat.cohort, suggested_by=seat.person, pk=pk).first()


def suggestion(seat: Seat, pk: int) -> Suggestion | None:
    """Return a suggestion of the cohort that somebody can read."""
    return Suggestion.objects.exclude(state=Suggestion.State.WITHDRAWN).filter(cohort=seat.cohort, pk=pk).first()


def may_borrow(seat: Seat) -> bool:
    """Members ask for copies that their programme lends, until their cohort ends."""
    return seat.membership is not None and seat.goes_on


def own_request(seat: Seat, pk: int) -> CopyRequest | None:
    """Return a request for a copy that this person made in this cohort, whatever became of it."""
    return CopyRequest.objects.filter(cohort=seat.cohort, asked_by=seat.person, pk=pk).first()


def waits_for_copy(seat: Seat, listed: ListedBook) -> bool:
    """Say whether this person has asked for a copy of a book in this cohort, and nobody has answered."""
    waiting = CopyRequest.objects.filter(state=CopyRequest.State.OPEN, cohort=seat.cohort, asked_by=seat.person)
    return waiting.filter(book=listed.book_id).exists()


@dataclass(frozen=True, slots=True)
class Diary:
    """What somebody writes in one cohort for themselves. Who has left reads what they wrote, and writes no more."""

    cohort: Cohort
    person: User
    membership: Membership | None

    @property
    def shares(self) -> bool:
        """Say whether they can let others read: members, until the cohort ends. They write on afterwards."""
        return self.membership is not None and not self.cohort.has_ended


def diary(person: User, cohort: int) -> Diary | None:
    """Return somebody's own diary in a cohort: a member's, or what somebody who has left once wrote; else None."""
    if membership := _MEMBERSHIP.first(person=person.pk, cohort=cohort):
        return Diary(membership.cohort, person, membership)
    written = Reflection.objects.filter(author=person, cohort=cohort)
    left = Cohort.objects.filter(Exists(written), pk=cohort).select_related("programme").first()
    return Diary(left, person, None) if left else None


def own_reflection(diary: Diary, uid: UUID) -> Reflection | None:
    """Return what somebody wrote themselves, with its book or meeting. Nobody else ever finds it by this."""
    return _OWN_REFLECTION.first(person=diary.person.pk, cohort=diary.cohort.pk, uid=uid)


def own_draft(diary: Diary, target: Target) -> Reflection | None:
    """Return what somebody began to write for a target and never saved."""
    rows = Reflection.objects.with_target().filter(**target.columns)
    return rows.filter(author=diary.person, sealed__isnull=True).first()


def diaries(person: User) -> list[Cohort]:
    """Return the cohorts in which somebody has written, the latest first."""
    written = Reflection.objects.filter(author=person, cohort=OuterRef("pk"))
    return list(Cohort.objects.filter(Exists(written)).order_by("-starts_on", "-pk"))


def reads_shared(seat: Seat) -> bool:
    """Members read what is shared with their cohort, and who leads one of its meetings; who keeps it reads nothing."""
    return seat.membership is not None or seat.leads


def shared_reflection(seat: Seat, pk: int) -> Reflection | None:
    """Return what is shared with somebody by another, or by themselves, while its author is in the cohort."""
    rows = Reflection.objects.shown().with_target().select_related("author")
    audiences = [Reflection.Audience.COHORT, *([Reflection.Audience.FACILITATORS] if seat.leads else [])]
    found = rows.filter(cohort=seat.cohort, audience__in=audiences, pk=pk)
    return found.defer("draft_sealed").first() if reads_shared(seat) else None


def talks(at: MeetingSeat) -> bool:
    """Members of the cohort talk about its meetings, and who leads them; who keeps the programme reads no thread."""
    return at.seat.membership is not None or at.leads


def closes_threads(at: MeetingSeat) -> bool:
    """Who leads a book club meeting of the cohort closes its threads, and opens them again."""
    return at.leads


def post(at: MeetingSeat, pk: int) -> Post | None:
    """Return a post of a meeting's thread with its author and thread, while there is anything of it to be read."""
    rows = Post.objects.in_thread().select_related("author", "thread", "reply_to__author", "reply_to__thread")
    reports = PostReport.objects.waiting().filter(post=OuterRef("pk"), reported_by=at.seat.person)
    rows = rows.annotate(is_reported=Exists(reports))
    return rows.filter(thread__meeting=at.meeting, thread__cohort=at.seat.cohort, pk=pk).first() if talks(at) else None


def still_read(person: User, posts: Sequence[int]) -> set[int]:
    """Return of posts, by key, those that somebody still finds in their threads (see `talks`), in few statements."""
    rows = _READ_AS_MEMBER.all(person=person.pk, posts=posts)
    if takes_registers(person):
        rows += _READ_AS_LEADER.all(person=person.pk, posts=posts)
    return {pk for (pk,) in rows}


def own_post(person: User, cohort: int, meeting: int, pk: int) -> Post | None:
    """Return a post of somebody's own in a thread, wherever they are now: who has left takes back what they wrote."""
    rows = Post.objects.in_thread().select_related("thread__meeting__component", "thread__cohort")
    return rows.filter(author=person, thread__cohort=cohort, thread__meeting=meeting, pk=pk).first()


def register() -> None:
    """Let the header of every page lead to the book club whoever is in a cohort that reads, wrote there, or leads."""
    comes_along(
        "has_book_club",
        lambda: (
            Exists(Membership.objects.enrolled().filter(HAS_A_LIST, user=OuterRef("pk")))
            | Exists(Reflection.objects.filter(author=OuterRef("pk")))
            | Exists(Post.objects.filter(author=OuterRef("pk")))
            | Exists(
                Facilitator.objects.filter(
                    user=OuterRef("pk"), sessions__component__kind=Component.Kind.BOOK_CLUB, sessions__cancelled_at=None
                )
            )
        ),
    )
