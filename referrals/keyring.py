"""Which public keys may be sealed to: those that the provider's pinned root has signed, looked at each time.

The pin is the root's fingerprint in the settings (`REFERRAL_ROOTS`), out of the database's reach. So whoever can write
to the database can put another root, epoch or triager's key in a row, and nothing is ever sealed to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from referrals.models import Epoch, Provider, Triager
from referrals.vault import PublicKey, SigningKey, Unsigned, fingerprint, require_signed

LIVE, DEMO = "live", "demo"

RECOVERY = "recovery"
"""By which name things are sealed to the recovery key."""

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


def epoch_reader(provider: Provider, epoch: Epoch) -> Reader:
    """Return an epoch as a reader. Raises Unsigned when the pinned root has not signed it."""
    key = bytes(epoch.public_key)
    _require(provider, epoch.signature, "epoch", epoch.number, key)
    return Reader(PublicKey(key), epoch=epoch)


def triager_reader(provider: Provider, triager: Triager) -> Reader:
    """Return a triager as a reader. Raises Unsigned unless the pinned root has signed their key, and that they lead."""
    key = bytes(triager.public_key or b"")
    _require(provider, triager.signature, _role(triager), str(triager.pk), key)
    return Reader(PublicKey(key), triager=triager)


def recovery_reader(provider: Provider) -> Reader:
    """Return the recovery key as a reader. Raises Unsigned when the pinned root has not signed it."""
    key = bytes(provider.recovery_public or b"")
    _require(provider, provider.recovery_signature, "recovery", key)
    return Reader(PublicKey(key))


def sign_epoch(root: SigningKey, provider: Provider, number: int, key: bytes) -> bytes:
    """Return the root's signature over an epoch's public key."""
    return root.sign(provider.slug, "epoch", number, key)


def sign_triager(root: SigningKey, provider: Provider, triager: Triager, key: bytes) -> bytes:
    """Return the root's signature over a triager's public key, and over whether they lead."""
    return root.sign(provider.slug, _role(triager), str(triager.pk), key)


def _role(triager: Triager) -> str:
    return "lead" if triager.is_lead else "triager"


def sign_recovery(root: SigningKey, provider: Provider, key: bytes) -> bytes:
    """Return the root's signature over a recovery key."""
    return root.sign(provider.slug, "recovery", key)


LAST = "SELECT * FROM referrals_epoch WHERE provider_id = %s ORDER BY number DESC LIMIT 1 FOR SHARE"


def present_epoch(provider: Provider) -> Reader:
    """Return the present epoch as a reader: the last one, since one that has ended never comes back.

    Raises Unsigned where there is none to which anything may be sealed.
    """
    epoch = provider.epochs.order_by("-number").first()
    if epoch is None or epoch.ended_on:
        raise Unsigned
    return epoch_reader(provider, epoch)


def hold_present_epoch(provider: Provider) -> Reader:
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

    It takes none that nobody could read, nor while one person alone could: when they fall ill, nobody would answer.
    """
    try:
        present_epoch(provider)
        recovery_reader(provider)
    except Unsigned:
        return False
    return provider.triagers.active().count() >= FEWEST_TRIAGERS


def leads(provider: Provider) -> Sequence[Reader]:
    """Return the provider's active leads as readers. Raises Unsigned when one's key is not signed by the root."""
    return [triager_reader(provider, lead) for lead in provider.triagers.active().filter(is_lead=True)]
