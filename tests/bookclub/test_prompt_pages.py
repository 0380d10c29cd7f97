"""The pages on which a facilitator moves a prompt and takes one off: which it was, and where it stands now."""

import pytest
from django.test import Client
from django.utils import timezone

from bookclub import planning
from bookclub.models import Prompt
from cohorts.models import Session
from portal import together
from tests.bookclub.making import make_leader, make_meeting, make_reading_cohort
from tests.cohorts.pages import address, words
from tests.factories import make_admin
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting() -> Session:
    return make_meeting(make_reading_cohort())


@pytest.fixture
def leader(meeting: Session) -> Client:
    return desk_of(make_leader(meeting))


def page_of(meeting: Session, name: str, *args: int) -> str:
    return address(name, meeting.cohort_id, meeting.pk, *args)


def ask(meeting: Session, *texts: str) -> list[Prompt]:
    """Set prompts for a meeting."""
    return [planning.add_prompt(meeting, text, by=make_admin()) for text in texts]


def asked_at(meeting: Session) -> list[str]:
    """Return what is set for a meeting, in order."""
    return [prompt.text for prompt in Prompt.objects.live().filter(plan__session=meeting)]


def test_of_one_that_moves_it_is_said_which_and_where_it_stands_now(meeting: Session, leader: Client) -> None:
    *_, three = ask(meeting, "One?", "Two?", "Three?")
    move = page_of(meeting, "book_club_prompt_earlier", three.pk)
    assert leader.get(move).status_code == 405
    answer = leader.post(move)
    # The address leads to the words, which take the focus, right above the button that moves the prompt on.
    assert answer.headers["Location"] == f"{page_of(meeting, 'book_club_prompts')}?moved={three.pk}#moved"
    said = words(leader.get(answer.headers["Location"]))
    assert "“<bdi>Three?</bdi>” is prompt 2 of 3 now." in said
    assert said.index('<p id="moved" tabindex="-1">') < said.index("Move prompt 2 earlier")
    assert "nhsuk-notification-banner" not in said
    planning.take_off_prompt(meeting, three, by=make_admin())
    assert 'id="moved"' not in words(leader.get(answer.headers["Location"]))


@pytest.mark.parametrize("moved", ["", "x", "0", "9" * 40, "%00"])
def test_what_names_no_prompt_as_moved_harms_nothing(meeting: Session, leader: Client, moved: str) -> None:
    ask(meeting, "One?")
    answer = leader.get(f"{page_of(meeting, 'book_club_prompts')}?moved={moved}")
    assert (answer.status_code, 'id="moved"' in words(answer)) == (200, False)


def test_the_page_of_the_guide_has_no_way_to_the_prompts_that_would_lose_what_is_typed(
    meeting: Session, leader: Client
) -> None:
    ask(meeting, "One?", "Two?")
    plan, prompts = page_of(meeting, "book_club_plan"), page_of(meeting, "book_club_prompts")
    assert "/prompts/" not in words(leader.get(plan))
    sent = {"chapters": "1", "guide": "Begin in silence.", "go_on": "yes"}
    answer = leader.post(plan, sent)
    assert answer.headers["Location"] == prompts
    assert "Begin in silence." in words(leader.get(plan))
    said = words(leader.get(prompts))
    assert said.index("One?") < said.index("Two?") < said.index("Add a prompt")
    assert f'href="{prompts}"' in words(leader.get(page_of(meeting, "book_club_meeting")))


def test_before_one_is_taken_off_it_is_asked(meeting: Session, leader: Client) -> None:
    (prompt,) = ask(meeting, "Why?")
    page = page_of(meeting, "book_club_prompt_take_off", prompt.pk)
    for led_from in ("book_club_prompts", "book_club_prompt"):
        args = [prompt.pk] if led_from == "book_club_prompt" else []
        assert f'href="{page}"' in words(leader.get(page_of(meeting, led_from, *args)))
    said = words(leader.get(page))
    for part in ("Take this prompt off?", "Why?", "Members no longer see it", "stays theirs"):
        assert part in said
    assert asked_at(meeting) == ["Why?"]
    assert "“Why?” is taken off." in words(leader.post(page, follow=True))
    assert asked_at(meeting) == []
    for again in (leader.get(page), leader.post(page), leader.get(page_of(meeting, "book_club_prompt", prompt.pk))):
        assert (again.status_code, "taken this prompt off since" in words(again)) == (409, True)


def test_one_that_was_reworded_meanwhile_is_shown_before_it_is_taken_off(meeting: Session, leader: Client) -> None:
    (prompt,) = ask(meeting, "Why?")
    seen = together.seen(prompt, ["text"])
    planning.change_prompt(meeting, prompt, {"text": "Why us?"}, seen=seen, by=make_admin())
    answer = leader.post(page_of(meeting, "book_club_prompt_take_off", prompt.pk))
    assert (answer.status_code, asked_at(meeting)) == (409, ["Why us?"])
    assert "in other words since you opened the page" in words(answer)
    now = page_of(meeting, "book_club_prompt_take_off", Prompt.objects.live().get().pk)
    assert f'action="{now}"' in words(answer)
    leader.post(now)
    assert asked_at(meeting) == []


def test_a_refusal_says_what_was_not_done(meeting: Session, leader: Client) -> None:
    (prompt,) = ask(meeting, "Why?")
    Session.objects.filter(pk=meeting.pk).update(cancelled_at=timezone.now())
    for page, what in (
        (page_of(meeting, "book_club_plan"), "Chapters and guide were not saved"),
        (page_of(meeting, "book_club_prompt_new"), "No prompt was added"),
        (page_of(meeting, "book_club_prompt", prompt.pk), "The prompt was not changed"),
        (page_of(meeting, "book_club_prompt_earlier", prompt.pk), "The prompt was not moved"),
        (page_of(meeting, "book_club_prompt_take_off", prompt.pk), "The prompt was not taken off"),
    ):
        answer = leader.post(page, {"text": "Why them?", "chapters": "1", "guide": "Mine"})
        assert answer.status_code == 409
        assert f'<h1 class="nhsuk-heading-l">{what}</h1>' in words(answer)
