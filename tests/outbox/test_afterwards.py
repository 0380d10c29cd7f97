"""What becomes of messages afterwards: dead letters are dealt with, old rows are forgotten, and who sees it all."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal import outbox
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.outbox.dead_letters import set_aside, try_again
from portal.outbox.models import Message
from portal.outbox.sending import send_what_waits
from portal.retention.disposing import dispose
from portal.trail.models import Entry
from tests.factories import make_admin, make_admin_of, make_programme, make_user
from tests.outbox.letters import LETTER, PRIVATE_LETTER

pytestmark = pytest.mark.django_db

State = Message.State


def make_dead(count: int = 1) -> None:
    """Write letters that could not be sent."""
    outbox.write_many(LETTER, [("booking:1", make_user().pk) for _ in range(count)])
    Message.objects.update(state=State.DEAD, attempts=16, last_error="SMTPRecipientsRefused 550")


def test_a_dead_letter_goes_out_when_it_is_tried_again(sink) -> None:
    admin = make_user()
    make_dead(2)
    before = set(Message.objects.values_list("message_id", flat=True))
    assert try_again(Message.objects.all(), by=admin) == (2, 0, 0)
    send_what_waits(100)
    assert set(Message.objects.values_list("state", "attempts")) == {(State.SENT, 1)}
    assert {message_id for _, message_id in sink.arrived} == {f"<{each}@localhost>" for each in before}
    entries = Entry.objects.filter(verb="message.tried_again", actor=admin)
    assert {entry.subject for entry in entries} == {
        f"message:{pk}" for pk in Message.objects.values_list("pk", flat=True)
    }


def test_only_the_dead_are_tried_again_and_no_emptied_code() -> None:
    outbox.write(LETTER, subject="booking:2", person=make_user())
    Message.objects.update(state=State.SENT, sent_at=timezone.now())
    outbox.write_sealed(to="new@demo.example", subject="Your code", text="123456", html=None, person=None)
    Message.objects.filter(rule="sealed").update(state=State.DEAD, payload=None)
    assert try_again(Message.objects.all(), by=make_user()) == (0, 1, 1)
    assert not Message.objects.filter(state=State.QUEUED).exists()


def test_what_is_set_aside_is_settled_and_one_day_forgotten() -> None:
    admin = make_user()
    make_dead(2)
    outbox.write(LETTER, subject="booking:2", person=admin)
    assert set_aside(Message.objects.all(), by=admin) == 2
    settled = Message.objects.filter(state=State.SKIPPED, skipped=Message.Skipped.GIVEN_UP)
    assert {f"message:{pk}" for pk in settled.values_list("pk", flat=True)} == set(
        Entry.objects.filter(verb="message.set_aside", actor=admin).values_list("subject", flat=True)
    )
    assert Message.objects.get(subject="booking:2").state == State.QUEUED
    assert try_again(settled.all(), by=admin) == (0, 0, 2)
    Message.objects.update(created_at=timezone.now() - timedelta(days=181))
    assert dispose()["messages"] == 2


def test_old_messages_are_forgotten_but_no_dead_letter_and_nothing_that_waits() -> None:
    states = [State.SENT] * 5 + [State.SKIPPED, State.DEAD, State.QUEUED]
    outbox.write_many(LETTER, [(f"booking:{n}", make_user().pk) for n in range(2 * len(states))])
    for message, state in zip(Message.objects.order_by("pk"), states * 2, strict=True):
        Message.objects.filter(pk=message.pk).update(
            state=state, sent_at=timezone.now() if state == State.SENT else None
        )
    old = Message.objects.order_by("pk").values("pk")[: len(states)]
    Message.objects.filter(pk__in=list(old.values_list("pk", flat=True))).update(
        created_at=timezone.now() - timedelta(days=181)
    )
    assert dispose()["messages"] == 6
    assert Message.objects.count() == 2 * len(states) - 6
    assert dispose()["messages"] == 0


class TestAdmin:
    """The pages of those who keep all programmes."""

    @pytest.fixture(autouse=True)
    def _signed_in(self, client) -> None:
        self.admin = make_user(is_staff=True, is_superuser=True)
        self.sign_in(client, self.admin)

    def sign_in(self, client, person) -> None:
        client.force_login(person)
        session = client.session
        session[HAS_SECOND_FACTOR] = True
        session.save()

    def test_the_list_costs_the_same_however_long_it_is(self, client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse("admin:outbox_message_changelist")).status_code == 200
            return len(queries)

        make_dead(1)
        statements()
        few = statements()
        make_dead(20)
        assert statements() == few

    def test_filters_by_state_and_rule_and_finds_a_person(self, client) -> None:
        outbox.write(LETTER, subject="booking:1", person=make_user(name="Amina Demo"))
        outbox.write(LETTER, subject="booking:2", person=make_user(name="Bola Demo"))
        Message.objects.filter(subject="booking:2").update(state=State.DEAD)
        page = reverse("admin:outbox_message_changelist")
        shown = [
            client.get(page, query).content.decode()
            for query in ({"state__exact": "dead"}, {"rule": LETTER, "q": "bola"})
        ]
        for html in shown:
            assert "Bola Demo" in html
            assert "Amina Demo" not in html

    def test_a_private_message_tells_neither_whose_nor_what(self, client) -> None:
        person = make_user(name="Amina Demo", email="amina@demo.example")
        outbox.write(PRIVATE_LETTER, subject="booking:77", person=person)
        message = Message.objects.get()
        listed = client.get(reverse("admin:outbox_message_changelist")).content.decode()
        alone = client.get(reverse("admin:outbox_message_change", args=[message.pk])).content.decode()
        for html in (listed, alone):
            assert "Kept private" in html
            assert "Amina" not in html
            assert "booking:77" not in html
        searched = client.get(reverse("admin:outbox_message_changelist"), {"q": "amina"}).content.decode()
        assert "Kept private" not in searched
        singled_out = client.get(reverse("admin:outbox_message_changelist"), {"person__id__exact": person.pk})
        assert "Kept private" not in singled_out.content.decode()

    def test_trying_again_says_to_how_many(self, client) -> None:
        make_dead(3)
        answer = client.post(
            reverse("admin:outbox_message_changelist"),
            {"action": "send_again", "_selected_action": list(Message.objects.values_list("pk", flat=True))},
            follow=True,
        )
        assert "3 messages will be sent again." in unescape(answer.content.decode())
        assert set(Message.objects.values_list("state", flat=True)) == {State.QUEUED}

    def test_setting_aside_asks_first_says_how_many_and_leaves_the_rest(self, client) -> None:
        make_dead(2)
        outbox.write(LETTER, subject="booking:2", person=self.admin)
        chosen = {"action": "set_aside", "_selected_action": list(Message.objects.values_list("pk", flat=True))}
        page = reverse("admin:outbox_message_changelist")

        question = client.post(page, chosen).content.decode()

        assert "2 messages will not be sent." in question
        assert "It has not failed." in question
        assert set(Message.objects.values_list("state", flat=True)) == {State.DEAD, State.QUEUED}
        answer = client.post(page, chosen | {"confirmed": "yes"}, follow=True)
        assert "2 messages set aside." in unescape(answer.content.decode())
        assert set(Message.objects.values_list("state", flat=True)) == {State.SKIPPED, State.QUEUED}

    def test_who_keeps_all_programmes_deals_with_all_but_what_is_private(self, client) -> None:
        make_dead(1)
        outbox.write(PRIVATE_LETTER, subject="booking:77", person=make_user())
        Message.objects.update(state=State.DEAD)
        private = Message.objects.get(rule=PRIVATE_LETTER)
        self.sign_in(client, make_admin())
        page = reverse("admin:outbox_message_changelist")

        assert "Kept private" not in client.get(page).content.decode()
        assert client.get(reverse("admin:outbox_message_change", args=[private.pk])).status_code == 302
        assert "1: see why, and try again or set aside" in client.get(reverse("admin:index")).content.decode()
        everything = list(Message.objects.values_list("pk", flat=True))
        client.post(page, {"action": "send_again", "_selected_action": everything})
        assert dict(Message.objects.values_list("rule", "state")) == {LETTER: State.QUEUED, PRIVATE_LETTER: State.DEAD}

    def test_who_keeps_one_programme_sees_how_many_are_dead_and_none_of_them(self, client) -> None:
        make_dead(1)
        self.sign_in(client, make_admin_of(make_programme()))
        page = reverse("admin:outbox_message_changelist")
        assert client.get(page).status_code == 403
        answer = client.post(page, {"action": "send_again", "_selected_action": [Message.objects.get().pk]})
        assert answer.status_code == 403
        start = client.get(reverse("admin:index")).content.decode()
        assert "1: ask an admin of all programmes to look at them" in start
        assert page not in start

    def test_nobody_edits_adds_or_deletes(self, client) -> None:
        make_dead(1)
        message = Message.objects.get()
        assert client.get(reverse("admin:outbox_message_add")).status_code == 403
        assert client.post(reverse("admin:outbox_message_delete", args=[message.pk])).status_code == 403
        assert (
            client.post(reverse("admin:outbox_message_change", args=[message.pk]), {"state": "sent"}).status_code == 403
        )
        message.refresh_from_db()
        assert message.state == State.DEAD
