"""Champions: asked, confirmed and standing down at the same moment, each place has one, and nothing is half-written."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cohorts import champions, conversations
from cohorts.champions import ChampionRefused
from cohorts.conversations import NotWritten
from cohorts.enrolment import withdraw
from cohorts.models import Champion, ChampionNomination, ConversationMessage, Membership
from portal.accounts.models import User
from portal.outbox.models import Message
from tests.cohorts.champions import make_champion, make_member, make_nominating_cohort, seat
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_cohort

pytestmark = pytest.mark.django_db(transaction=True)

State = Champion.State
ROUNDS = 8


def make_one(membership: Membership, admin: User) -> Champion:
    """Ask, let them say yes, and confirm, in one go."""
    champion = champions.ask(membership, by=admin)
    champions.agree(champion, name="Demo", role="")
    champions.confirm(champion, by=admin)
    return champion


def test_two_admins_make_two_people_champion_of_one_place() -> None:
    admins = [make_admin(), make_admin()]
    for _ in range(ROUNDS):
        cohort = make_cohort()
        two = [make_member(cohort) for _ in admins]
        done = at_once(*(partial(make_one, one, admin) for one, admin in zip(two, admins, strict=True)))
        assert sorted(type(each).__name__ for each in done) == ["Champion", "ChampionRefused"]
        assert Champion.objects.confirmed().filter(cohort=cohort).count() == 1


def test_two_admins_confirm_the_same_person() -> None:
    admins = [make_admin(), make_admin()]
    champion = champions.ask(make_member(make_cohort()), by=admins[0])
    champions.agree(champion, name="Demo", role="")
    assert at_once(*(partial(champions.confirm, champion, by=admin) for admin in admins)) == [None, None]
    assert Message.objects.filter(rule="champion.confirmed").count() == 1
    assert champion.membership.user.roles.count() == 1


def test_somebody_says_yes_while_the_question_is_taken_back() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        champion = champions.ask(make_member(make_cohort()), by=admin)
        deeds: list[Callable[[], Any]] = [
            partial(champions.agree, champion, name="Demo", role=""),
            partial(champions.end, champion, by=admin),
        ]
        random.shuffle(deeds)
        failed = [each for each in at_once(*deeds) if each is not None]
        assert all(isinstance(each, ChampionRefused) for each in failed), failed
        champion.refresh_from_db()
        assert champion.state == State.ENDED


def test_a_champion_stands_down_while_somebody_writes() -> None:
    for _ in range(ROUNDS):
        cohort = make_cohort()
        champion, member = make_champion(make_member(cohort)), make_member(cohort)
        deeds: list[Callable[[], Any]] = [
            partial(champions.stand_down, champion),
            partial(conversations.write, seat(champion, member), "Hello"),
            partial(champions.get_in_touch, champion, member),
        ]
        random.shuffle(deeds)
        failed = [each for each in at_once(*deeds) if each is not None]
        assert all(isinstance(each, NotWritten | ChampionRefused) for each in failed), failed
        refused = any(isinstance(each, NotWritten) for each in failed)
        written = ConversationMessage.objects.filter(conversation__champion=champion)
        assert written.count() == (0 if refused else 1)
        assert not champion.contacts.exists()


def test_both_begin_a_conversation_and_a_button_is_pressed_twice() -> None:
    for _ in range(ROUNDS):
        cohort = make_cohort()
        champion, member = make_champion(make_member(cohort)), make_member(cohort)
        write = partial(conversations.write, seat(champion, member), "Hello")
        assert at_once(write, write) == [None, None]
        assert ConversationMessage.objects.filter(conversation__champion=champion).count() == 1


def test_no_more_than_go_in_an_hour_though_they_are_sent_at_once() -> None:
    cohort = make_cohort()
    champion, member = make_champion(make_member(cohort)), make_member(cohort)
    for number in range(conversations.MOST_IN_AN_HOUR - 1):
        conversations.write(seat(champion, member), f"Message {number}")
    done = at_once(*(partial(conversations.write, seat(champion, member), f"Last {number}") for number in range(3)))
    assert sorted(type(each).__name__ for each in done) == ["NoneType", "TooManyMessages", "TooManyMessages"]


def test_a_member_nominates_twice_and_the_nominee_leaves() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_nominating_cohort()
        amina, bea, cara = (make_member(cohort) for _ in range(3))
        done = at_once(
            partial(champions.nominate, amina, bea),
            partial(champions.nominate, amina, cara),
            partial(withdraw, bea, by=admin),
        )
        failed = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, ChampionRefused) for each in failed), failed
        assert [each.nominee for each in ChampionNomination.objects.filter(cohort=cohort)] in ([cara], [])


def test_a_member_leaves_while_both_write() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        cohort = make_cohort()
        champion, member = make_champion(make_member(cohort)), make_member(cohort)
        conversations.write(seat(champion, member), "Hello")
        done = at_once(
            partial(conversations.write, seat(champion, member), "More"),
            partial(conversations.write, seat(champion, member, ConversationMessage.Side.CHAMPION), "Yes?"),
            partial(withdraw, member, by=admin),
            partial(withdraw, champion.membership, by=admin),
        )
        failed = [each for each in done if isinstance(each, Exception)]
        assert all(isinstance(each, NotWritten) for each in failed), failed
