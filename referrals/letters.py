"""Writing to the person from the open queue, through the provider's own relay: no outbox and no worker sees it.

The sealed copy is committed as "sending" before the relay is asked, so that whatever happens then is not forgotten: a
letter that is "sending" when nobody sends it any more has an unknown outcome, and says so.
"""

import smtplib
from email.utils import make_msgid
from typing import Final
from uuid import UUID

import environ
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.message import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from portal import trail
from referrals.models import Provider, Referral, Section
from referrals.reading import safe_email
from referrals.sealing import open_section, rewrite_section, write_section
from referrals.transitions import State, hold, hold_open
from referrals.unlocking import Unlocked

SENDING, SENT, FAILED, UNKNOWN = "sending", "sent", "failed", "unknown"
WRITTEN_TO: Final = frozenset(Referral.OPEN) - {State.AWAITING_CONSENT}
SUBJECT: Final = "A message for you"
PATIENCE: Final = 20
"""Seconds that the relay may take."""

# Errors that say that the relay did not take the letter; whatever else breaks may have come after it did.
NOT_TAKEN = (
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPNotSupportedError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    ConnectionRefusedError,
)


class CannotWrite(Exception):
    """No letter can be sent: there is no safe address, or the provider has no relay. `str()` says which."""


def write_to(referral: Referral, text: str, *, number: UUID | None = None, unlocked: Unlocked) -> str:
    """Send a letter to the address that the person said is safe; return SENT, FAILED or UNKNOWN.

    A letter of that number is sent once. Raises CannotWrite, WrongState once the referral has ended or before the
    person has agreed, and Unsigned, with nothing kept.
    """
    provider = referral.provider
    relay, sender = settings.REFERRAL_RELAYS.get(provider.slug), settings.REFERRAL_SENDERS.get(provider.slug)
    if not relay or not sender:
        raise CannotWrite("This portal has no mail relay of yours yet. Ask whoever runs it to set one up.")
    unlocked.require_in_team()
    address = safe_address(referral, unlocked)
    with transaction.atomic():
        referral = hold_open(referral, WRITTEN_TO)
        if number and Section.objects.filter(pk=number).exists():
            raise CannotWrite("This letter is written already: it stands on the referral's page.")
        content = {
            "type": "letter",
            "text": text,
            "author": unlocked.triager.user.name,
            "at": timezone.localtime().isoformat(timespec="minutes"),
            "state": SENDING,
        }
        section = write_section(referral, Section.Kind.CORRESPONDENCE, content, pk=number)
        trail.record("referral.letter_written", actor=unlocked.triager.user, subject=f"referral:{referral.pk}")
    state = _hand_over(relay, sender, address, text, provider)
    with transaction.atomic():
        # Erased meanwhile, it stays erased.
        if hold(referral).purged_on is None:
            rewrite_section(section, {**content, "state": state})
    return state


def safe_address(referral: Referral, unlocked: Unlocked) -> str:
    """Return the address to which the person may be written. Raises CannotWrite where email is not safe."""
    contact = referral.sections.select_related("epoch").prefetch_related("envelopes").get(kind=Section.Kind.CONTACT)
    opened = open_section(contact, unlocked)
    if opened.is_in_doubt:
        raise CannotWrite("It is in doubt how to be in touch. Speak with the person, and have the lead see it.")
    address = safe_email(opened.content)
    if not address:
        raise CannotWrite("The person did not say that email is safe. Be in touch in another way.")
    return address


def _hand_over(relay: str, sender: str, address: str, text: str, provider: Provider) -> str:
    """Hand the letter to the provider's relay, and say what became of it."""
    configured = environ.Env.email_url_config(relay)
    backend = get_connection(
        configured["EMAIL_BACKEND"],
        host=configured["EMAIL_HOST"],
        port=configured["EMAIL_PORT"],
        username=configured["EMAIL_HOST_USER"],
        password=configured["EMAIL_HOST_PASSWORD"],
        use_tls=configured.get("EMAIL_USE_TLS", False),
        use_ssl=configured.get("EMAIL_USE_SSL", False),
        timeout=PATIENCE,
    )
    letter = EmailMultiAlternatives(SUBJECT, f"{text}\n\n{provider.name}\n", sender, [address], connection=backend)
    letter.extra_headers["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">"))
    try:
        letter.send()
    except NOT_TAKEN:
        return FAILED
    except OSError:
        return UNKNOWN
    return SENT
