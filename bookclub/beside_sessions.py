"""What pages of `cohorts` show of book clubs: a way from a meeting's own page; the next book and loans among the tasks.

The next book is that of the next meeting; of a cohort that has none to come, the first whose meeting is not set. And
what stays because of book clubs: meetings for which members can write.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby, islice
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from bookclub import at_hand
from bookclub.at_hand import ToGiveBack
from bookclub.models import ListedBook, MeetingPlan, Reading
from cohorts import alongside
from cohorts.alongside import Way
from cohorts.models import Cohort, Component, Facilitator, Membership, Session
from cohorts.rules import takes_registers
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from portal.nhsuk.lists import Task
from portal.prepared import Given, Prepared

# The cohorts whose meeting a session is, of those in which somebody takes part, or for which they lead it.
_COHORTS: Prepared[Any] = Prepared(
    lambda: (
        Cohort.objects.filter(
            Exists(Session.objects.filter(pk=Given("session")).of_cohort(OuterRef("pk"), OuterRef("programme"))),
            Exists(Membership.objects.enrolled().filter(user=Given("person"), cohort=OuterRef("pk")))
            | Q(Exists(Facilitator.objects.filter(user=Given("leader"), sessions=Given("session"))))
            & Q(ends_on__gte=Given("today")),
        )
        .order_by("-starts_on", "pk")
        .values_list("pk", "name")
    )
)


def _next() -> QuerySet[Any]:
    is_to_come = Q(meeting__cancelled_at=None, meeting__ends_at__gt=Now())
    has_no_date = Q(meeting=None) | Q(meeting__cancelled_at__isnull=False)
    said = Reading.objects.filter(reader=Given("person"), listed=OuterRef("pk"))
    return (
        ListedBook.objects.filter(
            is_to_come | has_no_date & Q(cohort__ends_on__gte=Given("today")),
            cohort__memberships__user=Given("person"),
            cohort__memberships__state=Membership.State.ENROLLED,
            taken_off_at=None,
        )
        .select_related("book", "meeting")
        .annotate(
            of_membership=F("cohort__memberships"),
            when=Case(When(is_to_come, then=F("meeting__starts_at"))),
            for_meeting=Case(When(is_to_come, then=F("meeting"))),
            where=Subquery(said.values("state")),
            place=Subquery(said.values("place")),
        )
        .order_by("cohort__memberships", F("when").asc(nulls_last=True), "for_meeting", "position")
    )


_NEXT: Prepared[Any] = Prepared(_next)


def register() -> None:
    """Let meetings lead to what is read for them and stay, and the next book stand among its readers' tasks."""
    alongside.stands_beside_sessions("book club", ways_from)
    alongside.keeps_sessions("book club", keeps)
    alongside.stands_beside_tasks("book club", lines_of)


def ways_from(person: User, session: Session) -> Sequence[Way]:
    """Return the way from a meeting's page to what is read and talked about there: one for each cohort of theirs."""
    if session.component.kind != Component.Kind.BOOK_CLUB:
        return ()
    leader = person.pk if takes_registers(person) else 0
    found = _COHORTS.all(person=person.pk, leader=leader, session=session.pk, today=timezone.localdate())
    text = "What to read, and what to talk about"
    return [
        Way(text if len(found) == 1 else f"{text}: {name}", reverse("book_club_meeting", args=[cohort, session.pk]))
        for cohort, name in found
    ]


def keeps(session: Session) -> bool:
    """Keep a meeting that is read for, or that is set, and each one for which somebody could have written.

    Whether anybody has, nobody is told: that it cannot be deleted must not tell it either.
    """
    if session.component.kind != Component.Kind.BOOK_CLUB:
        return False
    of_all = Q(cohort__programme=session.component.programme_id)
    return (
        Membership.objects.filter(Q(cohort=session.cohort_id) if session.cohort_id else of_all).exists()
        or session.books_read.exists()
        or MeetingPlan.objects.filter(session=session).exists()
    )


def lines_of(person: User) -> Mapping[int, Sequence[Task]]:
    """Return the books of the next meeting, and what is to be given back, by the membership's key.

    Who is in no book club costs no statement.
    """
    if not getattr(person, "has_book_club", True):
        return {}
    found: dict[int, list[Task]] = {}
    rows = _NEXT.all(person=person.pk, today=timezone.localdate())
    for membership, books in groupby(rows, lambda listed: listed.of_membership):
        meeting, following = next(groupby(books, lambda listed: listed.for_meeting))
        found[membership] = [_line(listed) for listed in (following if meeting else islice(following, 1))]
    for loan in at_hand.to_give_back(person.pk):
        found.setdefault(loan.membership, []).append(_line_of(loan))
    return found


def _line(listed: Any) -> Task:
    title = f"Read “{listed.book}”"
    if listed.for_meeting:
        href = reverse("book_club_meeting", args=[listed.cohort_id, listed.for_meeting])
        hint = f"For the meeting on {say_date(listed.when)}."
    else:
        href = f"{reverse('book_club', args=[listed.cohort_id])}#book-{listed.pk}"
        hint = "Its meeting has no date yet."
    if listed.place:
        hint = f"{hint} You are at: {listed.place}"
    if listed.where == Reading.State.FINISHED:
        return Task(title, href, hint, "Finished", completed=True)
    status = ("Begun", "aqua-green") if listed.where == Reading.State.BEGUN else ("To read", "blue")
    return Task(title, href, hint, *status)


def _line_of(loan: ToGiveBack) -> Task:
    """Say what is due back when: the same in whichever week that is."""
    href = f"{reverse('book_club', args=[loan.cohort])}#on-loan"
    return Task(f"Give back “{loan.title}”", href, f"Due back on {say_date(loan.due_on)}.", "On loan", "blue")
