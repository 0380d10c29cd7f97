"""Making a provider's keys, and who is given them: what the triage lead does at a table with their team.

Everything that signs asks the lead for their passphrase again: an open queue alone appoints nobody. What is printed is
shown once and stored nowhere.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from portal import outbox, trail
from portal.accounts.models import Role, User
from portal.accounts.people import add_person
from portal.accounts.roles import end_roles, grant_role
from referrals import vault
from referrals.gate import gate
from referrals.keyring import (
    RECOVERY,
    Reader,
    entry,
    present_epoch,
    recovery_reader,
    root_fingerprint,
    sign_epoch,
    sign_recovery,
    team_readers,
    triager_reader,
)
from referrals.models import Envelope, Epoch, Grant, Provider, RootHolding, Triager, Unsent
from referrals.sealing import share_from_recovery
from referrals.unlocking import Unlocked, grant_names, lock, open_own_key, require_unchanged

State = Triager.State
INVITED = "referrals.invited"
"""The rule of the mail to somebody who is asked into a team."""


class CeremonyRefused(Exception):
    """It cannot be done as things stand; `str()` says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Founded:
    """What a ceremony leaves to print and to configure: the parts of the recovery key, and the root's fingerprint."""

    parts: list[str]
    pin: str


@transaction.atomic
def invite_triager(provider: Provider, email: str, name: str, *, by: User, is_lead: bool = False) -> Triager:
    """Ask somebody into the team; they sign in and set a passphrase. Raises CeremonyRefused when they are in it.

    They get a mail that is the same for everybody. Their account is made if they have none: the lead vouches for the
    address.
    """
    provider = _hold(provider.pk)  # of two presses of the button the second finds them in the team
    person = User.objects.of_address(email).first() or add_person(email, name, added_by=by)
    if provider.triagers.exclude(state=State.LEFT).filter(user=person).exists():
        raise CeremonyRefused(f"{person.name} is in the team already.")
    triager = Triager.objects.create(provider=provider, user=person, is_lead=is_lead)
    grant_role(person, Role.Kind.TRIAGER, granted_by=by)
    trail.record("triager.invited", actor=by, subject=f"triager:{triager.pk}")
    outbox.write(INVITED, subject=f"triager:{triager.pk}", person=person)
    return triager


def set_passphrase(triager: Triager, passphrase: str) -> Triager:
    """Make a triager's keypair under their first passphrase, or under a new one where the old one is lost.

    They then wait to be admitted; whoever lost a passphrase opens nothing until a colleague has vouched for them and
    the lead has signed the new key. Raises Busy, and CeremonyRefused for somebody who has left.
    """
    key = vault.PrivateKey.generate()
    with gate():
        wrapped = vault.wrap(key.raw, passphrase, str(triager.pk))
    with transaction.atomic():
        triager = Triager.objects.select_for_update(of=("self",)).select_related("provider", "user").get(pk=triager.pk)
        if triager.state == State.LEFT:
            raise CeremonyRefused("You have left this team. Ask its lead to invite you again.")
        was_active = triager.state == State.ACTIVE
        triager.public_key, triager.wrapped_key, triager.suite = key.public().raw, wrapped, vault.SUITE
        triager.vouched_by = None
        triager.lost_passphrase = triager.lost_passphrase or was_active
        triager.state, triager.since = State.KEYED, timezone.localdate()
        triager.save()
        triager.grants.all().delete()
        # Sealed to the key that is lost. What nobody else can open is left to the recovery key (`recover`).
        Envelope.objects.filter(triager=triager).delete()
        RootHolding.objects.filter(triager=triager).delete()
        lock(triager)
        trail.record("triager.key_made", actor=triager.user, subject=f"triager:{triager.pk}", again=was_active)
    return triager


def change_passphrase(triager: Triager, old: str, new: str) -> None:
    """Wrap a triager's key under another passphrase, and lock their queue everywhere.

    Raises Unopenable for a wrong old one, and Busy.
    """
    raw = open_own_key(triager, old)
    with gate():
        wrapped = vault.wrap(raw, new, str(triager.pk))
    with transaction.atomic():
        require_unchanged(triager)
        Triager.objects.filter(pk=triager.pk).update(wrapped_key=wrapped, suite=vault.SUITE)
        lock(triager)
        trail.record("triager.passphrase_changed", actor=triager.user, subject=f"triager:{triager.pk}")


def found_keys(lead: Triager, passphrase: str, *, purpose: str = "live") -> Founded:
    """Make a provider's root, recovery key and first epoch, and admit its lead.

    Nothing is sealed to any of it until the settings pin the root. Raises CeremonyRefused when the provider has keys,
    Unopenable for a wrong passphrase, and Busy.
    """
    own = _own_key(lead, passphrase)
    root, seed = vault.SigningKey.generate(), vault.new_seed()
    with transaction.atomic():
        provider = _hold(lead.provider_id)
        if provider.root_public:
            raise CeremonyRefused("This provider has its keys already.")
        if not lead.is_lead or lead.state != State.KEYED:
            raise CeremonyRefused("The provider's lead makes the keys, once they have set their passphrase.")
        recovery = vault.recovery_key(seed).public()
        provider.root_public, provider.root_purpose = root.public(), purpose
        provider.recovery_public = recovery.raw
        provider.recovery_signature = sign_recovery(root, provider, recovery.raw)
        provider.root_for_recovery = recovery.seal(root.raw, "root", provider.slug, RECOVERY)
        provider.suite = vault.SUITE
        provider.save()
        _activate(lead)
        _hold_root(lead, root, own.public())
        _begin_epoch(provider, root, Reader(recovery), [lead])
        trail.record("provider.keys_made", actor=lead.user, subject=f"provider:{provider.pk}")
    return Founded(vault.split(seed), root_fingerprint(provider))


def open_root(lead: Triager, passphrase: str) -> tuple[vault.SigningKey, Unlocked]:
    """Return a provider's root, and the lead's own keys, for the length of a request.

    Raises Unopenable for a wrong passphrase, CeremonyRefused for somebody who does not hold the root, and Busy.
    """
    holding = RootHolding.objects.filter(triager=lead).first()
    if holding is None or lead.state != State.ACTIVE:
        raise CeremonyRefused("Only a lead who holds the provider's root can do this.")
    own = _own_key(lead, passphrase)
    raw = own.open(bytes(holding.sealed), "root", lead.provider.slug, f"triager {lead.pk}", suite=holding.suite)
    return vault.SigningKey(raw), Unlocked(lead, own)


@transaction.atomic
def vouch(triager: Triager, *, by: Triager) -> None:
    """Say that it was a colleague themselves who made a new key: the first of two approvals.

    Raises CeremonyRefused where nothing is to be vouched for, or for oneself.
    """
    triager = Triager.objects.select_for_update().get(pk=triager.pk)
    if not triager.lost_passphrase or triager.state != State.KEYED:
        raise CeremonyRefused("There is nothing to approve: nobody waits to be admitted again.")
    if by.pk == triager.pk or by.state != State.ACTIVE or by.provider_id != triager.provider_id:
        raise CeremonyRefused("An active colleague of the same team has to approve this.")
    triager.vouched_by = by
    triager.save(update_fields=["vouched_by"])
    trail.record("triager.vouched_for", actor=by.user, subject=f"triager:{triager.pk}")


def admit(triager: Triager, *, lead: Triager, passphrase: str, key_seen: str) -> None:
    """Sign a triager's key and grant them what the team can open.

    `key_seen` is the key's fingerprint that the lead compared with the triager: the key must not have changed since.
    Who lost a passphrase needs a colleague's word first, who is not the lead. Nobody comes in as a lead, whatever their
    row says: that is a deed of its own (`share_root`). Raises CeremonyRefused, Unopenable, Unsigned, Busy.
    """
    root, unlocked = open_root(lead, passphrase)
    with transaction.atomic():
        _hold(lead.provider_id)  # no epoch begins meanwhile that they would not be granted
        triager = Triager.objects.select_for_update(of=("self",)).select_related("provider").get(pk=triager.pk)
        if triager.state != State.KEYED or triager.provider_id != lead.provider_id:
            raise CeremonyRefused("This person does not wait to be admitted.")
        if key_fingerprint(triager) != key_seen:
            raise CeremonyRefused("Their key has changed since you compared it. Compare it again.")
        if triager.lost_passphrase and triager.vouched_by_id in {None, lead.pk, triager.pk}:
            raise CeremonyRefused("A colleague has to approve this first: somebody else than you.")
        triager.is_lead = False
        reader = _enrol(triager, root)
        for epoch_id in unlocked.epoch_ids:
            _grant(reader, unlocked.epoch_key(epoch_id), epoch_id, unlocked.epoch_number(epoch_id))
        trail.record("triager.admitted", actor=lead.user, subject=f"triager:{triager.pk}")


def share_root(other: Triager, *, lead: Triager, passphrase: str) -> None:
    """Give a second lead the provider's root, so that one may fall ill. Raises CeremonyRefused, Unopenable, Busy."""
    root, _ = open_root(lead, passphrase)
    with transaction.atomic():
        _hold(lead.provider_id)
        other = Triager.objects.select_for_update(of=("self",)).select_related("provider").get(pk=other.pk)
        if other.state != State.ACTIVE or other.provider_id != lead.provider_id:
            raise CeremonyRefused("Admit them to the team first.")
        key = triager_reader(other.provider, other).key  # it is in the roster already: nobody has put it there
        other.is_lead = True
        _enrol(other, root)
        _hold_root(other, root, key)
        trail.record("triager.made_lead", actor=lead.user, subject=f"triager:{other.pk}")


def leave(triager: Triager, *, lead: Triager, passphrase: str) -> Epoch:
    """Take somebody out of the team: their key is deleted and the epoch ends; return the next one.

    What was sealed to the epoch before is sealed anew by `referrals.enveloping`. Raises CeremonyRefused while they
    alone can open a referral or have work in hand, or for the last lead; Unopenable, Busy.
    """
    root, _ = open_root(lead, passphrase)
    with transaction.atomic():
        provider = _hold(lead.provider_id)
        triager = Triager.objects.select_for_update(of=("self",)).select_related("user").get(pk=triager.pk)
        _require_free_to_leave(triager, lead)
        triager.state, triager.since, triager.is_lead = State.LEFT, timezone.localdate(), False
        triager.wrapped_key = None
        triager.save()
        triager.grants.all().delete()
        Envelope.objects.filter(triager=triager).delete()
        RootHolding.objects.filter(triager=triager).delete()
        Unsent.objects.filter(triager=triager).delete()
        lock(triager)
        if not Triager.objects.filter(user=triager.user).exclude(state=State.LEFT).exists():
            end_roles(triager.user.roles.current().filter(kind=Role.Kind.TRIAGER), ended_by=lead.user)
        epoch = _next_epoch(provider, root)
        trail.record("triager.left", actor=lead.user, subject=f"triager:{triager.pk}")
    return epoch


def begin_epoch(lead: Triager, passphrase: str) -> Epoch:
    """End the present epoch and begin the next, granted to everybody active. Raises as `open_root`."""
    root, _ = open_root(lead, passphrase)
    with transaction.atomic():
        provider = _hold(lead.provider_id)
        epoch = _next_epoch(provider, root)
        trail.record("epoch.begun", actor=lead.user, subject=f"provider:{provider.pk}", number=epoch.number)
    return epoch


def drill(provider: Provider, one: str, other: str, *, by: Triager) -> None:
    """Prove that two printed parts recover the key, and open nothing with it.

    Raises MistypedPart, or Unopenable for parts of another key.
    """
    key = vault.recovery_key(vault.join(one, other))
    if key.public().raw != bytes(provider.recovery_public or b""):
        raise vault.Unopenable
    with transaction.atomic():
        Provider.objects.filter(pk=provider.pk).update(recovery_drilled_on=timezone.localdate())
        trail.record("provider.recovery_drilled", actor=by.user, subject=f"provider:{provider.pk}")


def recover(lead: Triager, one: str, other: str, *, passphrase: str) -> None:
    """Let a lead open by two printed parts what nobody can open any more.

    A lead who has set a new passphrase is admitted, in the place of a colleague's word: every epoch and the root are
    sealed to their new key. What was for named people who lost their keys is sealed to the lead, besides.
    Raises MistypedPart, Unopenable for a wrong passphrase, Busy, CeremonyRefused for parts of another key and for
    anybody but a lead.
    """
    recovery = vault.recovery_key(vault.join(one, other))
    if recovery.public().raw != bytes(lead.provider.recovery_public or b""):
        raise CeremonyRefused("These parts belong to another key.")
    own = _own_key(lead, passphrase)
    with transaction.atomic():
        provider = _hold(lead.provider_id)
        lead = Triager.objects.select_for_update(of=("self",)).select_related("user", "provider").get(pk=lead.pk)
        if lead.state not in {State.KEYED, State.ACTIVE} or not lead.is_lead:
            raise CeremonyRefused("A lead does this, once they have set a passphrase.")
        if own.public().raw != bytes(lead.public_key or b""):
            raise CeremonyRefused("Your key has changed meanwhile. Begin again.")
        sealed = bytes(provider.root_for_recovery or b"")
        raw = recovery.open(sealed, "root", provider.slug, RECOVERY, suite=provider.suite)
        if lead.state == State.KEYED:
            root = vault.SigningKey(raw)
            lead.lost_passphrase = False
            _enrol(lead, root)
            _hold_root(lead, root, own.public())
        reader = triager_reader(provider, lead)
        for epoch in provider.epochs.all():
            opened = recovery.open(bytes(epoch.for_recovery), *grant_names(epoch.number, RECOVERY), suite=epoch.suite)
            _grant(reader, vault.PrivateKey(opened), epoch.pk, epoch.number)
        share_from_recovery(provider, recovery, reader)
        trail.record("provider.recovered", actor=lead.user, subject=f"triager:{lead.pk}")


def _hold(provider_id: int) -> Provider:
    """Lock a provider's row against another ceremony, and not against referrals that arrive meanwhile and name it."""
    return Provider.objects.select_for_update(no_key=True).get(pk=provider_id)


def key_fingerprint(triager: Triager) -> str:
    """Return the fingerprint of a triager's key, for the two of them to compare."""
    return vault.fingerprint(bytes(triager.public_key or b""), "triager", str(triager.pk))


def _enrol(triager: Triager, root: vault.SigningKey) -> Reader:
    """Put a triager in the present epoch's roster with the key and the role that they have now, and sign it.

    The caller holds the provider's row. Raises Unsigned where what stands there is not the root's.
    """
    _activate(triager)
    epoch = present_epoch(triager.provider).epoch
    epoch.roster = {**epoch.roster, str(triager.pk): entry(triager)}
    sign_epoch(root, triager.provider, epoch)
    epoch.save(update_fields=["roster", "signature"])
    return triager_reader(triager.provider, triager)


def _activate(triager: Triager) -> None:
    triager.state, triager.since = State.ACTIVE, timezone.localdate()
    triager.save()


def _own_key(triager: Triager, passphrase: str) -> vault.PrivateKey:
    """Return a triager's private key. Raises Unopenable for a wrong passphrase, Busy, and CeremonyRefused where the
    public key in their row is another than theirs: nothing is signed that somebody else has put there."""
    own = vault.PrivateKey(open_own_key(triager, passphrase))
    if own.public().raw != bytes(triager.public_key or b""):
        raise CeremonyRefused("Somebody has changed your key. Tell whoever runs the portal, and do not go on.")
    return own


def _hold_root(lead: Triager, root: vault.SigningKey, key: vault.PublicKey) -> None:
    """Give a lead the root, sealed to their key, which the caller has proven to be theirs."""
    sealed = key.seal(root.raw, "root", lead.provider.slug, f"triager {lead.pk}")
    RootHolding.objects.update_or_create(
        triager=lead, defaults={"provider": lead.provider, "sealed": sealed, "suite": vault.SUITE}
    )


def _next_epoch(provider: Provider, root: vault.SigningKey) -> Epoch:
    """End the present epoch, after whoever still seals to it, and begin the next one for who is in the team now."""
    team = list(provider.triagers.active())
    team_readers(provider, team)  # who is in no roster comes into none by a row
    provider.epochs.filter(ended_on__isnull=True).update(ended_on=timezone.localdate())
    return _begin_epoch(provider, root, recovery_reader(provider), team)


def _begin_epoch(provider: Provider, root: vault.SigningKey, recovery: Reader, team: list[Triager]) -> Epoch:
    key, last = vault.PrivateKey.generate(), provider.epochs.first()
    number = (last.number if last else 0) + 1
    epoch = Epoch(
        provider=provider,
        number=number,
        public_key=key.public().raw,
        roster={str(triager.pk): entry(triager) for triager in team},
        for_recovery=recovery.key.seal(key.raw, *grant_names(number, RECOVERY)),
        suite=vault.SUITE,
    )
    sign_epoch(root, provider, epoch)
    epoch.save(force_insert=True)
    for triager in team:
        _grant(Reader(vault.PublicKey(bytes(triager.public_key or b"")), triager=triager), key, epoch.pk, number)
    return epoch


def _grant(reader: Reader, key: vault.PrivateKey, epoch_id: int, number: int) -> None:
    sealed = reader.key.seal(key.raw, *grant_names(number, reader.name))
    Grant.objects.update_or_create(
        epoch_id=epoch_id, triager=reader.triager, defaults={"sealed": sealed, "suite": vault.SUITE}
    )


def _require_free_to_leave(triager: Triager, lead: Triager) -> None:
    if triager.provider_id != lead.provider_id or triager.state == State.LEFT:
        raise CeremonyRefused("This person is not in your team.")
    if triager.pk == lead.pk:
        raise CeremonyRefused("Another lead has to take you out of the team. Make somebody else a lead first.")
    if triager.caseload.open().exists():
        raise CeremonyRefused("They still have referrals in hand. Hand their work over first.")
    alone = Envelope.objects.filter(triager=triager).exclude(
        section__envelopes__in=Envelope.objects.filter(triager__state=State.ACTIVE).exclude(triager=triager)
    )
    if alone.exists():
        raise CeremonyRefused("They alone can open a referral. Let somebody else see it first.")
