"""Documents as PDF: tagged, to PDF/UA-1, so that they can be heard as well as seen.

What a document says goes in as JSON, beside its template and never into the template's text: no name can be a command.
The same words at the same moment give the same bytes, on every machine. `templates/documents/page.typ` has what the
templates share.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import typst
from django.conf import settings

TEMPLATES: Final = Path(settings.BASE_DIR, "templates")
ARIMO: Final = Path(settings.BASE_DIR, "static", "build", "fonts")
LACKING: Final = re.compile(r'the text `"(.*)"` could not be displayed with (?:a )?font', re.DOTALL)
"""What typst says of letters that none of its fonts has, and PDF/UA-1 does not let it leave out."""

UNDRAWN: Final = (
    dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0xFEFF, 0xFFFE, 0xFFFF))
    | {ord(kept): kept for kept in "\t\n\r"}
    | dict.fromkeys(map(ord, "\x0b\x0c\u2028\u2029"), "\n")
)
"""Marks that come along when words are copied from files and slides, are seen nowhere, and may not stand in PDF/UA-1.
Those that end a line end one.
"""


WAITS_AT_MOST: Final = 5.0
"""Seconds for which a document waits for another that the same process makes."""
_one_at_a_time: Final = Lock()
LARGE: Final = 20_000
"""Letters. typst keeps what it has worked out for a document until it has made so many others (KEPT_FOR): of a large
one hundreds of megabytes.
"""
KEPT_FOR: Final = 10


class TooManyDocuments(Exception):
    """Others are being made, and this one has waited long enough. Trying again helps."""


class LettersMissing(Exception):
    """The fonts lack some of the letters, such as Chinese ones. Nothing is made: a name is printed whole or not.

    `letters` are some of them, as they were written.
    """

    def __init__(self, letters: str = "") -> None:
        super().__init__("The fonts of the PDF lack some of the letters in it.")
        self.letters = letters


def make_pdf(template: str, *, made_at: datetime, **data: Any) -> bytes:
    """Return the document that a template of `templates/` makes of `data`. Raises LettersMissing, TooManyDocuments.

    A process makes one at a time: a long one takes all of a processor and much memory, and pages have to go on.
    """
    told = json.dumps(_drawn(data), ensure_ascii=False)
    try:
        with _alone():
            made: bytes = typst.compile(
                str(TEMPLATES / template),
                root=str(TEMPLATES),
                font_paths=fonts(),
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards="ua-1",
                sys_inputs={"data": told},
                timestamp=int(made_at.timestamp()),
            )
            if len(told) > LARGE:
                _forget()
    except typst.TypstError as error:
        if lacking := LACKING.search(error.message):
            raise LettersMissing(lacking[1]) from error
        raise
    return made


def _forget() -> None:
    """Let go of what is kept of earlier documents, by making as many empty ones as that takes."""
    for _ in range(KEPT_FOR + 1):
        typst.compile(b"", font_paths=fonts(), ignore_system_fonts=True, format="pdf")


@contextmanager
def _alone() -> Iterator[None]:
    if not _one_at_a_time.acquire(timeout=WAITS_AT_MOST):
        raise TooManyDocuments
    try:
        yield
    finally:
        _one_at_a_time.release()


def _drawn(value: Any) -> Any:
    """Return what a document says without the marks that cannot be drawn."""
    match value:
        case str():
            return value.translate(UNDRAWN)
        case dict():
            return {key: _drawn(each) for key, each in value.items()}
        case list() | tuple():
            return [_drawn(each) for each in value]
    return value


@cache
def fonts() -> typst.Fonts:
    """Return Arimo, and the fonts that typst brings along: the same on every machine (ADR 0101)."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(ARIMO)])
