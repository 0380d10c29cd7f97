"""Meetings of book clubs: what is set for them, who writes it, and who reads what."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookclub import planning
from bookclub.models import MeetingPlan, Prompt
from bookclub.refusals import MeetingCancelled, PromptGone, TooManyPrompts
from cohorts.models import Session
from portal import together
from portal.together import ChangedMeanwhile
from portal.trail.models import Entry
from tests.bookclub.making import (
    browser_of,
    cohort_of,
    make_leader,
    make_listed,
    make_meeting,
    make_reader,
    make_reading_cohort,
)
from tests.bookclub.reflections import write
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_booking, make_cohort, make_component, make_session, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
SECRET = "Begin with chapter 4 yourself; nobody else will."
FIELDS = ("chapters", "guide")


def set_up(meeting: Session, **says: str) -> None:
    """Write what is set for a meeting."""
    seen = together.seen(planning.plan_of(meeting), says)
    planning.write(meeting, says, seen=seen, by=make_admin())


def prompts_of(meeting: Session) -> list[str]:
    """Return the prompts of a meeting, in order."""
    return [prompt.text for prompt in Prompt.objects.live().filter(plan__session=meeting)]


def page_of(meeting: Session, name: str = "book_club_meeting", *more: Any) -> str:
    """Return the address of a page of a cohort's own meeting."""
    return address(name, meeting.cohort_id, meeting.pk, *more)


@pytest.fixture
def meeting() -> Session:
    return make_meeting(make_reading_cohort())


class TestWriting:
    """The verbs."""

    def test_chapters_and_guide_are_put_down_and_the_trail_says_which_and_not_what(self, meeting: Session) -> None:
        set_up(meeting, chapters="1 to 4", guide=SECRET)
        plan = MeetingPlan.objects.get()
        assert (plan.session, plan.chapters, plan.guide) == (meeting, "1 to 4", SECRET)
        (entry,) = Entry.objects.filter(verb="meetingplan.written")
        assert entry.details == {"fields": "chapters,guide"}

    def test_a_plan_is_of_a_book_club_meeting(self) -> None:
        training = make_session(make_component(), make_cohort())
        with pytest.raises(IntegrityError, match="a plan is of a book club meeting"), transaction.atomic():
            MeetingPlan.objects.create(session=training)

    def test_of_two_what_each_wrote_alone_is_kept_and_what_both_wrote_is_told(self, meeting: Session) -> None:
        opened = together.seen(planning.plan_of(meeting), FIELDS)
        planning.write(meeting, {"chapters": "1 to 4", "guide": ""}, seen=opened, by=make_user())
        settled = planning.write(meeting, {"chapters": "", "guide": "Mine"}, seen=opened, by=make_user())
        assert settled.theirs == ["Chapters to have read"]
        with pytest.raises(ChangedMeanwhile) as told:
            planning.write(meeting, {"chapters": "All", "guide": "Mine"}, seen=opened, by=make_user())
        assert [conflict.now for conflict in told.value.conflicts] == ["1 to 4"]
        plan = MeetingPlan.objects.get()
        assert (plan.chapters, plan.guide) == ("1 to 4", "Mine")

    def test_prompts_are_added_changed_moved_and_taken_off_and_none_is_deleted(self, meeting: Session) -> None:
        admin = make_admin()
        first, second, third = (planning.add_prompt(meeting, text, by=admin) for text in ("One?", "Two?", "Three?"))
        planning.move_prompt(meeting, third, by=admin)
        planning.move_prompt(meeting, first, by=admin)
        assert prompts_of(meeting) == ["One?", "Three?", "Two?"]
        seen = together.seen(second, ["text"])
        planning.change_prompt(meeting, second, {"text": "Why two?"}, seen=seen, by=admin)
        planning.take_off_prompt(meeting, third, by=admin)
        assert prompts_of(meeting) == ["One?", "Why two?"]
        assert [Prompt.objects.get(pk=each.pk).text for each in (second, third)] == ["Two?", "Three?"]
        with pytest.raises(PromptGone):
            planning.take_off_prompt(meeting, third, by=admin)
        assert "?" not in str(list(Entry.objects.filter(verb__startswith="prompt.").values_list("details", flat=True)))

    def test_two_who_put_a_prompt_in_other_words_are_told_of_each_other(self, meeting: Session) -> None:
        admin = make_admin()
        prompt = planning.add_prompt(meeting, "Why?", by=admin)
        seen = together.seen(prompt, ["text"])
        planning.change_prompt(meeting, prompt, {"text": "Why them?"}, seen=seen, by=admin)
        with pytest.raises(ChangedMeanwhile) as told:
            planning.change_prompt(meeting, prompt, {"text": "Why us?"}, seen=seen, by=admin)
        assert [conflict.now for conflict in told.value.conflicts] == ["Why them?"]
        anew = together.seen(Prompt.objects.get(pk=prompt.pk).as_it_stands, ["text"])
        planning.change_prompt(meeting, prompt, {"text": "Why us?"}, seen=anew, by=admin)
        planning.move_prompt(meeting, prompt, by=admin)
        assert prompts_of(meeting) == ["Why us?"]

    def test_a_meeting_has_no_more_prompts_than_it_can_talk_about(self, meeting: Session) -> None:
        for at in range(planning.MOST_PROMPTS):
            planning.add_prompt(meeting, f"Prompt {at}", by=make_admin())
        with pytest.raises(TooManyPrompts):
            planning.add_prompt(meeting, "One more", by=make_admin())

    def test_for_one_that_is_cancelled_nothing_is_written(self, meeting: Session) -> None:
        Session.objects.filter(pk=meeting.pk).update(cancelled_at=timezone.now())
        with pytest.raises(MeetingCancelled):
            set_up(meeting, chapters="1")


class TestItsPage:
    """What members and facilitators read there."""

    def test_members_read_when_and_where_what_to_read_and_what_to_talk_about(self, meeting: Session) -> None:
        listed = make_listed(cohort_of(meeting), meeting=meeting)
        other = make_listed(cohort_of(meeting), meeting=make_meeting(cohort_of(meeting)))
        set_up(meeting, chapters="Chapters 1 to 4")
        planning.add_prompt(meeting, "Whose name was said wrongly?", by=make_admin())
        said = words(browser_of(make_reader(cohort_of(meeting)).user).get(page_of(meeting)))
        for part in ("Chapters 1 to 4", "Whose name was said wrongly?", listed.book.title, "Book this meeting"):
            assert part in said
        assert other.book.title not in said

    def test_whoever_has_booked_is_led_to_their_booking(self, meeting: Session) -> None:
        reader = make_reader(cohort_of(meeting)).user
        booking = make_booking(reader, meeting)
        said = words(browser_of(reader).get(page_of(meeting)))
        assert f'href="{booking.get_absolute_url()}"' in said
        assert "Book this meeting" not in said

    def test_members_are_led_there_from_the_sessions_own_page_and_from_the_list(self, meeting: Session) -> None:
        make_listed(cohort_of(meeting), meeting=meeting)
        reader = browser_of(make_reader(cohort_of(meeting)).user)
        link = f'href="{page_of(meeting)}"'
        assert link in words(reader.get(meeting.get_absolute_url()))
        assert link in words(reader.get(address("book_club", meeting.cohort_id)))

    def test_paragraphs_stay_paragraphs_whatever_their_direction(self, meeting: Session) -> None:
        set_up(meeting, chapters="One\n\nTwo")
        said = words(browser_of(make_reader(cohort_of(meeting)).user).get(page_of(meeting)))
        assert '<p dir="auto">One</p> <p dir="auto">Two</p>' in said.replace("><", "> <")

    def test_whoever_leads_it_is_led_there_from_its_register(self, meeting: Session) -> None:
        register = desk_of(make_leader(meeting)).get(address("register", meeting.pk))
        assert f'href="{page_of(meeting)}"' in words(register)

    def test_a_meeting_for_all_cohorts_leads_each_to_their_own_books(self) -> None:
        cohort = make_reading_cohort()
        other = make_cohort(cohort.programme)
        meeting = make_session(cohort.programme.components.get())
        books = [make_listed(each, meeting=meeting).book for each in (cohort, other)]
        reader = browser_of(make_reader(cohort).user)
        page = address("book_club_meeting", cohort.pk, meeting.pk)
        assert f'href="{page}"' in words(reader.get(meeting.get_absolute_url()))
        said = words(reader.get(page))
        assert books[0].title in said
        assert books[1].title not in said
        assert reader.get(address("book_club_meeting", other.pk, meeting.pk)).status_code == 404
        leader = desk_of(make_leader(meeting))
        said = words(leader.get(meeting.get_absolute_url()))
        for each in (cohort, other):
            assert address("book_club_meeting", each.pk, meeting.pk) in said
            assert leader.get(address("book_club_plan", each.pk, meeting.pk)).status_code == 200
            for at in range(planning.MOST_PROMPTS - Prompt.objects.live().count()):
                planning.add_prompt(meeting, f"Prompt {at}", by=make_admin())
            refused = leader.post(address("book_club_prompt_new", each.pk, meeting.pk), {"text": "One more"})
            assert refused.status_code == 409
            assert f'href="{address("book_club_meeting", each.pk, meeting.pk)}"' in words(refused)
            for answer in (leader.get(address("book_club_meeting", each.pk, meeting.pk)), refused):
                assert address("book_club", each.pk) + '"' not in words(answer)

    def test_whoever_leads_meetings_finds_their_book_clubs(self, meeting: Session) -> None:
        cohort = cohort_of(meeting)
        leader = desk_of(make_leader(meeting))
        clubs = words(leader.get(address("book_clubs")))
        assert f'href="{address("book_club", cohort.pk)}"' in clubs
        assert "You are in no cohort" not in clubs
        assert f'href="{address("book_clubs")}"' in words(leader.get(address("home")))

    def test_what_is_no_book_club_meeting_of_the_cohort_is_not_there(self, meeting: Session) -> None:
        reader = browser_of(make_reader(cohort_of(meeting)).user)
        training = make_session(make_component(cohort_of(meeting).programme), cohort_of(meeting))
        elsewhere = make_meeting(make_reading_cohort())
        for wrong in (training.pk, elsewhere.pk, 10**9):
            assert reader.get(address("book_club_meeting", meeting.cohort_id, wrong)).status_code == 404
        assert "talk about" not in words(reader.get(training.get_absolute_url()))

    @pytest.mark.parametrize("number", [1, 3])
    def test_it_takes_as_many_statements_for_one_book_and_prompt_as_for_three(
        self, meeting: Session, number: int
    ) -> None:
        for at in range(number):
            make_listed(cohort_of(meeting), meeting=meeting)
            planning.add_prompt(meeting, f"Prompt {at}", by=make_admin())
        for browser, expected in (
            (browser_of(make_reader(cohort_of(meeting)).user), 7),
            (desk_of(make_leader(meeting)), 11),
        ):
            browser.get(page_of(meeting))
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(page_of(meeting)).status_code == 200
            assert len(asked) == expected


class TestTheGuide:
    """It is for whoever leads the meeting, and for the programme team."""

    def test_members_find_it_on_no_page(self, meeting: Session) -> None:
        make_listed(cohort_of(meeting), meeting=meeting)
        set_up(meeting, guide=SECRET)
        prompt = planning.add_prompt(meeting, "Why?", by=make_admin())
        reader = make_reader(cohort_of(meeting)).user
        booking = make_booking(reader, meeting)
        browser = browser_of(reader)
        pages = [
            *(page_of(meeting), page_of(meeting, "book_club_plan"), page_of(meeting, "book_club_prompts")),
            page_of(meeting, "book_club_prompt_new"),
            *(page_of(meeting, "book_club_prompt", prompt.pk), meeting.get_absolute_url(), booking.get_absolute_url()),
            *(
                address("book_club", meeting.cohort_id),
                address("me"),
                address("bookings"),
                address("own_data"),
                address("own_data_file"),
            ),
            *(address("book_clubs"), address("books_read"), address("book_suggestions", meeting.cohort_id)),
        ]
        for page in pages:
            assert SECRET not in words(browser.get(page, follow=True)), page
            assert SECRET not in words(browser.post(page, {"chapters": "x", "text": "x"}, follow=True)), page
        assert MeetingPlan.objects.get().chapters == ""

    def test_a_page_that_was_only_asked_for_does_not_speak_of_what_was_not_saved(self, meeting: Session) -> None:
        browser = browser_of(make_reader(cohort_of(meeting)).user)
        here = page_of(meeting, "book_club_plan")
        assert "You cannot do this now" in words(browser.get(here))
        assert "Chapters and guide were not saved" in words(browser.post(here, {"chapters": "x"}))

    def test_nor_does_who_leads_another_meeting_of_the_cohort(self, meeting: Session) -> None:
        set_up(meeting, guide=SECRET)
        leader = desk_of(make_leader(make_meeting(cohort_of(meeting))))
        answer = leader.get(page_of(meeting))
        assert answer.status_code == 200
        assert SECRET not in words(answer)
        assert leader.get(page_of(meeting, "book_club_plan")).status_code == 403

    def test_who_leads_it_and_who_keeps_the_programme_read_it(self, meeting: Session) -> None:
        set_up(meeting, guide=SECRET)
        for somebody in (make_leader(meeting), make_admin()):
            assert SECRET in words(desk_of(somebody).get(page_of(meeting)))


class TestWritingOnThePages:
    """Facilitators set their meeting."""

    @pytest.fixture
    def leader(self, meeting: Session) -> Client:
        return desk_of(make_leader(meeting))

    def test_they_write_chapters_prompts_and_guide(self, meeting: Session, leader: Client) -> None:
        plan = page_of(meeting, "book_club_plan")
        leader.post(plan, {"chapters": "1 to 4", "guide": SECRET})
        leader.post(page_of(meeting, "book_club_prompt_new"), {"text": "One?"})
        said = words(leader.post(page_of(meeting, "book_club_prompt_new"), {"text": "Two?"}, follow=True))
        assert "Saved." in said
        assert said.index("One?") < said.index("Two?")
        one, two = Prompt.objects.live()
        leader.post(page_of(meeting, "book_club_prompt_earlier", two.pk))
        leader.post(page_of(meeting, "book_club_prompt", one.pk), {"text": "Why one?"})
        assert prompts_of(meeting) == ["Two?", "Why one?"]

    def test_the_second_of_two_reads_what_the_first_wrote_and_loses_nothing(
        self, meeting: Session, leader: Client
    ) -> None:
        set_up(meeting, chapters="1")
        opened = together.seen(planning.plan_of(meeting), FIELDS)
        set_up(meeting, chapters="1 to 4")
        sent = {"chapters": "Everything", "guide": "Mine", "_seen": opened}
        answer = leader.post(page_of(meeting, "book_club_plan"), sent)
        said = words(answer)
        assert answer.status_code == 409
        for part in ("Somebody else has changed the same", "1 to 4", "Everything", "Mine"):
            assert part in said
        assert MeetingPlan.objects.get().chapters == "1 to 4"

    @pytest.mark.parametrize(
        ("page", "sent", "said"),
        [
            ("book_club_prompt_new", {"text": ""}, "Write what there is to talk about"),
            ("book_club_prompt_new", {"text": "x" * 1_001}, "1,000 characters or fewer"),
            ("book_club_plan", {"guide": "x" * 20_001, "chapters": "Kept"}, "20,000 characters or fewer"),
            ("book_club_plan", {"guide": "nul\0", "chapters": "Kept"}, "Null characters are not allowed"),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_lost(
        self, meeting: Session, leader: Client, page: str, sent: dict[str, str], said: str
    ) -> None:
        answer = leader.post(page_of(meeting, page), sent)
        assert answer.status_code == 422
        assert said in words(answer)
        assert sent.get("chapters", "") in words(answer)
        assert not Prompt.objects.exists()

    def test_for_one_that_was_cancelled_meanwhile_it_is_told_with_what_they_wrote(
        self, meeting: Session, leader: Client
    ) -> None:
        Session.objects.filter(pk=meeting.pk).update(cancelled_at=timezone.now())
        answer = leader.post(page_of(meeting, "book_club_plan"), {"chapters": "1 to 4", "guide": "Mine"})
        assert answer.status_code == 409
        assert "This meeting was cancelled." in words(answer)
        assert "Mine" in words(answer)
        assert "This meeting was cancelled" in words(leader.get(page_of(meeting)))

    def test_members_who_try_lose_no_words(self, meeting: Session) -> None:
        answer = browser_of(make_reader(cohort_of(meeting)).user).post(
            page_of(meeting, "book_club_prompt_new"), {"text": "Mine"}
        )
        assert answer.status_code == 403
        assert "Mine" in words(answer)
        assert not Prompt.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("name", ["book_club_plan", "book_club_prompts"])
def test_the_pages_on_which_it_is_set_take_as_many_statements_for_one_prompt_as_for_three(
    name: str, number: int
) -> None:
    meeting = make_meeting(make_reading_cohort())
    set_up(meeting, guide=SECRET)
    for at in range(number):
        planning.add_prompt(meeting, f"Why {at}?", by=make_admin())
    leader, page = desk_of(make_leader(meeting)), page_of(meeting, name)
    leader.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert leader.get(page).status_code == 200
    assert len(asked) == 6


class TestInTheAdmin:
    """The programme team."""

    def test_they_find_what_is_set_and_are_led_to_where_it_is_written(self, meeting: Session) -> None:
        desk = desk_of(make_admin())
        led = desk.post(reverse("admin:bookclub_meetingplan_add"), {"meeting": meeting.pk})
        assert led.headers["Location"] == page_of(meeting, "book_club_plan")
        assert not MeetingPlan.objects.exists()
        set_up(meeting, guide=SECRET)
        planning.add_prompt(meeting, "Why?", by=make_admin())
        said = words(desk.get(reverse("admin:bookclub_meetingplan_changelist")))
        assert "Book club meeting 1" in said
        said = words(desk.get(reverse("admin:bookclub_meetingplan_change", args=[MeetingPlan.objects.get().pk])))
        assert SECRET in said
        assert "1. Why?" in said
        assert f'href="{page_of(meeting, "book_club_plan")}"' in said

    def test_a_meeting_that_is_over_or_another_programmes_is_not_offered(self, meeting: Session) -> None:
        begun = timezone.now() - timedelta(days=1)
        Session.objects.filter(pk=meeting.pk).update(starts_at=begun, ends_at=begun + timedelta(hours=1))
        answer = desk_of(make_admin()).post(reverse("admin:bookclub_meetingplan_add"), {"meeting": meeting.pk})
        assert answer.status_code == 422

    def test_one_to_which_no_cohort_can_come_is_told(self) -> None:
        component = make_component(kind="book_club")
        component.programme.cohorts.all().delete()
        meeting = make_session(component)
        answer = desk_of(make_admin()).post(reverse("admin:bookclub_meetingplan_add"), {"meeting": meeting.pk})
        assert "Make a cohort first" in words(answer)

    def test_one_for_which_somebody_could_write_is_cancelled_and_not_deleted(self, meeting: Session) -> None:
        desk, cohort = desk_of(make_admin()), cohort_of(meeting)
        change, delete = (address(f"admin:cohorts_session_{page}", meeting.pk) for page in ("change", "delete"))
        assert desk.get(delete).status_code == 200
        make_reader(cohort)
        answers = [(desk.get(delete).status_code, delete in words(desk.get(change)))]
        write(make_reader(cohort), meeting=meeting)
        answers.append((desk.get(delete).status_code, delete in words(desk.get(change))))
        assert answers == [(403, False)] * 2
        assert desk.post(delete, {"post": "yes"}).status_code == 403
        elsewhere = make_meeting(make_reading_cohort())
        assert desk.post(address("admin:cohorts_session_delete", elsewhere.pk), {"post": "yes"}).status_code == 302

    def test_one_that_a_book_or_a_plan_names_is_kept_too(self) -> None:
        desk = desk_of(make_admin())
        first, second = (make_meeting(make_reading_cohort()) for _ in range(2))
        make_listed(cohort_of(first), meeting=first)
        set_up(second, chapters="1")
        for kept in (first, second):
            assert desk.get(address("admin:cohorts_session_delete", kept.pk)).status_code == 403

    @pytest.mark.parametrize("number", [1, 3])
    def test_the_list_takes_as_many_statements_for_one_as_for_three(self, number: int) -> None:
        desk = desk_of(make_admin())
        for _ in range(number):
            set_up(make_meeting(make_reading_cohort()), chapters="1")
        page = reverse("admin:bookclub_meetingplan_changelist")
        desk.get(page)
        with CaptureQueriesContext(connection) as asked:
            desk.get(page)
        assert len(asked) == 7
