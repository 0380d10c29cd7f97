"""Keeping a thread: a post is reported, a facilitator closes it, and moderators decide in the admin pages."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookclub import moderating
from bookclub.models import PostReport, Thread
from cohorts.models import Cohort
from portal.trail.models import Entry
from tests.bookclub.lending import in_days
from tests.bookclub.making import browser_of
from tests.bookclub.threads import Talk, make_talk, page, report, say, take_away, thread_page
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_facilitator
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
REPORTS = reverse("admin:bookclub_postreport_changelist")


@pytest.fixture
def talk() -> Talk:
    return make_talk()


@pytest.fixture
def browser(talk: Talk) -> Client:
    return browser_of(talk.amina)


class TestReporting:
    """Showing a post to the moderators."""

    def test_it_is_said_what_happens_and_done(self, talk: Talk, browser: Client) -> None:
        make_admin_of(talk.cohort.programme)
        row = say(talk, talk.bea, "You people")
        here = page("post_report", talk, row)
        said = words(browser.get(here))
        assert "You people" in said
        assert "They decide within 2 working days" in said
        wrong = browser.post(here, {"words": "It was about me"})
        assert wrong.status_code == 422
        assert "Choose what is wrong with it" in words(wrong)
        assert "It was about me" in words(wrong)
        done = browser.post(here, {"reason": "racist", "words": "It was about me"})
        # To the top of the page, where it is said: not to the post, below it.
        assert done.headers["Location"] == page("thread_post", talk, row)
        assert "The moderators are told." in words(browser.get(done.headers["Location"]))
        again = browser.post(here, {"reason": "racist", "words": "Once more"})
        assert again.status_code == 409
        assert "Once more" in words(again)
        assert "Your report was not sent" in words(again)
        assert "You cannot report this post" in words(browser.get(here))
        assert "Amina" not in words(browser_of(talk.bea).get(thread_page(talk)))

    def test_whoever_reported_a_post_reads_that_there_and_nobody_else(self, talk: Talk, browser: Client) -> None:
        post = say(talk, talk.bea)
        reply = say(talk, talk.bea, to=post)
        told = "You have reported this"
        for each in (post, reply):
            report(each, talk.amina)
        for here in (thread_page(talk), page("thread_post", talk, post)):
            assert words(browser.get(here)).count(told) == 2
            assert "/report/" not in words(browser.get(here))
            for other in (talk.bea, talk.leads):
                assert told not in words(browser_of(other).get(here))

    def test_not_ones_own_and_not_what_is_gone(self, talk: Talk, browser: Client) -> None:
        own, gone = say(talk, talk.amina), say(talk, talk.bea)
        take_away(report(gone, talk.leads), make_admin())
        for row in (own, gone):
            assert browser.get(page("post_report", talk, row)).status_code == 409
            assert browser.post(page("post_report", talk, row), {"reason": "other"}).status_code == 409

    def test_what_was_taken_away_is_a_trace_and_its_author_reads_why(self, talk: Talk, browser: Client) -> None:
        row = say(talk, talk.amina, "Said in anger")
        take_away(report(row, talk.bea), make_admin(), "Please think of her.")
        for reader in (talk.bea, talk.leads, talk.amina):
            said = words(desk_of(reader).get(thread_page(talk)))
            assert "Taken away by a moderator." in said
            assert "Said in anger" not in said
            assert ("see why" in said) is (reader == talk.amina)
        own = words(browser.get(address("own_posts")))
        for part in ("Said in anger", "Please think of her.", "it attacks or belittles somebody"):
            assert part in own
        assert talk.bea.name not in own


class TestClosing:
    """Facilitators close a thread, once it is said what that means, and open it again."""

    def test_it_is_closed_and_opened_again(self, talk: Talk) -> None:
        desk = desk_of(talk.leads)
        close, again = (address(name, *talk.where) for name in ("thread_close", "thread_open_again"))
        assert f'href="{close}"' in desk.get(thread_page(talk)).content.decode()
        asked = words(desk.get(close))
        assert "nobody can post, reply or edit in it, facilitators neither" in asked
        assert "write it in the thread" in asked
        assert "A facilitator has closed this thread." not in words(desk.get(thread_page(talk)))
        assert "The thread is closed." in words(desk.post(close, follow=True))
        assert desk.get(close).headers["Location"] == thread_page(talk)
        said = words(browser_of(talk.amina).get(thread_page(talk)))
        assert "A facilitator has closed this thread." in said
        assert "Write to the others" not in said
        assert desk.get(again).status_code == 405
        assert "The thread is open again." in words(desk.post(again, follow=True))
        assert "Write to the others" in words(browser_of(talk.amina).get(thread_page(talk)))

    def test_members_do_not(self, talk: Talk, browser: Client) -> None:
        assert "Close the thread" not in words(browser.get(thread_page(talk)))
        for name in ("thread_close", "thread_open_again"):
            assert browser.post(address(name, *talk.where)).status_code == 404
        assert browser.get(address("thread_close", *talk.where)).status_code == 404

    def test_nothing_is_closed_or_opened_once_the_cohort_has_ended(self, talk: Talk) -> None:
        Cohort.objects.filter(pk=talk.cohort.pk).update(starts_on=in_days(-90), ends_on=in_days(-1))
        desk = desk_of(talk.leads)
        for name, what in (("thread_close", "not closed"), ("thread_open_again", "not opened again")):
            answer = desk.post(address(name, *talk.where))
            assert answer.status_code == 409
            assert f"The thread was {what}" in words(answer)
        assert not Thread.objects.filter(closed_at__isnull=False).exists()
        assert not Entry.objects.filter(verb__startswith="thread.").exists()


class TestModerating:
    """What programme admins see of threads: what was reported, and nothing else."""

    def test_a_report_is_read_and_the_post_taken_away_and_put_back(self, talk: Talk) -> None:
        desk = desk_of(make_admin_of(talk.cohort.programme))
        row = say(talk, talk.amina, "You people")
        say(talk, talk.amina, "Nobody reported this")
        made = report(row, talk.bea, "It was about me")
        listed = words(desk.get(REPORTS))
        assert talk.cohort.name in listed
        assert "You people" not in listed
        one = address("admin:bookclub_postreport_change", made.pk)
        said = words(desk.get(one))
        for part in ("You people", "It was about me", "Demo Amina", "Demo Bea", "Take the post away", "Let it stay"):
            assert part in said
        assert "Nobody reported this" not in said
        away = address("admin:bookclub_postreport_take_away", made.pk)
        assert "Its author is told by email" in words(desk.get(away))
        wrong = desk.post(away, {"reason": "", "note": "Please think of her."})
        assert wrong.status_code == 422
        assert "Please think of her." in words(wrong)
        done = desk.post(away, {"reason": "racist", "note": "Please think of her."}, follow=True)
        assert "The post is taken away." in words(done)
        assert "Put the post back" in words(done)
        back = address("admin:bookclub_postreport_put_back", made.pk)
        assert "Everybody in the thread reads it again." in words(desk.get(back))
        row.refresh_from_db()
        assert row.is_taken_away
        assert "stands in the thread again" in words(desk.post(back, {"confirmed": "yes"}, follow=True))
        row.refresh_from_db()
        assert row.is_shown

    def test_it_is_let_stay_once_it_is_said_what_that_does(self, talk: Talk) -> None:
        desk = desk_of(make_admin())
        made = report(say(talk, talk.amina), talk.bea)
        keep = address("admin:bookclub_postreport_keep", made.pk)
        assert "its author is told nothing" in words(desk.get(keep))
        assert "It is dealt with, and stays." in words(desk.post(keep, {"confirmed": "yes"}, follow=True))
        assert "This was dealt with: the post stays." in words(desk.get(keep))
        late = desk.post(keep, {"confirmed": "yes"}, follow=True)
        assert "Nothing was done." in words(late)

    def test_what_its_author_changed_since_stands_beside_what_was_reported(self, talk: Talk, browser: Client) -> None:
        row = say(talk, talk.amina, "You people")
        made = report(row, talk.bea)
        one = address("admin:bookclub_postreport_change", made.pk)
        desk = desk_of(make_admin())
        assert "The same." in words(desk.get(one))
        browser.post(page("post_edit", talk, row), {"words": "Harmless", "version": 1})
        said = words(desk.get(one))
        assert "You people" in said
        assert "Edited since: Harmless" in said
        browser.post(page("post_take_back", talk, row))
        said = words(desk.get(one))
        assert "You people" in said
        assert "Taken back by its author." in said
        assert "has taken it back" in words(desk.get(address("admin:bookclub_postreport_take_away", made.pk)))

    def test_nobody_sees_a_report_of_their_own_post(self, talk: Talk) -> None:
        admin = make_admin_of(talk.cohort.programme)
        talk.meeting.facilitators.add(make_facilitator(admin))
        made = report(say(talk, admin, "Mine"), talk.bea, "It was about me")
        desk = desk_of(admin)
        assert talk.cohort.name not in words(desk.get(REPORTS))
        assert "Posts that were reported" not in words(desk.get(reverse("admin:index")))
        for name in ("take_away", "keep", "put_back"):
            assert desk.get(address(f"admin:bookclub_postreport_{name}", made.pk)).status_code == 404
        assert "It was about me" not in words(
            desk.get(address("admin:bookclub_postreport_change", made.pk), follow=True)
        )

    def test_who_has_reported_a_post_leaves_it_to_another_and_is_told_so(self, talk: Talk) -> None:
        admin, other = make_admin_of(talk.cohort.programme), make_admin()
        talk.meeting.facilitators.add(make_facilitator(admin))
        made = report(say(talk, talk.amina, "You people"), admin)
        desk, left = desk_of(admin), "another moderator decides what becomes of it"
        assert "Posts that were reported" not in words(desk.get(reverse("admin:index")))
        assert "Posts that were reported" in words(desk_of(other).get(reverse("admin:index")))
        said = words(desk.get(address("admin:bookclub_postreport_change", made.pk)))
        assert left in said
        assert "You people" in said
        assert "Let it stay" not in said
        for name, form in (("take_away", {"reason": "racist", "note": ""}), ("keep", {}), ("put_back", {})):
            deed = address(f"admin:bookclub_postreport_{name}", made.pk)
            assert left in words(desk.get(deed))
            assert left in words(desk.post(deed, form | {"confirmed": "yes"}, follow=True))
        made.refresh_from_db()
        assert made.state == PostReport.State.WAITS

    def test_where_nobody_else_is_there_they_decide_and_it_is_said(self, talk: Talk) -> None:
        admin = make_admin_of(talk.cohort.programme)
        talk.meeting.facilitators.add(make_facilitator(admin))
        made = report(say(talk, talk.amina), admin)
        desk, only = desk_of(admin), "Nobody else can decide about it, so you may"
        assert "Posts that were reported" in words(desk.get(reverse("admin:index")))
        pages = [f"admin:bookclub_postreport_{name}" for name in ("change", "take_away", "keep")]
        for name in pages:
            assert only in words(desk.get(address(name, made.pk)))
        report(made.post, other := make_admin())
        for name in pages:
            assert "so has everybody else who could decide about it" in words(
                desk_of(other).get(address(name, made.pk))
            )
        keep = address("admin:bookclub_postreport_keep", made.pk)
        assert "It is dealt with, and stays." in words(desk.post(keep, {"confirmed": "yes"}, follow=True))

    def test_it_waits_on_the_start_page_of_who_keeps_the_programme(self, talk: Talk) -> None:
        made = report(say(talk, talk.amina), talk.bea)
        start = reverse("admin:index")
        desk = desk_of(make_admin_of(talk.cohort.programme))
        assert f"{talk.cohort.name}: decide by" in words(desk.get(start))
        PostReport.objects.update(due_on=timezone.localdate() - timedelta(days=1))
        assert f"{talk.cohort.name}: was to be decided by" in words(desk.get(start))
        elsewhere = desk_of(make_admin_of(make_talk().cohort.programme))
        assert "Posts that were reported" not in words(elsewhere.get(start))
        assert elsewhere.get(address("admin:bookclub_postreport_keep", made.pk)).status_code == 404
        moderating.keep(made, by=make_admin())
        assert "Posts that were reported" not in words(desk.get(start))

    @pytest.mark.parametrize("number", [1, 3])
    def test_the_list_takes_as_many_statements_for_one_as_for_three(self, talk: Talk, number: int) -> None:
        for _ in range(number):
            report(say(talk, talk.amina), talk.bea)
        desk = desk_of(make_admin())
        desk.get(REPORTS)
        with CaptureQueriesContext(connection) as asked:
            assert desk.get(REPORTS).status_code == 200
        assert len(asked) == 5
