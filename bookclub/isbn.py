"""ISBNs as people copy them: with hyphens or spaces, of 10 or 13 digits, with or without a word before them.

The international standard (ISO 2108:2017) gives each edition of a book a number whose last digit is reckoned from the
others, so that a slip of the keyboard is noticed.
"""

import re
from typing import Final

from stdnum import isbn as standard
from stdnum.exceptions import InvalidChecksum, ValidationError

PREFIX: Final = re.compile(r"^\s*ISBN(?:[-\s]?1[03](?=[\s:]))?\s*:?\s*", re.IGNORECASE)
# What word processors and websites put between digits, beside hyphens and spaces.
DASHES: Final = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-") | {0xA0: " ", 0x200B: ""}


class NotAnISBN(ValueError):
    """It is no ISBN. `str()` says what is wrong, and what to do."""


def read(typed: str) -> str:
    """Return the 13 digits of an ISBN. Raises NotAnISBN."""
    number = PREFIX.sub("", typed.translate(DASHES))
    try:
        return str(standard.validate(number, convert=True))
    except InvalidChecksum:
        raise NotAnISBN(
            "One of the digits is wrong: the last one does not fit the others. Compare it with the back of the book."
        ) from None
    except ValidationError:
        raise NotAnISBN(
            "Enter 10 or 13 digits, for example 978-0-306-40615-7. Only the last of ten can be an X."
        ) from None


def show(isbn: str) -> str:
    """Return 13 digits with the hyphens that the standard puts between them."""
    return str(standard.format(isbn))
