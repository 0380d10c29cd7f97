"""The portal's mark: on codes, envelopes and links, through a change of SECRET_KEY, and on what stood here before."""

import hashlib
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django.utils.crypto import salted_hmac

from referrals import (
    casework,
    ceremony,
    enveloping,
    group_booking,
    groups,
    intake,
    provenance,
    reading,
    receipts,
    vault,
)
from referrals.models import Envelope, GroupBooking, GroupSession, Referral, Section
from referrals.vault import PublicKey
from tests.referrals.conftest import PASSPHRASE, Team, page_of, submit_to, unlock
from tests.referrals.forging import put_beside
from tests.referrals.sessions import LINK, announce, book
from tests.referrals.test_groups import begin

pytestmark = pytest.mark.django_db

IN_DOUBT = "Somebody may have changed this"


class TestCodes:
    """Somebody puts the hash of a code of theirs where another's was."""

    @pytest.mark.parametrize("purpose", [receipts.RECEIPT, receipts.HANDOVER])
    def test_it_finds_nothing(self, team: Team, purpose: str) -> None:
        intake.submit(team.offer, contact={}, story={}, submitter={"submitter": "A friend"})
        mine = vault.new_code()
        Referral.objects.update(**{purpose: vault.code_hash(mine, purpose)})
        assert receipts.find(mine, purpose) is None

    def test_it_is_no_receipt_of_the_persons_own_either(self, team: Team) -> None:
        intake.submit(team.offer, contact={}, story={}, submitter={"submitter": "A friend"})
        mine = vault.new_code()
        Referral.objects.update(own_receipt=vault.code_hash(mine, receipts.RECEIPT))
        assert receipts.find(mine) is None

    def test_whoever_submitted_does_not_become_the_person_by_a_row(self, team: Team) -> None:
        theirs = intake.submit(team.offer, contact={}, story={}, submitter={"submitter": "A friend"}).code
        Referral.objects.update(on_behalf=False)
        assert receipts.find(theirs) is None

    def test_beside_another_referral_it_hides_the_persons_own_from_nobody(self, team: Team) -> None:
        submit_to(team)
        code = intake.submit(team.offer, contact={}, story={}).code
        own = receipts.find(code)
        assert own
        Referral.objects.exclude(pk=own.pk).update(
            own_receipt=vault.code_hash(code, receipts.RECEIPT), submitted_on=timezone.localdate() - timedelta(days=1)
        )
        assert receipts.find(code) == own

    def test_a_code_that_a_triager_gives_ends_all_that_was_put_there(self, team: Team) -> None:
        theirs = intake.submit(team.offer, contact={}, story={}, submitter={"submitter": "A friend"})
        referral = Referral.objects.get()
        opened = team.unlocked(team.triager)
        casework.verify_consent(referral, "On the phone.", unlocked=opened)
        mine, given = vault.new_code(), vault.new_code()
        Referral.objects.update(receipt=vault.code_hash(mine, receipts.RECEIPT))
        casework.give_receipt(referral, given, unlocked=opened)
        assert receipts.find(given) == referral
        assert [receipts.find(code) for code in (mine, theirs.code)] == [None, None]
        assert receipts.find(theirs.handover, receipts.HANDOVER) is None


class TestEnvelopes:
    """They make somebody a reader as long as they are ours, and for what is sealed now."""

    def test_one_put_beside_has_nothing_sealed_anew_to_the_whole_team(self, team: Team) -> None:
        referral = submit_to(team, lead_first=True)
        for section in referral.sections.select_related("epoch"):
            put_beside(section, section.epoch)
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        assert enveloping.seal_anew(team.provider, team.unlocked(team.lead)) == 0
        assert reading.read(team.unlocked(team.lead), referral.pk)
        assert reading.read(team.unlocked(team.triager), referral.pk) is None

    def test_beside_one_of_ours_it_is_not_what_opens(self, team: Team) -> None:
        referral = submit_to(team)
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        for section in referral.sections.select_related("epoch"):
            put_beside(section, team.provider.epochs.get(ended_on__isnull=True))
        assert enveloping.seal_anew(team.provider, team.unlocked(team.triager)) == 2
        whole = reading.read(team.unlocked(team.triager), referral.pk)
        assert whole
        assert not whole.is_in_doubt

    def test_one_of_before_that_is_put_back_opens_nothing(self, team: Team) -> None:
        referral = submit_to(team)
        before = list(Envelope.objects.filter(section__referral=referral))
        casework.choose_readers(referral, [team.lead], unlocked=team.unlocked(team.lead))
        Envelope.objects.bulk_create(before)
        assert reading.read(team.unlocked(team.triager), referral.pk) is None
        assert reading.named_readers(referral) == [team.lead]
        intake.add_note(referral, "For the lead alone.")
        note = referral.sections.get(kind=Section.Kind.CORRESPONDENCE)
        assert set(note.envelopes.values_list("triager", flat=True)) == {team.lead.pk, None}

    def test_who_sees_it_is_changed_and_what_it_says_is_not(self, team: Team) -> None:
        referral = submit_to(team)
        casework.add_note(referral, "Canary note", unlocked=team.unlocked(team.triager))
        was = [bytes(section.sealed) for section in referral.sections.order_by("number")]
        casework.choose_readers(referral, [team.lead], unlocked=team.unlocked(team.lead))
        assert all(bytes(section.sealed) not in was for section in referral.sections.all())
        whole = reading.read(team.unlocked(team.lead), referral.pk)
        assert whole
        assert (whole.name, whole.history[0].text, whole.is_in_doubt) == ("Canary Name", "Canary note", False)


class TestLinks:
    """To a group session: people are led to no room but the team's."""

    def test_one_put_in_its_place_is_shown_to_nobody_and_given_to_nobody(self, team: Team) -> None:
        session = announce(team, days=0.5)
        code, booking = book(session)
        opened = team.unlocked(team.triager)
        groups.give_link(session, opened)
        booking.refresh_from_db()
        assert group_booking.join_link(booking, code) == LINK
        mine = GroupSession.objects.select_related("provider").get()
        groups._seal_link(mine, "https://meeting.example/mine")
        GroupSession.objects.update(sealed=mine.sealed, key=mine.key)
        session = GroupSession.objects.select_related("provider", "epoch").get()
        assert groups.link_of(session, opened) == ""
        with pytest.raises(groups.GroupRefused):
            groups.give_link(session, opened)

    def test_one_put_into_a_booking_is_not_shown_and_the_team_gives_its_own(self, team: Team) -> None:
        session = announce(team, days=0.5)
        code, booking = book(session)
        mine = PublicKey(bytes(booking.public_key)).seal(b"https://mine.example", *group_booking.link_names(booking.pk))
        GroupBooking.objects.update(link=mine)
        booking.refresh_from_db()
        assert group_booking.join_link(booking, code) is None
        assert groups.give_link(session, team.unlocked(team.triager)) == 1
        booking.refresh_from_db()
        assert group_booking.join_link(booking, code) == LINK

    def test_a_new_epoch_leaves_it_ours(self, team: Team) -> None:
        session = announce(team)
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        opened = team.unlocked(team.triager)
        assert enveloping.seal_anew(team.provider, opened) == 1
        session = GroupSession.objects.select_related("epoch").get(pk=session.pk)
        assert groups.link_of(session, opened) == LINK

    def test_a_change_of_secret_key_leaves_it_ours(self, team: Team, settings: Any) -> None:
        session = announce(team, days=0.5)
        code, booking = book(session)
        opened = team.unlocked(team.triager)
        groups.give_link(session, opened)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key" * 9, [settings.SECRET_KEY]
        provenance.attest_anew()
        settings.SECRET_KEY_FALLBACKS = []
        session = GroupSession.objects.select_related("epoch").get()
        booking.refresh_from_db()
        assert (groups.link_of(session, opened), group_booking.join_link(booking, code)) == (LINK, LINK)

    def test_one_that_is_erased_is_none(self, team: Team) -> None:
        session = announce(team)
        begin(session, days=40)
        groups.erase_past()
        session = GroupSession.objects.select_related("epoch").get(pk=session.pk)
        assert groups.link_of(session, team.unlocked(team.triager)) == ""


class TestChangeOfSecretKey:
    """Everything stays as it is, while the earlier key is among the fallbacks and after the command."""

    @pytest.fixture
    def changed(self, team: Team, settings: Any) -> Referral:
        referral = submit_to(team)
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key" * 9, [settings.SECRET_KEY]
        return referral

    def test_the_earlier_key_still_proves(self, changed: Referral, desk: Client) -> None:
        assert IN_DOUBT not in desk.get(page_of(changed)).content.decode()

    def test_after_the_command_it_can_be_taken_away(self, changed: Referral, settings: Any, capsys: Any) -> None:
        forged = changed.sections.last()
        assert forged
        Envelope.objects.filter(section=forged).update(code=b"by hand")
        call_command("attest_referrals")
        settings.SECRET_KEY_FALLBACKS = []
        sections = Section.objects.select_related("referral", "epoch")
        assert all(provenance.is_ours(each) for each in [*sections, *Referral.objects.all()])
        assert not any(provenance.is_ours(each) for each in Envelope.objects.filter(section=forged))
        assert "4 rows" in capsys.readouterr().out

    def test_without_either_it_opens_and_is_in_doubt(self, team: Team, changed: Referral, settings: Any) -> None:
        settings.SECRET_KEY_FALLBACKS = []
        html = unlock(team.triager).get(page_of(changed)).content.decode()
        assert "Canary story" in html
        assert IN_DOUBT in html


def code_of_0008(*told: object) -> bytes:
    """Return a mark as it was made before migration 0009."""
    return salted_hmac("referrals.provenance", "|".join(map(str, told)), algorithm="sha256").digest()


def digest(sealed: bytes | memoryview) -> str:
    return hashlib.sha256(bytes(sealed)).hexdigest()


class TestWhatStoodHereBefore:
    """Migration 0009 marks codes and links as they are, and goes by the marks of 0008 where there are some."""

    @pytest.fixture
    def referral(self, team: Team) -> Referral:
        """A referral and its rows, with the marks that they had then."""
        referral = submit_to(team)
        Referral.objects.update(code=b"")
        for section in Section.objects.select_related("epoch"):
            of_section = (referral.provider_id, referral.pk, section.pk, section.kind, section.epoch.number)
            section.code = code_of_0008("section", *of_section, section.number, digest(section.sealed))
            section.save()
        for envelope in Envelope.objects.all():
            of_envelope = (envelope.section_id, envelope.epoch_id, envelope.triager_id)
            envelope.code = code_of_0008("envelope", *of_envelope, digest(envelope.sealed))
            envelope.save()
        return referral

    def migrate(self) -> None:
        import_module("referrals.migrations.0009_marks_on_codes").mark_all(apps, None)

    def are_ours(self, model: type[Section | Envelope | Referral]) -> list[bool]:
        joined = {Section: ["referral", "epoch"], Envelope: ["section"]}.get(model, [])
        return [provenance.is_ours(row) for row in model._default_manager.select_related(*joined).order_by("pk")]

    def test_what_was_ours_stays_ours(self, team: Team, referral: Referral) -> None:
        whole = reading.read(team.unlocked(team.triager), referral.pk)
        assert whole
        assert whole.is_in_doubt
        self.migrate()
        assert self.are_ours(Referral) == [True]
        assert self.are_ours(Section) == [True] * 2
        assert self.are_ours(Envelope) == [True] * 2
        whole = reading.read(team.unlocked(team.triager), referral.pk)
        assert whole
        assert not whole.is_in_doubt

    def test_what_was_in_doubt_stays_in_doubt(self, team: Team, referral: Referral) -> None:
        story, contact = (referral.sections.select_related("epoch").get(kind=kind) for kind in ("story", "contact"))
        Section.objects.filter(pk=story.pk).update(sealed=b"by hand")
        for section in (story, contact):
            section.envelopes.all().delete()
            put_beside(section, section.epoch)
        self.migrate()
        assert provenance.is_ours(Section.objects.select_related("referral", "epoch").get(pk=contact.pk))
        assert not provenance.is_ours(Section.objects.select_related("referral", "epoch").get(pk=story.pk))
        assert self.are_ours(Envelope) == [False] * 2

    def test_a_mark_under_an_earlier_key_is_made_under_the_present_one(self, referral: Referral, settings: Any) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key" * 9, [settings.SECRET_KEY]
        self.migrate()
        settings.SECRET_KEY_FALLBACKS = []
        assert self.are_ours(Section) == self.are_ours(Envelope) == [True] * 2

    def test_links_that_were_given_are_still_shown(self, team: Team) -> None:
        session = announce(team, days=0.5)
        code, booking = book(session)
        opened = team.unlocked(team.triager)
        groups.give_link(session, opened)
        for model in (GroupSession, GroupBooking):
            model._default_manager.update(code=b"")
        self.migrate()
        session = GroupSession.objects.select_related("epoch").get()
        booking.refresh_from_db()
        assert (groups.link_of(session, opened), group_booking.join_link(booking, code)) == (LINK, LINK)
