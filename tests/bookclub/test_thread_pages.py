"""The pages of threads: reading, writing with a preview, editing in two tabs, and taking back."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from bookclub import discussing, reflections
from bookclub.models import Post
from bookclub.thread_words import TEXT
from bookclub.threads import PAGE, PAGE_OF_OWN, PAGE_OF_REPLIES, REPLIES
from cohorts.models import Membership
from portal.accounts.models import Role, User
from portal.accounts.roles import end_roles
from tests.bookclub.making import browser_of, make_reader
from tests.bookclub.reflections import Audience, share, write
from tests.bookclub.test_pages import statements_of
from tests.bookclub.threads import Talk, end, make_talk, page, report, say, take_away, thread_page, words_of
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_facilitator, make_session, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk() -> Talk:
    return make_talk()


@pytest.fixture
def browser(talk: Talk) -> Client:
    return browser_of(talk.amina)


def write_page(talk: Talk) -> str:
    return address("thread_write", *talk.where)


def sent(said: str, **more: Any) -> dict[str, Any]:
    return {"words": said, "uid": uuid4()} | more


class TestReading:
    """Who reads a thread, and how it is paged."""

    def test_members_and_who_leads_read_it_and_nobody_else(self, talk: Talk) -> None:
        say(talk, talk.amina, "I listened.")
        for reader in (talk.amina, talk.bea, talk.leads):
            answer = desk_of(reader).get(thread_page(talk))
            assert "I listened." in words(answer)
            assert "no-store" in answer.headers["Cache-Control"]
        left = make_reader(talk.cohort).user
        Membership.objects.filter(user=left).update(state="withdrawn")
        for stranger in (left, make_user(), make_admin(), make_admin_of(talk.cohort.programme)):
            assert desk_of(stranger).get(thread_page(talk)).status_code == 404

    def test_who_leads_no_more_by_their_role_reads_nothing_any_more(self, talk: Talk) -> None:
        say(talk, talk.amina)
        written = share(write(Membership.objects.get(user=talk.amina), "For facilitators"), Audience.FACILITATORS)
        assert reflections.facilitators(talk.cohort).reading == [talk.leads.name]
        end_roles(Role.objects.filter(user=talk.leads), ended_by=make_admin())
        browser = browser_of(User.objects.get(pk=talk.leads.pk))
        assert browser.get(thread_page(talk)).status_code == 404
        assert browser.get(address("shared_reflection", talk.cohort.pk, written.pk)).status_code == 404
        assert browser.get(address("book_club_meeting", *talk.where)).status_code == 404
        assert browser.post(address("thread_close", *talk.where)).status_code == 404
        assert reflections.facilitators(talk.cohort) == ([], [])

    def test_an_admin_who_leads_the_meeting_reads_it(self, talk: Talk) -> None:
        admin = make_admin_of(talk.cohort.programme)
        talk.meeting.facilitators.add(make_facilitator(admin))
        assert desk_of(admin).get(thread_page(talk)).status_code == 200

    def test_who_leads_a_meeting_for_all_cohorts_talks_with_each(self, talk: Talk) -> None:
        everybodys = make_session(talk.meeting.component)
        leads = make_user()
        everybodys.facilitators.add(make_facilitator(leads))
        here = address("book_club_thread", talk.cohort.pk, everybodys.pk)
        assert desk_of(leads).get(here).status_code == 200
        assert desk_of(leads).get(thread_page(talk)).status_code == 404

    def test_the_meeting_leads_there_whoever_talks(self, talk: Talk) -> None:
        meeting = address("book_club_meeting", *talk.where)
        assert "Open the thread" in words(browser_of(talk.amina).get(meeting))
        assert "Open the thread" not in words(desk_of(make_admin()).get(meeting))

    def test_alumni_read_theirs_and_write_no_more(self, talk: Talk, browser: Client) -> None:
        say(talk, talk.bea, "Before the end")
        end(talk.cohort)
        said = words(browser.get(thread_page(talk)))
        assert "Before the end" in said
        assert "Your cohort has ended." in said
        assert "Reply" not in said
        assert browser.get(write_page(talk)).status_code == 409

    def test_the_first_page_the_newest_and_those_between(self, talk: Talk, browser: Client) -> None:
        say(talk, talk.amina)
        now, thread = timezone.now(), Post.objects.get().thread
        Post.objects.all().delete()
        number = 2 * PAGE + 3
        Post.objects.bulk_create(
            Post(
                thread=thread,
                author=talk.bea,
                sealed=TEXT.seal(f"Post {at:02}."),
                written_at=now + timedelta(seconds=at // 2),
            )
            for at in range(number)
        )

        def shown(query: str) -> tuple[list[int], str, str]:
            context = browser.get(thread_page(talk) + query).context
            listed = [int(each.words[8:10]) for each in context["page"].posts]
            return listed, context["page"].before, context["page"].after

        first, before, after = shown("")
        assert (first, before) == (list(range(PAGE)), "")
        second, before, after = shown(f"?after={after}")
        assert second == list(range(PAGE, 2 * PAGE))
        assert shown(f"?before={before}")[0] == first
        third, before, after = shown(f"?after={after}")
        assert (third, after) == (list(range(2 * PAGE, number)), "")
        newest, before, after = shown("?newest=yes")
        assert (newest, after) == (list(range(number - PAGE, number)), "")
        earlier, before, _ = shown(f"?before={before}")
        assert earlier == list(range(number - 2 * PAGE, number - PAGE))
        assert shown(f"?before={before}")[:2] == (list(range(number - 2 * PAGE)), "")

    @pytest.mark.parametrize("query", ["?after=x", "?before=9999999999999999999-1", "?after=1-1&before=2", "?newest"])
    def test_what_is_no_key_harms_nothing(self, talk: Talk, browser: Client, query: str) -> None:
        say(talk, talk.bea)
        assert browser.get(thread_page(talk) + query).status_code == 200

    def test_of_many_replies_the_latest_stand_there_and_the_post_has_all(self, talk: Talk, browser: Client) -> None:
        first = say(talk, talk.amina)
        for at in range(REPLIES + 2):
            say(talk, talk.bea, f"Reply {at}.", to=first)
        said = words(browser.get(thread_page(talk)))
        assert 'Earlier replies <span class="nhsuk-u-visually-hidden"> to what Demo' in said.replace(
            "replies<", "replies <"
        )
        assert "Reply 1." not in said
        assert said.index("Reply 2.") < said.index("Reply 4.")
        whole = words(browser.get(page("thread_post", talk, first)))
        assert f"One post in the thread of {talk.meeting.component.title}" in whole
        assert "Reply 0." in whole
        assert "Reply 4." in whole
        answer = Post.objects.filter(reply_to=first)[0]
        assert browser.get(page("thread_post", talk, answer)).headers["Location"] == page("thread_post", talk, first)

    def test_many_replies_are_paged(self, talk: Talk, browser: Client) -> None:
        first = say(talk, talk.amina)
        Post.objects.bulk_create(
            Post(thread=first.thread, reply_to=first, author=talk.bea, sealed=TEXT.seal(f"Reply {at}."))
            for at in range(PAGE_OF_REPLIES + 1)
        )
        here = page("thread_post", talk, first)
        after = browser.get(here).context["page"].after
        assert [each.words for each in browser.get(f"{here}?after={after}").context["page"].posts] == [
            f"<p>Reply {PAGE_OF_REPLIES}.</p>\n"
        ]

    @pytest.mark.parametrize("number", [1, 3])
    def test_as_many_statements_for_one_post_as_for_three(self, talk: Talk, browser: Client, number: int) -> None:
        for _ in range(number):
            first = say(talk, talk.amina)
            for _ in range(number):
                say(talk, talk.bea, to=first)
        counts = [
            statements_of(browser, here)
            for here in (thread_page(talk), page("thread_post", talk, first), address("own_posts"))
        ]
        assert counts == [6, 6, 4]

    def test_what_a_post_says_cannot_reach_beyond_it(self, talk: Talk, browser: Client) -> None:
        say(talk, talk.bea, "<script>alert(1)</script> [nhs.uk](https://evil.example) [x](javascript:alert(1)) \u202e")
        said = browser.get(thread_page(talk)).content.decode()
        assert "&lt;script&gt;" in said
        assert "<bdi>evil.example</bdi>" in said
        assert 'href="javascript' not in said
        assert '<div class="portal-words" dir="auto">' in said

    def test_a_name_cannot_either(self, talk: Talk, browser: Client) -> None:
        User.objects.filter(pk=talk.bea.pk).update(name="<b>\u202eBea")
        say(talk, talk.bea)
        assert "<bdi>&lt;b&gt;\u202eBea</bdi>" in browser.get(thread_page(talk)).content.decode()


class TestWriting:
    """Posting, replying and editing, with a preview that needs no script."""

    def test_it_is_previewed_and_then_posted(self, talk: Talk, browser: Client) -> None:
        form = sent("I **listened**", preview="yes")
        said = browser.post(write_page(talk), form).content.decode()
        assert "How it will look" in said
        assert "<strong>listened</strong>" in said
        assert str(form["uid"]) in said
        assert not Post.objects.exists()
        answer = browser.post(write_page(talk), {**form, "preview": ""} | {"words": "I **listened**\r\ntwice"})
        assert answer.status_code == 200
        del form["preview"]
        answer = browser.post(write_page(talk), form | {"words": "I **listened**\r\ntwice"})
        row = Post.objects.get()
        assert answer.headers["Location"] == f"{thread_page(talk)}?newest=yes#post-{row.pk}"
        assert words_of(row) == "I **listened**\ntwice"
        browser.post(write_page(talk), form | {"words": "I **listened**\r\ntwice"})
        assert Post.objects.count() == 1

    def test_a_reply_stands_under_the_post(self, talk: Talk, browser: Client) -> None:
        first = say(talk, talk.bea, "What happened then?")
        here = page("post_reply", talk, first)
        assert "What happened then?" in words(browser.get(here))
        answer = browser.post(here, sent("She laughed."))
        row = Post.objects.get(reply_to=first)
        assert answer.headers["Location"] == f"{page('thread_post', talk, first)}?newest=yes#post-{row.pk}"
        # A reply to a reply stands under the post, too.
        browser_of(talk.bea).post(page("post_reply", talk, row), sent("And you?"))
        assert Post.objects.filter(reply_to=first).count() == 2

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("x" * 5_001, "5,000 characters or fewer"),
            ("", "Write something before you post it"),
            ("  \n ", "Write something before you post it"),
            ("A\0B", "Null characters are not allowed"),
        ],
    )
    def test_what_cannot_be_posted_is_told_and_kept(self, talk: Talk, browser: Client, typed: str, told: str) -> None:
        answer = browser.post(write_page(talk), sent(typed))
        assert answer.status_code in {400, 422}
        if answer.status_code == 422:
            assert told in words(answer)
            assert typed.strip() in answer.content.decode()
        assert not Post.objects.exists()

    def test_5000_characters_are_posted(self, talk: Talk, browser: Client) -> None:
        assert browser.post(write_page(talk), sent("x\r\n" * 2_499 + "xx")).status_code == 302

    def test_what_is_typed_while_the_thread_is_closed_is_shown_to_copy(self, talk: Talk, browser: Client) -> None:
        discussing.close(talk.meeting, talk.cohort, by=talk.leads)
        answer = browser.post(write_page(talk), sent("Typed meanwhile"))
        assert answer.status_code == 409
        assert "A facilitator has closed this thread" in words(answer)
        assert "Typed meanwhile" in words(answer)
        assert "Your post was not posted" in words(answer)
        answer = browser.get(write_page(talk))
        assert answer.status_code == 409
        assert "You cannot write in this thread now" in words(answer)

    def test_other_words_from_a_page_that_has_posted_are_shown_to_copy(self, talk: Talk, browser: Client) -> None:
        first = sent("First")
        for _ in range(2):
            assert browser.post(write_page(talk), first).status_code == 302
        answer = browser.post(write_page(talk), first | {"words": "Quite another thing"})
        assert answer.status_code == 409
        assert "Quite another thing" in words(answer)
        assert str(first["uid"]) not in words(answer)
        assert words_of(Post.objects.get()) == "First"

    def test_it_is_edited_with_a_mark(self, talk: Talk, browser: Client) -> None:
        row = say(talk, talk.amina)
        here = page("post_edit", talk, row)
        assert "I listened." in words(browser.get(here))
        answer = browser.post(here, {"words": "I listened twice.", "version": 1}, follow=True)
        assert "I listened twice." in words(answer)
        assert ", edited" in words(answer)
        assert browser_of(talk.bea).get(here).status_code == 404

    def test_of_two_tabs_the_second_is_shown_both(self, talk: Talk, browser: Client) -> None:
        row = say(talk, talk.amina)
        here = page("post_edit", talk, row)
        browser.post(here, {"words": "In one tab", "version": 1})
        answer = browser.post(here, {"words": "In the other", "version": 1})
        assert answer.status_code == 409
        said = answer.content.decode()
        for part in ("In one tab", "In the other", "in another tab", 'name="version" value="2"'):
            assert part in said
        browser.post(here, {"words": "In the other", "version": 2})
        assert words_of(row) == "In the other"

    def test_of_what_is_gone_meanwhile_the_words_are_shown_to_copy(self, talk: Talk, browser: Client) -> None:
        row = say(talk, talk.amina)
        take_away(report(row, talk.bea), make_admin())
        answer = browser.post(page("post_edit", talk, row), {"words": "My new words", "version": 1})
        assert answer.status_code == 409
        assert "My new words" in words(answer)
        assert "Your changes were not saved" in words(answer)
        assert "You cannot edit this post now" in words(browser.get(page("post_edit", talk, row)))
        answer = browser_of(talk.bea).post(page("post_reply", talk, row), sent("My reply"))
        assert answer.status_code == 409
        assert "My reply" in words(answer)
        assert "Your reply was not posted" in words(answer)

    def test_who_is_signed_out_meanwhile_finds_what_they_typed(self, talk: Talk) -> None:
        browser = desk_of(talk.amina)
        browser.get(address("home"))
        del browser.cookies["session"]
        assert browser.post(write_page(talk), sent("My words")).status_code == 403
        browser.cookies["session"] = desk_of(talk.amina).cookies["session"].value
        assert browser.get(address("typed")).context["shown"] == [("Your words", "My words")]

    def test_what_is_not_there_is_not_found(self, talk: Talk, browser: Client) -> None:
        other = make_talk()
        elsewhere = say(other, other.amina)
        for name in ("thread_post", "post_reply", "post_edit", "post_report", "post_take_back"):
            assert browser.get(page(name, talk, elsewhere)).status_code == 404
            assert browser.get(address(name, *talk.where, 10**9)).status_code == 404


class TestTakingBack:
    """The words go, after a page that says so."""

    def test_it_is_asked_and_done(self, talk: Talk, browser: Client) -> None:
        row = say(talk, talk.amina, "Said in anger")
        say(talk, talk.bea, "Why?", to=row)
        here = page("post_take_back", talk, row)
        assert "Said in anger" in words(browser.get(here))
        answer = browser.post(here, follow=True)
        assert "It is taken back." in words(answer)
        assert "Taken back by its author." in words(answer)
        assert "see why" not in words(answer)
        assert "Said in anger" not in words(answer)
        assert "Why?" in words(answer)
        assert browser.post(here).status_code == 302
        assert browser_of(talk.bea).post(here).status_code == 404

    def test_what_is_kept_for_the_moderators_alone_is_not_there_for_anybody(self, talk: Talk, browser: Client) -> None:
        reported, other = say(talk, talk.amina), say(talk, talk.amina)
        report(reported, talk.bea)
        for post in (reported, other):
            browser.post(page("post_take_back", talk, post))
        colleague = browser_of(talk.bea)
        for name in ("thread_post", "post_take_back"):
            for reader in (browser, colleague):
                assert {reader.get(page(name, talk, post)).status_code for post in (reported, other)} == {404}
        assert {browser.post(page("post_take_back", talk, post)).status_code for post in (reported, other)} == {404}

    def test_who_has_left_finds_what_they_wrote_and_takes_it_back(self, talk: Talk, browser: Client) -> None:
        row = say(talk, talk.amina, "Mine")
        reply = say(talk, talk.amina, "And mine", to=row)
        said = words(browser.get(address("own_posts")))
        for each in (row, reply):
            assert f'href="{page("thread_post", talk, row)}#post-{each.pk}"' in said
        discussing.take_back(reply.pk, by=talk.amina)
        Membership.objects.filter(user=talk.amina).update(state="withdrawn")
        assert browser.get(thread_page(talk)).status_code == 404
        said = words(browser.get(address("own_posts")))
        assert "Mine" in said
        assert "See it in the thread" not in said
        assert "Book club" in words(browser.get(address("me")))
        answer = browser.post(page("post_take_back", talk, row))
        assert answer.headers["Location"] == address("own_posts")
        assert "You have written nothing in threads." in words(browser.get(address("own_posts")))

    def test_who_leads_is_led_to_what_they_wrote_where_they_still_read_it(self, talk: Talk) -> None:
        say(talk, talk.leads)
        for_all = make_session(talk.meeting.component)
        leads_all = make_user()
        for_all.facilitators.add(make_facilitator(leads_all))
        say(talk._replace(meeting=for_all), leads_all)
        for leads, meeting in ((talk.leads, talk.meeting), (leads_all, for_all)):
            assert "See it in the thread" in words(desk_of(leads).get(address("own_posts")))
            meeting.facilitators.clear()
            assert "See it in the thread" not in words(desk_of(leads).get(address("own_posts")))

    def test_much_of_ones_own_is_paged(self, talk: Talk, browser: Client) -> None:
        for at in range(PAGE_OF_OWN + 1):
            say(talk, talk.amina, f"Post {at}.")
        context = browser.get(address("own_posts")).context
        following = browser.get(address("own_posts"), {"after": context["following"]}).context
        assert [each.words for each in following["posts"]] == ["<p>Post 0.</p>\n"]
