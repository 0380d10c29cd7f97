"""Opening the queue with a passphrase, and everything that closes it again.

A random key in the browser's cookie opens a row that holds the triager's private key; the row is bound to their
sign-in, and lives 15 minutes from the last use and 8 hours in all. Any worker process can follow, since nothing stays
in memory between requests.
"""

import hashlib
from datetime import timedelta
from functools import cached_property

from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models import Q
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from portal import trail
from portal.accounts.models import User
from referrals.gate import gate
from referrals.keyring import triager_reader
from referrals.models import Envelope, Grant, Triager, Unlock
from referrals.vault import PrivateKey, Unopenable, Unsigned, new_cookie_key, open_under, seal_under, unwrap

IDLE = timedelta(minutes=15)
AT_MOST = timedelta(hours=8)


class Unlocked:
    """A queue that is open in this request: the triager, and the keys that open what is sealed to them."""

    def __init__(self, triager: Triager, key: PrivateKey) -> None:
        self.triager = triager
        self.key = key

    @property
    def own_name(self) -> str:
        """Return the name under which things are sealed to the triager alone."""
        return f"triager {self.triager.pk}"

    @property
    def seconds_of_idleness(self) -> int:
        """Return after how many seconds without use the queue closes."""
        return int(IDLE.total_seconds())

    @cached_property
    def _grants(self) -> dict[int, Grant]:
        """The epochs that were granted to the triager."""
        return {grant.epoch_id: grant for grant in self.triager.grants.select_related("epoch")}

    @cached_property
    def _epoch_keys(self) -> dict[int, PrivateKey]:
        return {}

    @property
    def epoch_ids(self) -> list[int]:
        """Return the epochs whose envelopes can be opened."""
        return list(self._grants)

    def epoch_number(self, epoch_id: int) -> int:
        """Return the number of a granted epoch."""
        return self._grants[epoch_id].epoch.number

    def epoch_key(self, epoch_id: int) -> PrivateKey:
        """Return the private half of a granted epoch. Raises Unopenable, or KeyError for one that was not granted."""
        if epoch_id not in self._epoch_keys:
            grant = self._grants[epoch_id]
            names = grant_names(grant.epoch.number, self.own_name)
            raw = self.key.open(bytes(grant.sealed), *names, suite=grant.suite)
            try:
                self._epoch_keys[epoch_id] = PrivateKey(raw)
            except ValueError:  # what somebody sealed by hand need be no key
                raise Unopenable from None
        return self._epoch_keys[epoch_id]

    def require_in_team(self) -> None:
        """Return if the signed roster has the triager, in their present role and by the very key that is open here.

        So nobody acts by rows alone, by which somebody can put a key of their own in a triager's place. Raises
        Unsigned.
        """
        if triager_reader(self.triager.provider, self.triager).key != self.key.public():
            raise Unsigned

    def key_for(self, envelope: Envelope) -> PrivateKey | None:
        """Return the key that opens an envelope, or None when it is not the triager's."""
        if envelope.epoch_id in self._grants:
            return self.epoch_key(envelope.epoch_id)
        return self.key if envelope.triager_id == self.triager.pk else None


def grant_names(epoch_number: int, reader: str) -> tuple[str | int, ...]:
    """Return what a grant of an epoch is bound to."""
    return ("grant", epoch_number, reader)


def unlock(request: HttpRequest, triager: Triager, passphrase: str) -> str:
    """Open the queue; return the key for the browser's cookie.

    Raises Unopenable for another passphrase, and Busy when too many unlock at once.
    """
    if triager.state != Triager.State.ACTIVE or triager.wrapped_key is None:
        raise Unopenable
    raw = open_own_key(triager, passphrase)
    cookie_key = new_cookie_key()
    session = _session_hash(request)
    with transaction.atomic():
        require_unchanged(triager)
        Unlock.objects.filter(session=session).delete()
        Unlock.objects.create(
            place=_place(cookie_key),
            triager=triager,
            session=session,
            sealed=seal_under(cookie_key, raw, str(triager.pk), session),
        )
        Triager.objects.filter(pk=triager.pk).update(unlocked_on=timezone.localdate())
        trail.record("queue.unlocked", actor=triager.user, subject=f"triager:{triager.pk}")
    return cookie_key


def require_unchanged(triager: Triager) -> None:
    """Hold a triager's row; raise Unopenable if they left, or their passphrase changed, while theirs was stretched.

    Held, it makes two tabs that unlock at once follow one another.
    """
    present = Triager.objects.select_for_update(no_key=True).get(pk=triager.pk)
    if present.state != Triager.State.ACTIVE or present.wrapped_key != triager.wrapped_key:
        raise Unopenable


def open_own_key(triager: Triager, passphrase: str) -> bytes:
    """Return a triager's private key. Raises Unopenable for another passphrase, and Busy when too many unlock."""
    with gate():
        return unwrap(bytes(triager.wrapped_key or b""), passphrase, str(triager.pk), suite=triager.suite)


def unlocked(request: HttpRequest, triager: Triager, cookie_key: str) -> Unlocked | None:
    """Return the queue that this browser has opened, if it has not closed; being asked keeps it open."""
    now, session = timezone.now(), _session_hash(request)
    live = Unlock.objects.filter(
        place=_place(cookie_key),
        triager=triager,
        session=session,
        used_at__gt=now - IDLE,
        opened_at__gt=now - AT_MOST,
    )
    # One statement finds the row and keeps it open: of two requests neither undoes the other.
    if triager.state != Triager.State.ACTIVE or not live.update(used_at=now):
        return None
    row = Unlock.objects.filter(place=_place(cookie_key)).first()
    if row is None:  # locked in another tab, at this moment
        return None
    try:
        raw = open_under(cookie_key, bytes(row.sealed), str(triager.pk), session)
    except Unopenable:
        return None
    return Unlocked(triager, PrivateKey(raw))


def lock(triager: Triager) -> None:
    """Close the queue in every browser in which a triager has opened it."""
    Unlock.objects.filter(triager=triager).delete()


def forget_closed() -> int:
    """Delete the rows of queues that have closed by themselves; return how many there were."""
    now = timezone.now()
    closed = Unlock.objects.filter(Q(used_at__lte=now - IDLE) | Q(opened_at__lte=now - AT_MOST))
    return closed.delete()[0]


@receiver(user_logged_out, dispatch_uid="lock the queue")
def lock_at_sign_out(sender: type[User], request: HttpRequest, user: User | None, **_: object) -> None:
    """Close the queue of a sign-in that ends."""
    if request.session.session_key:
        Unlock.objects.filter(session=_session_hash(request)).delete()


def _place(cookie_key: str) -> bytes:
    return hashlib.sha256(b"place" + cookie_key.encode()).digest()


def _session_hash(request: HttpRequest) -> bytes:
    return hashlib.sha256(b"session" + (request.session.session_key or "").encode()).digest()
