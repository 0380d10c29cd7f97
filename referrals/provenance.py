"""That it was this portal that wrote what stands in a row, and not somebody who writes rows by hand.

Whoever can write to the database can seal words of their own to a public key, can say by a row whose envelope it is,
and can put the hash of a code of theirs where somebody's receipt was. So each section, each envelope, each referral's
codes and each link to a group session carry a mark that is made with SECRET_KEY, which the database does not have. A
section without its mark still opens, and is shown as in doubt, so that a change of SECRET_KEY hides nobody's referral;
an envelope without its mark makes nobody a reader, codes without theirs find nothing, and a link without its own is
shown to nobody.

An envelope's mark holds for the section's present ciphertext alone: one of before the section was sealed under another
key counts for nothing when it is put back.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from referrals.models import Envelope, GroupBooking, GroupSession, Referral, Section

SALT: Final = "referrals.provenance"
BATCH: Final = 500

Marked = Referral | Section | Envelope | GroupSession | GroupBooking


def attest(row: Marked) -> None:
    """Put the mark on a row that is about to be saved, once all stands in it.

    A section's ciphertext stands before its envelopes are marked.
    """
    row.code = _code(row, settings.SECRET_KEY)


def is_ours(row: Marked) -> bool:
    """Say whether a section, an envelope, a referral's codes or a link are as this portal wrote them.

    A section needs its referral and epoch loaded, an envelope its section.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(bytes(row.code), _code(row, key)) for key in keys)


def attest_anew() -> int:
    """Put marks under the present SECRET_KEY on what carries one under an earlier key; return how many rows.

    What carries none stays in doubt. It can be run again at any time, and beside whatever else is done.
    """
    marked: tuple[QuerySet[Any], ...] = (
        Referral.objects.all(),
        Section.objects.select_related("referral", "epoch"),
        Envelope.objects.select_related("section"),
        GroupSession.objects.all(),
        GroupBooking.objects.all(),
    )
    return sum(_attest_each(rows) for rows in marked)


def _attest_each(rows: QuerySet[Any]) -> int:
    marked = 0
    for row in rows.order_by("pk").iterator(BATCH):
        if is_ours(row):
            # Not where it has been written anew meanwhile: that carries the present mark.
            marked += rows.model.objects.filter(pk=row.pk, code=row.code).update(code=_code(row, settings.SECRET_KEY))
    return marked


def _code(row: Marked, key: str) -> bytes:
    return salted_hmac(SALT, "|".join(map(str, _told(row))), secret=key, algorithm="sha256").digest()


def _told(row: Marked) -> Iterator[object]:
    """Yield what a mark holds for: what the row is, whose it is, and what stands in it."""
    if isinstance(row, Referral):
        yield from ("codes", row.provider_id, row.pk, row.on_behalf)
        yield from (bytes(each or b"").hex() for each in (row.receipt, row.own_receipt, row.handover))
    elif isinstance(row, Section):
        yield from ("section", row.referral.provider_id, row.referral_id, row.pk, row.kind, row.epoch.number)
        yield from (row.number, row.on, digest(row.sealed))
    elif isinstance(row, Envelope):
        yield from ("envelope", row.section_id, row.epoch_id, row.triager_id)
        yield from (digest(row.sealed), digest(row.section.sealed))
    elif isinstance(row, GroupSession):
        yield from ("link of a group", row.provider_id, row.pk, row.epoch_id, digest(row.sealed), digest(row.key))
    else:
        yield from ("link of a booking", row.session_id, row.pk, digest(row.public_key), digest(row.link))


def digest(sealed: bytes | memoryview | None) -> str:
    """Return a hash of what is sealed in a row."""
    return hashlib.sha256(bytes(sealed or b"")).hexdigest()
