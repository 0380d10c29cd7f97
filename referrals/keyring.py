"""Which public keys may be sealed to: those that the provider's pinned root has signed, looked at each time.

The pin is the root's fingerprint in the settings (`REFERRAL_ROOTS`), out of the database's reach. So whoever can write
to the database can put another root, epoch or triager's key in a row, and nothing is ever sealed to it.

The root signs each epoch with its roster: who is in the team, by which key, and who of them leads. The present epoch's
alone counts. So a row that says of somebody that they lead, or that they are back, gives them nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings

from referrals.models import Epoch, Provider, Triager
from referrals.vault import PublicKey, SigningKey, Unsigned, fingerprint, require_signed

LIVE, DEMO = "live", "demo"

RECOVERY = "recovery"
"""By which name things are sealed to the recovery key."""

LEAD, MEMBER = "lead", "triager"

RosterEntry = dict[str, str]
Roster = dict[str, RosterEntry]
"""What is said of each triager, by the number of their place in the team."""

FEWEST_TRIAGERS = 2
"""How many have to be able to open what arrives."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A key to which something may be sealed, and whose it is: an epoch's, a triager's, or that of recovery."""

    key: PublicKey
    epoch: Epoch | None = None
    triager: Triager | None = None

    @property
    def name(self) -> str:
        """Return what is bound into all that is sealed to this reader."""
        if self.epoch:
            return f"epoch {self.epoch.number}"
        return f"triager {self.triager.pk}" if self.triager else RECOVERY


@dataclass(frozen=True, slots=True)
class EpochReader(Reader):
    """An epoch's key."""

    epoch: Epoch


def root_fingerprint(provider: Provider) -> str:
    """Return the fingerprint of a provider's root as the settings have to pin it.

    A demonstration's begins with `demo-`, and is another than the same key would have in production.
    """
    purpose = provider.root_purpose
    return f"{purpose}-{fingerprint(bytes(provider.root_public or b''), 'root', purpose, provider.slug)}"


def is_pinned(provider: Provider) -> bool:
    """Say whether the root that stands in the database is the one that the settings pin."""
    return bool(provider.root_public) and settings.REFERRAL_ROOTS.get(provider.slug) == root_fingerprint(provider)


def _require(provider: Provider, signature: bytes | memoryview | None, *names: str | int | bytes) -> None:
    if not is_pinned(provider) or signature is None:
        raise Unsigned
    require_signed(bytes(provider.root_public or b""), bytes(signature), provider.slug, *names)


def epoch_reader(provider: Provider, epoch: Epoch) -> EpochReader:
    """Return an epoch as a reader. Raises Unsigned when the pinned root has not signed it, with its roster."""
    _require(provider, epoch.signature, *_names(epoch))
    return EpochReader(PublicKey(bytes(epoch.public_key)), epoch=epoch)


def roster(provider: Provider) -> Roster:
    """Return who is in the team by the present epoch's roster. Raises Unsigned."""
    signed: Roster = present_epoch(provider).epoch.roster
    return signed


def triager_reader(provider: Provider, triager: Triager) -> Reader:
    """Return a triager as a reader. Raises Unsigned unless the signed roster has them, with this key and this role."""
    return _in(roster(provider), triager)


def team_readers(provider: Provider, team: Iterable[Triager]) -> list[Reader]:
    """Return several triagers as readers, as `triager_reader` does each. Raises Unsigned."""
    signed = roster(provider)
    return [_in(signed, triager) for triager in team]


def _in(signed: Roster, triager: Triager) -> Reader:
    if signed.get(str(triager.pk)) != entry(triager):
        raise Unsigned
    return Reader(PublicKey(bytes(triager.public_key or b"")), triager=triager)


def entry(triager: Triager) -> RosterEntry:
    """Return what a roster says of a triager: a hash of their key, and whether they lead."""
    key = hashlib.sha256(bytes(triager.public_key or b"")).hexdigest()
    return {"key": key, "role": LEAD if triager.is_lead else MEMBER}


def recovery_reader(provider: Provider) -> Reader:
    """Return the recovery key as a reader. Raises Unsigned when the pinned root has not signed it."""
    key = bytes(provider.recovery_public or b"")
    _require(provider, provider.recovery_signature, "recovery", key)
    return Reader(PublicKey(key))


def sign_epoch(root: SigningKey, provider: Provider, epoch: Epoch) -> None:
    """Put the root's signature over an epoch's public key, and over who is in the team, on the epoch."""
    epoch.signature = root.sign(provider.slug, *_names(epoch))


def _names(epoch: Epoch) -> tuple[str | int | bytes, ...]:
    told = json.dumps(epoch.roster, sort_keys=True, separators=(",", ":"))
    return ("epoch", epoch.number, bytes(epoch.public_key), told)


def sign_recovery(root: SigningKey, provider: Provider, key: bytes) -> bytes:
    """Return the root's signature over a recovery key."""
    return root.sign(provider.slug, "recovery", key)


LAST = "SELECT * FROM referrals_epoch WHERE provider_id = %s ORDER BY number DESC LIMIT 1 FOR SHARE"


def present_epoch(provider: Provider) -> EpochReader:
    """Return the present epoch as a reader: the last one, since one that has ended never comes back.

    Raises Unsigned where there is none to which anything may be sealed.
    """
    epoch = provider.epochs.order_by("-number").first()
    if epoch is None or epoch.ended_on:
        raise Unsigned
    return epoch_reader(provider, epoch)


def hold_present_epoch(provider: Provider) -> EpochReader:
    """Return the present epoch, which cannot end before the caller's transaction does.

    So whoever ends it finds all that was sealed to it. Several may hold it at once. Raises Unsigned.
    """
    # Whoever waited here for an epoch's end finds the next one by asking again: the statement began before it.
    for _ in range(2):
        found = next(iter(Epoch.objects.raw(LAST, [provider.pk])), None)
        if found and found.ended_on is None:
            return epoch_reader(provider, found)
    raise Unsigned


def takes_referrals(provider: Provider) -> bool:
    """Say whether the form takes referrals to this provider.

    It takes none that nobody could read, nor while one person alone could, or no lead: when they fall ill, nobody would
    answer.
    """
    try:
        recovery_reader(provider)
        able = _able(provider)
    except Unsigned:
        return False
    return len(able) >= FEWEST_TRIAGERS and any(triager.is_lead for triager in able)


def require_open(provider: Provider) -> None:
    """Raise Unsigned where the form takes nothing for this provider (`takes_referrals`)."""
    if not takes_referrals(provider):
        raise Unsigned


def leads(provider: Provider) -> Sequence[Reader]:
    """Return the leads as readers. Raises Unsigned when there is none who could open what is sealed to them."""
    found = [Reader(PublicKey(bytes(each.public_key or b"")), triager=each) for each in _able(provider) if each.is_lead]
    if not found:
        raise Unsigned
    return found


def _able(provider: Provider) -> list[Triager]:
    """Return the triagers of the signed roster who are active, and may sign in. Raises Unsigned."""
    signed = roster(provider)
    active = provider.triagers.active().filter(may_sign_in=True).order_by("pk")
    return [each for each in active if signed.get(str(each.pk)) == entry(each)]
