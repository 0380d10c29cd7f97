"""Files for tests, made here: pictures, Office documents and PDFs, with and without what is not to be in them."""

import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
DOCUMENTS = {
    "docx": ("word/document.xml", MAIN.format("wordprocessingml.document")),
    "xlsx": ("xl/workbook.xml", MAIN.format("spreadsheetml.sheet")),
    "pptx": ("ppt/presentation.xml", MAIN.format("presentationml.presentation")),
}

EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + "ANTIVIRUS-TEST-FILE!$H+H*"
"""The text by which virus scanners are tried. It is no virus, and in two parts here, where none is to find it."""


def upload(content: bytes, name: str = "file", content_type: str = "application/octet-stream") -> SimpleUploadedFile:
    """Return content as a form brings it."""
    return SimpleUploadedFile(name, content, content_type)


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: Any) -> bytes:
    """Return a picture that is red on the left and blue on the right."""
    made = Image.new("RGB", size, "red")
    made.paste("blue", (size[0] // 2, 0, *size))
    written = BytesIO()
    made.convert(mode).save(written, kind, **options)
    return written.getvalue()


def photograph(kind: str = "JPEG", orientation: int = 1) -> bytes:
    """Return a picture with what a phone writes into it: where it was taken, and by what."""
    exif = Image.Exif()
    exif[Base.Make], exif[Base.ImageDescription] = "canary-camera", "canary-description"
    exif[Base.Orientation] = orientation
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitudeRef] = "N"
    exif.get_ifd(IFD.GPSInfo)[GPS.GPSLatitude] = (51.0, 30.0, 1.0)
    more: dict[str, Any] = {"comment": b"canary-comment"} if kind == "JPEG" else {}
    return picture(kind, exif=exif.tobytes(), icc_profile=b"canary-profile", **more)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))


def huge_png(side: int) -> bytes:
    """Return a PNG that says it has so many pixels a side, and is small."""
    header = struct.pack("!IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def archive(parts: Mapping[str, bytes | str]) -> bytes:
    """Return a zip file."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def relationships(*rows: tuple[str, str, bool]) -> str:
    """Return a part of relationships: each a kind, a target, and whether that is outside."""
    outside = ' TargetMode="External"'
    each = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"{outside if out else ""}/>'
        for n, (kind, target, out) in enumerate(rows)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{RELATIONSHIPS}">{each}</Relationships>'


def office(
    kind: str = "docx",
    more: Mapping[str, bytes | str] | None = None,
    *,
    main: str = "",
    text: str = "<w:document xmlns:w='w'/>",
) -> bytes:
    """Return a small Office document. `more` are parts by name; `main` is another type of the main part."""
    place, content_type = DOCUMENTS[kind]
    override = f'<Override PartName="/{place}" ContentType="{main or content_type}"/>'
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{TYPES}">{override}</Types>',
        "_rels/.rels": relationships(("officeDocument", place, False)),
        place: text,
    }
    return archive({**parts, **(more or {})})


def pdf(*objects: bytes, header: bytes = b"%PDF-1.7\n", trailer: bytes = b"") -> bytes:
    """Return a PDF of one empty page, with these objects besides."""
    made = header
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>"
    places = []
    for number, each in enumerate((b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, *objects), 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(places) + 1
    return (
        made
        + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            count,
            table,
            count,
            trailer,
            len(made),
        )
    )


def packed(objects: bytes, *, said: bytes = b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode") -> bytes:
    """Return an object stream that holds objects, and of which this is said."""
    data = zlib.compress(b"9 0 " + objects)
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (said, len(data), data)
