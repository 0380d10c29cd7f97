"""What a champion and a member write to one another: for the two alone, for as long as both want it."""

from datetime import timedelta

import pytest
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from cohorts import champion_letters, champions, conversations, enrolment
from cohorts.conversations import NotWritten, TooManyMessages
from cohorts.models import (
    Champion,
    ChampionContact,
    Cohort,
    Conversation,
    ConversationMessage,
    Membership,
    MessageReport,
)
from portal.accounts.models import User
from portal.outbox.composing import Composer, Letter
from portal.outbox.models import Message
from portal.outbox.rules import private_names
from portal.retention.disposing import dispose
from portal.trail.models import Entry
from tests.cohorts.champions import Side, make_champion, make_member, seat
from tests.factories import make_admin, make_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_member(make_cohort(), "Bea Member")


@pytest.fixture
def champion(member: Membership) -> Champion:
    return make_champion(make_member(member.cohort, "Amina Champion"))


def texts(champion: Champion, membership: Membership) -> list[str]:
    return [conversations.text_of(each) for each in reversed(conversations.messages(seat(champion, membership)))]


class TestWriting:
    """A message is kept for the two, and the other is told that one waits."""

    def test_the_two_write_to_one_another(self, champion: Champion, member: Membership) -> None:
        conversations.write(seat(champion, member), "May I ask you something?")
        conversations.write(seat(champion, member, Side.CHAMPION), "Of course.")
        assert texts(champion, member) == ["May I ask you something?", "Of course."]
        waiting = Message.objects.filter(rule=champion_letters.MESSAGE).order_by("pk")
        assert [each.person for each in waiting] == [champion.membership.user, member.user]

    def test_the_mail_says_that_one_waits_and_nothing_of_whom_or_what(
        self, champion: Champion, member: Membership
    ) -> None:
        conversations.write(seat(champion, member), "canary-text")
        conversations.write(seat(champion, member, Side.CHAMPION), "canary-text too")
        waiting = list(Message.objects.filter(rule=champion_letters.MESSAGE).order_by("pk"))
        composer = Composer(waiting)
        for message, other in zip(waiting, (member.user, champion.membership.user), strict=True):
            letter = composer.compose(message)
            assert isinstance(letter, Letter)
            assert message.person
            assert letter.subject == "A message waits for you"
            sent = bytes(letter.message().as_bytes()).decode()
            for word in ("canary-text", other.email, other.name, champion.shown_name, "Reply-To"):
                assert (word in sent) == (word == message.person.name), word

    def test_it_is_kept_from_the_admin_pages_and_the_trail(self, champion: Champion, member: Membership) -> None:
        before = Entry.objects.count()
        conversations.write(seat(champion, member), "Hello")
        assert champion_letters.MESSAGE in private_names()
        assert Entry.objects.count() == before

    def test_what_is_stored_is_sealed(self, champion: Champion, member: Membership) -> None:
        conversations.write(seat(champion, member), "canary-text")
        stored = ConversationMessage.objects.get()
        assert "canary" not in stored.sealed
        with override_settings(SECRET_KEY="another" * 10):
            assert conversations.text_of(stored) == conversations.UNREADABLE

    def test_it_is_sealed_anew_when_the_key_changes(self, champion: Champion, member: Membership) -> None:
        conversations.write(seat(champion, member), "Hello")
        earlier = settings.SECRET_KEY
        with override_settings(SECRET_KEY="another" * 10):
            with pytest.raises(InvalidToken):
                conversations.seal_anew()
            with override_settings(SECRET_KEY_FALLBACKS=[earlier]):
                call_command("seal_conversations")
            assert texts(champion, member) == ["Hello"]

    def test_a_button_that_is_pressed_twice_sends_once(self, champion: Champion, member: Membership) -> None:
        for _ in range(2):
            conversations.write(seat(champion, member), "Yes")
        conversations.write(seat(champion, member, Side.CHAMPION), "Yes")
        conversations.write(seat(champion, member), "Yes")
        assert texts(champion, member) == ["Yes"] * 3

    def test_too_many_in_an_hour_wait(self, champion: Champion, member: Membership) -> None:
        for number in range(conversations.MOST_IN_AN_HOUR):
            conversations.write(seat(champion, member), f"Message {number}")
        with pytest.raises(TooManyMessages):
            conversations.write(seat(champion, member), "One more")
        conversations.write(seat(champion, member, Side.CHAMPION), "I am here")
        ConversationMessage.objects.update(written_at=timezone.now() - timedelta(minutes=61))
        conversations.write(seat(champion, member), "One more")


class TestWhoMayWrite:
    """A champion writes to those who ask for it; and each leaves the other alone who says so."""

    def test_a_champion_writes_first_only_to_who_would_like_to_be_in_touch(
        self, champion: Champion, member: Membership
    ) -> None:
        with pytest.raises(NotWritten):
            conversations.write(seat(champion, member, Side.CHAMPION), "Hello")
        champions.get_in_touch(champion, member)
        conversations.write(seat(champion, member, Side.CHAMPION), "Hello")
        champions.stay_out_of_touch(champion, member)
        with pytest.raises(NotWritten):
            conversations.write(seat(champion, member, Side.CHAMPION), "Hello again")
        conversations.write(seat(champion, member), "I was away")
        conversations.write(seat(champion, member, Side.CHAMPION), "Welcome back")

    @pytest.mark.parametrize(("ends", "stays"), [(Side.MEMBER, Side.CHAMPION), (Side.CHAMPION, Side.MEMBER)])
    def test_who_ends_it_is_left_alone(self, champion: Champion, member: Membership, ends: Side, stays: Side) -> None:
        champions.get_in_touch(champion, member)
        conversations.write(seat(champion, member), "Hello")
        conversations.write(seat(champion, member, Side.CHAMPION), "Hello")
        waiting = Message.objects.filter(rule=champion_letters.MESSAGE)
        conversations.end(seat(champion, member, ends))
        for side in (ends, stays):
            with pytest.raises(NotWritten):
                conversations.write(seat(champion, member, side), "And another thing")
        # What was written before and not sent yet does not arrive any more.
        unsent = Composer(list(waiting)).compose(waiting.get(person=seat(champion, member, ends).person))
        assert unsent == Message.Skipped.STALE
        conversations.open_again(seat(champion, member, stays))
        with pytest.raises(NotWritten):
            conversations.write(seat(champion, member, stays), "And another thing")
        conversations.open_again(seat(champion, member, ends))
        conversations.write(seat(champion, member, ends), "Hello again")
        assert ChampionContact.objects.exists() == (ends == Side.CHAMPION)

    def test_nobody_writes_once_the_champion_has_stood_down_or_the_member_has_left(
        self, champion: Champion, member: Membership
    ) -> None:
        conversations.write(seat(champion, member), "Hello")
        enrolment.withdraw(member, by=make_admin())
        for side in Side:
            with pytest.raises(NotWritten, match="no longer takes part"):
                conversations.write(seat(champion, member, side), "Hello?")
        User.objects.filter(pk=champion.membership.user_id).update(is_active=False)
        other = make_member(member.cohort)
        with pytest.raises(NotWritten, match="no account"):
            conversations.write(seat(champion, other), "Hello?")
        champions.stand_down(champion)
        with pytest.raises(NotWritten, match="stood down"):
            conversations.write(seat(champion, member), "Hello?")
        assert texts(champion, member) == ["Hello"]


class TestReporting:
    """Whoever got a message may show it to the programme team."""

    def test_it_is_shown_and_dealt_with_once(self, champion: Champion, member: Membership) -> None:
        admin = make_admin()
        conversations.write(seat(champion, member), "Hello")
        message = ConversationMessage.objects.get()
        for _ in range(2):
            conversations.report(seat(champion, member, Side.CHAMPION), message)
        report = MessageReport.objects.get()
        assert Entry.objects.get(verb="message.reported").actor == champion.membership.user
        assert conversations.deal_with([report], by=admin) == 1
        assert conversations.deal_with([report], by=admin) == 0
        report.refresh_from_db()
        assert report.dealt_with_by == admin


class TestForgetting:
    """What was written goes, a year after the cohort has ended."""

    def test_all_of_it_and_nothing_of_others(self, champion: Champion, member: Membership) -> None:
        conversations.write(seat(champion, member), "Hello")
        conversations.report(seat(champion, member, Side.CHAMPION), ConversationMessage.objects.get())
        ends_on = timezone.localdate() - timedelta(days=366)
        Cohort.objects.filter(pk=member.cohort_id).update(starts_on=ends_on - timedelta(days=180), ends_on=ends_on)
        other = make_member(make_cohort())
        conversations.write(seat(make_champion(make_member(other.cohort)), other), "Stays")
        dispose()
        assert [conversations.text_of(each) for each in ConversationMessage.objects.all()] == ["Stays"]
        assert not MessageReport.objects.exists()
        assert Conversation.objects.count() == 1
        champion.refresh_from_db()
        assert (champion.state, champion.shown_name) == (Champion.State.ENDED, "")
        assert not champion.membership.user.roles.current().exists()
