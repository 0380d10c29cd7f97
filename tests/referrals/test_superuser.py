"""What a superuser gets with a shell, the database and the deployment's SECRET_KEY: nothing that anybody wrote.

Each test is one of the ways that docs/threat-model.md names. Whoever changes the deployed code is not stopped, and the
threat model says so.
"""

import itertools

import pytest
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import BinaryField
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.models import Role, User
from portal.accounts.roles import grant_role
from portal.secret_box import secret_box
from portal.trail import SYSTEM
from referrals import ceremony, intake, keyring, reading, receipts, rules, sealing, unlocking, vault
from referrals.models import Envelope, Epoch, Grant, Referral, RootHolding, Section, Triager, Unlock
from referrals.vault import PrivateKey, Unopenable, Unsigned
from tests.referrals.conftest import PASSPHRASE, Team, fresh, readable_sections, request_of, submit_to

pytestmark = pytest.mark.django_db

CONTACT = {"name": "Canary Name"}
STORY = {"text": "What was said to me."}


@pytest.fixture
def referral(team: Team) -> Referral:
    receipt = intake.submit(team.offer, contact=CONTACT, story=STORY)
    found = receipts.find(receipt.code)
    assert found
    return found


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser("root@demo.example", "Demo Superuser", "a long enough password")


def every_stored_byte() -> list[bytes]:
    """Return every value of every column of the tables of referrals that a key could be made of."""
    found = []
    for model in apps.get_app_config("referrals").get_models():
        for row in model._default_manager.values_list():
            found += [bytes(value) for value in row if isinstance(value, bytes | memoryview)]
            found += [value.encode() for value in row if isinstance(value, str)]
    return found


def test_no_stored_byte_and_no_secret_of_the_deployment_is_a_key(team: Team, referral: Referral) -> None:
    section = referral.sections.select_related("epoch").get(kind="story")
    names = (str(referral.pk), str(section.pk), section.kind, section.epoch.number)
    tried = 0
    for stored in [*every_stored_byte(), settings.SECRET_KEY.encode()]:
        for key in {stored[:32], stored[-32:]}:
            if len(key) == 32:
                tried += 1
                with pytest.raises(Unopenable):
                    vault.open_content(key, bytes(section.sealed), *names)
    assert tried > 20


def test_no_stored_byte_is_a_private_key(team: Team, referral: Referral) -> None:
    public = {bytes(epoch.public_key) for epoch in Epoch.objects.all()}
    public |= {bytes(triager.public_key or b"") for triager in Triager.objects.all()}
    for stored in every_stored_byte():
        for start in (0, max(0, len(stored) - 96)):
            candidate = stored[start : start + 96]
            if len(candidate) == 96:
                assert PrivateKey(candidate).public().raw not in public


def test_the_deployments_secret_opens_no_wrapped_key(team: Team) -> None:
    for stored in every_stored_byte():
        with pytest.raises(InvalidToken):
            secret_box("second factor").decrypt(stored)
    with pytest.raises(Unopenable):
        vault.unwrap(bytes(fresh(team.triager).wrapped_key or b""), settings.SECRET_KEY, str(team.triager.pk))


def test_a_password_set_for_a_triager_unlocks_nothing(team: Team) -> None:
    User.objects.filter(pk=team.triager.user_id).update(password=make_password("a password of my own"))
    with pytest.raises(Unopenable):
        unlocking.unlock(request_of(team.triager.user), team.triager, "a password of my own")


def test_signing_in_as_a_triager_who_has_unlocked_opens_nothing(team: Team) -> None:
    """With SECRET_KEY any sign-in can be forged, also with the triager's own session key; the cookie's key cannot."""
    request = request_of(team.triager.user)
    unlocking.unlock(request, team.triager, PASSPHRASE)
    row = Unlock.objects.get()
    stored = [bytes(row.place), bytes(row.session), bytes(row.sealed), settings.SECRET_KEY.encode()]
    forged = HttpRequest()
    forged.user, forged.session = request.user, request.session
    for guess in [*(value.hex() for value in stored), settings.SECRET_KEY, request.session.session_key or ""]:
        assert unlocking.unlocked(forged, team.triager, guess) is None
        with pytest.raises(Unopenable):
            vault.open_under(guess, bytes(row.sealed), str(team.triager.pk), bytes(row.session))


def test_a_superuser_is_no_triager(team: Team, superuser: User) -> None:
    assert not rules.works_in_queue(superuser)
    assert rules.own_place(superuser) is None


def test_a_superuser_who_puts_themselves_in_the_team_opens_nothing(
    team: Team, superuser: User, referral: Referral
) -> None:
    key = PrivateKey.generate()
    grant_role(superuser, Role.Kind.TRIAGER, granted_by=SYSTEM)
    me = Triager.objects.create(
        provider=team.provider,
        user=superuser,
        is_lead=True,
        state=Triager.State.ACTIVE,
        public_key=key.public().raw,
        wrapped_key=vault.wrap(key.raw, "mine", "anything"),
    )
    unlocked = unlocking.Unlocked(fresh(me), key)
    assert not readable_sections(referral.sections.all(), unlocked)
    # Nor does a copy of somebody else's grant or envelope, put in one's own name.
    theirs = Grant.objects.get(triager=team.triager)
    Grant.objects.create(epoch=theirs.epoch, triager=me, sealed=theirs.sealed)
    section = referral.sections.select_related("epoch").get(kind="story")
    envelope = Envelope.objects.get(section=section)
    Envelope.objects.create(section=section, triager=me, sealed=envelope.sealed)
    with pytest.raises(Unopenable):
        sealing.open_section(section, unlocking.Unlocked(fresh(me), key))
    # And what comes next is sealed to no lead of the superuser's making.
    code = intake.submit(team.offer, contact=CONTACT, story=STORY, lead_first=True).code
    assert not Envelope.objects.filter(section__referral=receipts.find(code), triager=me).exists()
    with pytest.raises(Unsigned):
        ceremony.begin_epoch(team.lead, PASSPHRASE)


def test_an_epoch_of_ones_own_takes_nothing(team: Team) -> None:
    key = PrivateKey.generate()
    Epoch.objects.update(ended_on="2026-01-01")
    Epoch.objects.create(
        provider=team.provider,
        number=2,
        public_key=key.public().raw,
        signature=Epoch.objects.get().signature,
        for_recovery=b"x",
    )
    with pytest.raises(Unsigned):
        intake.submit(team.offer, contact=CONTACT, story=STORY)
    assert not keyring.takes_referrals(team.provider)


def test_an_envelope_is_not_sealed_to_an_epoch_that_has_ended(team: Team, referral: Referral) -> None:
    """PostgreSQL holds it, for whoever writes rows by hand as for our own code."""
    Epoch.objects.update(ended_on="2026-01-01")
    envelope = Envelope.objects.first()
    assert envelope
    envelope.pk = None
    with pytest.raises(Exception, match="epoch that has ended"):
        envelope.save()


def test_the_recovery_key_stands_nowhere(team: Team) -> None:
    seed = vault.join(*team.parts[:2])
    private = vault.recovery_key(seed).raw
    for stored, part in itertools.product(every_stored_byte(), [seed, private[:32], private[-32:]]):
        assert part not in stored


def test_no_column_is_meant_for_a_key_in_the_clear() -> None:
    """Whatever holds bytes is a hash, a public key, a signature, or sealed; the models say which."""
    known = {
        *("root_public", "root_for_recovery", "recovery_public", "recovery_signature"),
        *("public_key", "wrapped_key", "signature", "for_recovery", "sealed", "key"),
        *("place", "session", "receipt", "own_receipt", "handover", "link", "code"),
    }
    fields = itertools.chain.from_iterable(
        model._meta.get_fields() for model in apps.get_app_config("referrals").get_models()
    )
    found = {field.name for field in fields if isinstance(field, BinaryField)}
    assert found <= known


def test_no_model_of_referrals_is_in_the_admin() -> None:
    models = set(apps.get_app_config("referrals").get_models())
    assert models.isdisjoint(admin.site._registry)


def test_what_stands_in_the_clear_of_a_referral_is_what_the_design_allows(referral: Referral) -> None:
    clear = {field.name for field in Referral._meta.fields}
    assert clear <= {
        *("id", "provider", "commissioner", "assignee", "state", "reason", "on_behalf", "receipt", "handover"),
        *("own_receipt", "code"),
        *("consent_verified_by", "submitted_on", "consent_on", "received_on", "triage_due_on", "triage_target_on"),
        *("triaged_on", "first_due_on", "first_target_on", "first_held_on", "consent_due_on", "ended_on"),
        *("clock_policy", "purge_on", "on_hold", "purged_on", "warn_on", "act_by", "announced", "has_news"),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'referrals_%' "
            "AND data_type LIKE 'timestamp%'"
        )
        timed = {table for table, _ in cursor.fetchall()}
    # When a queue was opened, when a group meets, and the fixed times of telling: no time of what a person did.
    assert timed <= {"referrals_unlock", "referrals_groupsession", "referrals_round"}
    assert Section._meta.get_field("on").get_internal_type() == "DateField"


def test_a_triager_who_is_made_a_lead_in_the_database_is_sealed_nothing(team: Team) -> None:
    Triager.objects.filter(pk=team.triager.pk).update(is_lead=True)
    with pytest.raises(Unsigned):
        submit_to(team, lead_first=True)
    assert not Referral.objects.exists()


def test_the_root_is_not_given_to_a_key_that_was_put_in_a_row(team: Team) -> None:
    mine = vault.PrivateKey.generate()
    Triager.objects.filter(pk=team.triager.pk).update(public_key=mine.public().raw)
    with pytest.raises(Unsigned):
        ceremony.share_root(fresh(team.triager), lead=team.lead, passphrase=PASSPHRASE)
    assert RootHolding.objects.count() == 1


def test_a_lead_whose_public_key_was_changed_signs_and_recovers_nothing(team: Team) -> None:
    mine = vault.PrivateKey.generate()
    Triager.objects.filter(pk=team.lead.pk).update(public_key=mine.public().raw)
    with pytest.raises(ceremony.CeremonyRefused):
        ceremony.begin_epoch(fresh(team.lead), PASSPHRASE)
    with pytest.raises(ceremony.CeremonyRefused):
        ceremony.recover(fresh(team.lead), *team.parts[:2], passphrase=PASSPHRASE)


def test_an_epoch_that_has_ended_does_not_come_back(team: Team) -> None:
    ceremony.begin_epoch(team.lead, PASSPHRASE)
    team.provider.epochs.filter(number=2).update(ended_on=timezone.localdate())
    team.provider.epochs.filter(number=1).update(ended_on=None)
    assert not keyring.takes_referrals(team.provider)
    with pytest.raises(Unsigned):
        submit_to(team)


@pytest.mark.parametrize("raw", [b"", b"no key", b"x" * 95])
def test_a_grant_of_what_is_no_key_breaks_no_page(team: Team, referral: Referral, raw: bytes) -> None:
    public = vault.PublicKey(bytes(team.triager.public_key or b""))
    names = unlocking.grant_names(1, f"triager {team.triager.pk}")
    Grant.objects.filter(triager=team.triager).update(sealed=public.seal(raw, *names))
    unlocked = team.unlocked(team.triager)
    assert reading.read(unlocked, referral.pk) is None
    assert [row.name for row in reading.queue(unlocked).rows] == [""]


def test_a_suite_that_is_none_opens_nothing(team: Team) -> None:
    Triager.objects.filter(pk=team.triager.pk).update(suite=99)
    with pytest.raises(Unopenable):
        unlocking.unlock(request_of(team.triager.user), fresh(team.triager), PASSPHRASE)
