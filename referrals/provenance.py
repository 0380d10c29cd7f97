"""That it was this portal that wrote what stands in a row, and not somebody who writes rows by hand.

Whoever can write to the database can seal words of their own to a public key, and can say by a row whose envelope it
is. So each section and each envelope carries a code that is made with SECRET_KEY, which the database does not have. A
section without its code still opens, and is shown as in doubt, so that a change of SECRET_KEY hides nobody's referral;
an envelope without its code makes nobody a reader.
"""

import hashlib
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from referrals.models import Envelope, Section

SALT: Final = "referrals.provenance"
BATCH: Final = 500


def attest(row: Section | Envelope) -> None:
    """Put the code on a section or an envelope that is about to be saved."""
    row.code = _code(row, settings.SECRET_KEY)


def is_ours(row: Section | Envelope) -> bool:
    """Say whether a section or an envelope is as this portal wrote it. A section needs its referral loaded."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(bytes(row.code), _code(row, key)) for key in keys)


def attest_anew() -> int:
    """Put codes under the present SECRET_KEY on what carries one under an earlier key; return how many rows.

    What carries none stays in doubt. It can be run again at any time, and beside whatever else is done.
    """
    sections = Section.objects.select_related("referral", "epoch")
    return _attest_each(sections) + _attest_each(Envelope.objects.all())


def _attest_each(rows: QuerySet[Any]) -> int:
    marked = 0
    for row in rows.order_by("pk").iterator(BATCH):
        if is_ours(row):
            # Not where it has been sealed anew meanwhile: that carries the present code.
            marked += rows.model.objects.filter(pk=row.pk, code=row.code).update(code=_code(row, settings.SECRET_KEY))
    return marked


def _code(row: Section | Envelope, key: str) -> bytes:
    told = "|".join(map(str, [*_names(row), hashlib.sha256(bytes(row.sealed)).hexdigest()]))
    return salted_hmac(SALT, told, secret=key, algorithm="sha256").digest()


def _names(row: Section | Envelope) -> tuple[object, ...]:
    if isinstance(row, Section):
        return ("section", row.referral.provider_id, row.referral_id, row.pk, row.kind, row.epoch.number, row.number)
    return ("envelope", row.section_id, row.epoch_id, row.triager_id)
