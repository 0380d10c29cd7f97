"""Somebody's own certificates, and the record of their professional development."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts import certificates as verbs
from cohorts import cpd, rules
from cohorts.certificate_pdf import certificate_as_pdf, facts, record_as_pdf, say_points, where_to_check
from cohorts.certificates import NotIssued
from cohorts.models import Certificate
from portal.access import access, existing, person, signed_in
from portal.accounts.models import User
from portal.documents import LettersMissing
from portal.spreadsheets import write

REFUSED: Final = 409
PRINT_INSTEAD: Final = "Print this page instead: it shows your name in any letters."
HEADINGS: Final = ("Date", "What", "Programme", "CPD points", "Minutes in the session")


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def certificates(request: HttpRequest) -> HttpResponse:
    """List the certificates that stand, and everything that was done with its points and its time."""
    return _list(request, person(request))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def certificate(request: HttpRequest, serial: str) -> HttpResponse:
    """Show one certificate; its holder says here whether whoever checks it sees their name."""
    found = existing(rules.own_certificate(person(request), serial))
    if request.method != "POST":
        return _show(request, found)
    shown = request.POST.get("shown") == "yes"
    try:
        verbs.show_name(found, shown=shown)
    except NotIssued as refused:
        return _show(request, found, refused=str(refused))
    messages.success(request, "Your name is shown." if shown else "Your name is no longer shown.")
    return redirect(found)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def reissue(request: HttpRequest, serial: str) -> HttpResponse:
    """Ask whether a certificate is to be replaced by one with the holder's name of now, and do it."""
    found = existing(rules.own_certificate(person(request), serial))
    if request.method != "POST":
        return render(request, "cohorts/certificate_reissue.html", {"certificate": found})
    try:
        new = verbs.reissue(found, by=person(request))
    except NotIssued as refused:
        return _show(request, found, refused=str(refused))
    messages.success(request, "You have a new certificate.")
    return redirect(new)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def certificate_pdf(request: HttpRequest, serial: str) -> HttpResponse:
    """Give a certificate that stands as a PDF."""
    found = existing(rules.own_certificate(person(request), serial))
    existing(found if found.stands else None)
    try:
        return _file(certificate_as_pdf(found), f"certificate-{found.serial}.pdf")
    except LettersMissing as missing:
        return _show(request, found, refused=f"{missing} {PRINT_INSTEAD}")


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def attendance(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Issue a certificate of having attended a session, to who did."""
    booking = existing(rules.own_booking(person(request), uid))
    try:
        return redirect(verbs.issue_attendance(booking, by=person(request)))
    except NotIssued as refused:
        return _list(request, person(request), refused=str(refused))


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def record_pdf(request: HttpRequest) -> HttpResponse:
    """Give the record of professional development as a PDF."""
    user = person(request)
    try:
        return _file(record_as_pdf(user.name, cpd.of_person(user.pk), now=timezone.now()), "cpd-record.pdf")
    except LettersMissing as missing:
        return _list(request, user, refused=f"{missing} {PRINT_INSTEAD}")


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def record_csv(request: HttpRequest) -> HttpResponse:
    """Give the record of professional development as a CSV file."""
    rows = [
        (entry.day.isoformat(), entry.title, entry.programme, say_points(entry.points), entry.minutes or "")
        for entry in cpd.of_person(person(request).pk)
    ]
    return _file(b"".join(write(HEADINGS, rows)), "cpd-record.csv", kind="text/csv; charset=utf-8")


def _list(request: HttpRequest, user: User, *, refused: str = "") -> HttpResponse:
    entries = cpd.of_person(user.pk)
    total = cpd.total(entries)
    context: dict[str, Any] = {
        "certificates": rules.own_standing_certificates(user),
        "entries": entries,
        "points": say_points(total.points),
        "minutes": total.minutes,
        "refused": refused,
    }
    return render(request, "cohorts/certificates.html", context, status=REFUSED if refused else 200)


def _show(request: HttpRequest, found: Certificate, *, refused: str = "") -> HttpResponse:
    context = {
        "certificate": found,
        "facts": facts(found),
        "where_to_check": where_to_check(),
        "has_new_name": found.stands and found.name != person(request).name,
        "refused": refused,
    }
    return render(request, "cohorts/certificate.html", context, status=REFUSED if refused else 200)


def _file(content: bytes, name: str, *, kind: str = "application/pdf") -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": disposition})
