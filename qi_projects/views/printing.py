"""A project's poster and its report, as PDF to download; and the page on which both are offered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.access import access, signed_in
from portal.documents import LettersMissing
from qi_projects.printed_project import sheet_of
from qi_projects.printing import Sheet, poster_pdf, report_pdf
from qi_projects.rules import Seat
from qi_projects.views.seats import INVALID, seat_of


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def offered(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer what can be printed, and say what is in it."""
    return _offer(request, seat_of(request, pk))


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a project's poster."""
    return _file(request, pk, "poster", poster_pdf)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a project's report."""
    return _file(request, pk, "report", report_pdf)


def _file(request: HttpRequest, pk: int, name: str, make: Callable[[Sheet], bytes]) -> HttpResponse:
    seat = seat_of(request, pk)
    try:
        content = make(sheet_of(seat.project, timezone.localdate()))
    except LettersMissing as missing:
        return _offer(request, seat, document=name, letters=missing.letters)
    title = slugify(seat.project.title)[:60] or "project"
    disposition = {"Content-Disposition": f'attachment; filename="{title}-{name}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=disposition)


def _offer(request: HttpRequest, seat: Seat, *, document: str = "", letters: str = "") -> HttpResponse:
    """Show what can be printed; or which `document` could not be made, since its fonts lack some letters."""
    context = {"project": seat.project, "document": document, "letters": letters}
    return render(request, "qi_projects/print.html", context, status=INVALID if document else None)
