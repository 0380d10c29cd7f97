"""The pages of reflections: somebody's own, those that others share, drafts, two tabs, and the document of it all."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from bookclub import planning
from bookclub.models import Reflection
from bookclub.reflecting import LONGEST
from bookclub.sealed_words import draft_of, words_of
from cohorts.models import Cohort, Membership, Session
from portal import together
from tests.bookclub.making import browser_of, make_listed, make_meeting, make_reader, make_reading_cohort
from tests.bookclub.reflections import draft, make_reflection, new_page, page, sent, share, write
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_reader(make_reading_cohort(), make_user(name="Demo Author"))


@pytest.fixture
def browser(member: Membership) -> Client:
    return browser_of(member.user)


class TestWriting:
    """The page on which somebody writes."""

    def test_it_is_saved_for_its_author_alone(self, member: Membership, browser: Client) -> None:
        listed = make_listed(member.cohort)
        here = new_page(member.cohort, f"book-{listed.pk}")
        assert listed.book.title in words(browser.get(here))
        answer = browser.post(here, sent("I heard myself\r\nin chapter 2 <b>"), follow=True)
        said = answer.content.decode()
        assert "Saved, for you alone." in said
        assert "I heard myself<br>in chapter 2 &lt;b&gt;" in said
        assert "Only you." in said
        assert "no-store" in answer.headers["Cache-Control"]
        row = Reflection.objects.get()
        assert (row.listed, words_of(row)) == (listed, "I heard myself\nin chapter 2 <b>")

    def test_it_can_be_about_a_meeting(self, member: Membership, browser: Client) -> None:
        meeting = make_meeting(member.cohort)
        browser.post(new_page(member.cohort, f"meeting-{meeting.pk}"), sent("We spoke"))
        assert Reflection.objects.get().meeting == meeting

    def test_it_can_be_about_a_prompt_which_is_shown_whole(self, member: Membership, browser: Client) -> None:
        meeting = make_meeting(member.cohort)
        asked = f"{'Think of a name that you heard. ' * 5}\nWho said it <wrongly>?"
        prompt = planning.add_prompt(meeting, asked, by=make_admin())
        here = new_page(member.cohort, f"prompt-{prompt.pk}")
        assert here in browser.get(address("book_club_meeting", member.cohort_id, meeting.pk)).content.decode()
        shown = "Think of a name that you heard. <br>Who said it &lt;wrongly&gt;?"
        page_to_write = words(browser.get(here))
        assert shown in page_to_write
        # Once: not its beginning in the caption as well.
        assert "“Think of a name" not in page_to_write
        assert "Book club meeting 1, " in page_to_write
        answer = browser.post(here, sent("It was my own"), follow=True)
        assert shown in answer.content.decode()
        row = Reflection.objects.get()
        assert (row.meeting, row.prompt) == (meeting, prompt)

    def test_a_prompt_that_is_taken_off_meanwhile_takes_nothing_along(
        self, member: Membership, browser: Client
    ) -> None:
        meeting = make_meeting(member.cohort)
        prompt = planning.add_prompt(meeting, "Who said it?", by=make_admin())
        planning.take_off_prompt(meeting, prompt, by=make_admin())
        browser.post(new_page(member.cohort, f"prompt-{prompt.pk}"), sent("It was my own"))
        assert words_of(Reflection.objects.get()) == "It was my own"

    def test_what_was_written_to_a_prompt_stays_with_its_words(self, member: Membership, browser: Client) -> None:
        meeting, admin = make_meeting(member.cohort), make_admin()
        prompt = planning.add_prompt(meeting, "Who said it?", by=admin)
        row = write(member, "It was me", meeting=meeting, prompt=prompt)
        seen = together.seen(prompt, ["text"])
        planning.change_prompt(meeting, prompt, {"text": "Who stayed silent?"}, seen=seen, by=admin)
        said = words(browser.get(page("reflection", row)))
        assert "Who said it?" in said
        assert "Who stayed silent?" not in said
        assert "Who stayed silent?" in words(browser.get(address("book_club_meeting", member.cohort_id, meeting.pk)))

    @pytest.mark.parametrize("kind", ["meeting", "prompt"])
    def test_a_meeting_that_is_cancelled_meanwhile_takes_nothing_along(
        self, member: Membership, browser: Client, kind: str
    ) -> None:
        meeting = make_meeting(member.cohort)
        prompt = planning.add_prompt(meeting, "Who said it?", by=make_admin())
        about = f"prompt-{prompt.pk}" if kind == "prompt" else f"meeting-{meeting.pk}"
        Session.objects.filter(pk=meeting.pk).update(cancelled_at=timezone.now())
        browser.post(new_page(member.cohort, about), sent("We were to speak"))
        assert words_of(Reflection.objects.get()) == "We were to speak"
        said = browser.get(address("book_club_meeting", member.cohort_id, meeting.pk)).content.decode()
        assert "for yourself" not in said
        assert browser.get(f"{address('shared_reflections', member.cohort_id)}?about={about}").status_code == 200

    def test_who_is_withdrawn_while_they_write_gets_their_words_back(self, member: Membership, browser: Client) -> None:
        Membership.objects.filter(pk=member.pk).update(state=Membership.State.WITHDRAWN)
        answer = browser.post(new_page(member.cohort), sent("An hour of <my> words"))
        assert answer.status_code == 404
        assert "An hour of &lt;my&gt; words" in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]

    def test_a_prompt_of_another_cohorts_meeting_is_not_found(self, member: Membership, browser: Client) -> None:
        prompt = planning.add_prompt(make_meeting(make_reading_cohort()), "Who?", by=make_admin())
        assert browser.get(new_page(member.cohort, f"prompt-{prompt.pk}")).status_code == 404

    @pytest.mark.parametrize("about", ["book-999999999", "meeting-1", "book-x", f"book-{10**19}", "plan-1"])
    def test_what_is_not_there_is_not_found(self, member: Membership, browser: Client, about: str) -> None:
        assert browser.get(new_page(member.cohort, about)).status_code == 404
        elsewhere = make_listed()
        assert browser.get(new_page(member.cohort, f"book-{elsewhere.pk}")).status_code == 404

    def test_a_paste_that_is_too_long_is_told_and_nothing_is_lost(self, member: Membership, browser: Client) -> None:
        pasted = "I listen. " * (LONGEST // 10 - 1) + "x" * 180_000 + " the end"
        answer = browser.post(new_page(member.cohort), sent(pasted))
        assert answer.status_code == 422
        assert "20,000 characters or fewer" in words(answer)
        assert pasted in answer.content.decode()
        assert not Reflection.objects.exists()

    def test_of_what_is_shared_the_page_says_so_after_a_mistake_too(self, member: Membership, browser: Client) -> None:
        row = share(write(member))
        for answer in (browser.get(page("reflection_edit", row)), browser.post(page("reflection_edit", row), {})):
            assert "You share this." in words(answer)
            assert "Only you read this." not in words(answer)

    def test_nothing_at_all_is_told(self, member: Membership, browser: Client) -> None:
        answer = browser.post(new_page(member.cohort), sent(" "))
        assert answer.status_code == 422
        assert "Write something before you save it" in words(answer)

    @pytest.mark.parametrize("wrong", [{"uid": "x"}, {"version": "x"}, {"version": "9" * 30}, {"turn": "²"}])
    def test_hidden_fields_that_are_no_such_thing_harm_nothing(
        self, member: Membership, browser: Client, wrong: dict[str, Any]
    ) -> None:
        assert browser.post(new_page(member.cohort), sent("Mine", **wrong)).status_code == 302
        assert words_of(Reflection.objects.get()) == "Mine"

    def test_of_two_tabs_the_second_is_shown_both(self, member: Membership, browser: Client) -> None:
        row = write(member, "First")
        one, other = sent("In one tab", row), sent("In the other tab", row)
        browser.post(page("reflection_edit", row), one)
        answer = browser.post(page("reflection_edit", row), other)
        said = words(answer)
        assert answer.status_code == 409
        for part in ("In one tab", "In the other tab", "changed this in another tab", 'name="version" value="2"'):
            assert part in answer.content.decode()
        assert said.index("In one tab") < said.index("In the other tab")
        browser.post(page("reflection_edit", row), other | {"version": 2})
        assert words_of(Reflection.objects.get()) == "In the other tab"

    def test_what_was_deleted_in_another_tab_is_told_with_what_was_typed(
        self, member: Membership, browser: Client
    ) -> None:
        row = write(member)
        edited = sent("My words", row)
        browser.post(page("reflection_delete", row), {"version": 1})
        answer = browser.post(page("reflection_edit", row), edited)
        assert answer.status_code == 404
        assert "My words" in words(answer)

    def test_who_is_signed_out_meanwhile_finds_what_they_typed(self, member: Membership) -> None:
        row, browser = write(member), desk_of(member.user)
        browser.get(address("home"))
        del browser.cookies["session"]
        assert browser.post(page("reflection_edit", row), sent("My words", row)).status_code == 403
        # A draft that comes from the same page meanwhile takes nothing of that away.
        where = address("reflection_draft", row.cohort_id, row.uid)
        assert browser.post(where, "My w", content_type="text/plain").status_code == 403
        browser.cookies["session"] = desk_of(member.user).cookies["session"].value
        kept = browser.get(address("typed"))
        assert kept.context["shown"] == [("Your words", "My words")]
        assert words_of(Reflection.objects.get()) == "I listened."

    def test_somebody_elses_is_not_there_whatever_is_asked(self, member: Membership) -> None:
        row = share(write(member))
        other = browser_of(make_reader(member.cohort).user)
        for name in ("reflection", "reflection_edit", "reflection_share", "reflection_delete"):
            assert other.get(page(name, row)).status_code == 404, name
        for name in ("reflection_share", "reflection_delete", "reflection_take_back", "reflection_throw_away"):
            assert other.post(page(name, row), {"version": 2}).status_code == 404, name
        # What is sent under another's number makes a reflection of one's own, and tells nothing.
        assert other.post(new_page(member.cohort), sent("Mine", row, version=0)).status_code == 302
        assert sorted(words_of(each) for each in Reflection.objects.all()) == ["I listened.", "Mine"]

    def test_it_is_deleted_once_it_is_said(self, member: Membership, browser: Client) -> None:
        row = write(member, "Mine")
        assert "Mine" in words(browser.get(page("reflection_delete", row)))
        assert browser.post(page("reflection_delete", row), {"version": 7}).status_code == 409
        said = words(browser.post(page("reflection_delete", row), {"version": 1}, follow=True))
        assert "It is deleted." in said
        assert not Reflection.objects.exists()


class TestDrafts:
    """What is kept as somebody types."""

    def keep(self, browser: Client, row_or_uid: Any, cohort: int, text: str, query: str = "") -> Any:
        where = address("reflection_draft", cohort, getattr(row_or_uid, "uid", row_or_uid))
        return browser.post(where + query, text, content_type="text/plain;charset=UTF-8")

    def test_it_is_kept_and_offered_and_gone_on_with(self, member: Membership, browser: Client) -> None:
        listed, uid = make_listed(member.cohort), uuid4()
        answer = self.keep(browser, uid, member.cohort_id, "I was\r\nwriting", f"?about=book-{listed.pk}&turn=0")
        assert answer.json() == {"turn": 1}
        here = new_page(member.cohort, f"book-{listed.pk}")
        said = browser.get(here).content.decode()
        assert "You were writing this at" in said
        assert "I was<br>writing" in said
        assert "<textarea" not in said
        row = Reflection.objects.get()
        said = browser.get(page("reflection_edit", row) + "?go-on=yes").content.decode()
        assert "I was\nwriting</textarea>" in said
        browser.post(page("reflection_edit", row), sent("I wrote", row))
        row.refresh_from_db()
        assert (words_of(row), row.has_draft, row.listed) == ("I wrote", False, listed)

    def test_it_is_thrown_away(self, member: Membership, browser: Client) -> None:
        row = write(member, "Saved")
        draft(member, "Draft", row)
        assert "Draft" in words(browser.get(page("reflection_edit", row)))
        here = page("reflection_throw_away", row)
        draft(member, "Draft of another tab", row)
        stale = browser.post(here, {"turn": row.draft_turn})
        assert stale.status_code == 409
        assert "Draft of another tab" in words(stale)
        turn = Reflection.objects.get().draft_turn
        assert f'name="turn" value="{turn}"' in browser.get(here).content.decode()
        assert "The draft is gone." in words(browser.post(here, {"turn": turn}, follow=True))
        assert words_of(Reflection.objects.get()) == "Saved"
        uid = draft(member, "New one")
        answer = browser.post(address("reflection_throw_away", member.cohort_id, uid), {"turn": 1}, follow=True)
        assert "The draft is gone." in words(answer)
        assert Reflection.objects.count() == 1

    def test_what_is_not_kept_is_told_in_words(self, member: Membership, browser: Client) -> None:
        row, cohort = write(member), member.cohort_id
        assert "longer than 20,000" in self.keep(browser, row, cohort, "x" * (LONGEST + 1)).json()["why"]
        self.keep(browser, row, cohort, "One tab", "?version=1&turn=1")
        answer = self.keep(browser, row, cohort, "Other tab", "?version=1&turn=1")
        assert answer.status_code == 409
        assert "another tab too" in answer.json()["why"]
        where = address("reflection_draft", cohort, row.uid)
        assert browser.post(where, b"\xff\xfe", content_type="text/plain").status_code == 422
        Membership.objects.filter(pk=member.pk).update(state=Membership.State.WITHDRAWN)
        assert self.keep(browser, row, cohort, "More", "?version=1&turn=2").status_code == 403
        row.refresh_from_db()
        assert draft_of(row) == "One tab"

    def test_it_is_signed_out_or_of_somebody_else_and_nothing_is_kept(self, member: Membership) -> None:
        row, cohort = write(member), member.cohort_id
        assert self.keep(Client(), row, cohort, "x").status_code == 403
        assert self.keep(browser_of(make_user()), row, cohort, "x").status_code == 404
        assert browser_of(member.user).get(page("reflection_draft", row)).status_code == 405
        checking = Client(enforce_csrf_checks=True)
        checking.force_login(member.user)
        assert self.keep(checking, row, cohort, "x").status_code == 403
        assert not Reflection.objects.get().has_draft

    def test_too_many_in_a_minute_wait(self, member: Membership, browser: Client, settings: Any) -> None:
        cache.clear()
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "reflection_draft": "1/m/user"}
        uid = uuid4()
        assert self.keep(browser, uid, member.cohort_id, "One").status_code == 200
        answer = self.keep(browser, uid, member.cohort_id, "Two", "?turn=1")
        assert answer.status_code == 429
        assert "Press “Save”" in answer.json()["why"]
        cache.clear()


class TestTheDocument:
    """All of it, to take along."""

    def test_markdown_has_all_of_it_by_book_and_meeting(self, member: Membership, browser: Client) -> None:
        listed, meeting = make_listed(member.cohort), make_meeting(member.cohort)
        write(member, "Freely *now*\nand then\n\n# Not a heading")
        write(member, "Of the meeting", meeting=meeting)
        row = share(write(member, "Of the book", listed=listed))
        draft(member, "A draft", row)
        answer = browser.get(address("reflections_file", "markdown"))
        assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
        assert "book-club-reflections.md" in answer.headers["Content-Disposition"]
        said = answer.content.decode()
        order = [f"## {member.cohort.name}", f"### {listed.book}", "Of the book", "A draft", "Of the meeting", "Freely"]
        places = [said.index(part) for part in order]
        assert places == sorted(places)
        assert "Freely \\*now\\*\\\nand then\n\n\\# Not a heading" in said
        assert "shared with: your cohort and the facilitators" in said

    def test_a_pdf_is_tagged(self, member: Membership, browser: Client) -> None:
        write(member, "Naïve: Ọlá, Łucja\n\nاسمي")  # noqa: RUF001  # letters of another script are meant
        answer = browser.get(address("reflections_file", "pdf"))
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF")
        assert b"pdfuaid" in answer.content
        assert b"/StructTreeRoot" in answer.content

    def test_letters_that_the_fonts_lack_lead_to_the_markdown(self, member: Membership, browser: Client) -> None:
        write(member, "我听着")
        answer = browser.get(address("reflections_file", "pdf"))
        assert answer.status_code == 422
        assert "Download the" in words(answer)
        assert "我听着" in browser.get(address("reflections_file", "markdown")).content.decode()

    def test_it_is_offered_to_whoever_has_written(self, member: Membership, browser: Client) -> None:
        pages = address("own_reflections"), address("reflections", member.cohort_id)
        for here in pages:
            assert "ownload" not in words(browser.get(here)).replace("Download it before.", "")
        write(member, "Mine")
        assert "Download as PDF" in words(browser.get(pages[0]))
        assert "Download all that you wrote" in words(browser.get(pages[1]))

    def test_it_is_empty_or_of_no_such_kind(self, browser: Client) -> None:
        assert browser.get(address("reflections_file", "pdf")).status_code == 200
        assert browser.get(address("reflections_file", "markdown")).status_code == 200
        assert browser.get(address("reflections_file", "docx")).status_code == 404
        assert "You have written nothing yet." in words(browser.get(address("own_reflections")))


class TestAfterTheEnd:
    """Alumni write on for themselves."""

    def test_they_write_and_take_back_and_share_nothing_more(self, member: Membership, browser: Client) -> None:
        row = share(write(member, "Shared"))
        yesterday = timezone.localdate() - timedelta(days=1)
        Cohort.objects.filter(pk=member.cohort_id).update(starts_on=yesterday - timedelta(days=90), ends_on=yesterday)
        colleague = browser_of(make_reader(member.cohort).user)
        assert "Shared" in words(colleague.get(address("shared_reflections", member.cohort_id)))
        for here in (new_page(member.cohort), address("reflections", member.cohort_id)):
            said = words(browser.get(here))
            assert "Your cohort has ended, so nothing more is shared." in said
            assert "What you shared before" in said
            for part in ("You can share it later", "until you share it"):
                assert part not in said
        assert browser.post(new_page(member.cohort), sent("Written on")).status_code == 302
        assert browser.get(page("reflection_share", row)).status_code == 409
        browser.post(page("reflection_take_back", row))
        assert "Nothing is shared" in words(colleague.get(address("shared_reflections", member.cohort_id)))

    def test_a_shared_one_of_another_cohort_is_not_found_here(self, member: Membership, browser: Client) -> None:
        elsewhere = share(make_reflection())
        assert browser.get(address("shared_reflection", member.cohort_id, elsewhere.pk)).status_code == 404
        assert browser.get(address("shared_reflection", elsewhere.cohort_id, elsewhere.pk)).status_code == 404
