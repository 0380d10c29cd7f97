"""What a person does: submit, confirm or decline what was submitted for them, withdraw, add a note.

Nobody is signed in here. What is written is sealed before it reaches the database, and leaves behind a date, never a
time, and nothing that tells who it was. The trail names the portal itself as the actor for the same reason.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import trail
from portal.accounts.models import User
from referrals import clocks, receipts, vault
from referrals.keyring import Reader, hold_present_epoch, require_open
from referrals.models import Disposal, Offer, Referral, Section
from referrals.provenance import attest
from referrals.retention import dispose
from referrals.sealing import Content, leads_and_recovery, write_section
from referrals.transitions import State, WrongState, hold, move, receive


@dataclass(frozen=True, slots=True)
class Receipt:
    """The codes of a referral, shown once. `handover` is for the person for whom somebody else submitted it."""

    code: str
    handover: str = ""


def submit(
    offer: Offer,
    *,
    contact: Content,
    story: Content,
    lead_first: bool = False,
    submitter: Content | None = None,
    code: str = "",
    taken_by: User | None = None,
) -> Receipt:
    """Take a referral, sealed to the provider's team, or with `lead_first` to its leads alone.

    With `submitter`, who states the consent that they were given, it waits for the person's own word. A `code` that
    came with the page is the receipt's: sent twice, it is taken once. `taken_by` is whoever of the team took it by
    phone; it stands inside the seal, and in the trail the day alone: a switchboard knows who rang at which minute.
    Raises Unsigned where nobody could read it; nothing is kept then.
    """
    code = code or vault.new_code()
    handover = vault.new_code() if submitter else ""
    today = timezone.localdate()
    referral = Referral(
        provider=offer.provider,
        commissioner=offer.commissioner,
        receipt=vault.code_hash(code, receipts.RECEIPT),
        submitted_on=today,
    )
    if submitter:
        referral.on_behalf, referral.state = True, State.AWAITING_CONSENT
        referral.handover = vault.code_hash(handover, receipts.HANDOVER)
        referral.consent_due_on = today + clocks.CONSENT_WITHIN
        referral.purge_on = today + clocks.UNCONFIRMED_AFTER
    else:
        clocks.start(referral, today)
    clocks.wind(referral)
    attest(referral)
    told: dict[str, Any] = {**story, "offer": offer.name}
    if submitter:
        told["submitter"] = submitter
    if taken_by:
        told["taken_by"] = taken_by.name
    try:
        with transaction.atomic():
            readers = _readers(referral, lead_first=lead_first)
            referral.save(force_insert=True)
            write_section(referral, Section.Kind.CONTACT, contact, readers=readers)
            write_section(referral, Section.Kind.STORY, told, readers=readers)
            _record("referral.taken" if taken_by else "referral.submitted", referral)
    except IntegrityError:
        if not Referral.objects.filter(receipt=referral.receipt).exists():
            raise
    return Receipt(code, handover)


def confirm(referral: Referral) -> None:
    """Take the consent of the person for whom it was submitted: the clocks begin today.

    Confirming what is confirmed changes nothing. Raises WrongState when it has ended.
    """
    with transaction.atomic():
        referral = hold(referral)
        if referral.received_on:
            return
        receive(referral)
        _record("referral.confirmed", referral)


def decline(referral: Referral) -> None:
    """End a referral at the word of the person for whom it was submitted, and dispose of it at once.

    Raises WrongState when it was confirmed or has ended.
    """
    with transaction.atomic():
        referral = hold(referral)
        if referral.state != State.AWAITING_CONSENT:
            raise WrongState(referral.state)
        move(referral, State.DECLINED)
        dispose(referral, Disposal.Why.DECLINED)
        _record("referral.declined", referral)


def withdraw(referral: Referral) -> None:
    """End a referral at the person's own word; withdrawing what is withdrawn changes nothing.

    The team is told at the next fixed time, as of a new referral. Raises WrongState.
    """
    with transaction.atomic():
        referral = hold(referral)
        if referral.state == State.WITHDRAWN:
            return
        referral.has_news, referral.announced = True, False
        move(referral, State.WITHDRAWN)
        _record("referral.withdrawn", referral)


def add_note(referral: Referral, text: str, *, number: UUID | None = None) -> None:
    """Send a note to whoever reads the referral now; one of the same number is sent already.

    The team is told at the next fixed time, as of a new referral.

    Raises WrongState once it has ended, and Unsigned.
    """
    with transaction.atomic():
        referral = hold(referral)
        if referral.state not in Referral.OPEN:
            raise WrongState(referral.state)
        if number and Section.objects.filter(pk=number).exists():
            return
        write_section(referral, Section.Kind.CORRESPONDENCE, {"from": "person", "text": text}, pk=number)
        referral.has_news, referral.announced = True, False
        referral.save(update_fields=["has_news", "announced"])
        _record("referral.note_added", referral)


def _readers(referral: Referral, *, lead_first: bool) -> list[Reader]:
    require_open(referral.provider)
    present = hold_present_epoch(referral.provider)
    return leads_and_recovery(referral.provider) if lead_first else [present]


def _record(verb: str, referral: Referral) -> None:
    """Put what a person did in the trail, with its day alone."""
    trail.record_day(verb, subject=f"referral:{referral.pk}")
