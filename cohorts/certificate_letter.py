"""Telling somebody that a certificate was issued to them, by one letter."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.urls import reverse

from cohorts.models import Certificate
from portal import outbox
from portal.accounts.models import User

RULE: Final = "certificate.issued"


def register() -> None:
    """Make the letter known to the outbox."""
    outbox.register(outbox.Rule(name=RULE, load=load, compose=compose))


def write(certificates: Sequence[Certificate]) -> None:
    """Write to the holder of each of these certificates, in one statement."""
    outbox.write_many(RULE, [(f"certificate:{each.pk}", each.holder_id) for each in certificates])


def load(subjects: Sequence[str]) -> Mapping[str, Certificate]:
    """Read the certificates of a batch of messages that still stand, in one statement."""
    keys = {subject: int(subject.partition(":")[2]) for subject in subjects}
    found = Certificate.objects.standing().in_bulk(keys.values())
    return {subject: found[pk] for subject, pk in keys.items() if pk in found}


def compose(certificate: Certificate, person: User) -> outbox.Mail:
    """Say where it is. The mail holds neither the certificate nor its code: mails are passed on, mailboxes shared."""
    return outbox.Mail(
        subject=f"Your certificate: {certificate.programme_name}",
        template="cohorts/certificate",
        context={"certificate": certificate},
        link=outbox.Link("See your certificate", reverse("certificate", args=[certificate.serial])),
    )
