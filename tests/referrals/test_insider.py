"""Somebody who can write every row of the database, and has neither a passphrase nor SECRET_KEY."""

from typing import Any

import pytest
from django.test import Client

from referrals import casework, ceremony, groups, intake, keyring, letters, reading, receipts, sealing, unlocking, vault
from referrals.models import Envelope, GroupSession, Referral, RootHolding, Section, Triager
from referrals.transitions import State
from referrals.unlocking import Unlocked
from referrals.vault import PrivateKey, Unsigned
from tests.factories import make_user
from tests.referrals.conftest import PASSPHRASE, Team, act_on, fresh, page_of, submit_to
from tests.referrals.forging import forge, put_beside
from tests.referrals.sessions import LINK, announce, book

pytestmark = pytest.mark.django_db


class TestTheTeam:
    """Who is in it, and who leads, is signed by the root, and no row's word is taken."""

    def test_whoever_is_admitted_comes_in_as_no_lead(self, team: Team) -> None:
        person = make_user()
        newcomer = ceremony.invite_triager(team.provider, person.email, person.name, by=team.lead.user)
        ceremony.set_passphrase(newcomer, PASSPHRASE)
        Triager.objects.filter(pk=newcomer.pk).update(is_lead=True)
        newcomer = fresh(newcomer)
        ceremony.admit(newcomer, lead=team.lead, passphrase=PASSPHRASE, key_seen=ceremony.key_fingerprint(newcomer))
        assert not fresh(newcomer).is_lead
        assert keyring.roster(team.provider)[str(newcomer.pk)]["role"] == keyring.MEMBER

    def test_a_row_that_says_that_somebody_leads_gives_them_no_envelope(self, team: Team) -> None:
        team.admit()
        Triager.objects.filter(pk=team.triager.pk).update(is_lead=True)
        code = intake.submit(team.offer, contact={}, story={}, lead_first=True).code
        held = Envelope.objects.filter(section__referral=receipts.find(code))
        assert set(held.values_list("triager", flat=True)) == {team.lead.pk, None}

    def test_a_leaver_is_not_brought_back_by_a_row(self, team: Team) -> None:
        leaver = team.admit()
        was = bytes(fresh(leaver).wrapped_key or b"")
        ceremony.leave(leaver, lead=team.lead, passphrase=PASSPHRASE)
        Triager.objects.filter(pk=leaver.pk).update(state=Triager.State.ACTIVE, wrapped_key=was)
        back = fresh(leaver)
        with pytest.raises(Unsigned):
            keyring.triager_reader(team.provider, back)
        with pytest.raises(Unsigned):
            ceremony.begin_epoch(team.lead, PASSPHRASE)
        assert not back.grants.exists()

    def test_a_roster_that_is_written_by_hand_closes_the_form(self, team: Team) -> None:
        epoch = team.provider.epochs.get()
        epoch.roster[str(team.triager.pk)]["role"] = keyring.LEAD
        epoch.save()
        assert not keyring.takes_referrals(team.provider)

    def test_the_roster_of_an_epoch_before_does_not_serve(self, team: Team) -> None:
        before = team.provider.epochs.get()
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        team.provider.epochs.filter(number=2).update(roster=before.roster, signature=before.signature)
        assert not keyring.takes_referrals(team.provider)

    def test_without_a_lead_who_could_open_it_nothing_is_taken(self, team: Team) -> None:
        team.admit()
        ceremony.set_passphrase(team.lead, "another river at night")
        assert not keyring.takes_referrals(team.provider)
        with pytest.raises(Unsigned):
            intake.submit(team.offer, contact={}, story={}, lead_first=True)
        assert not Referral.objects.exists()
        assert not RootHolding.objects.exists()

    def test_somebody_who_may_not_sign_in_counts_for_nothing_and_the_lead_is_told(self, team: Team) -> None:
        user = team.triager.user
        assert keyring.takes_referrals(team.provider)
        user.is_active = False
        user.save()
        assert not keyring.takes_referrals(team.provider)
        with pytest.raises(Unsigned):
            intake.submit(team.offer, contact={}, story={})
        user.is_active = True
        user.save()
        assert keyring.takes_referrals(team.provider)


def impostor_of(triager: Triager) -> Unlocked:
    """Give a triager's row a key of one's own, and open the queue with a passphrase of one's own."""
    wrapped = vault.wrap(PrivateKey.generate().raw, "mine, not yours", str(triager.pk))
    Triager.objects.filter(pk=triager.pk).update(wrapped_key=wrapped, suite=vault.SUITE)
    triager = fresh(triager)
    return Unlocked(triager, PrivateKey(unlocking.open_own_key(triager, "mine, not yours")))


class TestInATriagersPlace:
    """By a key of one's own in their row somebody opens their queue. It holds nothing, and nothing is done in it."""

    @pytest.fixture
    def impostor(self, team: Team) -> Unlocked:
        return impostor_of(team.lead)

    def test_they_read_nothing(self, team: Team, impostor: Unlocked) -> None:
        assert reading.read(impostor, submit_to(team).pk) is None

    @pytest.mark.parametrize("with_its_public_half", [False, True])
    def test_they_decide_nothing_and_write_nothing(
        self, team: Team, impostor: Unlocked, *, with_its_public_half: bool
    ) -> None:
        referral = submit_to(team)
        if with_its_public_half:
            Triager.objects.filter(pk=team.lead.pk).update(public_key=impostor.key.public().raw)
            impostor.triager.refresh_from_db()
        for do in (casework.add_note, casework.accept, casework.decline, casework.record_withdrawal):
            with pytest.raises(Unsigned):
                do(referral, "Words in the lead's name", unlocked=impostor)
        for deed in (casework.claim, casework.erase):
            with pytest.raises(Unsigned):
                deed(referral, unlocked=impostor)
        with pytest.raises(Unsigned):
            casework.give_receipt(referral, vault.new_code(), unlocked=impostor)
        referral.refresh_from_db()
        assert (referral.state, referral.assignee, referral.purged_on) == (State.RECEIVED, None, None)
        assert referral.sections.count() == 2

    def test_they_answer_for_no_words_of_their_own(self, team: Team, impostor: Unlocked) -> None:
        referral = submit_to(team)
        contact = referral.sections.select_related("epoch").get(kind=Section.Kind.CONTACT)
        key, sealed = vault.seal_content(b'{"email": "elsewhere@evil.example"}', *sealing._names(contact))
        Section.objects.filter(pk=contact.pk).update(sealed=sealed)
        names = sealing.envelope_names(contact, impostor.own_name)
        contact.envelopes.update(epoch=None, triager=team.lead, sealed=impostor.key.public().seal(key, *names))
        whole = reading.read(impostor, referral.pk)
        assert whole
        assert whole.is_in_doubt
        with pytest.raises(Unsigned):
            casework.vouch(referral, {sealing.as_seen(each.section) for each in whole.in_doubt}, unlocked=impostor)
        contact = referral.sections.select_related("epoch").prefetch_related("envelopes").get(pk=contact.pk)
        assert sealing.is_in_doubt(contact)

    def test_they_lead_people_to_no_room_of_theirs(self, team: Team) -> None:
        session = announce(team, facilitators=[team.lead])
        book(session)
        impostor = impostor_of(team.lead)
        planned = groups.Plan("Mine", session.starts_at, 3, [team.lead], "https://meeting.example/mine")
        for do in (
            lambda: groups.plan(impostor, planned),
            lambda: groups.change(session, impostor, planned),
            lambda: groups.call_off(session, impostor),
            lambda: groups.take_off(session, impostor, session.bookings.get().pk),
        ):
            with pytest.raises(groups.GroupRefused, match="root"):
                do()
        session = GroupSession.objects.select_related("epoch").get()
        assert groups.link_of(session, team.unlocked(team.triager)) == LINK
        assert session.bookings.get().cancelled_on is None

    def test_whoever_says_in_a_row_that_they_lead_does_nothing_as_a_lead(self, team: Team) -> None:
        referral = submit_to(team)
        Triager.objects.filter(pk=team.triager.pk).update(is_lead=True)
        with pytest.raises(Unsigned):
            casework.choose_readers(referral, [team.triager], unlocked=team.unlocked(team.triager))
        assert reading.read(team.unlocked(team.lead), referral.pk)


class TestWhatIsWritten:
    """It carries the portal's mark, which is not made without SECRET_KEY."""

    def test_an_envelope_put_beside_opens_a_referral_to_nobody_more(self, team: Team, desk: Client) -> None:
        referral = submit_to(team, lead_first=True)
        for section in referral.sections.all():
            put_beside(section, team.provider.epochs.get())
        intake.add_note(referral, "For the lead alone.")
        assert desk.get(page_of(referral)).status_code == 404
        note = referral.sections.get(kind=Section.Kind.CORRESPONDENCE)
        assert set(note.envelopes.values_list("triager", flat=True)) == {team.lead.pk, None}
        assert not note.envelopes.filter(epoch__isnull=False).exists()
        assert reading.named_readers(referral) == [team.lead]

    def test_words_put_in_somebodys_place_are_shown_in_doubt_and_no_letter_follows_them(
        self, team: Team, desk: Client, settings: Any
    ) -> None:
        settings.REFERRAL_RELAYS = {team.provider.slug: "smtp://127.0.0.1:9"}
        settings.REFERRAL_SENDERS = {team.provider.slug: "team@provider.example"}
        referral = submit_to(team)
        assert "Somebody may have changed this" not in desk.get(page_of(referral)).content.decode()
        contact = referral.sections.select_related("epoch").get(kind=Section.Kind.CONTACT)
        forge(contact, {"name": "Canary Name", "ways": ["email"], "email": "elsewhere@evil.example"})
        assert "Somebody may have changed this" in desk.get(page_of(referral)).content.decode()
        answer = desk.post(act_on(referral, "letter"), {"text": "Dear Canary"})
        assert answer.status_code == 409
        assert "It is in doubt how to be in touch" in answer.content.decode()
        with pytest.raises(letters.CannotWrite):
            letters.safe_address(referral, team.unlocked(team.triager))

    def test_a_referral_moved_to_another_team_gives_it_nothing(self, team: Team, make_team: Any) -> None:
        code = intake.submit(team.offer, contact={}, story={}).code
        referral, other = receipts.find(code), make_team("elsewhere")
        assert referral
        Referral.objects.update(provider=other.provider)
        assert receipts.find(code) is None  # so that no note goes there
        assert reading.read(other.unlocked(other.lead), referral.pk) is None
