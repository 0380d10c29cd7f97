"""What these tests are made of: cohorts that read, books, and who sits around them."""

from datetime import timedelta
from itertools import count
from typing import Any

from django.test import Client
from django.utils import timezone

from bookclub import choosing
from bookclub.models import Book, ListedBook
from cohorts.models import Cohort, Component, Membership, Session
from portal.accounts.models import User
from tests.factories import (
    make_admin,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_session,
    make_user,
)

_number = count(1)


def make_book(**fields: Any) -> Book:
    """Make a book of the catalogue that does not exist elsewhere."""
    given = {"title": f"The weight of a name {next(_number)}", "authors": "Demo Author", "description": "About names."}
    return Book.objects.create(**given | fields)


def make_reading_cohort(**fields: Any) -> Cohort:
    """Make a cohort whose programme has a book club."""
    cohort = make_cohort(**fields)
    make_component(cohort.programme, kind=Component.Kind.BOOK_CLUB, title="Book club meeting 1")
    return cohort


def make_meeting(cohort: Cohort, **fields: Any) -> Session:
    """Make a book club meeting of a cohort, two weeks from today unless it is said otherwise."""
    component = cohort.programme.components.filter(kind=Component.Kind.BOOK_CLUB)[0]
    return make_session(component, cohort, **fields)


def make_listed(cohort: Cohort | None = None, book: Book | None = None, **fields: Any) -> ListedBook:
    """Put a book on a cohort's list."""
    given = {"meeting": None, "why": "", "by": make_admin()}
    return choosing.add(cohort or make_reading_cohort(), book or make_book(), **given | fields)


def make_reader(cohort: Cohort, user: User | None = None) -> Membership:
    """Enrol somebody in a cohort."""
    return make_membership(user, cohort)


def browser_of(user: User) -> Client:
    """Return somebody's browser."""
    client = Client()
    client.force_login(user)
    return client


def titles(cohort: Cohort) -> list[str]:
    """Return what a cohort reads, in order."""
    return [listed.book.title for listed in ListedBook.objects.live().filter(cohort=cohort).select_related("book")]


def make_leader(meeting: Session) -> User:
    """Make somebody who leads a meeting."""
    user = make_user()
    meeting.facilitators.add(make_facilitator(user))
    return user


def bring_near(meeting: Session, **ahead: float) -> None:
    """Let time pass until a meeting starts in so many days or hours."""
    starts_at = timezone.now() + timedelta(**ahead)
    Session.objects.filter(pk=meeting.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    meeting.refresh_from_db()


def cohort_of(meeting: Session) -> Cohort:
    """Return the cohort whose own a meeting is."""
    assert meeting.cohort
    return meeting.cohort


def meeting_of(listed: ListedBook) -> Session:
    """Return the meeting at which a book is talked about, as it stands now."""
    return Session.objects.get(books_read=listed)
