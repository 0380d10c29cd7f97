"""Letters that people can do without: written to nobody who has stopped them, and stopped from the letter itself."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import outbox, trail
from portal.accounts import stopping
from portal.accounts.models import User
from portal.outbox import rules, stop_links
from portal.outbox.composing import Composer, Letter
from portal.outbox.models import Message, Stop
from portal.outbox.sending import send_what_waits
from portal.trail.models import Entry
from tests.factories import make_user
from tests.outbox.letters import KIND, LETTER, OPTIONAL_LETTER, OTHER_OPTIONAL_LETTER, compose, load

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def amina() -> User:
    return make_user(email="amina@demo.example")


def state_of(rule: str = OPTIONAL_LETTER) -> tuple[str, str]:
    message = Message.objects.get(rule=rule)
    return message.state, message.skipped


class TestWriting:
    """What is stopped is not written."""

    def test_it_is_written_to_all_but_those_who_stopped_it_by_one_statement(
        self, amina: User, django_assert_num_queries
    ) -> None:
        others = [make_user() for _ in range(3)]
        stopping.stop(amina.pk, KIND)
        with django_assert_num_queries(1):
            written = outbox.write_many(OPTIONAL_LETTER, [("news:1", each.pk) for each in (amina, *others)])
        assert written == 3
        assert {message.person for message in Message.objects.all()} == set(others)

    def test_one_kind_stops_all_its_rules_and_no_others(self, amina: User) -> None:
        stopping.stop(amina.pk, KIND)
        for rule in (OPTIONAL_LETTER, OTHER_OPTIONAL_LETTER, LETTER):
            outbox.write(rule, subject="news:1", person=amina)
        assert list(Message.objects.values_list("rule", flat=True)) == [LETTER]

    def test_what_is_announced_stands_in_the_trail_whether_it_is_written_or_not(self, amina: User) -> None:
        stopping.stop(amina.pk, KIND)
        outbox.announce(OPTIONAL_LETTER, actor=trail.SYSTEM, about="news:1", subject="news:1", person=amina)
        assert Entry.objects.get().verb == OPTIONAL_LETTER
        assert not Message.objects.exists()

    def test_who_has_them_again_is_written_to_again(self, amina: User) -> None:
        stopping.stop(amina.pk, KIND)
        stopping.resume(amina, KIND)
        outbox.write(OPTIONAL_LETTER, subject="news:1", person=amina)
        assert Message.objects.filter(person=amina).exists()


class TestSending:
    """What was written before it was stopped does not go."""

    def test_what_waits_is_skipped_at_once(self, amina: User) -> None:
        outbox.write(OPTIONAL_LETTER, subject="news:1", person=amina)
        outbox.write(LETTER, subject="news:1", person=amina)
        stopping.stop(amina.pk, KIND)
        assert state_of() == (State.SKIPPED, "stopped")
        assert state_of(LETTER) == (State.QUEUED, "")

    def test_what_was_tried_again_afterwards_is_found_to_be_stopped(self, sink, amina: User) -> None:
        outbox.write(OPTIONAL_LETTER, subject="news:1", person=amina)
        Message.objects.update(state=State.DEAD)
        stopping.stop(amina.pk, KIND)
        Message.objects.update(state=State.QUEUED)
        send_what_waits(100)
        assert state_of() == (State.SKIPPED, "stopped")
        assert not sink.mails

    def test_a_batch_asks_once_and_one_without_such_letters_does_not(self) -> None:
        def statements(rule: str, number: int) -> int:
            with transaction.atomic():
                outbox.write_many(rule, [("news:1", make_user().pk) for _ in range(number)])
            messages = list(Message.objects.filter(rule=rule))
            with CaptureQueriesContext(connection) as asked:
                composer = Composer(messages)
                assert all(isinstance(composer.compose(each), Letter) for each in messages)
            return len(asked)

        assert statements(LETTER, 3) == 1
        assert statements(OPTIONAL_LETTER, 1) == statements(OTHER_OPTIONAL_LETTER, 3) == 2


class TestOverTheWire:
    """What a mail program finds in the letter, and does with it (RFC 2369, RFC 8058)."""

    def test_the_letter_names_its_link_in_two_headers_and_in_words(self, sink, amina: User) -> None:
        outbox.write(OPTIONAL_LETTER, subject="news:1", person=amina)
        send_what_waits(100)
        (mail,) = sink.mails
        link = str(mail["List-Unsubscribe"])
        assert link.startswith("<http://localhost:8000/people/letters/stop/")
        assert link.endswith("/>")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert len(mail.get_all("List-Unsubscribe")) == len(mail.get_all("List-Unsubscribe-Post")) == 1
        text, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
        assert text.splitlines()[-1] == f"Stop these letters: {link[1:-1]}"
        assert f'href="{link[1:-1]}"' in html
        assert ">Stop these letters</a>" in html

    def test_each_header_is_one_line_of_ascii_that_any_relay_can_sign(self, amina: User) -> None:
        outbox.write(OPTIONAL_LETTER, subject="news:1", person=amina)
        letter = Composer([message := Message.objects.get()]).compose(message)
        assert isinstance(letter, Letter)
        head = letter.message().as_bytes(linesep="\r\n").partition(b"\r\n\r\n")[0]
        lines = [line for line in head.split(b"\r\n") if line.startswith(b"List-")]
        assert [line.partition(b": ")[0] for line in lines] == [b"List-Unsubscribe", b"List-Unsubscribe-Post"]
        assert all(line.isascii() and len(line) < 300 for line in lines)

    def test_a_letter_that_is_necessary_carries_neither(self, sink, amina: User) -> None:
        outbox.write(LETTER, subject="news:1", person=amina)
        outbox.write_sealed(to=amina.email, subject="Your code", text="Code: 123456", html=None, person=amina)
        send_what_waits(100)
        assert len(sink.mails) == 2
        for mail in sink.mails:
            assert mail["List-Unsubscribe"] is None
            assert mail["List-Unsubscribe-Post"] is None
            assert "Stop these letters" not in mail.as_string()

    def test_a_mail_provider_that_posts_to_it_stops_the_next_letter(self, sink, amina: User) -> None:
        outbox.write(OPTIONAL_LETTER, subject="news:1", person=amina)
        send_what_waits(100)
        link = str(sink.mails[0]["List-Unsubscribe"]).strip("<>")
        field, _, value = str(sink.mails[0]["List-Unsubscribe-Post"]).partition("=")
        provider = Client(enforce_csrf_checks=True)
        answer = provider.post(link.removeprefix("http://localhost:8000"), {field: value})
        assert answer.status_code == 200
        assert not answer.cookies
        assert "Location" not in answer.headers
        outbox.write(OPTIONAL_LETTER, subject="news:2", person=amina)
        outbox.write(LETTER, subject="news:2", person=amina)
        send_what_waits(100)
        assert [mail["Subject"] for mail in sink.mails] == ["About news:1", "About news:2"]
        assert sink.mails[1]["List-Unsubscribe"] is None


class TestTheLink:
    """It names somebody and a kind, and tells neither."""

    def test_it_is_opened_by_us_alone(self, amina: User, settings) -> None:
        token = stop_links.token_of(amina.pk, KIND)
        assert stop_links.opened(token) == (amina.pk, KIND)
        settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 10
        assert stop_links.opened(token) == (amina.pk, KIND)
        settings.SECRET_KEY_FALLBACKS = []
        assert stop_links.opened(token) is None

    def test_it_stays_in_one_piece_wherever_it_is_shown(self, amina: User) -> None:
        assert stop_links.token_of(amina.pk, KIND).replace("-", "").replace("_", "").isalnum()

    def test_one_that_was_changed_opens_nothing(self, amina: User) -> None:
        token = stop_links.token_of(amina.pk, KIND)
        for changed in (token[:-1], f"{token}A", f"é{token}", token.swapcase(), token[::-1], "", "\0", "A" * 5000):
            assert stop_links.opened(changed) is None

    def test_one_of_a_kind_that_is_no_more_opens_nothing(self, amina: User) -> None:
        gone = outbox.Optional("gone", "Gone", "Never.", KIND.concerns)
        assert stop_links.opened(stop_links.token_of(amina.pk, gone)) is None


class TestDeclaring:
    """Kinds have each their name."""

    def test_two_kinds_of_one_name_are_refused(self) -> None:
        other = outbox.Optional(KIND.name, "Another", "Never.", KIND.concerns)
        with pytest.raises(ValueError, match="test-letters"):
            outbox.register(outbox.Rule("test.another", load, compose, optional=other))
        assert "test.another" not in rules.names()

    def test_names_and_rules_fit_their_columns(self) -> None:
        assert all(len(kind.name) <= 60 for kind in rules.optional_kinds())

    def test_that_it_was_stopped_stands_once_and_names_nobody(self, amina: User) -> None:
        for _ in range(2):
            assert stopping.stop(amina.pk, KIND)
        stop = Stop.objects.get()
        assert (stop.person, stop.kind) == (amina, KIND.name)
        assert str(stop) == f"Stop {stop.pk}"
        assert not Entry.objects.exists()
