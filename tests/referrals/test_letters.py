"""Writing to the person: through the provider's own relay, with the sealed copy kept before anything leaves."""

from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from portal.outbox.models import Message
from referrals import casework, ceremony, intake, letters, receipts, sealing
from referrals.letters import CannotWrite
from referrals.models import Envelope, Referral, Section
from tests.outbox.sink import EVERYBODY, Sink, running_sink
from tests.referrals.conftest import Team, readable_sections

pytestmark = pytest.mark.django_db
CONTACT = {"name": "Canary", "ways": ["email"], "email": "person@post.example"}


@pytest.fixture
def relay(team: Team, settings: Any) -> Iterator[Sink]:
    """The provider's own mail server."""
    where = SimpleNamespace()
    with running_sink(where) as sink:
        settings.REFERRAL_RELAYS = {team.provider.slug: f"smtp://127.0.0.1:{where.EMAIL_PORT}"}
        settings.REFERRAL_SENDERS = {team.provider.slug: "Listening <team@provider.example>"}
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        yield sink


def submit(team: Team, **contact: Any) -> Referral:
    found = receipts.find(intake.submit(team.offer, contact=CONTACT | contact, story={}).code)
    assert found
    return found


def copies(team: Team, referral: Referral) -> list[tuple[str, str]]:
    unlocked = team.unlocked(team.lead)
    sections = readable_sections(referral.sections.filter(kind="correspondence"), unlocked)
    opened = [sealing.open_section(section, unlocked).content for section in sections]
    return [(content["text"], content["state"]) for content in opened]


def write(team: Team, referral: Referral, text: str = "Would Tuesday at ten suit you?") -> str:
    return letters.write_to(referral, text, unlocked=team.unlocked(team.triager))


def test_a_letter_goes_to_the_person_from_the_provider(team: Team, relay: Sink) -> None:
    referral = submit(team)
    assert write(team, referral) == letters.SENT
    (letter,) = relay.mails
    assert letter["To"] == "person@post.example"
    assert letter["From"] == "Listening <team@provider.example>"
    assert letter["Subject"] == letters.SUBJECT
    assert "Tuesday at ten" in letter.get_content()
    assert copies(team, referral) == [("Would Tuesday at ten suit you?", letters.SENT)]
    assert not Message.objects.filter(rule__startswith="referrals").exclude(rule=ceremony.INVITED).exists()


@pytest.mark.parametrize("step", ["at_sender", "at_recipient", "at_data"])
def test_a_letter_that_is_not_taken_says_so_at_once(team: Team, relay: Sink, step: str) -> None:
    who = "team@provider.example" if step == "at_sender" else EVERYBODY
    getattr(relay, step)[who] = "550 No"
    referral = submit(team)
    assert write(team, referral) == letters.FAILED
    assert copies(team, referral) == [("Would Tuesday at ten suit you?", letters.FAILED)]


def test_a_relay_that_is_down_says_so_at_once(team: Team, settings: Any, relay: Sink) -> None:
    settings.REFERRAL_RELAYS = {team.provider.slug: "smtp://127.0.0.1:9"}
    referral = submit(team)
    assert write(team, referral) == letters.FAILED
    assert copies(team, referral)[0][1] == letters.FAILED


def test_a_connection_that_breaks_leaves_it_unknown(team: Team, relay: Sink) -> None:
    relay.takes = lambda _: False
    referral = submit(team)
    assert write(team, referral) in {letters.UNKNOWN, letters.FAILED}
    assert copies(team, referral)[0][1] != letters.SENT


def test_what_was_sending_when_we_were_killed_is_kept_as_unknown(
    team: Team, relay: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(letters, "_hand_over", killed)
    referral = submit(team)
    with pytest.raises(KeyboardInterrupt):
        write(team, referral)
    assert copies(team, referral) == [("Would Tuesday at ten suit you?", letters.SENDING)]


def test_nobody_is_written_to_where_it_is_not_safe(team: Team, relay: Sink) -> None:
    for contact in ({"ways": ["phone"]}, {"email": ""}):
        referral = submit(team, **contact)
        with pytest.raises(letters.CannotWrite):
            write(team, referral)
    assert not relay.mails
    assert not Section.objects.filter(kind="correspondence").exists()


def test_without_a_relay_of_the_providers_own_nothing_is_written(team: Team, settings: Any) -> None:
    settings.REFERRAL_RELAYS = {}
    with pytest.raises(letters.CannotWrite):
        write(team, submit(team))


def test_a_text_that_looks_like_headers_stays_a_text(team: Team, relay: Sink) -> None:
    write(team, submit(team), "Hello\r\nBcc: everybody@evil.example\r\n\r\nX")
    (letter,) = relay.mails
    assert letter["Bcc"] is None
    assert letter["To"] == "person@post.example"


def test_a_letter_of_one_number_is_sent_once(team: Team, relay: Sink) -> None:
    referral, number = submit(team), uuid4()
    for _ in range(2):
        with suppress(CannotWrite):
            letters.write_to(referral, "Once", number=number, unlocked=team.unlocked(team.triager))
    assert len(relay.mails) == len(copies(team, referral)) == 1


def test_what_is_erased_while_the_relay_takes_the_letter_stays_erased(
    team: Team, relay: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = submit(team)
    hand_over = letters._hand_over

    def erased_meanwhile(*sent: Any) -> str:
        casework.erase(referral, unlocked=team.unlocked(team.lead))
        return hand_over(*sent)

    monkeypatch.setattr(letters, "_hand_over", erased_meanwhile)
    assert write(team, referral) == letters.SENT
    assert not Envelope.objects.exists()
    assert {bytes(section.sealed) for section in referral.sections.all()} == {b""}
