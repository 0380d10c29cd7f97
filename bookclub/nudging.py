"""A kind word a week before a meeting: what to read, where to get a copy, and that coming without having read is fine.

It goes once for each meeting, to members who have booked it or can, have not said that they have finished its books,
and have not stopped these letters. A listed book says when its readers were last written to (`nudged_at`), so that
what is due is read off the meetings of one week and their books. Of a meeting that moves within a week or so nothing
more is written, since whoever has booked is told in any case; of one that is put off for longer it is written anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from bookclub.models import Book, ListedBook, MeetingPlan, Reading
from cohorts.models import Booking, Evidence, Membership, Session
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date, say_when

RULE: Final = "bookclub.nudge"
WEEK: Final = timedelta(days=7)
FORGOTTEN: Final = 2 * WEEK
"""A letter that came so long before a meeting was written for another date of it."""
STALE_FROM: Final = timedelta(days=1)
"""How long before the meeting it stops being of use: who has booked is reminded then in any case."""
BATCH: Final = 50
"""So many books at once; each has the members of one cohort."""


def concerns(person: User) -> bool:
    """Say whether somebody is in a cohort that goes on and reads books."""
    listed = ListedBook.objects.live().filter(
        cohort__memberships__user=person,
        cohort__memberships__state=Membership.State.ENROLLED,
        cohort__ends_on__gte=timezone.localdate(),
    )
    return listed.exists()


KIND: Final = outbox.Optional(
    name="book-club-meetings",
    heading="Before a meeting of your book club",
    says="One letter about a week before it, with what you could read and where to get a copy.",
    concerns=concerns,
)


@dataclass(frozen=True, slots=True)
class About:
    """A meeting of one cohort: its books, who has finished which, and who takes part."""

    meeting: Session
    cohort: int
    chapters: str
    books: Mapping[int, Book]
    finished: frozenset[tuple[int, int]]
    members: frozenset[int]


def register() -> None:
    """Make the letter known to the outbox. That it exists tells that somebody has not finished a book: private."""
    outbox.register(outbox.Rule(RULE, load=load, compose=compose, private=True, optional=KIND))


def write_due() -> int:
    """Write what is due to the outbox, in batches of constant cost; return how many letters were written.

    A week is reckoned on the UK clock: the letter comes at the time of day at which the meeting begins.
    """
    written = 0
    while True:
        with transaction.atomic():
            due = _claim()
            if due and (whom := _whom(due)):
                written += outbox.write_many(RULE, whom)
        if len(due) < BATCH:
            return written


def _claim() -> list[int]:
    """Mark the books whose readers are to be written to now, and return their keys; nobody else gets them."""
    now = timezone.localtime()
    due = ListedBook.objects.filter(
        Q(nudged_at=None) | Q(nudged_at__lt=F("meeting__starts_at") - FORGOTTEN),
        Q(meeting__booking_opens_at=None) | Q(meeting__booking_opens_at__lte=now),
        taken_off_at=None,
        meeting__cancelled_at=None,
        meeting__starts_at__gt=now + STALE_FROM,
        meeting__starts_at__lte=now + WEEK,
    )
    rows = due.order_by("meeting__starts_at", "pk").select_for_update(of=("self",), no_key=True, skip_locked=True)
    keys = list(rows.values_list("pk", flat=True)[:BATCH])
    if keys:
        ListedBook.objects.filter(pk__in=keys).update(nudged_at=Now())
    return keys


def _whom(books: Sequence[int]) -> list[tuple[str, int]]:
    """Return to whom each letter goes, beside its subject, in one statement."""
    reader = {"reader": OuterRef("reader")}
    finished = Reading.objects.finished().filter(listed=OuterRef("pk"), **reader)
    done = Evidence.objects.counting().filter(
        membership=OuterRef("membership"), component=OuterRef("meeting__component")
    )
    dates = Booking.objects.live().filter(membership=OuterRef("membership"), component=OuterRef("meeting__component"))
    is_open = Q(meeting__booking_closes_at=None) | Q(meeting__booking_closes_at__gt=Now())
    rows = (
        ListedBook.objects.filter(pk__in=books, cohort__memberships__state=Membership.State.ENROLLED)
        .annotate(membership=F("cohort__memberships"), reader=F("cohort__memberships__user"))
        .filter(~Exists(finished), ~Exists(done))
        .filter(Exists(dates.filter(session=OuterRef("meeting"))) | (is_open & ~Exists(dates)))
    )
    found = rows.order_by().values_list("meeting", "meeting__starts_at", "cohort", "reader").distinct()
    return [
        (f"meeting:{meeting}:{cohort}:{timezone.localdate(starts_at)}", person)
        for meeting, starts_at, cohort, person in found
    ]


def load(subjects: Sequence[str]) -> Mapping[str, About]:
    """Read the meetings of a batch of letters with all that these say: five statements."""
    keys = {subject: _parse(subject) for subject in subjects}
    cohorts = {cohort for _, cohort in keys.values()}
    meetings = Session.objects.select_related("component", "venue").in_bulk([meeting for meeting, _ in keys.values()])
    plans = dict(MeetingPlan.objects.filter(session__in=meetings).values_list("session", "chapters"))
    listed = list(ListedBook.objects.live().filter(meeting__in=meetings, cohort__in=cohorts).select_related("book"))
    finished = Reading.objects.finished().filter(listed__in=listed).values_list("listed", "reader")
    members: dict[int, set[int]] = {cohort: set() for cohort in cohorts}
    for cohort, user in Membership.objects.enrolled().filter(cohort__in=cohorts).values_list("cohort", "user"):
        members[cohort].add(user)
    all_finished = frozenset(finished)
    return {
        subject: About(
            meetings[meeting],
            cohort,
            plans.get(meeting, ""),
            {row.pk: row.book for row in listed if (row.meeting_id, row.cohort_id) == (meeting, cohort)},
            all_finished,
            frozenset(members[cohort]),
        )
        for subject, (meeting, cohort) in keys.items()
        if meeting in meetings
    }


def compose(about: About, person: User) -> outbox.Mail | None:
    """Write the letter, or return None where it is no longer true: the meeting is off or near, or all is read."""
    meeting = about.meeting
    to_read = [book for key, book in about.books.items() if (key, person.pk) not in about.finished]
    is_stale = meeting.starts_at <= timezone.localtime() + STALE_FROM
    if meeting.is_cancelled or is_stale or person.pk not in about.members or not to_read:
        return None
    return outbox.Mail(
        subject=f"Coming up in your book club, {say_date(meeting.starts_at)}",
        template="bookclub/nudge",
        context={
            "title": meeting.component.title,
            "when": say_when(meeting.starts_at, meeting.ends_at),
            "place": meeting.place,
            "chapters": about.chapters,
            "books": to_read,
        },
        link=outbox.Link("See the meeting", reverse("book_club_meeting", args=[about.cohort, meeting.pk])),
    )


def _parse(subject: str) -> tuple[int, int]:
    """Read `meeting:<session>:<cohort>:<date>`: of one date of a meeting there is one letter to each."""
    _, meeting, cohort, _ = subject.split(":")
    return int(meeting), int(cohort)
