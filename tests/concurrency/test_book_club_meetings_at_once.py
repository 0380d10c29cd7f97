"""Book club meetings: two facilitators at one meeting, two presses of one reader, two workers that write letters."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from bookclub import bookmarks, nudging, planning
from bookclub.models import MeetingPlan, Prompt, Reading
from cohorts.models import Session
from portal import together
from portal.outbox.models import Message
from portal.together import ChangedMeanwhile
from tests.bookclub.making import make_listed, make_meeting, make_reader, make_reading_cohort
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_user

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def test_of_two_who_write_for_one_meeting_the_second_is_told_and_nothing_is_lost() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        meeting = make_meeting(make_reading_cohort())
        seen = together.seen(planning.plan_of(meeting), ["chapters", "guide"])
        write = partial(planning.write, meeting, seen=seen, by=admin)
        done = at_once(
            partial(write, {"chapters": "One", "guide": ""}),
            partial(write, {"chapters": "Two", "guide": ""}),
            partial(write, {"chapters": "", "guide": "How to begin"}),
        )
        assert sum(isinstance(each, ChangedMeanwhile) for each in done) == 1, done
        plan = MeetingPlan.objects.get(session=meeting)
        assert plan.chapters in {"One", "Two"}
        assert plan.guide == "How to begin"


def test_prompts_of_two_who_add_move_and_take_off_have_each_their_place() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        meeting = make_meeting(make_reading_cohort())
        first, second = (planning.add_prompt(meeting, text, by=admin) for text in ("One?", "Two?"))
        done = at_once(
            partial(planning.add_prompt, meeting, "Three?", by=admin),
            partial(planning.add_prompt, meeting, "Four?", by=admin),
            partial(planning.move_prompt, meeting, second, by=admin),
            partial(planning.take_off_prompt, meeting, first, by=admin),
        )
        assert not [each for each in done if isinstance(each, Exception)], done
        positions = Prompt.objects.live().filter(plan__session=meeting).values_list("position", flat=True)
        assert list(positions) == [1, 2, 3]


def test_two_presses_of_one_reader_leave_one_place() -> None:
    for _ in range(ROUNDS):
        listed = make_listed()
        reader = make_user()
        done = at_once(
            partial(bookmarks.put, listed, Reading.State.BEGUN, place="Chapter 3", by=reader),
            partial(bookmarks.put, listed, Reading.State.FINISHED, by=reader),
        )
        assert not [each for each in done if isinstance(each, Exception)], done
        assert Reading.objects.filter(listed=listed, reader=reader).count() == 1


def test_two_workers_write_each_letter_once() -> None:
    cohort = make_reading_cohort()
    meeting = make_meeting(cohort)
    starts_at = timezone.now() + timedelta(days=6)
    Session.objects.filter(pk=meeting.pk).update(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    for _ in range(3):
        make_listed(cohort, meeting=meeting)
        make_reader(cohort)
    assert sum(at_once(nudging.write_due, nudging.write_due)) == 3
    assert Message.objects.filter(rule=nudging.RULE).count() == 3
