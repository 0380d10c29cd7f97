"""Office documents, PDFs and text: taken if they are what they should be, and nothing in them acts by itself."""

import io
import os
import subprocess
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import openpyxl
import pypdf
import pytest
import typst
from pypdf.actions import JavaScript

from portal.attachments import office, pdfs, recognising, texts
from portal.attachments.kinds import CSV, EXCEL, PDF, POWERPOINT, TEXT, WORD, CannotAttach, Kind
from portal.attachments.recognising import looked_into
from tests.attachments import made
from tests.browser.conftest import CHROMIUM

SCRIPT = b"<< /S /JavaScript /JS (app.alert) >>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def refusal(content: bytes, name: str = "file.pdf") -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(CannotAttach) as refused:
        looked_into(content, name)
    return str(refused.value)


def test_each_kind_is_known_by_what_stands_in_it_whatever_its_name_says() -> None:
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    taken: list[tuple[bytes, Kind]] = [
        (made.office("docx"), WORD),
        (book.getvalue(), EXCEL),
        (made.office("pptx"), POWERPOINT),
        (made.pdf(), PDF),
        (b"Bring one word.\r\n\tWe begin with it.", TEXT),
        ("\ufeffNäme;Düne".encode(), TEXT),
    ]
    for content, kind in taken:
        assert looked_into(content, "evil.exe") == (kind, content)
    assert looked_into(b"Week,Count\n1,2\n", "Counts.CSV")[0] is CSV


# --- What is not taken at all


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (SVG, texts.IS_MARKUP),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", texts.IS_MARKUP),
        (b"\xef\xbb\xbf  <HTML>", texts.IS_MARKUP),
        (b"Week,Count\n1,<script >alert(1)</script>", texts.IS_MARKUP),
        (b"MZ\x90\0\x03\0\0\0", recognising.PROGRAM),
        (b"\x7fELF\x02\x01", recognising.PROGRAM),
        (b"#!/bin/sh\nrm -rf /", recognising.PROGRAM),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, recognising.OLD_OFFICE),
        (b"Rar!\x1a\x07\x01\0", office.ARCHIVE),
        (b"\x1f\x8b\x08\0", office.ARCHIVE),
        (made.archive({"a.txt": "a"}), office.ARCHIVE),
        (
            made.archive({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ""}),
            office.OPEN_DOCUMENT,
        ),
        (b"GIF89a", recognising.MOVING),
        (b"\0\0\0\x18ftypheic\0\0\0\0", recognising.PHONE_PICTURE),
        (b"\0\0\0\x18ftypisom\0\0\0\0", recognising.SOUND_OR_FILM),
        (b"{\\rtf1\\ansi hello}", recognising.RICH_TEXT),
        (b"II*\0\x08\0\0\0", recognising.OTHER_PICTURE),
        ("Näme".encode("cp1252"), texts.NOT_UTF_8),
        ("Name".encode("utf-16"), texts.NOT_UTF_8),
        (b"text\0with nothing", texts.NOT_UTF_8),
        (b"text\x1b[2J", texts.NOT_UTF_8),
    ],
)
def test_other_kinds_are_refused_in_a_sentence_that_says_what_to_do(content: bytes, says: str) -> None:
    for name in ("picture.png", "document.pdf", "list.csv"):
        assert refusal(content, name) == says


# --- PDF


def test_pdfs_as_programs_make_them_are_taken(tmp_path: Path) -> None:
    content = typst.compile(b'= A worksheet\n#link("https://nhs.example")[NHS] #outline()', format="pdf")
    assert isinstance(content, bytes)
    assert looked_into(content, "worksheet")[0] is PDF
    page, printed = tmp_path / "page.html", tmp_path / "printed.pdf"
    page.write_text("<h1>Hello</h1><a href='https://nhs.example'>NHS</a>")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--print-to-pdf={printed}", str(page)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert looked_into(printed.read_bytes(), "printed")[0] is PDF
    with_outline = pypdf.PdfWriter(clone_from=printed)
    with_outline.add_outline_item(title="Hello", page_number=0)
    with_outline.add_metadata({"/Title": "A worksheet"})
    written = io.BytesIO()
    with_outline.write(written)
    assert looked_into(written.getvalue(), "outlined")[0] is PDF


def written_by_a_library(what: str) -> bytes:
    """Return a PDF to which a library has added something that acts, or a lock."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(made.pdf()))
    if what == "script":
        writer.add_open_action(JavaScript("app.alert('hello')"))
    elif what == "file":
        writer.add_attachment("evil.exe", b"MZ")
    else:
        writer.encrypt("", "owner")
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize(("what", "says"), [("script", pdfs.DOES), ("file", pdfs.DOES), ("lock", pdfs.LOCKED)])
def test_what_a_library_adds_to_one_is_found(what: str, says: str) -> None:
    assert refusal(written_by_a_library(what)) == says


@pytest.mark.parametrize(
    "acts",
    [
        SCRIPT,
        SCRIPT.replace(b"JavaScript", b"J#61vaScript"),
        SCRIPT.replace(b"/JavaScript", b"/#4a#61#76#61Script"),
        b"<</S/Launch/Win<</F(cmd.exe)>>>>",
        b"<< /S /SubmitForm /F (https://evil.example) >>",
        b"<< /Type /Filespec /EF << /F 9 0 R >> /X /EmbeddedFile >>",
        b"<< /Subtype /FileAttachment >>",
        b"<< /Subtype /RichMedia >>",
        b"<< /S /Rendition /JS (app.alert) >>",
        b"<< /AcroForm << /XFA [(a) 9 0 R] >> >>",
        b"<< /S /GoToE >>",
    ],
)
def test_what_acts_is_found_as_it_stands_and_packed(acts: bytes) -> None:
    assert refusal(made.pdf(acts)) == pdfs.DOES
    assert refusal(made.pdf(made.packed(acts))) == pdfs.DOES
    assert refusal(made.pdf(made.packed(acts, said=b"/#4ebjStm /#4e 1 /First 4 /Filter /FlateDecode"))) == pdfs.DOES


def test_objects_that_are_not_packed_are_looked_through_and_taken() -> None:
    for objects, acts in ((b"9 0 << /Harmless true >>", False), (b"9 0 " + SCRIPT, True)):
        stream = b"<< /Type /ObjStm /N 1 /First 4 >>\nstream\n" + objects + b"\nendstream"
        for content in (
            made.pdf(stream),
            made.pdf(
                stream.replace(b"/First 4", b"/First 4 /Filter [ /FlateDecode ]").replace(
                    objects, zlib.compress(objects)
                )
            ),
        ):
            if acts:
                assert refusal(content) == pdfs.DOES
            else:
                assert looked_into(content, "a")[0] is PDF


def test_what_only_resembles_it_is_taken() -> None:
    harmless = b"<< /LaunchPad 1 /S /URI /URI (https://nhs.example/JavaScript-for-all) /OpenAction [3 0 R /Fit] >>"
    assert looked_into(made.pdf(harmless, made.packed(harmless)), "a")[0] is PDF


@pytest.mark.parametrize(
    "stream",
    [
        # Packed twice, in another way, or altered before it was packed: nobody sees what is in it.
        b"<< /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /FlateDecode] >>\nstream\n"
        + zlib.compress(zlib.compress(b"9 0 " + SCRIPT))
        + b"\nendstream",
        b"<< /Type /ObjStm /N 1 /First 4 /Filter /ASCIIHexDecode >>\nstream\n"
        + (b"9 0 " + SCRIPT).hex().encode()
        + b">\nendstream",
        b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 2 >> >>\nstream\n"
        + zlib.compress(b"9 0 xxxx")
        + b"\nendstream",
        # A reader that goes by what it needs and not by the type.
        b"<< /N 1 /First 4 /Filter /LZWDecode >>\nstream\n\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01\nendstream",
        # With what it says of itself behind a word that seems to begin the stream.
        b"<< /Type /ObjStm /N 1 /First 4 /Filter /LZWDecode /X (stream\n) >>\nstream\n\x80\x0b\x60\nendstream",
        b"<< /Type /ObjStm /N 1 /First 4 /Filter /LZWDecode /X (endobj) >>\nstream\n\x80\x0b\x60\nendstream",
        b"<< /Type /ObjStm /N 1 /First 4 >>\nstream" + b" " * 200 + b"\n\x80\x0b\x60\nendstream",
        # Packed twice, and between the two as numbers; or so that it seems not to be packed at all.
        b"<< /Type /ObjStm /N 1 /First 4 /Filter [/FlateDecode /ASCIIHexDecode] >>\nstream\n"
        + zlib.compress((b"9 0 " + SCRIPT).hex(" ").encode())
        + b"\nendstream",
        b"<< /Type /ObjStm /N 1 /First 4 /F /AHx >>\nstream\n" + (b"9 0 " + SCRIPT).hex(" ").encode() + b">\nendstream",
        b"<< /Type /ObjStm /N 1 /First 4 /Filter 9 0 R >>\nstream\n80 1 \xce\xdf\nendstream",
        b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n80 1 \xce\xdf\nendstream",
        # Damaged at its end, of which readers show the beginning.
        b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n"
        + zlib.compress(b"9 0 " + b" " * 100)[:-4]
        + b"xxxx\nendstream",
        made.packed(b"[" + b" " * 1_000).replace(b"/FlateDecode", b"/Crypt"),
    ],
)
def test_objects_into_which_nobody_can_look_are_refused(stream: bytes) -> None:
    assert refusal(made.pdf(stream)) == pdfs.UNSEEN


def test_objects_that_unpack_to_too_much_are_refused() -> None:
    bomb = zlib.compress(b"9 0 " + b" " * (pdfs.MOST_UNPACKED + 1), 9)
    stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n%s\nendstream" % bomb
    assert refusal(made.pdf(stream)) == pdfs.UNSEEN


@pytest.mark.parametrize(
    "content",
    [
        b"GIF89a" + made.pdf(),
        b"<html><script>alert(1)</script>" + made.pdf(),
        b"\n" + made.pdf(),
        made.pdf() + made.archive({"evil.html": "<script>"}),
        made.pdf() + b"<html><script>alert(1)</script></html>",
        # A zip file whose last words are those of a PDF.
        made.pdf() + made.archive({"evil.class": "x"})[:-2] + b"\x06\0%%EOF\n",
        made.pdf()[:-40],
        b"%PDF-9.9\n%%EOF",
    ],
)
def test_one_with_something_before_or_behind_it_or_cut_short_is_refused(content: bytes) -> None:
    assert refusal(content) in {pdfs.BROKEN, recognising.MOVING}


def test_it_takes_time_in_proportion_to_the_size() -> None:
    """Each of these made a careless reader read the rest of the file anew for every word of it."""
    for words in (b"stream\n", b"/N 1 /First 4 stream\n", b"stream", b"endobj ", b"#41", b"/N /First stream\nx\x9c"):
        content = b"%PDF-1.7\n" + words * (2_000_000 // len(words)) + b"\n%%EOF"
        begun = os.times().user
        with suppress(CannotAttach):
            pdfs.look_through(content)
        assert os.times().user - begun < 8


# --- Office


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (made.office(more={"word/vbaProject.bin": b"x"}), office.MACROS),
        (made.office(main="application/vnd.ms-word.document.macroEnabled.main+xml"), office.MACROS),
        (made.office("xlsx", more={"xl/macrosheets/sheet1.xml": "<a/>"}), office.MACROS),
        # Named as something harmless, and said to be it by a relationship alone.
        (
            made.office(
                more={
                    "word/_rels/document.xml.rels": made.relationships(("vbaProject", "harmless.bin", False)),
                    "word/harmless.bin": b"x",
                },
            ),
            office.MACROS,
        ),
        (
            made.office(
                more={
                    "word/_rels/settings.xml.rels": made.relationships(
                        ("attachedTemplate", "https://evil.example/a.dotm", True)
                    )
                }
            ),
            office.FETCHES,
        ),
        (
            made.office(
                more={"word/_rels/document.xml.rels": made.relationships(("image", "https://evil.example/a.png", True))}
            ),
            office.FETCHES,
        ),
        (
            made.office(
                more={"word/_rels/document.xml.rels": made.relationships(("hyperlink", "file://evil/share", True))}
            ),
            office.FETCHES,
        ),
        (made.office("xlsx", more={"xl/externalLinks/externalLink1.xml": "<a/>"}), office.FETCHES),
        (made.office(more={"word/activeX/activeX1.bin": b"x"}), office.EMBEDDED),
        (made.office(more={"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0"}), office.EMBEDDED),
        (made.office(more={"word/embeddings/package1.bin": b"MZ"}), office.EMBEDDED),
        (
            made.office(
                "pptx", more={"ppt/embeddings/book.xlsx": made.office("xlsx", more={"xl/vbaProject.bin": b"x"})}
            ),
            office.MACROS,
        ),
        (
            made.office(
                text="<w:d xmlns:w='w'><w:instrText> D</w:instrText><w:instrText>DEAUTO c:\\cmd </w:instrText></w:d>"
            ),
            office.EMBEDDED,
        ),
        (made.office(text="<w:d xmlns:w='w'><w:fldSimple w:instr=' DDE c:\\cmd '/></w:d>"), office.EMBEDDED),
        (
            made.office(
                more={"word/any.bin": "<w:d xmlns:w='w'><w:instrText>DDEAUTO</w:instrText></w:d>".encode("utf-16")}
            ),
            office.EMBEDDED,
        ),
        (
            made.office(main="application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"),
            office.OTHER,
        ),
        (made.office(more={"../../evil.xml": "<a/>"}), office.BROKEN),
        (made.office(more={"C:evil.xml": "<a/>"}), office.BROKEN),
        (made.office(more={"/evil.xml": "<a/>"}), office.BROKEN),
        (made.office(more={"WORD/document.xml": "<a/>"}), office.BROKEN),
        (made.office() + b"<html><script>alert(1)</script></html>", office.BROKEN),
        (made.office()[:-30], office.BROKEN),
        (
            made.office(
                more={
                    "word/_rels/document.xml.rels": "<!DOCTYPE r [<!ENTITY a 'x'>]>"
                    + made.relationships(("hyperlink", "https://nhs.example", True))[21:]
                }
            ),
            office.BROKEN,
        ),
    ],
)
def test_what_acts_or_is_something_else_is_refused(content: bytes, says: str) -> None:
    assert refusal(content, "report.docx") == says


def test_links_that_people_follow_and_figures_behind_a_chart_are_taken() -> None:
    links = made.relationships(
        ("hyperlink", "https://nhs.example", True),
        ("hyperlink", "mailto:a@nhs.example", True),
        ("image", "a.png", False),
    )
    fields = "<w:d xmlns:w='w'><w:instrText>PAGE</w:instrText><w:t>DDE is a word</w:t></w:d>"
    document = made.office(text=fields, more={"word/_rels/document.xml.rels": links})
    assert looked_into(document, "a")[0] is WORD
    chart = made.office("pptx", more={"ppt/embeddings/book.xlsx": made.office("xlsx")})
    assert looked_into(chart, "a")[0] is POWERPOINT


def test_a_file_in_a_file_in_a_file_is_refused() -> None:
    inner = made.office("xlsx", more={"xl/embeddings/book.xlsx": made.office("xlsx")})
    assert refusal(made.office("pptx", more={"ppt/embeddings/book.xlsx": inner})) == office.EMBEDDED


def test_one_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    zeros = b"\0" * (office.MOST_UNPACKED // 4)
    bomb = made.office(more={f"word/media/{n}.png": zeros for n in range(5)})
    assert len(bomb) < 1_000_000
    assert refusal(bomb) == office.TOO_LARGE


def test_files_in_a_file_unpack_to_no_more_than_it_may_together() -> None:
    inner = made.office("xlsx", more={"xl/media/1.png": b"\0" * (office.MOST_UNPACKED // 4)})
    bomb = made.office("pptx", more={f"ppt/embeddings/{n}.xlsx": inner for n in range(5)})
    assert len(bomb) < 1_000_000
    assert refusal(bomb) == office.TOO_LARGE


def test_one_that_says_it_unpacks_to_less_than_it_does_is_refused() -> None:
    content = bytearray(made.office(more={"word/media/1.png": os.urandom(300_000)}))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (10).to_bytes(4, "little")
    assert refusal(bytes(content)) == office.BROKEN


def test_parts_that_lie_in_one_another_are_refused() -> None:
    content = bytearray(made.office(more={"word/a.xml": b"a" * 5_000, "word/b.xml": b"a" * 5_000}))
    first, second = content.rindex(b"PK\x01\x02", 0, content.rindex(b"PK\x01\x02")), content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    assert refusal(bytes(content)) == office.BROKEN


def test_one_with_a_password_is_refused() -> None:
    content = bytearray(made.office())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    assert refusal(bytes(content)) == office.LOCKED


def test_one_with_many_parts_is_refused() -> None:
    written = io.BytesIO(made.office())
    with zipfile.ZipFile(written, "a") as book:
        for number in range(office.MOST_PARTS):
            book.writestr(f"word/{number}.xml", "")
    assert refusal(written.getvalue()) == office.TOO_LARGE
