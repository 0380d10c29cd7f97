"""Text and tables of text: UTF-8, and nothing that a browser could take for a page or a drawing."""

import codecs
import re
from typing import Final

from portal.attachments.kinds import CSV, TEXT, CannotAttach, Kind

# What has no place in text, but for tabs and ends of lines and pages.
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
MARKUP: Final = re.compile(
    r"<\s*(!doctype|\?xml|/?(html|head|body|script|svg|iframe|object|embed|meta|link|style|form|img))\b", re.IGNORECASE
)

NOT_UTF_8: Final = (
    "The file is no PDF, Office document or picture, and not plain text in UTF-8 either. If it is a list, choose Save "
    "as in your spreadsheet, then CSV UTF-8. Otherwise save it as PDF."
)
IS_MARKUP: Final = (
    "The file is a web page or a drawing in code (such as HTML or SVG), which could run in the browser of whoever "
    "opens it. Save it as PDF, or the drawing as PNG."
)


def checked(content: bytes, name: str) -> Kind:
    """Return which kind of text this is, by what its name ends in: a table is text all the same. Raises CannotAttach.

    Nothing in a file tells the two apart, and neither runs.
    """
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise CannotAttach(NOT_UTF_8) from error
    if CONTROLS.search(text):
        raise CannotAttach(NOT_UTF_8)
    if MARKUP.search(text):
        raise CannotAttach(IS_MARKUP)
    return CSV if name.casefold().endswith(CSV.ending) else TEXT
