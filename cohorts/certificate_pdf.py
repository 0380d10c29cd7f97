"""Certificates and CPD records as PDF, by `portal.documents`.

A document is made anew each time from what is frozen in its row, and stored nowhere. The same row gives the same bytes.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse

from cohorts.cpd import Entry, total
from cohorts.models import Certificate
from portal.documents import make_pdf
from portal.nhsuk.dates import say_date, say_duration
from portal.qr_codes import draw


def certificate_as_pdf(certificate: Certificate) -> bytes:
    """Return a certificate as a PDF. Raises LettersMissing."""
    is_completion = certificate.kind == Certificate.Kind.COMPLETION
    return make_pdf(
        "cohorts/certificate.typ",
        made_at=certificate.issued_at,
        title=f"{certificate.heading}: {certificate.name}",
        heading=certificate.heading,
        issuer=certificate.issuer,
        name=certificate.name,
        has="has completed" if is_completion else "attended",
        done=certificate.programme_name if is_completion else certificate.title,
        within=certificate.cohort_name if is_completion else certificate.programme_name,
        facts=[*facts(certificate), ("Issued", say_date(certificate.issued_at, weekday=False))],
        serial=certificate.serial,
        code=certificate.code,
        address=where_to_check(),
        qr=draw(settings.ORIGIN + reverse("verified", args=[certificate.serial, certificate.code])).decode(),
        **{"qr-says": f"QR code that leads to the page on which certificate {certificate.serial} is checked"},
    )


def where_to_check() -> str:
    """Return the address at which whoever is shown a certificate enters its serial and code."""
    return f"{settings.ORIGIN}{reverse('verify')}"


def facts(certificate: Certificate) -> list[tuple[str, str]]:
    """Return when that was for which it is issued, and what it counts: a label, and what it is, in words."""
    first, last = say_date(certificate.first_day, weekday=False), say_date(certificate.last_day, weekday=False)
    found = [("Date" if first == last else "Dates", first if first == last else f"{first} to {last}")]
    if certificate.cpd_points:
        found.append(("CPD points", say_points(certificate.cpd_points)))
    if certificate.minutes:
        found.append(("Time in sessions", say_duration(certificate.minutes)))
    return found


def record_as_pdf(name: str, entries: Sequence[Entry], *, now: datetime) -> bytes:
    """Return somebody's CPD record as a PDF, as it stands `now`. Raises LettersMissing."""
    sum_of = total(entries)
    day = say_date(now, weekday=False)
    return make_pdf(
        "cohorts/cpd_record.typ",
        made_at=now,
        title=f"CPD record of {name}, {day}",
        heading="CPD record",
        issuer=settings.ORGANISATION_NAME,
        name=name,
        says=[
            f"As it stood on {day}.",
            f"CPD points: {say_points(sum_of.points)}. Time in sessions: {say_duration(sum_of.minutes)}.",
        ],
        headings=["Date", "What", "Programme", "CPD points", "Time"],
        rows=[
            [
                say_date(entry.day, weekday=False),
                entry.title,
                entry.programme,
                say_points(entry.points),
                say_duration(entry.minutes) if entry.minutes else "Not known",
            ]
            for entry in entries
        ],
    )


def say_points(points: Decimal) -> str:
    """Say how many points: "6", "1.5"."""
    return f"{points.normalize():f}"
