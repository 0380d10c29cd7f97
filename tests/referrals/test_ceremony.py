"""A provider's keys: who may be given them, and what a stranger's hand in the database is worth."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from portal.outbox import rules
from portal.outbox.models import Message
from portal.outbox.sending import send_what_waits
from referrals import casework, ceremony, keyring, reading, sealing, unlocking, vault
from referrals.ceremony import CeremonyRefused
from referrals.models import Envelope, Epoch, Grant, RootHolding, Triager
from referrals.vault import MistypedPart, PrivateKey, SigningKey, Unopenable, Unsigned
from tests.factories import make_user
from tests.referrals.conftest import PASSPHRASE, MakeTeam, Team, fresh, submit_to

pytestmark = pytest.mark.django_db
NEW = "another calm river at dusk"


def test_a_provider_takes_referrals_once_its_root_is_pinned(team: Team, settings) -> None:
    assert keyring.takes_referrals(team.provider)
    settings.REFERRAL_ROOTS = {}
    assert not keyring.takes_referrals(team.provider)


def test_not_while_one_person_alone_could_open_them(team: Team) -> None:
    ceremony.leave(team.triager, lead=team.lead, passphrase=PASSPHRASE)
    assert not keyring.takes_referrals(team.provider)
    team.admit()
    assert keyring.takes_referrals(team.provider)


def test_a_pin_of_another_provider_is_none(make_team: MakeTeam, settings) -> None:
    one, other = make_team("one"), make_team("other")
    settings.REFERRAL_ROOTS = {"one": other.pin, "other": one.pin}
    assert not keyring.takes_referrals(one.provider)
    assert not keyring.takes_referrals(other.provider)


def test_a_demonstrations_root_is_none_in_production(team: Team) -> None:
    """The purpose is part of the fingerprint: to change the row is not enough."""
    assert team.pin.startswith("live-")
    team.provider.root_purpose = keyring.DEMO
    assert keyring.root_fingerprint(team.provider).partition("-")[2] != team.pin.partition("-")[2]
    assert not keyring.takes_referrals(team.provider)


def test_whoever_is_admitted_opens_the_present_epoch(team: Team) -> None:
    for triager in (team.lead, team.triager):
        unlocked = team.unlocked(triager)
        (epoch_id,) = unlocked.epoch_ids
        key = unlocked.epoch_key(epoch_id)
        assert key.public().raw == bytes(Epoch.objects.get(pk=epoch_id).public_key)


def test_a_triager_with_a_key_of_their_own_making_is_sealed_nothing(team: Team) -> None:
    """A superuser puts a public key, whose private half they hold, in a triager's row."""
    mine = PrivateKey.generate().public().raw
    Triager.objects.filter(pk=team.triager.pk).update(public_key=mine)
    with pytest.raises(Unsigned):
        keyring.triager_reader(team.provider, fresh(team.triager))
    with pytest.raises(Unsigned):
        ceremony.begin_epoch(team.lead, PASSPHRASE)
    assert team.provider.epochs.count() == 1


def test_a_key_that_is_in_the_roster_does_not_serve_another(team: Team) -> None:
    other = make_user()
    Triager.objects.create(
        provider=team.provider,
        user=other,
        state=Triager.State.ACTIVE,
        public_key=team.triager.public_key,
        wrapped_key=b"x",
    )
    with pytest.raises(Unsigned):
        keyring.triager_reader(team.provider, Triager.objects.get(user=other))


def test_an_epoch_that_is_swapped_takes_nothing(team: Team) -> None:
    Epoch.objects.update(public_key=PrivateKey.generate().public().raw)
    assert not keyring.takes_referrals(team.provider)
    with transaction.atomic(), pytest.raises(Unsigned):
        keyring.hold_present_epoch(team.provider)


def test_a_root_that_is_swapped_with_all_that_it_signs_takes_nothing(team: Team) -> None:
    """The whole of a provider's keys made anew, by somebody who can write every row but not the settings."""
    root, key = SigningKey.generate(), PrivateKey.generate().public().raw
    provider = team.provider
    provider.root_public = root.public()
    provider.recovery_public, provider.recovery_signature = key, keyring.sign_recovery(root, provider, key)
    provider.save()
    epoch = Epoch.objects.get()
    epoch.public_key = key
    keyring.sign_epoch(root, provider, epoch)
    epoch.save()
    assert not keyring.takes_referrals(provider)


def test_the_root_is_asked_for_by_passphrase(team: Team) -> None:
    with pytest.raises(Unopenable):
        ceremony.begin_epoch(team.lead, "not it")
    with pytest.raises(CeremonyRefused):
        ceremony.begin_epoch(team.triager, PASSPHRASE)


def test_keys_are_made_once(team: Team) -> None:
    with pytest.raises(CeremonyRefused):
        ceremony.found_keys(team.lead, PASSPHRASE)


def test_a_key_that_changed_since_it_was_compared_is_not_admitted(team: Team) -> None:
    person = make_user()
    triager = ceremony.invite_triager(team.provider, person.email, person.name, by=team.lead.user)
    seen = ceremony.key_fingerprint(ceremony.set_passphrase(triager, PASSPHRASE))
    ceremony.set_passphrase(fresh(triager), NEW)
    with pytest.raises(CeremonyRefused, match="changed"):
        ceremony.admit(triager, lead=team.lead, passphrase=PASSPHRASE, key_seen=seen)
    assert not Grant.objects.filter(triager=triager).exists()


def test_nobody_is_in_a_team_twice(team: Team) -> None:
    with pytest.raises(CeremonyRefused):
        ceremony.invite_triager(team.provider, team.triager.user.email.upper(), "", by=team.lead.user)


def test_a_new_passphrase_opens_and_the_old_one_no_longer(team: Team) -> None:
    ceremony.change_passphrase(team.triager, PASSPHRASE, NEW)
    triager = fresh(team.triager)
    assert unlocking.open_own_key(triager, NEW)
    with pytest.raises(Unopenable):
        unlocking.open_own_key(triager, PASSPHRASE)
    assert triager.state == Triager.State.ACTIVE
    with pytest.raises(Unopenable):
        ceremony.change_passphrase(triager, PASSPHRASE, PASSPHRASE)


class TestWhoLostThePassphrase:
    """Comes back by two approvals, of two people who are neither them nor one and the same."""

    @pytest.fixture
    def lost(self, team: Team) -> Triager:
        return ceremony.set_passphrase(team.triager, NEW)

    def admit(self, team: Team, triager: Triager) -> None:
        seen = ceremony.key_fingerprint(triager)
        ceremony.admit(triager, lead=team.lead, passphrase=PASSPHRASE, key_seen=seen)

    def test_opens_nothing_meanwhile(self, team: Team, lost: Triager) -> None:
        assert lost.state == Triager.State.KEYED
        assert not Grant.objects.filter(triager=lost).exists()

    def test_is_not_admitted_by_the_lead_alone(self, team: Team, lost: Triager) -> None:
        with pytest.raises(CeremonyRefused, match="colleague"):
            self.admit(team, lost)
        ceremony.vouch(lost, by=team.lead)
        with pytest.raises(CeremonyRefused, match="somebody else"):
            self.admit(team, lost)

    def test_is_admitted_with_a_colleagues_word(self, team: Team, lost: Triager) -> None:
        ceremony.vouch(lost, by=team.admit())
        self.admit(team, lost)
        team.passphrase = NEW
        assert team.unlocked(lost).epoch_ids

    def test_does_not_vouch_for_themselves(self, team: Team, lost: Triager) -> None:
        with pytest.raises(CeremonyRefused):
            ceremony.vouch(lost, by=lost)
        with pytest.raises(IntegrityError), transaction.atomic():
            Triager.objects.filter(pk=lost.pk).update(vouched_by=lost)

    def test_is_not_made_active_by_a_hand_in_the_database(self, lost: Triager) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Triager.objects.filter(pk=lost.pk).update(state=Triager.State.ACTIVE)

    def test_a_stranger_does_not_vouch(self, make_team: MakeTeam, lost: Triager) -> None:
        with pytest.raises(CeremonyRefused):
            ceremony.vouch(lost, by=make_team("elsewhere").lead)


class TestLeaving:
    """Ends the epoch, and leaves the leaver nothing."""

    def test_a_leavers_keys_are_gone_and_a_new_epoch_begins(self, team: Team) -> None:
        other = team.admit()
        ceremony.leave(team.triager, lead=team.lead, passphrase=PASSPHRASE)
        gone = fresh(team.triager)
        assert gone.state == Triager.State.LEFT
        assert gone.wrapped_key is None
        assert not gone.grants.exists()
        assert not gone.user.roles.current().exists()
        assert keyring.present_epoch(team.provider).name == "epoch 2"
        assert len(team.unlocked(other).epoch_ids) == 2

    def test_the_last_lead_stays(self, team: Team) -> None:
        with pytest.raises(CeremonyRefused):
            ceremony.leave(team.lead, lead=team.lead, passphrase=PASSPHRASE)

    def test_who_left_can_be_invited_again_and_starts_anew(self, team: Team) -> None:
        ceremony.leave(team.triager, lead=team.lead, passphrase=PASSPHRASE)
        with pytest.raises(CeremonyRefused):
            ceremony.set_passphrase(team.triager, PASSPHRASE)
        again = ceremony.invite_triager(team.provider, team.triager.user.email, "", by=team.lead.user)
        assert again.pk != team.triager.pk
        assert team.unlocked(team.key_and_admit(again)).epoch_ids


def test_a_second_lead_can_do_what_the_first_can(team: Team) -> None:
    team.admit()
    ceremony.share_root(team.triager, lead=team.lead, passphrase=PASSPHRASE)
    second = fresh(team.triager)
    ceremony.leave(team.lead, lead=second, passphrase=PASSPHRASE)
    assert not RootHolding.objects.filter(triager=team.lead).exists()
    assert keyring.takes_referrals(team.provider)


class TestRecovery:
    """Two of three printed parts, and nothing less."""

    def test_a_drill_proves_that_two_parts_are_enough(self, team: Team) -> None:
        for one, other in ((0, 1), (1, 2), (2, 0)):
            ceremony.drill(team.provider, team.parts[one], team.parts[other], by=team.lead)
        team.provider.refresh_from_db()
        assert team.provider.recovery_drilled_on

    def test_a_drill_with_parts_of_another_key_fails(self, team: Team) -> None:
        one, other, _ = vault.split(vault.new_seed())
        with pytest.raises(Unopenable):
            ceremony.drill(team.provider, one, other, by=team.lead)
        with pytest.raises(MistypedPart):
            ceremony.drill(team.provider, team.parts[0], team.parts[0], by=team.lead)

    def test_a_lead_who_lost_everything_opens_all_again(self, team: Team) -> None:
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        lead = ceremony.set_passphrase(team.lead, NEW)
        with pytest.raises(CeremonyRefused):
            ceremony.begin_epoch(lead, NEW)
        ceremony.recover(lead, team.parts[2], team.parts[1], passphrase=NEW)
        team.passphrase = NEW
        assert len(team.unlocked(lead).epoch_ids) == 2
        assert ceremony.begin_epoch(fresh(lead), NEW).number == 3

    def test_what_was_for_the_lead_alone_is_opened_again(self, team: Team) -> None:
        referral, triager = submit_to(team, lead_first=True), team.unlocked(team.triager)
        lead = ceremony.set_passphrase(team.lead, NEW)
        assert not Envelope.objects.filter(triager=lead).exists()
        assert sealing.left_to_recovery(team.provider).count() == 2
        ceremony.recover(lead, *team.parts[:2], passphrase=NEW)
        team.passphrase = NEW
        whole = reading.read(team.unlocked(lead), referral.pk)
        assert whole
        assert whole.story
        assert whole.story.content["text"] == "Canary story"
        assert not sealing.left_to_recovery(team.provider).exists()
        assert reading.read(triager, referral.pk) is None

    def test_what_was_for_one_triager_who_lost_their_key_is_left_to_a_lead(self, team: Team) -> None:
        referral = submit_to(team)
        casework.choose_readers(referral, [team.triager], unlocked=team.unlocked(team.lead))
        ceremony.set_passphrase(team.triager, NEW)
        assert reading.read(team.unlocked(team.lead), referral.pk) is None
        ceremony.recover(fresh(team.lead), *team.parts[1:], passphrase=PASSPHRASE)
        assert reading.read(team.unlocked(team.lead), referral.pk)

    def test_what_somebody_else_still_opens_is_not_given_to_the_lead(self, team: Team) -> None:
        referral = submit_to(team)
        casework.choose_readers(referral, [team.triager], unlocked=team.unlocked(team.lead))
        ceremony.recover(fresh(team.lead), *team.parts[1:], passphrase=PASSPHRASE)
        assert reading.read(team.unlocked(team.lead), referral.pk) is None

    def test_somebody_who_is_no_lead_recovers_nothing(self, team: Team) -> None:
        triager = ceremony.set_passphrase(team.triager, NEW)
        with pytest.raises(CeremonyRefused):
            ceremony.recover(triager, *team.parts[:2], passphrase=NEW)


def test_whoever_is_asked_into_a_team_gets_a_mail_that_says_no_more(team: Team) -> None:
    before = set(Message.objects.values_list("pk", flat=True))
    invited = ceremony.invite_triager(team.provider, "new@provider.example", "Demo New", by=team.lead.user)

    (message,) = Message.objects.exclude(pk__in=before)
    assert (message.rule, message.person) == (ceremony.INVITED, invited.user)
    assert message.rule in rules.private_names()
    send_what_waits(limit=100)
    (sent,) = [each for each in mail.outbox if each.to == ["new@provider.example"]]
    assert sent.subject == "You are asked to join a team"
    said = f"{sent.subject} {sent.body}"
    assert team.provider.name not in said
    assert "referral" not in said.lower()
