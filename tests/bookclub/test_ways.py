"""Where the pages of a book club lead: whoever follows them meets no page that refuses them, and finds the way back."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from bookclub import planning, suggesting
from bookclub.models import Reflection
from cohorts.models import Membership, Session
from portal.accounts.models import User
from tests.bookclub.making import bring_near, browser_of, make_listed, make_meeting, make_reader
from tests.bookclub.reflections import draft, share, write
from tests.bookclub.threads import Talk, end, make_talk, say
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_booking, make_facilitator, make_session, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="(/[^"#]*)')
BACK = re.compile(r'class="nhsuk-back-link" href="([^"]*)"')
TAKES_A_PROGRAM = address("reflections_file", "pdf")
LEADERS = ["leads", "leads a meeting for all cohorts"]


@pytest.fixture
def talk() -> Talk:
    """Make a cohort that read, wrote, shared and talked, with a meeting that is over and one to come."""
    talk = make_talk()
    listed = make_listed(talk.cohort, meeting=talk.meeting)
    make_listed(talk.cohort, meeting=make_meeting(talk.cohort, days=40))
    prompt = planning.add_prompt(talk.meeting, "Whose name?", by=make_admin())
    member, other = (Membership.objects.get(user=user) for user in (talk.amina, talk.bea))
    make_booking(talk.amina, talk.meeting)
    write(member, "My words", listed=listed)
    draft(member, "Not saved yet", share(write(member, "Shared words", meeting=talk.meeting, prompt=prompt)))
    share(write(other, "Their words"))
    first = say(talk, talk.amina)
    say(talk, talk.bea, to=first)
    suggesting.suggest(talk.cohort, title="Names", authors="Demo", why="", by=talk.amina)
    bring_near(talk.meeting, days=-3)
    return talk


def makes(role: str, talk: Talk) -> User:
    """Return somebody of a role around a cohort, as it makes them."""
    match role:
        case "alumna" | "leaver":
            if role == "alumna":
                Session.objects.filter(cohort=talk.cohort, starts_at__gt=timezone.now()).update(
                    cancelled_at=timezone.now()
                )
                end(talk.cohort)
            else:
                Membership.objects.filter(user=talk.amina).update(state="withdrawn")
            return talk.amina
        case "leads":
            return talk.leads
        case "leads a meeting for all cohorts":
            leads = make_user()
            meeting = make_session(talk.meeting.component)
            meeting.facilitators.add(make_facilitator(leads))
            return leads
        case "keeps the programme":
            return make_admin_of(talk.cohort.programme)
    return talk.amina


def followed(browser: Client, begins: str) -> Iterator[tuple[str, str, int]]:
    """Follow each link of the book club's pages once; yield the page that has it, where it leads, and the answer."""
    seen, waiting = {begins}, [begins]
    while waiting:
        page = waiting.pop()
        for link in sorted(set(LINK.findall(browser.get(page, follow=True).content.decode()))):
            href = link.replace("&amp;", "&")
            if href in seen or href == TAKES_A_PROGRAM or href.startswith("/static/"):
                continue
            seen.add(href)
            answer = browser.get(href)
            yield page, href, answer.status_code
            if href.startswith(address("book_clubs")) and "html" in answer.headers.get("Content-Type", ""):
                waiting.append(href)


@pytest.mark.parametrize("role", ["member", "alumna", "leaver", *LEADERS, "keeps the programme"])
def test_no_page_leads_whoever_reads_it_to_one_that_refuses_them(talk: Talk, role: str) -> None:
    user = makes(role, talk)
    begins = address("book_club", talk.cohort.pk) if role == "keeps the programme" else address("book_clubs")
    if role == "leads a meeting for all cohorts":
        meeting = Session.objects.get(facilitators__user=user)
        begins = address("book_club_meeting", talk.cohort.pk, meeting.pk)
    ways = list(followed(desk_of(user), begins))
    assert len(ways) > 10
    assert [way for way in ways if way[2] >= 400] == []


@pytest.mark.parametrize("role", ["alumna", "leads"])
def test_from_one_book_club_there_is_a_way_back_to_what_else_there_is(talk: Talk, role: str) -> None:
    browser = desk_of(makes(role, talk))
    assert BACK.findall(words(browser.get(address("book_club", talk.cohort.pk)))) == [address("book_clubs")]
    # Where there is one book club alone, the way there would lead back to itself.
    reader = browser_of(make_reader(make_listed().cohort).user)
    assert BACK.findall(words(reader.get(address("book_clubs"), follow=True))) == []


class TestAMeetingThatIsOver:
    """Its page speaks of what was."""

    def test_an_alumna_reads_what_was_read_and_talked_about(self, talk: Talk) -> None:
        said = words(browser_of(makes("alumna", talk)).get(address("book_club_meeting", *talk.where)))
        for part in ("What you read for it", "What you talked about", "The cohort has ended: you can read the thread"):
            assert part in said
        for part in (
            "Book this meeting",
            "You talk about these",
            "What to have read",
            "how to get a copy",
            "You are welcome",
        ):
            assert part not in said

    @pytest.mark.parametrize("role", ["leads", "keeps the programme"])
    def test_whoever_is_no_member_reads_what_they_did(self, talk: Talk, role: str) -> None:
        user = makes(role, talk)
        makes("alumna", talk)
        browser = desk_of(user)
        said = words(browser.get(address("book_club_meeting", *talk.where)))
        for part in ("What they read for it", "What was talked about"):
            assert part in said
        said += words(browser.get(address("book_club", talk.cohort.pk)))
        assert "What they read</h2>" in said
        if role == "leads":
            assert "What they wrote to each other" in said
            said += words(browser.get(address("book_club_thread", *talk.where)))
            assert "This cohort has ended. You can read this thread" in said
        for part in ("What you read", "What you talked", "What you wrote to", "Your cohort", "your cohort"):
            assert part not in said

    def test_a_thread_in_which_nobody_writes_asks_nobody_to(self, talk: Talk) -> None:
        member, asks = browser_of(talk.amina), "Read and answer when it suits you"
        assert asks in words(member.get(address("book_club_thread", *talk.where)))
        makes("alumna", talk)
        said = words(member.get(address("book_club_thread", *talk.where)))
        assert "Your cohort has ended. You can read this thread" in said
        assert asks not in said

    def test_so_do_the_pages_around_it(self, talk: Talk) -> None:
        browser = browser_of(makes("alumna", talk))
        said = words(browser.get(address("book_suggestions", talk.cohort.pk)))
        for part in (
            "Your cohort has ended, so nothing more is suggested or chosen.",
            "You suggested this.",
            "backed it.",
        ):
            assert part in said
        own = Reflection.objects.get(author=talk.amina, audience=Reflection.Audience.NOBODY)
        said = words(browser.get(address("reflection", talk.cohort.pk, own.uid)))
        assert "Your cohort has ended, so nothing more is shared." in said
        assert "Share it" not in said

    def test_one_to_come_is_spoken_of_as_before(self, talk: Talk) -> None:
        meeting = Session.objects.get(cohort=talk.cohort, starts_at__gt=timezone.now())
        said = words(browser_of(talk.amina).get(address("book_club_meeting", talk.cohort.pk, meeting.pk)))
        for part in (
            "Book this meeting",
            "What to have read",
            "To think about",
            "About the book, and how to get a copy",
        ):
            assert part in said

    def test_of_one_that_was_cancelled_it_says_that_it_did_not_take_place(self, talk: Talk) -> None:
        page = address("book_club_meeting", *talk.where)
        Session.objects.filter(pk=talk.meeting.pk).update(cancelled_at=timezone.now())
        said = words(browser_of(talk.amina).get(page))
        assert "It did not take place." in said
        assert "These were the questions for the meeting." in said
        for part in ("What you talked about", "What you read for it", "You talk about these", "You are welcome"):
            assert part not in said
        bring_near(talk.meeting, days=3)
        assert "It will not take place." in words(browser_of(talk.amina).get(page))
