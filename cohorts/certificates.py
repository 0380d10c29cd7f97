"""Certificates: issuing them, one by one or to everybody who is complete; replacing one; revoking one; finding one.

What is printed is frozen as the certificate is issued. Nothing of it changes after that: a new name makes a new
certificate, and what the old one showed is forgotten.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from cohorts import certificate_letter, cpd
from cohorts.completion import completed
from cohorts.enrolment import hold
from cohorts.models import Booking, Certificate, Cohort, Membership
from portal import trail
from portal.accounts.carried_names import Earlier, carries_names
from portal.accounts.erasure import is_erased, let_none_be_erased
from portal.accounts.models import User

BATCH: Final = 200
"""How many certificates one transaction issues: a batch that is interrupted goes on where it was."""

LETTERS: Final = "23456789BCDFGHJKMNPQRSTVWXZ"
"""What serials and codes are made of: nothing that is taken for something else, and no vowels, which make words."""

SERIAL: Final = (5, 5)
CODE: Final = (4, 4, 4, 4)
"""In groups of how many letters: 47 and 76 random bits."""

CARRIED_OVER: Final = (
    *("kind", "holder", "programme_id", "membership_id", "booking_id"),
    *("programme_name", "cohort_name", "title", "first_day", "last_day"),
)
"""What a certificate has of the one that it replaces."""

Kind = Certificate.Kind


class NotIssued(Exception):
    """Nothing was issued or changed. `str()` says why."""


class NotComplete(NotIssued):
    """Somebody has not done all that their programme requires, or takes no part in it any more."""

    def __init__(self) -> None:
        super().__init__("Not all that the programme requires is done.")


class NotAttended(NotIssued):
    """The register does not say that somebody was there."""

    def __init__(self) -> None:
        super().__init__("The register does not say that you attended this session. Ask whoever led it.")


class NoLongerStands(NotIssued):
    """The certificate was revoked or replaced."""

    def __init__(self) -> None:
        super().__init__("This certificate no longer stands.")


def complete(cohort: Cohort) -> QuerySet[Any]:
    """Return the memberships of a cohort that have done all that is required, and anything at all."""
    return completed(Membership.objects.filter(cohort=cohort))


def without_certificate(cohort: Cohort) -> QuerySet[Any]:
    """Return those who are complete, and never had a certificate: one that was revoked does not come back by itself."""
    return complete(cohort).filter(~Exists(Certificate.objects.filter(membership=OuterRef("pk"))))


def issue_to_all(cohort: Cohort, *, by: User) -> int:
    """Issue a certificate to everybody in a cohort who is complete and never had one; return how many that were.

    They are written to. Each BATCH is a transaction of its own, so that many cost no more memory than few, and what is
    interrupted is finished by doing it again. Of two at once each certificate is issued by one.
    """
    number = after = 0
    while True:
        with transaction.atomic():
            held = hold(cohort)
            found = list(without_certificate(held).filter(pk__gt=after).select_related("user").order_by("pk")[:BATCH])
            if not found:
                return number
            number += len(_issue(_of_memberships(found, held, by), by=by))
        after = found[-1].pk


@transaction.atomic
def issue(membership: Membership, *, by: User) -> Certificate:
    """Issue a certificate of completion to one person, who is written to; return the one that stands, if one does.

    Raises NotComplete.
    """
    cohort = hold(membership.cohort)
    if standing := Certificate.objects.standing().filter(membership=membership).first():
        return standing
    found = list(complete(cohort).filter(pk=membership.pk).select_related("user"))
    issued = _issue(_of_memberships(found, cohort, by), by=by)
    if not issued:
        raise NotComplete
    return issued[0]


@transaction.atomic
def issue_attendance(booking: Booking, *, by: User) -> Certificate:
    """Issue a certificate of having attended a session; return the one that stands, if one does.

    Raises NotAttended.
    """
    # Whose it is, is read after the lock: it may be another account's by then.
    rows = Booking.objects.select_for_update(of=("self",), no_key=True)
    booking = rows.select_related("session__cohort", "session__component__programme").get(pk=booking.pk)
    if standing := Certificate.objects.standing().filter(booking=booking).first():
        return standing
    if booking.state != Booking.State.ATTENDED:
        raise NotAttended
    (certificate,) = _issue([_of_booking(booking, by)], by=by)
    return certificate


@transaction.atomic
def reissue(certificate: Certificate, *, by: User) -> Certificate:
    """Replace a certificate by one with the name that its holder has now; return that one.

    The old one keeps no name, and whoever checks it learns no more than that it no longer stands: that somebody had
    another name is nobody's to learn. Whether the new name is shown is asked anew. Raises NoLongerStands, and NotIssued
    for somebody who is erased.
    """
    old = _hold(certificate)
    if is_erased(old.holder):
        raise NotIssued("Nobody is known by this account any more.")
    _end(old)
    trail.record("certificate.replaced", actor=by, subject=old)
    new = Certificate(
        **{field: getattr(old, field) for field in CARRIED_OVER},
        name=old.holder.name,
        replaces=old,
        **_printed(old.cpd_points, old.minutes, by),
    )
    _issue([new], by=by)
    return new


@transaction.atomic
def revoke(certificate: Certificate, *, reason: str, by: User) -> None:
    """Let a certificate no longer stand. The reason is for the programme team and its holder. Raises NoLongerStands."""
    held = _hold(certificate)
    _end(held, reason=reason)
    trail.record("certificate.revoked", actor=by, subject=held)


@transaction.atomic
def show_name(certificate: Certificate, *, shown: bool) -> None:
    """Let whoever has its code see its holder's name, or no longer: the holder's to decide. Raises NoLongerStands."""
    held = _hold(certificate)
    if held.shows_name == shown:
        return
    held.shows_name = shown
    held.save(update_fields=["shows_name"])
    verb = "certificate.name_shown" if shown else "certificate.name_hidden"
    trail.record(verb, actor=held.holder, subject=held)


def forget(person: User) -> None:
    """Let no certificate name an erased person, or say why it was revoked.

    It still stands, so that whoever has it can prove what they did: the portal no longer knows who that is.
    """
    Certificate.objects.filter(holder=person).update(name="", shows_name=False, reason="")


@carries_names
def with_earlier_name(person: User) -> Earlier | None:
    """Say whether a certificate that stands has another name on it than its holder's of now."""
    if not Certificate.objects.standing().filter(holder=person).exclude(name=person.name).exists():
        return None
    return Earlier(
        "You have certificates with the name that you had before.",
        "Get them with your name as it is now",
        reverse("certificates"),
    )


def find(serial: str, code: str) -> Certificate | None:
    """Return the certificate of a serial and its code, as people type them: in small letters, without hyphens."""
    return Certificate.objects.filter(serial=as_serial(serial), code=as_code(code)).first()


def as_serial(typed: str) -> str:
    """Return a serial as it is written: 2026-7K3MX-PQ9TD. What is none stays none."""
    letters = _letters(typed)
    return "-".join(filter(None, (letters[:4], *_groups(letters[4:], SERIAL))))


def as_code(typed: str) -> str:
    """Return a code as it is written: 7K3M-XPQ9-TDBC-4H8W. What is none stays none."""
    return "-".join(_groups(_letters(typed), CODE))


def _issue(certificates: Sequence[Certificate], *, by: User) -> Sequence[Certificate]:
    """Save new certificates and write to their holders, but for those who issue one to themselves.

    Who was erased a moment ago, when their name had been read already, is named by none and not written to.
    """
    erased = let_none_be_erased([each.holder_id for each in certificates])
    for certificate in certificates:
        if certificate.holder_id in erased:
            certificate.name = ""
    issued = Certificate.objects.bulk_create(certificates)
    entries = [(each, {"kind": each.kind}) for each in issued]
    trail.record_many("certificate.issued", actor=by, entries=entries)
    certificate_letter.write([each for each in issued if each.holder_id not in {by.pk, *erased}])
    return issued


def _of_memberships(memberships: Sequence[Membership], cohort: Cohort, by: User) -> list[Certificate]:
    done = cpd.of_memberships([membership.pk for membership in memberships])
    made = []
    for membership in memberships:
        entries = done.get(membership.pk)
        if not entries:  # a register was corrected since they were found to be complete
            continue
        total = cpd.total(entries)
        made.append(
            Certificate(
                kind=Kind.COMPLETION,
                holder=membership.user,
                name=membership.user.name,
                membership=membership,
                programme=cohort.programme,
                programme_name=cohort.programme.name,
                cohort_name=cohort.name,
                first_day=min(entry.day for entry in entries),
                last_day=max(entry.day for entry in entries),
                **_printed(total.points, total.minutes, by),
            )
        )
    return made


def _of_booking(booking: Booking, by: User) -> Certificate:
    session, component = booking.session, booking.session.component
    return Certificate(
        kind=Kind.ATTENDANCE,
        holder=booking.user,
        name=booking.user.name,
        booking=booking,
        programme=component.programme,
        programme_name=component.programme.name,
        cohort_name=session.cohort.name if session.cohort else "",
        title=component.title,
        first_day=timezone.localdate(session.starts_at),
        last_day=timezone.localdate(session.ends_at - timedelta(microseconds=1)),  # what ends at midnight ends that day
        **_printed(component.cpd_points, cpd.minutes_between(session.starts_at, session.ends_at), by),
    )


def _printed(points: Decimal, minutes: int, by: User) -> dict[str, Any]:
    """Return what every new certificate has."""
    return {
        "serial": _new_serial(),
        "code": _new_code(),
        "issuer": settings.ORGANISATION_NAME,
        "cpd_points": points,
        "minutes": minutes,
        "issued_by": by,
    }


def _hold(certificate: Certificate) -> Certificate:
    """Lock a certificate's row and return it as it is now. Raises NoLongerStands.

    Its holder is read after that: with them in one statement it would not be found once it has moved to another
    account of theirs.
    """
    held = Certificate.objects.select_for_update(of=("self",), no_key=True).get(pk=certificate.pk)
    if not held.stands:
        raise NoLongerStands
    return held


def _end(certificate: Certificate, *, reason: str = "") -> None:
    certificate.ended_at, certificate.reason = timezone.now(), reason
    certificate.name, certificate.shows_name = "", False
    certificate.save(update_fields=["ended_at", "reason", "name", "shows_name"])


def _new_serial() -> str:
    return "-".join((str(timezone.localdate().year), *_groups(_random(sum(SERIAL)), SERIAL)))


def _new_code() -> str:
    return "-".join(_groups(_random(sum(CODE)), CODE))


def _random(number: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(number))


def _letters(typed: str) -> str:
    """Return what was typed in capitals, without what stands between the groups."""
    return "".join(letter for letter in typed.upper() if letter.isascii() and letter.isalnum())


def _groups(letters: str, sizes: Sequence[int]) -> list[str]:
    """Cut letters into groups of these sizes; what is left over stays with the last."""
    groups = []
    for size in sizes[:-1]:
        groups.append(letters[:size])
        letters = letters[size:]
    return [group for group in (*groups, letters) if group]
