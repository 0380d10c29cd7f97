"""What a person does: it is sealed before it is stored, and only whom it is for opens it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portal.trail.models import Entry
from referrals import intake, receipts, sealing
from referrals.models import Envelope, Referral, Section
from referrals.sealing import Opened
from referrals.transitions import WrongState
from referrals.vault import Unopenable, Unsigned
from tests.referrals.conftest import Team, readable_sections

pytestmark = pytest.mark.django_db

CONTACT = {"name": "Canary Name", "email": "canary@post.example"}
STORY = {"text": "What was said to me in the staff room."}


def submit(team: Team, **how) -> tuple[intake.Receipt, Referral]:
    receipt = intake.submit(team.offer, contact=CONTACT, story=STORY, **how)
    found = receipts.find(receipt.code)
    assert found
    return receipt, found


def opened(team: Team, referral: Referral, who) -> list[Opened]:
    unlocked = team.unlocked(who)
    sections = readable_sections(referral.sections.all(), unlocked)
    return [sealing.open_section(section, unlocked) for section in sections]


def test_a_referral_is_read_by_the_whole_team(team: Team) -> None:
    _, referral = submit(team)
    for triager in (team.lead, team.triager):
        contact, story = opened(team, referral, triager)
        assert contact.content == CONTACT
        assert story.content == {**STORY, "offer": "One-to-one therapy"}


def test_the_clocks_begin_on_the_day_of_receipt(team: Team) -> None:
    _, referral = submit(team)
    today = timezone.localdate()
    assert referral.received_on == today
    assert referral.triage_due_on == today + timedelta(days=7)
    assert referral.first_due_on == today + timedelta(days=28)


def test_one_for_the_lead_first_is_opened_by_nobody_else(team: Team) -> None:
    _, referral = submit(team, lead_first=True)
    assert not opened(team, referral, team.triager)
    assert len(opened(team, referral, team.lead)) == 2
    section = referral.sections.select_related("epoch").get(kind="story")
    with pytest.raises(Unopenable):
        sealing.open_section(section, team.unlocked(team.triager))


def test_a_note_goes_to_whoever_reads_the_referral_now(team: Team) -> None:
    _, referral = submit(team, lead_first=True)
    intake.add_note(referral, "I can be reached in the evening.")
    assert not opened(team, referral, team.triager)
    assert opened(team, referral, team.lead)[-1].content["text"] == "I can be reached in the evening."


def test_what_is_moved_to_another_row_does_not_open(team: Team) -> None:
    _, one = submit(team)
    _, other = submit(team)
    mine, theirs = one.sections.get(kind="contact"), other.sections.get(kind="contact")
    Section.objects.filter(pk=mine.pk).update(sealed=theirs.sealed)
    Envelope.objects.filter(section=mine).update(sealed=theirs.envelopes.get().sealed)
    with pytest.raises(Unopenable):
        opened(team, one, team.lead)


def test_what_is_moved_to_another_section_does_not_open(team: Team) -> None:
    _, referral = submit(team)
    Section.objects.filter(kind="contact").update(kind="note")
    with pytest.raises(Unopenable):
        opened(team, referral, team.lead)


def test_nothing_is_taken_that_nobody_could_read(team: Team, settings) -> None:
    settings.REFERRAL_ROOTS = {}
    with pytest.raises(Unsigned):
        intake.submit(team.offer, contact=CONTACT, story=STORY)
    assert not Referral.objects.exists()


def test_the_receipt_finds_it_however_it_is_typed(team: Team) -> None:
    receipt, referral = submit(team)
    assert receipts.find(receipt.code.lower().replace("-", " ")) == referral
    assert receipts.find(receipt.code[:-1]) is None
    assert receipts.find(receipt.code, receipts.HANDOVER) is None


class TestOnBehalf:
    """It waits apart until the person has said yes."""

    SUBMITTER = {"name": "A friend", "consent": "They said so on the phone."}

    def test_it_waits_and_no_clock_of_triage_runs(self, team: Team) -> None:
        receipt, referral = submit(team, submitter=self.SUBMITTER)
        assert referral.state == Referral.State.AWAITING_CONSENT
        assert referral.triage_due_on is None
        assert referral.consent_due_on == timezone.localdate() + timedelta(days=7)
        assert referral.purge_on == timezone.localdate() + timedelta(days=14)
        assert receipts.find(receipt.handover, receipts.HANDOVER) == referral

    def test_the_persons_word_starts_the_clocks_once(self, team: Team) -> None:
        _, referral = submit(team, submitter=self.SUBMITTER)
        Referral.objects.update(submitted_on=timezone.localdate() - timedelta(days=3))
        intake.confirm(referral)
        intake.confirm(referral)
        referral.refresh_from_db()
        assert referral.state == Referral.State.RECEIVED
        assert referral.received_on == referral.consent_on == timezone.localdate()
        assert referral.purge_on is None
        assert Entry.objects.filter(verb="referral.confirmed").count() == 1

    def test_declined_it_is_gone_at_once(self, team: Team) -> None:
        _, referral = submit(team, submitter=self.SUBMITTER)
        intake.decline(referral)
        assert not Envelope.objects.exists()
        assert not opened(team, referral, team.lead)
        referral.refresh_from_db()
        assert referral.state == Referral.State.DECLINED
        with pytest.raises(WrongState):
            intake.confirm(Referral.objects.get())

    def test_what_was_confirmed_is_not_declined_by_the_same_code(self, team: Team) -> None:
        _, referral = submit(team, submitter=self.SUBMITTER)
        intake.confirm(referral)
        with pytest.raises(WrongState):
            intake.decline(referral)


def test_a_person_withdraws_at_any_time_and_once(team: Team) -> None:
    _, referral = submit(team)
    intake.withdraw(referral)
    intake.withdraw(referral)
    referral.refresh_from_db()
    assert referral.state == Referral.State.WITHDRAWN
    assert referral.purge_on == timezone.localdate() + timedelta(days=30)
    with pytest.raises(WrongState):
        intake.add_note(referral, "Wait.")


def test_what_a_person_does_leaves_a_day_and_no_time(team: Team) -> None:
    _, referral = submit(team)
    intake.add_note(referral, "Hello")
    intake.withdraw(referral)
    entries = Entry.objects.filter(subject=f"referral:{referral.pk}")
    assert entries.count() == 3
    for entry in entries:
        at = timezone.localtime(entry.at)
        assert (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
        assert entry.actor is None
        assert entry.details == {}
