"""The pages of champions, and of those whom they are there for."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cohorts import champions, conversations
from cohorts.models import (
    Champion,
    ChampionContact,
    ChampionNomination,
    Cohort,
    ConversationMessage,
    Membership,
    MessageReport,
)
from portal.accounts.models import User
from tests.cohorts.champions import (
    close_nominations,
    make_champion,
    make_member,
    make_nominating_cohort,
    seat,
)
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_cohort, make_job_role, make_membership, make_organisation

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort(name="Perinatal cohort 4")


@pytest.fixture
def bea(cohort: Cohort) -> Membership:
    return make_member(cohort, "Bea Member")


@pytest.fixture
def champion(cohort: Cohort) -> Champion:
    return make_champion(make_member(cohort, "Amina Champion"))


def me(client: Client) -> str:
    return words(client.get(address("me")))


class TestNominating:
    """On a page of its own, while nominations are open."""

    def test_it_is_made_changed_and_taken_back(self, sign_in: SignIn) -> None:
        cohort = make_nominating_cohort()
        bea = make_member(cohort, "Bea Member")
        dora = make_member(cohort, "Dora", job_role=make_job_role(name="Doctor"))
        browser, page = sign_in(bea.user), address("champion_nominate", bea.pk)
        assert page in me(browser)
        assert "Dora, Doctor" in words(browser.get(page))
        assert browser.post(page, {"nominee": ""}).status_code == 422
        assert browser.post(page, {"nominee": make_membership().pk}).status_code == 422
        assert "We have your nomination" in words(browser.post(page, {"nominee": dora.pk}, follow=True))
        assert f'value="{dora.pk}" selected' in words(browser.get(page))
        assert "is taken back" in words(browser.post(page, {"take_back": "yes"}, follow=True))
        assert not ChampionNomination.objects.exists()
        # Nobody else learns of it: not whoever is nominated, and not by how many.
        assert "nominated" not in me(sign_in(dora.user)).replace("can be nominated", "")

    def test_too_late_is_said(self, sign_in: SignIn) -> None:
        cohort = make_nominating_cohort()
        bea = make_member(cohort)
        browser, page = sign_in(bea.user), address("champion_nominate", bea.pk)
        close_nominations(cohort)
        refused = browser.post(page, {"nominee": bea.pk})
        assert refused.status_code == 409
        assert "Nominations are closed" in words(refused)
        assert "Nominations are not open" in words(browser.get(page))
        assert page not in me(browser)

    def test_whose_workplace_is_not_known_is_told_what_to_do(self, sign_in: SignIn) -> None:
        bea = make_member(make_nominating_cohort(champion_for=Cohort.ChampionFor.WORKPLACE))
        assert "Ask the programme team" in words(sign_in(bea.user).get(address("champion_nominate", bea.pk)))

    @pytest.mark.parametrize("number", [1, 3])
    def test_statements_do_not_grow(self, number: int, sign_in: SignIn, django_assert_num_queries: Any) -> None:
        cohort = make_nominating_cohort()
        for _ in range(number):
            bea = make_member(cohort, organisation=make_organisation(), job_role=make_job_role())
        browser = sign_in(bea.user)
        browser.get(address("home"))
        # Session, person, membership, nomination, whether the place is free, members.
        with django_assert_num_queries(6):
            browser.get(address("champion_nominate", bea.pk))


class TestBeingAsked:
    """Yes with how one is shown, or no."""

    @pytest.fixture
    def asked(self, cohort: Cohort, bea: Membership) -> Champion:
        return champions.ask(bea, by=make_admin())

    def test_yes(self, asked: Champion, sign_in: SignIn) -> None:
        browser, page = sign_in(asked.membership.user), address("champion_answer", asked.pk)
        assert page in me(browser)
        assert 'value="Bea Member"' in words(browser.get(page))
        wrong = browser.post(page, {"name": "", "role": "Midwife"})
        assert wrong.status_code == 422
        assert 'value="Midwife"' in words(wrong)
        assert "confirms it next" in words(browser.post(page, {"name": "Bea M", "role": "Midwife"}, follow=True))
        asked.refresh_from_db()
        assert (asked.state, asked.shown_name, asked.shown_role) == (Champion.State.AGREED, "Bea M", "Midwife")
        assert "is saved" in words(browser.post(page, {"name": "Bea Member", "role": ""}, follow=True))
        assert "You are not a champion" in words(browser.get(address("champion_desk")))

    def test_no(self, asked: Champion, sign_in: SignIn) -> None:
        browser, page = sign_in(asked.membership.user), address("champion_answer", asked.pk)
        assert "You have said no" in words(browser.post(page, {"no": "yes"}, follow=True))
        assert browser.post(page, {"name": "Bea", "role": ""}).status_code == 409
        assert "You have said no" in words(browser.get(page))
        assert page not in me(browser)

    def test_a_question_that_was_taken_back_is_answered_so(self, asked: Champion, sign_in: SignIn) -> None:
        browser, page = sign_in(asked.membership.user), address("champion_answer", asked.pk)
        champions.end(asked, by=make_admin())
        assert browser.post(page, {"name": "Bea", "role": ""}).status_code == 409
        assert "nobody asks you" in words(browser.get(page))

    def test_nobody_else_learns_of_it(self, asked: Champion, sign_in: SignIn) -> None:
        other = sign_in(make_member(asked.cohort).user)
        assert "champion" not in me(other).partition("<main")[2]
        assert other.get(address("champion_answer", asked.pk)).status_code == 404


class TestOnesChampion:
    """What a member sees of their champion, and lets them know."""

    def test_they_are_shown_as_they_agreed(self, champion: Champion, bea: Membership, sign_in: SignIn) -> None:
        champions.agree(champion, name="Amina C", role="Consultant")
        page = me(sign_in(bea.user))
        assert "<bdi>Amina C</bdi>, <bdi>Consultant</bdi>" in page
        assert champion.membership.user.email not in page
        assert address("conversation", champion.pk, bea.pk) in page
        assert address("champion_in_touch", champion.pk) in page

    def test_of_their_own_workplace(self, sign_in: SignIn) -> None:
        cohort = make_cohort(champion_for=Cohort.ChampionFor.WORKPLACE)
        trusts = [make_organisation() for _ in range(2)]
        ours, theirs = (make_champion(make_member(cohort, f"Of {trust}", organisation=trust)) for trust in trusts)
        bea = make_member(cohort, organisation=trusts[0])
        browser = sign_in(bea.user)
        page = me(browser)
        assert f"Of {trusts[0]}" in page
        assert f"Of {trusts[1]}" not in page
        assert browser.get(address("champion_in_touch", ours.pk)).status_code == 200
        assert browser.get(address("champion_in_touch", theirs.pk)).status_code == 404
        assert browser.get(address("conversation", theirs.pk, bea.pk)).status_code == 404

    def test_being_in_touch_is_off_until_it_is_chosen_and_can_be_taken_back(
        self, champion: Champion, bea: Membership, sign_in: SignIn
    ) -> None:
        browser, desk = sign_in(bea.user), sign_in(champion.membership.user)
        page = address("champion_in_touch", champion.pk)
        browser.get(page)
        assert not ChampionContact.objects.exists()
        assert "Bea Member" not in words(desk.get(address("champion_desk")))
        assert "sees that you would like to be in touch" in words(browser.post(page, follow=True))
        assert "Bea Member" in words(desk.get(address("champion_desk")))
        assert "You would like to be in touch" in words(browser.get(page))
        assert "You have taken it back" in words(browser.post(page, {"take_back": "yes"}, follow=True))
        assert "Bea Member" not in words(desk.get(address("champion_desk")))

    def test_ones_own_page_does_not_say_whether_one_writes_or_would_like_to_hear(
        self, champion: Champion, bea: Membership, sign_in: SignIn
    ) -> None:
        browser = sign_in(bea.user)
        _, _, before = me(browser).partition("<main")
        champions.get_in_touch(champion, bea)
        conversations.write(seat(champion, bea), "Hello")
        _, _, after = me(browser).partition("<main")
        assert before == after

    def test_whoever_stood_down_is_not_there_any_more(
        self, champion: Champion, bea: Membership, sign_in: SignIn
    ) -> None:
        browser, desk = sign_in(bea.user), sign_in(champion.membership.user)
        browser.post(address("conversation", champion.pk, bea.pk), {"text": "Hello"})
        assert "stood down" in words(desk.post(address("champion_stand_down", champion.pk), follow=True))
        page = me(browser)
        assert "Your champion" not in page
        assert address("conversations") in page
        assert "Amina Champion" in words(browser.get(address("conversations")))
        assert "The champion has stood down" in words(browser.get(address("conversation", champion.pk, bea.pk)))
        assert browser.get(address("champion_in_touch", champion.pk)).status_code == 404

    @pytest.mark.parametrize("number", [1, 3])
    def test_statements_do_not_grow(self, number: int, sign_in: SignIn, django_assert_num_queries: Any) -> None:
        bea = make_membership()
        for _ in range(number):
            champion = make_champion(make_membership())
            theirs = make_membership(bea.user, champion.cohort)
            champions.get_in_touch(champion, theirs)
            conversations.write(seat(champion, theirs), "Hello")
        browser = sign_in(bea.user)
        browser.get(address("home"))
        with django_assert_num_queries(7):
            browser.get(address("me"))
        with django_assert_num_queries(3):  # session, person, conversations
            browser.get(address("conversations"))


class TestConversation:
    """Writing and reading, for the two alone."""

    @pytest.fixture
    def page(self, champion: Champion, bea: Membership) -> str:
        return address("conversation", champion.pk, bea.pk)

    def test_the_two_write_and_neither_sees_an_address(
        self, champion: Champion, bea: Membership, page: str, sign_in: SignIn
    ) -> None:
        member, other = sign_in(bea.user), sign_in(champion.membership.user)
        assert other.get(page).status_code == 404
        assert "is sent" in words(member.post(page, {"text": "May I <b>ask</b>?\nIt is short."}, follow=True))
        read = words(other.get(page))
        assert "Messages with <bdi>Bea Member</bdi>" in read
        assert "May I &lt;b&gt;ask&lt;/b&gt;?<br>It is short." in read
        other.post(page, {"text": "Of course"})
        read += words(member.get(page))
        assert "Messages with <bdi>Amina Champion</bdi>" in read
        assert bea.user.email not in read
        assert champion.membership.user.email not in read

    def test_nobody_else_reads_it(self, champion: Champion, bea: Membership, page: str, sign_in: SignIn) -> None:
        conversations.write(seat(champion, bea), "canary-text")
        people = [
            make_member(bea.cohort).user,
            make_admin(),
            make_admin_of(bea.cohort.programme),
            make_admin(is_superuser=True),
        ]
        for person in people:
            assert sign_in(person).get(page).status_code == 404
            assert sign_in(person).post(page, {"text": "Hello"}).status_code == 404

    @pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "with\0nul"])
    def test_what_cannot_be_is_said_and_kept(self, text: str, bea: Membership, page: str, sign_in: SignIn) -> None:
        answer = sign_in(bea.user).post(page, {"text": text})
        assert answer.status_code in {400, 422}
        assert answer.status_code == 400 or text[:4000] in answer.content.decode()
        assert not ConversationMessage.objects.exists()

    def test_4000_characters_with_new_lines_go(self, bea: Membership, page: str, sign_in: SignIn) -> None:
        assert sign_in(bea.user).post(page, {"text": "x\r\n" * 1999 + "yy"}).status_code == 302

    def test_too_fast_keeps_what_was_written(
        self, champion: Champion, bea: Membership, page: str, sign_in: SignIn
    ) -> None:
        for number in range(conversations.MOST_IN_AN_HOUR):
            conversations.write(seat(champion, bea), f"Message {number}")
        answer = sign_in(bea.user).post(page, {"text": "One more thing"})
        assert answer.status_code == 409
        assert "send it a little later" in words(answer)
        assert ">\nOne more thing</textarea>" in answer.content.decode()

    def test_what_comes_too_late_is_given_back(
        self, champion: Champion, bea: Membership, page: str, sign_in: SignIn
    ) -> None:
        conversations.write(seat(champion, bea), "Hello")
        champions.stand_down(champion)
        answer = sign_in(bea.user).post(page, {"text": "Can you help?"})
        assert answer.status_code == 409
        assert "Nothing was sent" in words(answer)
        assert "Can you help?" in words(answer)

    def test_somebody_ends_it_and_opens_it_again(
        self, champion: Champion, bea: Membership, page: str, sign_in: SignIn
    ) -> None:
        conversations.write(seat(champion, bea), "Hello")
        member, other = sign_in(bea.user), sign_in(champion.membership.user)
        end = address("conversation_end", champion.pk, bea.pk)
        assert end in words(other.get(page))
        assert "End this conversation?" in words(other.get(end))
        assert "You have ended the conversation" in words(other.post(end, follow=True))
        refused = member.post(page, {"text": "Hello?"})
        assert refused.status_code == 409
        assert "This conversation has ended" in words(refused)
        other.post(page, {"open_again": "yes"})
        assert member.post(page, {"text": "Hello?"}).status_code == 302

    def test_a_message_is_shown_to_the_team_by_whoever_got_it(
        self, champion: Champion, bea: Membership, page: str, sign_in: SignIn
    ) -> None:
        conversations.write(seat(champion, bea), "Not kind")
        message = ConversationMessage.objects.get()
        report = address("message_report", champion.pk, bea.pk, message.pk)
        assert sign_in(bea.user).get(report).status_code == 404
        other = sign_in(champion.membership.user)
        assert "Not kind" in words(other.get(report))
        assert not MessageReport.objects.exists()
        assert "You have shown this message" in words(other.post(report, follow=True))

    @pytest.mark.parametrize("number", [1, 3])
    def test_statements_do_not_grow(
        self,
        number: int,
        champion: Champion,
        bea: Membership,
        page: str,
        sign_in: SignIn,
        django_assert_num_queries: Any,
    ) -> None:
        for each in range(number):
            conversations.write(seat(champion, bea), f"Message {each}")
            theirs = make_member(bea.cohort)
            champions.get_in_touch(champion, theirs)
            conversations.write(seat(champion, theirs), "Hello")
        browser = sign_in(champion.membership.user)
        browser.get(address("home"))
        # Session, person, champion, member, conversation, messages, whether the champion is welcome: by a choice, or
        # by a message.
        with django_assert_num_queries(8):
            assert browser.get(page).status_code == 200
        with django_assert_num_queries(5):  # session, person, places, contacts, conversations
            browser.get(address("champion_desk"))
