"""What pages of `cohorts` show of book clubs: a way from a meeting's own page, and the next book among the tasks."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from bookclub.models import ListedBook, Reading
from cohorts import alongside
from cohorts.alongside import Way
from cohorts.models import Cohort, Component, Facilitator, Membership, Session
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
            | Q(Exists(Facilitator.objects.filter(user=Given("person"), sessions=Given("session"))))
            & Q(ends_on__gte=Given("today")),
        )
        .order_by("-starts_on", "pk")
        .values_list("pk", "name")
    )
)
_NEXT: Prepared[Any] = Prepared(
    lambda: (
        ListedBook.objects.filter(
            cohort__memberships__user=Given("person"),
            cohort__memberships__state=Membership.State.ENROLLED,
            taken_off_at=None,
            meeting__cancelled_at=None,
            meeting__ends_at__gt=Now(),
        )
        .select_related("book", "meeting")
        .annotate(
            of_membership=F("cohort__memberships"),
            where=Subquery(
                Reading.objects.filter(reader=Given("person"), listed=OuterRef("pk")).values("state"),
            ),
        )
        .order_by("cohort__memberships", "meeting__starts_at", "meeting", "position")
    )
)


def register() -> None:
    """Let meetings lead to what is read for them, and the next book stand among its readers' tasks."""
    alongside.stands_beside_sessions("book club", ways_from)
    alongside.stands_beside_tasks("book club", lines_of)


def ways_from(person: User, session: Session) -> Sequence[Way]:
    """Return the way from a meeting's page to what is read and talked about there: one for each cohort of theirs."""
    if session.component.kind != Component.Kind.BOOK_CLUB:
        return ()
    found = _COHORTS.all(person=person.pk, session=session.pk, today=timezone.localdate())
    text = "What to read, and what to talk about"
    return [
        Way(text if len(found) == 1 else f"{text}: {name}", reverse("book_club_meeting", args=[cohort, session.pk]))
        for cohort, name in found
    ]


def lines_of(person: User) -> Mapping[int, Sequence[Task]]:
    """Return the books of the next meeting, by the membership's key. Who is in no book club costs no statement."""
    if not getattr(person, "has_book_club", True):
        return {}
    found: dict[int, Sequence[Task]] = {}
    for membership, books in groupby(_NEXT.all(person=person.pk), lambda listed: listed.of_membership):
        _, following = next(groupby(books, lambda listed: listed.meeting_id))
        found[membership] = [_line(listed) for listed in following]
    return found


def _line(listed: Any) -> Task:
    title = f"Read “{listed.book}”"
    href = reverse("book_club_meeting", args=[listed.cohort_id, listed.meeting_id])
    hint = f"For the meeting on {say_date(listed.meeting.starts_at)}."
    if listed.where == Reading.State.FINISHED:
        return Task(title, href, hint, "Finished", completed=True)
    status = ("Begun", "aqua-green") if listed.where == Reading.State.BEGUN else ("To read", "blue")
    return Task(title, href, hint, *status)
