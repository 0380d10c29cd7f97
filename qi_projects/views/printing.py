"""A project's poster and its report, as PDF to download; and the page on which a team is offered both."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.access import access, anyone, existing, signed_in
from portal.documents import LettersMissing
from qi_projects import gallery, printed_project, printed_publication
from qi_projects.printing import Sheet, poster_pdf, report_pdf
from qi_projects.rules import Seat
from qi_projects.views.seats import INVALID, seat_of

KEPT: Final = 8
"""Files in the memory of a process, of which one is some 200 kB."""
PAPERS: Final[Mapping[str, Callable[[Sheet], bytes]]] = {"poster": poster_pdf, "report": report_pdf}


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def offered(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer what can be printed, and say what is in it."""
    return _offer(request, seat_of(request, pk))


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def printed(request: HttpRequest, pk: int, paper: str) -> HttpResponse:
    """Give a project's poster or its report, for who can read the project: it names nobody."""
    seat = seat_of(request, pk)
    try:
        return _file(printed_project.sheet_of(seat.project, timezone.localdate()), paper)
    except LettersMissing as missing:
        return _offer(request, seat, document=paper, letters=missing.letters)


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def published(request: HttpRequest, number: int, paper: str) -> HttpResponse:
    """Give the poster or the report of a published project, with the names that stand under it now."""
    found = existing(gallery.published(number))
    try:
        return _file(printed_publication.sheet_of(gallery.whole_of(found)), paper)
    except LettersMissing as missing:
        context = {"publication": found, "document": paper, "letters": missing.letters}
        return render(request, "qi_projects/published_not_printed.html", context, status=INVALID)


@lru_cache(maxsize=KEPT)
def _made(sheet: Sheet, paper: str) -> bytes:
    """Return the file, which is made once for the same sheet: what changes on it, a name among it, is another sheet."""
    return PAPERS[paper](sheet)


def _file(sheet: Sheet, paper: str) -> HttpResponse:
    content = _made(sheet, paper)
    title = slugify(sheet.title)[:60] or "project"
    disposition = {"Content-Disposition": f'attachment; filename="{title}-{paper}.pdf"'}
    return HttpResponse(content, content_type="application/pdf", headers=disposition)


def _offer(request: HttpRequest, seat: Seat, *, document: str = "", letters: str = "") -> HttpResponse:
    """Show what can be printed; or which `document` could not be made, since its fonts lack some letters."""
    context = {"project": seat.project, "document": document, "letters": letters}
    return render(request, "qi_projects/print.html", context, status=INVALID if document else None)
