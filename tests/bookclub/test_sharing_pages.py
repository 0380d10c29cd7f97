"""The pages on which members share what they wrote, and on which others read it."""

import pytest
from django.test import Client

from bookclub import planning, reflections
from bookclub.models import Reflection
from cohorts.models import Cohort, Membership, Session
from portal.accounts.erasure import erase
from portal.accounts.models import Role, User
from portal.trail import SYSTEM
from tests.bookclub.making import browser_of, make_listed, make_meeting, make_reader, make_reading_cohort
from tests.bookclub.reflections import Audience, draft, new_page, page, sent, share, write
from tests.bookclub.test_pages import statements_of
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_facilitator, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_reader(make_reading_cohort(), make_user(name="Demo Author"))


@pytest.fixture
def browser(member: Membership) -> Client:
    return browser_of(member.user)


def facilitator_of(cohort: Cohort) -> Client:
    """Return the browser of who leads one of a cohort's book club meetings."""
    facilitator = make_facilitator(make_user(name="Demo Facilitator"))
    make_meeting(cohort).facilitators.add(facilitator)
    return desk_of(facilitator.user)


class TestSharing:
    """The page that says what it means, and what others find."""

    def test_it_says_what_it_means_and_who_would_read_it(self, member: Membership, browser: Client) -> None:
        facilitator_of(member.cohort)
        row = write(member, "My words")
        said = words(browser.get(page("reflection_share", row)))
        for part in (
            "My words",
            "Demo Facilitator",
            "copied it, before",
            "They never see a draft",
            "those who join later",
        ):
            assert part in said
        answer = browser.post(page("reflection_share", row), {"version": 1})
        assert answer.status_code == 422
        assert "Choose who may read it" in words(answer)

    def test_it_names_who_leads_with_an_account_and_who_will_read_it_once_they_have_one(
        self, member: Membership, browser: Client
    ) -> None:
        row = write(member, "My words")
        guest = make_facilitator(name="Demo Guest")
        make_meeting(member.cohort).facilitators.add(guest)
        said = words(browser.get(page("reflection_share", row)))
        assert "None of them can read it at present, so you cannot share it with them alone." in said
        assert "<bdi>Demo Guest</bdi> cannot yet, and can once they have an account" in said
        assert 'value="facilitators"' not in said
        facilitator_of(member.cohort)
        said = words(browser.get(page("reflection_share", row)))
        assert "At present <bdi>Demo Facilitator</bdi> can read what you share." in said
        assert "Whoever comes to lead a meeting later can read it too" in said
        # As the page says: who was named without an account reads it once they have one.
        share(row, Audience.FACILITATORS)
        account = make_user(name="Demo Guest")
        Role.objects.create(user=account, kind=Role.Kind.FACILITATOR)
        whole = address("shared_reflection", member.cohort_id, row.pk)
        assert desk_of(account).get(whole).status_code == 404
        guest.user = account
        guest.save()
        assert "My words" in words(desk_of(account).get(whole))
        said = words(browser.get(page("reflection_share", row)))
        assert "At present <bdi>Demo Facilitator, Demo Guest</bdi> can read what you share." in said
        assert "cannot yet" not in said

    def test_nobody_who_was_erased_is_named_as_one_who_will_read_it(self, member: Membership, browser: Client) -> None:
        facilitator_of(member.cohort)
        erase(User.objects.get(name="Demo Facilitator"), by=SYSTEM)
        said = words(browser.get(page("reflection_share", write(member, "My words"))))
        assert "None of them can read it at present" in said
        assert "cannot yet" not in said

    def test_a_colleague_reads_it_until_it_is_taken_back(self, member: Membership, browser: Client) -> None:
        row = write(member, "My words " + "and more " * 50 + "to the end")
        colleague = browser_of(make_reader(member.cohort).user)
        here = address("shared_reflections", member.cohort_id)
        whole = address("shared_reflection", member.cohort_id, row.pk)
        assert "My words" not in words(colleague.get(here))
        assert colleague.get(whole).status_code == 404
        browser.post(page("reflection_share", row), {"version": 1, "audience": "cohort"})
        draft(member, "Nobody reads this", row)
        said = words(colleague.get(here))
        assert "Demo Author" in said
        assert "My words" in said
        assert "to the end" not in said
        assert "to the end" in words(colleague.get(whole))
        assert "Nobody reads this" not in said + words(colleague.get(whole))
        browser.post(page("reflection_take_back", row))
        assert "Nothing is shared here now." in words(colleague.get(here))
        assert colleague.get(whole).status_code == 404

    def test_what_is_for_the_facilitators_is_theirs_alone(self, member: Membership, browser: Client) -> None:
        facilitator = facilitator_of(member.cohort)
        row = share(write(member, "For them"), Audience.FACILITATORS)
        colleague, keeper = browser_of(make_reader(member.cohort).user), desk_of(make_admin())
        here = address("shared_reflections", member.cohort_id)
        whole = address("shared_reflection", member.cohort_id, row.pk)
        assert "For them" in words(facilitator.get(here))
        assert "with the facilitators alone" in words(facilitator.get(whole))
        assert "For them" not in words(colleague.get(here))
        assert colleague.get(whole).status_code == 404
        for page_of_it in (here, whole):
            assert keeper.get(page_of_it).status_code == 404
            assert facilitator_of(make_reading_cohort()).get(page_of_it).status_code == 404
        assert "For them" in words(browser.get(page("reflection", row)))
        # Who leads no meeting of theirs any more finds nothing.
        Session.objects.get(cohort=member.cohort, facilitators__isnull=False).facilitators.clear()
        for page_of_it in (here, whole):
            assert facilitator.get(page_of_it).status_code == 404

    def test_whoever_leaves_reads_nothing_and_is_read_no_more(self, member: Membership, browser: Client) -> None:
        row, other = share(write(member, "My words")), make_reader(member.cohort)
        share(write(other, "Their words"))
        here = address("shared_reflections", member.cohort_id)
        Membership.objects.filter(pk=member.pk).update(state=Membership.State.WITHDRAWN)
        assert browser.get(here).status_code == 404
        said = words(browser_of(other.user).get(here))
        assert "Their words" in said
        assert "My words" not in said
        # Their own words stay theirs.
        assert "My words" in words(browser.get(address("reflections", member.cohort_id)))
        assert "My words" in words(browser.get(address("reflections_file", "markdown")))
        assert "nobody there sees it now" in words(browser.get(page("reflection", row)))
        for name, what in (("edit", "You cannot write here any more"), ("share", "You cannot do this now")):
            answer = browser.get(page(f"reflection_{name}", row))
            assert answer.status_code in (403, 409)
            assert f'<h1 class="nhsuk-heading-l">{what}</h1>' in words(answer)
        answer = browser.post(page("reflection_edit", row), sent("More", row))
        assert answer.status_code == 403
        assert "Your words were not saved" in words(answer)
        assert "More" in words(answer)
        assert browser.get(new_page(member.cohort)).status_code == 403

    def test_what_was_saved_in_another_tab_is_shown_before_it_is_shared(
        self, member: Membership, browser: Client
    ) -> None:
        row = write(member, "What I saw")
        write(member, "What I did not see", uid=row.uid)
        answer = browser.post(page("reflection_share", row), {"version": 1, "audience": "cohort"})
        assert answer.status_code == 409
        assert "What I did not see" in words(answer)
        assert not Reflection.objects.get().is_shared

    def test_they_are_found_by_book_and_page_by_page(self, member: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reflections, "PAGE", 2)
        for prepared in reflections._SHARED.values():
            prepared.__dict__.pop("_plan", None)
        listed = make_listed(member.cohort)
        for number in range(3):
            share(write(member, f"Of the book {number}", listed=listed))
        share(write(member, "Freely"))
        colleague = browser_of(make_reader(member.cohort).user)
        here = address("shared_reflections", member.cohort_id)
        first = colleague.get(f"{here}?about=book-{listed.pk}")
        assert "Of the book 2" in words(first)
        assert "Of the book 0" not in words(first)
        following = first.context["page"].following
        said = words(colleague.get(f"{here}?about=book-{listed.pk}&after={following}"))
        assert "Of the book 0" in said
        assert "Freely" not in said
        assert "Freely" in words(colleague.get(f"{here}?about="))
        assert {colleague.get(f"{here}?about=book-{pk}").status_code for pk in ("999999", "²", "")} == {404}
        for prepared in reflections._SHARED.values():
            prepared.__dict__.pop("_plan", None)

    def test_what_is_shared_on_a_prompt_is_found_by_it_and_by_its_meeting(self, member: Membership) -> None:
        meeting = make_meeting(member.cohort)
        prompt, other = (planning.add_prompt(meeting, text, by=make_admin()) for text in ("Who?", "Why?"))
        share(write(member, "It was my own", meeting=meeting, prompt=prompt))
        colleague = browser_of(make_reader(member.cohort).user)
        here = address("shared_reflections", member.cohort_id)
        for about, found in {f"prompt-{prompt.pk}": 1, f"meeting-{meeting.pk}": 1, f"prompt-{other.pk}": 0}.items():
            page = colleague.get(f"{here}?about={about}").context["page"]
            assert [each.words for each in page.rows] == ["It was my own"] * found

    @pytest.mark.parametrize("number", [1, 3])
    def test_the_lists_take_as_many_statements_for_one_as_for_three(self, member: Membership, number: int) -> None:
        for _ in range(number):
            listed = make_listed(member.cohort)
            share(write(make_reader(member.cohort), listed=listed))
            write(member, meeting=make_meeting(member.cohort))
        browser = browser_of(member.user)
        counts = [
            statements_of(browser, address(name, member.cohort_id)) for name in ("shared_reflections", "reflections")
        ]
        assert counts == [5, 6]

    @pytest.mark.parametrize("number", [1, 3])
    def test_all_that_somebody_wrote_takes_as_many_for_one_cohort_as_for_three(
        self, member: Membership, number: int
    ) -> None:
        for _ in range(number):
            write(make_reader(make_reading_cohort(), member.user))
        assert statements_of(browser_of(member.user), address("own_reflections")) == 3
