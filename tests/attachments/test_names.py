"""Under which name a file is given out, whatever it was called."""

import unicodedata

import pytest
from django.utils.http import content_disposition_header
from hypothesis import example, given
from hypothesis import strategies as some

from portal.attachments.names import LONGEST, MOST_BYTES, NAMELESS, safe_name


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("A worksheet for your aim.pdf", "A worksheet for your aim.pdf"),
        ("Über die Geburt.PDF", "Über die Geburt.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\amina\\Desktop\\aim.pdf", "aim.pdf"),
        ("．．／evil.pdf", "evil.pdf"),  # noqa: RUF001  # the wide forms are meant
        ("report.html", "report.pdf"),
        ("invoice.pdf.exe", "invoice.pdf"),
        ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
        ("nothing\0here.pdf", "nothinghere.pdf"),
        ("two\r\nX-Evil: 1.pdf", "two X-Evil- 1.pdf"),
        ('a"; filename="b.exe', "a- filename=-b.pdf"),
        ("CON.pdf", "file-CON.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("   ", "file.pdf"),
        ("", "file.pdf"),
        (".pdf", "file.pdf"),
        ("2026.05", "2026.05.pdf"),
        ("-rf.pdf", "rf.pdf"),
    ],
)
def test_a_name_is_what_people_called_it_without_what_does_harm(given_name: str, kept: str) -> None:
    assert safe_name(given_name, ".pdf") == kept


def test_a_long_one_is_cut() -> None:
    assert safe_name("a" * 300 + ".pdf", ".pdf") == "a" * LONGEST + ".pdf"
    assert len(safe_name("語" * 300, ".pdf").encode()) <= MOST_BYTES + 4


@given(some.text(max_size=400))
@example("\u202e\ufeff\u2028")
@example("\ufdfa" * 50)
def test_no_name_steps_out_of_its_folder_its_line_or_its_header(name: str) -> None:
    kept = safe_name(name, ".pdf")
    assert kept.endswith(".pdf")
    assert len(kept) > 4
    assert len(kept) <= 120 - len(".pdf")
    assert len(kept.encode()) <= 255
    assert not any(unicodedata.category(character)[0] == "C" for character in kept)
    assert not {*kept} & {*'/\\<>:"|?*%;\u2028'}
    assert not kept.startswith((".", "-", " "))
    assert safe_name(kept, ".pdf") == kept or NAMELESS in kept
    header = content_disposition_header(as_attachment=True, filename=kept)
    assert header
    assert header.startswith("attachment; filename")
    assert header.isascii()
    assert "\n" not in header
