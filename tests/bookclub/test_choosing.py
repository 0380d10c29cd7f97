"""Reading lists: put on, swapped, taken off and arranged, by verbs alone, and what PostgreSQL holds of them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bookclub import choosing
from bookclub.models import ListedBook
from bookclub.refusals import (
    ListOver,
    MeetingBegun,
    MeetingNotToCome,
    NoMeeting,
    NotOffered,
    OffList,
    OnListAlready,
)
from cohorts.models import Session
from portal.trail.models import Entry
from tests.bookclub.making import make_book, make_listed, make_meeting, make_reading_cohort, titles
from tests.factories import make_admin, make_component, make_session

pytestmark = pytest.mark.django_db


def begin(meeting: Session, *, minutes_ago: int = 5) -> None:
    """Let a meeting have begun."""
    began = timezone.now() - timedelta(minutes=minutes_ago)
    Session.objects.filter(pk=meeting.pk).update(starts_at=began, ends_at=began + timedelta(hours=2))


def test_books_are_read_in_the_order_in_which_they_are_put_on_a_list() -> None:
    cohort = make_reading_cohort()
    first, second = make_listed(cohort), make_listed(cohort)
    assert [first.position, second.position] == [1, 2]
    assert titles(cohort) == [first.book.title, second.book.title]


def test_a_book_is_on_a_list_once_and_on_the_lists_of_several_cohorts() -> None:
    listed = make_listed()
    with pytest.raises(OnListAlready):
        make_listed(listed.cohort, listed.book)
    make_listed(make_reading_cohort(), listed.book)
    with pytest.raises(IntegrityError, match="a_book_is_on_a_list_once"), transaction.atomic():
        ListedBook.objects.create(cohort=listed.cohort, book=listed.book, position=9)


def test_a_book_that_is_not_offered_goes_on_no_list() -> None:
    listed, gone = make_listed(), make_book(offered=False)
    with pytest.raises(NotOffered, match="no longer offered"):
        make_listed(listed.cohort, gone)
    with pytest.raises(NotOffered, match="no longer offered"):
        choosing.swap(listed, gone, by=make_admin())
    assert titles(listed.cohort) == [listed.book.title]


def test_a_swap_keeps_the_place_and_the_meeting_and_what_was_swapped() -> None:
    cohort, admin = make_reading_cohort(), make_admin()
    meeting = make_meeting(cohort)
    first, last = make_listed(cohort, meeting=meeting), make_listed(cohort)
    other = choosing.swap(first, make_book(), why="It is shorter", by=admin)
    assert (other.position, other.meeting) == (1, meeting)
    assert titles(cohort) == [other.book.title, last.book.title]
    first.refresh_from_db()
    assert (first.position, first.swapped_for, first.is_on_list) == (None, other, False)
    assert Entry.objects.get(verb="listedbook.swapped").actor == admin


def test_what_was_swapped_can_come_back() -> None:
    listed = make_listed()
    other = choosing.swap(listed, make_book(), by=make_admin())
    back = choosing.swap(other, listed.book, by=make_admin())
    assert titles(listed.cohort) == [listed.book.title]
    assert back.pk != listed.pk


def test_a_book_whose_meeting_has_begun_stays() -> None:
    cohort = make_reading_cohort()
    meeting = make_meeting(cohort)
    listed = make_listed(cohort, meeting=meeting)
    begin(meeting)
    for act in (
        lambda: choosing.swap(listed, make_book(), by=make_admin()),
        lambda: choosing.take_off(listed, by=make_admin()),
        lambda: choosing.arrange(listed, meeting=None, why="", by=make_admin()),
        lambda: choosing.arrange(listed, meeting=make_meeting(cohort), why="", by=make_admin()),
    ):
        with pytest.raises(MeetingBegun):
            act()
    assert titles(cohort) == [listed.book.title]
    choosing.arrange(listed, meeting=meeting, why="Short, and kind", by=make_admin())
    assert ListedBook.objects.get(pk=listed.pk).why == "Short, and kind"


@pytest.mark.parametrize("minutes_ago", [5, 600])
def test_a_book_goes_to_a_meeting_that_has_begun_only_where_it_is_known_that_it_stays(minutes_ago: int) -> None:
    cohort, book = make_reading_cohort(), make_book()
    meeting, listed = make_meeting(cohort), make_listed(cohort)
    # The row that the page has read is of before: the verb reads it again.
    begin(meeting, minutes_ago=minutes_ago)
    with pytest.raises(MeetingNotToCome):
        choosing.add(cohort, book, meeting=meeting, by=make_admin())
    with pytest.raises(MeetingNotToCome):
        choosing.arrange(listed, meeting=meeting, why="", by=make_admin())
    assert not ListedBook.objects.filter(meeting=meeting).exists()
    choosing.add(cohort, book, meeting=meeting, though_begun=True, by=make_admin())
    listed = choosing.arrange(listed, meeting=meeting, why="", though_begun=True, by=make_admin())
    with pytest.raises(MeetingBegun):
        choosing.arrange(listed, meeting=None, why="", though_begun=True, by=make_admin())
    assert ListedBook.objects.filter(meeting=meeting).count() == 2


def test_a_book_whose_meeting_was_cancelled_can_be_swapped_also_afterwards() -> None:
    cohort = make_reading_cohort()
    meeting = make_meeting(cohort)
    listed = make_listed(cohort, meeting=meeting)
    begin(meeting)
    Session.objects.filter(pk=meeting.pk).update(cancelled_at=timezone.now())
    choosing.take_off(listed, by=make_admin())
    assert titles(cohort) == []


def test_taking_one_off_moves_the_others_up() -> None:
    cohort = make_reading_cohort()
    first, second, third = (make_listed(cohort) for _ in range(3))
    choosing.take_off(first, by=make_admin())
    assert titles(cohort) == [second.book.title, third.book.title]
    assert list(ListedBook.objects.live().filter(cohort=cohort).values_list("position", flat=True)) == [1, 2]
    with pytest.raises(OffList):
        choosing.take_off(first, by=make_admin())
    with pytest.raises(OffList):
        choosing.swap(first, make_book(), by=make_admin())


def test_a_book_changes_places_with_its_neighbour_and_the_first_stays_first() -> None:
    cohort = make_reading_cohort()
    first, second, third = (make_listed(cohort) for _ in range(3))
    assert not choosing.move(first, earlier=True, by=make_admin())
    assert not choosing.move(third, earlier=False, by=make_admin())
    assert titles(cohort) == [each.book.title for each in (first, second, third)]
    assert choosing.move(third, earlier=True, by=make_admin())
    choosing.move(first, earlier=False, by=make_admin())
    assert titles(cohort) == [each.book.title for each in (third, first, second)]


def test_a_meeting_is_one_of_the_cohorts_own_book_club_meetings() -> None:
    cohort = make_reading_cohort()
    listed = make_listed(cohort)
    cancelled = make_meeting(cohort)
    Session.objects.filter(pk=cancelled.pk).update(cancelled_at=timezone.now())
    training = make_session(make_component(cohort.programme), cohort)
    for wrong in (make_meeting(make_reading_cohort()), training, cancelled):
        with pytest.raises(NoMeeting):
            choosing.arrange(listed, meeting=wrong, why="", by=make_admin())
    for wrong in (make_meeting(make_reading_cohort()), training):
        with pytest.raises(IntegrityError, match="a book club meeting of its cohort"), transaction.atomic():
            ListedBook.objects.filter(pk=listed.pk).update(meeting=wrong)
    own = make_meeting(cohort)
    assert choosing.arrange(listed, meeting=own, why="Short", by=make_admin()).meeting == own


def test_a_meeting_held_for_all_cohorts_of_the_programme_will_do() -> None:
    cohort = make_reading_cohort()
    component = cohort.programme.components.get()
    meeting = make_session(component)
    assert make_listed(cohort, meeting=meeting).meeting == meeting


def test_to_arrange_what_is_so_already_changes_nothing() -> None:
    listed = make_listed()
    choosing.arrange(listed, meeting=None, why="", by=make_admin())
    assert not Entry.objects.filter(verb="listedbook.arranged").exists()


def test_the_list_of_a_cohort_that_has_ended_is_corrected_and_not_swapped() -> None:
    cohort = make_reading_cohort()
    listed = make_listed(cohort)
    today = timezone.localdate()
    cohort.starts_on, cohort.ends_on = today - timedelta(days=300), today
    cohort.save()
    other = choosing.swap(listed, make_book(), by=make_admin())
    cohort.ends_on = today - timedelta(days=1)
    cohort.save()
    with pytest.raises(ListOver):
        choosing.swap(other, make_book(), by=make_admin())
    assert titles(cohort) == [other.book.title]
    choosing.take_off(other, by=make_admin())
    assert titles(cohort) == []
