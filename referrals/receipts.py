"""The codes that a person holds: a receipt of their referral, or what they were handed to confirm one sent for them.

A code is stored hashed, for one purpose, and the hashes carry this portal's mark (`referrals.provenance`): whoever puts
another there by hand has a code that finds nothing. Whoever submits for another has a receipt that says only that it
was received; the person's own is given to them by a triager who has spoken with them.
"""

from typing import Final

from django.db.models import Q

from referrals.models import Referral
from referrals.provenance import attest, is_ours
from referrals.vault import code_hash, new_code

RECEIPT: Final = "receipt"
HANDOVER: Final = "handover"


def find(code: str, purpose: str = RECEIPT) -> Referral | None:
    """Return the referral of a code, however it was typed; None where there is none, or its codes lack our mark."""
    of_code = Q(**{purpose: code_hash(code, purpose)})
    if purpose == RECEIPT:
        of_code |= Q(own_receipt=code_hash(code, RECEIPT))
    found = Referral.objects.filter(of_code).select_related("provider")
    return next((each for each in found if is_ours(each)), None)


def is_from_submitter(referral: Referral, code: str) -> bool:
    """Say whether a receipt is that of somebody who submitted for another, and not of the person themselves."""
    return referral.on_behalf and referral.own_receipt != code_hash(code, RECEIPT)


def put(referral: Referral, code: str) -> bool:
    """Make a code the person's own receipt, in place of one before. Saves it. Return whether it is a new one.

    Where the codes lack our mark, the others end: the new mark would make them somebody's.
    """
    field = "own_receipt" if referral.on_behalf else "receipt"
    given, are_ours = code_hash(code, RECEIPT), is_ours(referral)
    if getattr(referral, field) == given and are_ours:
        return False
    if not are_ours:
        referral.receipt, referral.own_receipt, referral.handover = code_hash(new_code(), RECEIPT), None, None
    setattr(referral, field, given)
    attest(referral)
    referral.save(update_fields=["receipt", "own_receipt", "handover", "code"])
    return True
