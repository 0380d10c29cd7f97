"""What a file may be, how large, and the refusal of one that cannot be taken."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 10_000_000
"""Of one file."""


class CannotAttach(Exception):
    """The file is not taken, and nothing is kept of it. `str()` says why, and what to do, to whoever uploaded it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: what people call it, and how its name ends and its content is called wherever it is given out.

    A picture has been made anew, and may be shown in a page.
    """

    key: str
    label: str
    ending: str
    content_type: str
    is_picture: bool = False


PDF: Final = Kind("pdf", "PDF", ".pdf", "application/pdf")
WORD: Final = Kind("docx", "Word", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
EXCEL: Final = Kind("xlsx", "Excel", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
POWERPOINT: Final = Kind(
    "pptx", "PowerPoint", ".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)
JPEG: Final = Kind("jpeg", "JPEG", ".jpg", "image/jpeg", is_picture=True)
PNG: Final = Kind("png", "PNG", ".png", "image/png", is_picture=True)
WEBP: Final = Kind("webp", "WebP", ".webp", "image/webp", is_picture=True)
CSV: Final = Kind("csv", "CSV", ".csv", "text/csv; charset=utf-8")
TEXT: Final = Kind("txt", "plain text", ".txt", "text/plain; charset=utf-8")

ALL: Final = (PDF, WORD, EXCEL, POWERPOINT, JPEG, PNG, WEBP, CSV, TEXT)
PICTURES: Final = tuple(kind for kind in ALL if kind.is_picture)

_by_key: Final = {kind.key: kind for kind in ALL}


def kind_of(key: str) -> Kind:
    """Return the kind with this key. Raises KeyError."""
    return _by_key[key]


def said(kinds: Collection[Kind]) -> str:
    """Name kinds in words: "PDF, Word or plain text"."""
    *others, last = [kind.label for kind in kinds]
    return f"{', '.join(others)} or {last}" if others else last
