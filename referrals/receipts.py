"""The codes that a person holds: a receipt of their referral, or what they were handed to confirm one sent for them.

A code is stored hashed, for one purpose. Whoever submits for another has a receipt that says only that it was received;
the person's own is given to them by a triager who has spoken with them.
"""

from typing import Final

from django.db.models import Q

from referrals.models import Referral
from referrals.vault import code_hash

RECEIPT: Final = "receipt"
HANDOVER: Final = "handover"


def find(code: str, purpose: str = RECEIPT) -> Referral | None:
    """Return the referral of a code, however it was typed, or None."""
    of_code = Q(**{purpose: code_hash(code, purpose)})
    if purpose == RECEIPT:
        of_code |= Q(own_receipt=code_hash(code, RECEIPT))
    return Referral.objects.filter(of_code).select_related("provider").first()


def is_from_submitter(referral: Referral, code: str) -> bool:
    """Say whether a receipt is that of somebody who submitted for another, and not of the person themselves."""
    return referral.on_behalf and referral.own_receipt != code_hash(code, RECEIPT)


def put(referral: Referral, code: str) -> bool:
    """Make a code the person's own receipt, in place of one before. Saves it. Return whether it is a new one."""
    field = "own_receipt" if referral.on_behalf else "receipt"
    given = code_hash(code, RECEIPT)
    if getattr(referral, field) == given:
        return False
    setattr(referral, field, given)
    referral.save(update_fields=[field])
    return True
