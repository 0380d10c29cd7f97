"""What a file is, by what stands in it; whatever its name or its browser says of it counts for nothing.

The signatures are few and written here: what matters is not what else there is, but that what is taken is looked into
by the code of its own kind, and made anew or refused there. Those of other kinds serve to say what to do instead.
"""

import re
from typing import Final

from portal.attachments import office, pdfs, pictures, texts
from portal.attachments.kinds import JPEG, PDF, PNG, WEBP, CannotAttach, Kind

PROGRAM: Final = "The file is a program, or a part of one. Programs are not taken."
MOVING: Final = "GIF pictures are not taken. Save it as PNG or JPEG, or link to a film instead."
PHONE_PICTURE: Final = (
    "The picture is in the HEIC or AVIF format, which many computers cannot open. Save or send it as JPEG, and choose "
    "that file."
)
OTHER_PICTURE: Final = "Pictures of this format are not taken. Save it as PNG or JPEG."
SOUND_OR_FILM: Final = "Films and sound are not taken. Put it where films are kept, and link to it."
OLD_OFFICE: Final = (
    "The file was saved by an old Office program, or has a password. Save it as .docx, .xlsx or .pptx without a "
    "password, or as PDF."
)
RICH_TEXT: Final = "Rich text (RTF) is not taken. Save it as Word (.docx) or as PDF."
POSTSCRIPT: Final = "PostScript is a program for printers. Save the file as PDF."

# How files of other kinds begin, and what is said of each.
OTHERS: Final = (
    (
        re.compile(
            rb"MZ.{0,30}\0|\x7fELF|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe|#!|dex\n|\0asm|L\0\0\0\x01\x14\x02\0",
            re.DOTALL,
        ),
        PROGRAM,
    ),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), OLD_OFFICE),
    (
        re.compile(
            rb"Rar!|7z\xbc\xaf\x27\x1c|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|PK[\x03\x05\x07]|MSCF|.{257}ustar",
            re.DOTALL,
        ),
        office.ARCHIVE,
    ),
    (re.compile(rb"GIF8"), MOVING),
    (re.compile(rb".{4}ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1|avif|avis)", re.DOTALL), PHONE_PICTURE),
    (re.compile(rb"BM.{4}\0\0\0\0|II\*\0|MM\0\*|8BPS|\0\0\x01\0", re.DOTALL), OTHER_PICTURE),
    (
        re.compile(rb".{4}ftyp|RIFF.{4}(AVI |WAVE)|\x1aE\xdf\xa3|OggS|ID3[\x02-\x04]|fLaC|\xff[\xfb\xf3]", re.DOTALL),
        SOUND_OR_FILM,
    ),
    (re.compile(rb"\s*\{\\rtf"), RICH_TEXT),
    (re.compile(rb"%!"), POSTSCRIPT),
)

WEBP_BEGINS: Final = re.compile(rb"RIFF.{4}WEBP", re.DOTALL)
NEAR_THE_BEGINNING: Final = 1_024
"""Bytes, within which readers of PDF look for its beginning."""


def looked_into(content: bytes, name: str) -> tuple[Kind, bytes]:
    """Return which kind of file this is, and what is kept of it. Raises CannotAttach.

    `name` is what it was called, which tells a table of text from other text and decides nothing else.
    """
    if picture := _picture(content):
        return picture, pictures.made_anew(content, picture)
    if content.startswith(b"PK\x03\x04"):
        return office.checked(content), content
    if b"%PDF-" in content[:NEAR_THE_BEGINNING]:
        pdfs.look_through(content)
        return PDF, content
    for begins, sentence in OTHERS:
        if begins.match(content):
            raise CannotAttach(sentence)
    return texts.checked(content, name), content


def _picture(content: bytes) -> Kind | None:
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WEBP if WEBP_BEGINS.match(content) else None
