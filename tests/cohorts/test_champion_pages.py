"""The pages of champions, and of those whom they are there for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

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
    Side,
    close_nominations,
    make_champion,
    make_member,
    make_nominating_cohort,
    seat,
)
from tests.cohorts.pages import address, cohort_facts, words
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


class TestAdmin:
    """The team's page of a cohort's champions, and what was shown to them."""

    def test_from_a_nomination_to_a_champion_and_back(
        self, desk: Client, admin: User, bea: Membership, cohort: Cohort
    ) -> None:
        page = address("admin:cohorts_cohort_champions", cohort.pk)
        assert page in words(desk.get(address("admin:cohorts_cohort_change", cohort.pk)))
        assert "Members do not nominate" in words(desk.get(page))
        assert "Choose a person first" in words(desk.post(page, {"act": "ask", "member": ""}, follow=True))
        ask = {"act": "ask", "member": bea.pk}
        assert "Ask Bea Member?" in words(desk.post(page, ask))
        assert not Champion.objects.exists()
        assert "Bea Member is asked" in words(desk.post(page, {**ask, "confirmed": "yes"}, follow=True))
        champion = Champion.objects.get()
        assert "Take the question back" in words(desk.get(page))
        act = {"act": "confirm", "champion": champion.pk}
        assert "has changed since" in words(desk.post(page, {**act, "confirmed": "yes"}, follow=True))
        champions.agree(champion, name="Bea", role="Midwife")
        start = words(desk.get(address("admin:index")))
        assert "Champions to confirm" in start
        assert "Bea, Perinatal cohort 4" in start
        assert "They are told" in words(desk.post(page, act))
        assert "Bea Member is champion." in words(desk.post(page, {**act, "confirmed": "yes"}, follow=True))
        assert "Champion asked" in words(desk.get(address("admin:cohorts_cohort_history", cohort.pk)))
        act["act"] = "end"
        assert "is no longer champion." in words(desk.post(page, {**act, "confirmed": "yes"}, follow=True))
        champion.refresh_from_db()
        assert champion.state == Champion.State.ENDED

    def test_an_act_that_no_page_sends_does_nothing(self, desk: Client, champion: Champion) -> None:
        page = address("admin:cohorts_cohort_champions", champion.cohort_id)
        for sent in (
            {"act": "x"},
            {"act": "end", "champion": "9" * 30},
            {"act": "end", "champion": "x"},
            {"act": "ask", "member": make_membership().pk},
        ):
            assert desk.post(page, {**sent, "confirmed": "yes"}).status_code == 302
        champion.refresh_from_db()
        assert champion.state == Champion.State.CONFIRMED

    def test_whom_they_are_for_stays_once_somebody_is_asked(self, desk: Client, champion: Champion) -> None:
        cohort = champion.cohort
        page = address("admin:cohorts_cohort_change", cohort.pk)
        given = cohort_facts(cohort, champion_for="workplace")
        assert "already. End that first." in words(desk.post(page, given))
        today = timezone.localdate()
        later = {"champion_opens_on": today + timedelta(days=3), "champion_closes_on": today}
        assert "the last one not before the first" in words(desk.post(page, {**given, **later}))
        champions.end(champion, by=make_admin())
        assert desk.post(page, given).status_code == 302
        cohort.refresh_from_db()
        assert cohort.champion_for == "workplace"

    def test_who_keeps_another_programme_sees_neither(
        self, champion: Champion, bea: Membership, sign_in: SignIn
    ) -> None:
        conversations.write(seat(champion, bea), "Hello")
        conversations.report(seat(champion, bea, Side.CHAMPION), ConversationMessage.objects.get())
        other = sign_in(make_admin_of(make_cohort().programme))
        report = MessageReport.objects.get()
        assert other.get(address("admin:cohorts_cohort_champions", champion.cohort_id)).status_code == 404
        assert "Bea Member" not in words(other.get(address("admin:cohorts_messagereport_changelist")))
        assert other.get(address("admin:cohorts_messagereport_change", report.pk)).status_code == 302
        assert "were shown to you" not in words(other.get(address("admin:index")))

    def test_what_was_shown_is_read_and_dealt_with(self, champion: Champion, bea: Membership, desk: Client) -> None:
        conversations.write(seat(champion, bea), "Not kind")
        conversations.write(seat(champion, bea), "Between us")
        message = ConversationMessage.objects.earliest("pk")
        conversations.report(seat(champion, bea, Side.CHAMPION), message)
        report = MessageReport.objects.get()
        assert "Messages that were shown to you" in words(desk.get(address("admin:index")))
        page = words(desk.get(address("admin:cohorts_messagereport_change", report.pk)))
        for said in ("Not kind", "Bea Member", "Amina Champion"):
            assert said in page
        assert "Between us" not in page
        listed = address("admin:cohorts_messagereport_changelist")
        chosen: dict[str, Any] = {"action": "deal_with", "_selected_action": [report.pk]}
        assert "no longer wait on the start page" in words(desk.post(listed, chosen))
        done = desk.post(listed, {**chosen, "confirmed": "yes"}, follow=True)
        assert "Dealt with: 1 reported message." in words(done)
        assert "were shown to you" not in words(desk.get(address("admin:index")))

    @pytest.mark.parametrize("number", [1, 3])
    def test_statements_do_not_grow(
        self, number: int, cohort: Cohort, desk: Client, django_assert_num_queries: Any
    ) -> None:
        champion = make_champion(make_member(cohort))
        for _ in range(number):
            bea = make_member(cohort, job_role=make_job_role(), organisation=make_organisation())
            conversations.write(seat(champion, bea), "Hello")
            conversations.report(seat(champion, bea, Side.CHAMPION), ConversationMessage.objects.latest("pk"))
        champions.end(champion, by=make_admin())
        desk.get(address("home"))
        with django_assert_num_queries(6):  # session, person, cohort, members, champions, nominations
            desk.get(address("admin:cohorts_cohort_champions", cohort.pk))
        with django_assert_num_queries(4):  # session, person, number of reports, reports
            desk.get(address("admin:cohorts_messagereport_changelist"))
