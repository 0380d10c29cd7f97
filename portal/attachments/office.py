"""Word, Excel and PowerPoint files: really what they say, and holding nothing that runs or fetches by itself.

Each is a zip file of XML parts, with parts that say which belongs to which (ECMA-376, part 2). What acts in one has to
be named there: by a part's name, by its type in `[Content_Types].xml`, or by a relationship. So a file is refused for
a name, whichever of the three bears it.
"""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Final
from xml.parsers import expat

from portal.attachments.kinds import EXCEL, POWERPOINT, WORD, CannotAttach, Kind

MOST_UNPACKED: Final = 100_000_000
"""Bytes, of all parts, and of all parts of files in it: some ten times what is taken packed."""
MOST_PARTS: Final = 5_000
DEEPEST: Final = 2
"""A chart in a presentation holds its figures as a workbook: a file in a file."""

TYPES: Final = "[Content_Types].xml"
OFFICE: Final = "application/vnd.openxmlformats-officedocument."
MAIN: Final[Mapping[str, Kind]] = {
    f"{OFFICE}wordprocessingml.document.main+xml": WORD,
    f"{OFFICE}spreadsheetml.sheet.main+xml": EXCEL,
    f"{OFFICE}presentationml.presentation.main+xml": POWERPOINT,
}

# What is opened when a person clicks on it, and not before.
HYPERLINK: Final = "/hyperlink"
FOLLOWED: Final = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)

MACROS: Final = (
    "The file holds macros, which could run on the computer of whoever opens it. Save it as a document without macros "
    "(.docx, .xlsx or .pptx)."
)
EMBEDDED: Final = (
    "The file holds another program's object, which could run when somebody opens it. Put a picture of it in its "
    "place, or save the file as PDF."
)
FETCHES: Final = (
    "The file fetches something from another place when it is opened: a template, a linked picture or film, or another "
    "workbook. Break the links, so that all of it is in the file, or save it as PDF."
)
BROKEN: Final = "The file cannot be read, or is damaged. Open it, save it again, and choose that file."
LOCKED: Final = "The file has a password. Save it without one: it is given only to people who may read it."
TOO_LARGE: Final = (
    f"The file unpacks to more than {MOST_UNPACKED // 1_000_000} MB. Make its pictures smaller, or save it as PDF."
)
OTHER: Final = (
    "The file is a template, a show or another kind of Office file. Save it as a plain document, workbook or "
    "presentation (.docx, .xlsx or .pptx), or as PDF."
)
ARCHIVE: Final = "The file is an archive of several files. Unpack it, and upload each file that people need."
OPEN_DOCUMENT: Final = "The file is in the OpenDocument format. Save it as Word, Excel or PowerPoint, or as PDF."

# By what is named, what is said of it.
ACTS: Final = (
    (re.compile(r"vba|macro", re.IGNORECASE), MACROS),
    (re.compile(r"activex|oleobject|afchunk|webextension|/control\b|customui", re.IGNORECASE), EMBEDDED),
    (re.compile(r"externallink|attachedtemplate", re.IGNORECASE), FETCHES),
)
# Fields by which Word runs a program to get its content.
RUNS: Final = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
FIELDS: Final = frozenset({"instrText", "fldSimple"})
IN_A_FIELD: Final = re.compile(rb"instrText|fldSimple")


class Room:
    """How much may still be unpacked."""

    def __init__(self) -> None:
        """Begin with all of it."""
        self.left = MOST_UNPACKED

    def take(self, number: int) -> None:
        """Count bytes before they are unpacked. Raises CannotAttach when there is no room for them."""
        self.left -= number
        if self.left < 0:
            raise CannotAttach(TOO_LARGE)


def checked(content: bytes) -> Kind:
    """Return which kind of document this is. Raises CannotAttach for one that is none, or acts by itself."""
    return _checked(content, Room(), depth=1)


def _checked(content: bytes, room: Room, *, depth: int) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            _look_before_unpacking(content, parts, room)
            return _kind(archive, parts, room, depth)
    except CannotAttach:
        raise
    except Exception as error:
        # A zip file can be broken in more ways than the library has errors for.
        raise CannotAttach(BROKEN) from error


def _look_before_unpacking(content: bytes, parts: list[zipfile.ZipInfo], room: Room) -> None:
    """Refuse, by the directory alone, what would unpack to too much, is not all there is, or leaves its folder."""
    if any(part.flag_bits & 0x1 for part in parts):
        raise CannotAttach(LOCKED)
    if len(parts) > MOST_PARTS:
        raise CannotAttach(TOO_LARGE)
    room.take(sum(part.file_size for part in parts))
    # Nothing before the first part, nothing behind the directory, no part inside another or packing more than it says.
    ends = 0
    for part in sorted(parts, key=lambda part: part.header_offset):
        if part.header_offset < ends or part.compress_size > part.file_size + part.file_size // 100 + 1_000:
            raise CannotAttach(BROKEN)
        ends = part.header_offset + part.compress_size
    if not content.startswith(b"PK\x03\x04") or content[-22:-18] != b"PK\x05\x06":
        raise CannotAttach(BROKEN)
    names = [part.filename.casefold() for part in parts]
    if len({*names}) < len(names) or any(_leaves_its_folder(name) for name in names):
        raise CannotAttach(BROKEN)


def _leaves_its_folder(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in name.split("/")


def _kind(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], room: Room, depth: int) -> Kind:
    """Look through all parts; each is unpacked, so that what is damaged is known now."""
    if TYPES not in archive.namelist():
        raise CannotAttach(OPEN_DOCUMENT if "mimetype" in archive.namelist() else ARCHIVE)
    kinds: set[Kind] = set()
    for part in parts:
        _refuse_what_acts(part.filename)
        unpacked = archive.read(part)
        name = part.filename.casefold()
        if part.filename == TYPES:
            kinds |= _main_kinds(unpacked)
        elif name.endswith(".rels"):
            _look_at_relationships(unpacked)
        elif "/embeddings/" in name and not part.is_dir():
            if depth == DEEPEST or not unpacked.startswith(b"PK\x03\x04"):
                raise CannotAttach(EMBEDDED)
            _checked(unpacked, room, depth=depth + 1)
        # Word knows parts by what is said of them, whatever their names, and reads UTF-16 as well.
        elif IN_A_FIELD.search(unpacked.replace(b"\0", b"")):
            _look_at_fields(unpacked)
    if len(kinds) != 1:
        raise CannotAttach(OTHER)
    return kinds.pop()


def _main_kinds(types: bytes) -> set[Kind]:
    found = set()
    for attributes, _ in _elements(types, frozenset({"Default", "Override"})):
        content_type = attributes.get("ContentType", "")
        _refuse_what_acts(content_type)
        if kind := MAIN.get(content_type):
            found.add(kind)
    return found


def _look_at_relationships(relationships: bytes) -> None:
    for attributes, _ in _elements(relationships, frozenset({"Relationship"})):
        kind, target = attributes.get("Type", ""), attributes.get("Target", "")
        if attributes.get("TargetMode", "").casefold() == "external":
            if not (kind.endswith(HYPERLINK) and FOLLOWED.match(target)):
                raise CannotAttach(FETCHES)
        else:
            _refuse_what_acts(kind)
            _refuse_what_acts(target)


def _look_at_fields(part: bytes) -> None:
    """Word takes a field's text together from pieces, in which it can be written as small as one letter."""
    fields = _elements(part, FIELDS)
    simple = [value for attributes, _ in fields for value in attributes.values()]
    if any(RUNS.search(text) for text in ("".join(text for _, text in fields), *simple)):
        raise CannotAttach(EMBEDDED)


def _refuse_what_acts(named: str) -> None:
    for what, sentence in ACTS:
        if what.search(named):
            raise CannotAttach(sentence)


def _elements(xml: bytes, names: frozenset[str]) -> list[tuple[dict[str, str], str]]:
    """Return the elements of a part that have one of these names, whatever their namespace: attributes, and text.

    A part that declares a document type, and with it entities, is none of these programs' making.
    """
    found: list[tuple[dict[str, str], list[str]]] = []
    is_in_one = False

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_in_one
        if is_in_one := name.rpartition(" ")[2] in names:
            found.append((attributes, []))

    def say(text: str) -> None:
        if is_in_one:
            found[-1][1].append(text)

    def end(_: str) -> None:
        nonlocal is_in_one
        is_in_one = False

    def refuse(*_: object) -> None:
        raise CannotAttach(BROKEN)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, say
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)  # noqa: FBT003  # expat names it in no other way
    return [(attributes, "".join(said)) for attributes, said in found]
