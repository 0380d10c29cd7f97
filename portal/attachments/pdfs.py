"""PDFs: whole, with nothing before or behind, and with nothing in them that acts by itself or is another file.

What acts in a PDF is named in one of its objects: an action's kind, or an annotation's (ISO 32000-2, 12.6.4). Objects
stand in the file as they are, or packed in object streams. So the file is looked through for those names, as bytes,
and so is each stream that a reader could take for one of objects. One into which this cannot look is a reason to
refuse. Nothing is interpreted: it takes time in proportion to the file's size.

A link whose address ends in such a name, as `https://example.org/JavaScript` does, is taken for one; the sentence says
what helps.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from portal.attachments.kinds import CannotAttach

MOST_UNPACKED: Final = 50_000_000
"""Bytes, of all streams of objects. Text and pictures are in other streams."""
PIECE: Final = 4_096
"""Bytes that are unpacked at a time: none of them grows to more than a thousand times that."""

# A name ends where a delimiter or white space begins (7.2.3).
END: Final = rb"(?=[\x00\t\n\f\r ()<>\[\]{}/%]|\Z)"
ACTS: Final = re.compile(
    rb"/(JavaScript|Launch|Rendition|RichMedia|SubmitForm|ImportData|GoToE|EmbeddedFiles?|FileAttachment|XFA)" + END
)
ENCRYPTED: Final = re.compile(rb"/Encrypt" + END)
# Any letter of a name can be written as its number (7.3.5).
WRITTEN_AS_NUMBER: Final = re.compile(rb"#([0-9A-Fa-f]{2})")

HEADER: Final = re.compile(rb"%PDF-[12]\.\d")
LAST: Final = re.compile(rb"%%EOF[\x00\t\n\f\r ]*\Z")
STREAM: Final = re.compile(rb"(?<!end)stream([^\r\n]{0,100}(\r\n|\r|\n))?")
# Whatever holds objects says how many, and where the first is (7.5.7). Then come the numbers of each.
HOLDS_OBJECTS: Final = re.compile(rb"/ObjStm" + END)
HOW_MANY: Final = re.compile(rb"/N" + END)
WHERE: Final = re.compile(rb"/First" + END)
NUMBERS: Final = re.compile(rb"[\t\n\r ]*\d+[\t\n\r ]+\d+[\t\n\r ]")
# The one way of packing into which this looks; and what says of any other way, also in the short forms of 8.9.7.
FLATE: Final = re.compile(rb"/(Filter|F)[\t\n\r ]*(/FlateDecode|\[[\t\n\r ]*/FlateDecode[\t\n\r ]*\])" + END)
PACKED: Final = re.compile(
    rb"/(Filter|DecodeParms|DP|Predictor|Crypt)" + END + rb"|/F[\t\n\r ]*([\[/]|\d+[\t\n\r ]+\d+[\t\n\r ]+R)"
)

DOES: Final = (
    "The PDF runs a script, starts a program, sends a form or holds other files. Print it to a new PDF, which leaves "
    "that out, and choose that file."
)
LOCKED: Final = (
    "The PDF has a password, or is protected against being changed, so nobody can see what is in it. Save a copy "
    "without, or print it to a new PDF."
)
BROKEN: Final = (
    "The PDF is damaged, cut short, or has something before or behind it. Open it, save or print it to a new PDF, and "
    "choose that file."
)
UNSEEN: Final = "The PDF is packed in a way that cannot be looked into. Print it to a new PDF, and choose that file."


def look_through(content: bytes) -> None:
    """Raise CannotAttach for a PDF that is not whole, that is another kind of file too, or that acts by itself."""
    if not HEADER.match(content) or not LAST.search(content[-1_024:]) or zipfile.is_zipfile(BytesIO(content)):
        raise CannotAttach(BROKEN)
    plain = _plain(content)
    if ENCRYPTED.search(plain):
        raise CannotAttach(LOCKED)
    for objects in (plain, *_packed_objects(content)):
        if ACTS.search(objects):
            raise CannotAttach(DOES)


def _packed_objects(content: bytes) -> Iterator[bytes]:
    """Yield what is packed in streams of objects. Raises CannotAttach for one that cannot be unpacked."""
    left = MOST_UNPACKED
    since = 0
    for found in STREAM.finditer(content):
        # All since the word that began the stream before it: more than what is said of this one, and never less.
        said = _plain(content[since : found.start()])
        since = found.end()
        if not _holds_objects(said):
            continue
        if PACKED.search(FLATE.sub(b"", said)) or not found[1]:
            raise CannotAttach(UNSEEN)
        # What is not packed has been looked through with all else.
        objects = (
            _unpacked(content, found.end(), left) if FLATE.search(said) else content[found.end() : found.end() + PIECE]
        )
        if not NUMBERS.match(objects):
            raise CannotAttach(UNSEEN)
        left -= len(objects)
        yield _plain(objects)


def _holds_objects(said: bytes) -> bool:
    """Say whether a reader may take a stream for one of objects: one that goes by its type, or by what it needs."""
    own = said[said.rfind(b"endobj") + 1 :]
    return bool(HOLDS_OBJECTS.search(said) or (HOW_MANY.search(own) and WHERE.search(own)))


def _unpacked(content: bytes, start: int, most: int) -> bytes:
    """Return what a stream holds. Raises CannotAttach where it is damaged, and readers make of it what they can, or
    for more than is looked through."""
    unpacking = zlib.decompressobj()
    pieces: list[bytes] = []
    size = 0
    try:
        while not unpacking.eof and start < len(content):
            piece = unpacking.decompress(content[start : start + PIECE])
            start += PIECE
            size += len(piece)
            if size > most:
                raise CannotAttach(UNSEEN)
            pieces.append(piece)
    except zlib.error as error:
        raise CannotAttach(UNSEEN) from error
    return b"".join(pieces)


def _plain(objects: bytes) -> bytes:
    """Return bytes with each letter of a name written as itself."""
    return WRITTEN_AS_NUMBER.sub(lambda found: bytes([int(found[1], 16)]), objects)
