"""A mail as it goes over the wire: what is read from it is what was written, whatever that was."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import get_connection
from hypothesis import given
from hypothesis import strategies as st

from portal.outbox.composing import Letter
from portal.outbox.mail import Calendar
from portal.outbox.wire import LONGEST_LINE, write

HEADERS = {"Subject": "About it", "From": "Portal <portal@demo.example>", "To": "ade@demo.example"}
CALENDAR = Calendar(b"BEGIN:VCALENDAR\r\nSUMMARY:Caf\xc3\xa9\r\nEND:VCALENDAR\r\n", "CANCEL")

# Any text that PostgreSQL stores.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def read(
    text: str = "Hello", html: str | None = "<p>Hello</p>", calendar: Calendar | None = None, **headers: str
) -> tuple[bytes, Any]:
    """Write a mail; return its bytes, and the mail as it is read from them."""
    content = write((HEADERS | headers).items(), text, html, calendar, mark="=mark")
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    assert not [defect for part in found.walk() for defect in part.defects]
    return content, found


def lines(text: str) -> list[str]:
    """Return the lines of a text, however they are ended."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


def said(part: EmailMessage) -> str:
    """Return the text of a part."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


@given(TEXTS, TEXTS)
def test_text_and_html_are_read_as_they_were_written(text: str, html: str) -> None:
    content, found = read(text, html, CALENDAR)
    first, second = found.get_body(("plain",)), found.get_body(("html",))
    assert (lines(said(first)), lines(said(second))) == (lines(text), lines(html))
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")


def test_the_parts_are_those_that_there_are() -> None:
    assert [part.get_content_type() for part in read()[1].walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert [part.get_content_type() for part in read(html=None)[1].walk()] == ["text/plain"]
    assert [part.get_content_type() for part in read(calendar=CALENDAR)[1].walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]


def test_a_calendar_file_arrives_byte_by_byte_with_its_method() -> None:
    (file,) = read(calendar=CALENDAR)[1].iter_attachments()
    assert file.get_payload(decode=True) == CALENDAR.content
    assert (file.get_param("method"), file.get_filename()) == ("CANCEL", "session.ics")


@pytest.mark.parametrize("text", ["x" * 5000, "é" * 600 + " = \n" + "From here\n.\n"])
def test_no_line_is_longer_than_a_mail_server_takes(text: str) -> None:
    content, found = read(text, f"<p>{text}</p>")
    assert max(map(len, content.split(b"\r\n"))) <= LONGEST_LINE
    assert lines(said(found.get_body(("plain",)))) == lines(text)
    assert lines(said(found.get_body(("html",)))) == lines(f"<p>{text}</p>")


@pytest.mark.parametrize(
    "subject", ["About it", "Booked: Àdé's séance ✓", "A long subject, " * 12 + "that ends", "Längeres " * 30]
)
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    content, found = read(Subject=subject)
    assert found["Subject"] == subject
    head = content.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, head.split(b"\r\n"))) <= 78


def test_names_and_domains_beyond_ascii_can_be_said() -> None:
    _, found = read(From="Pörtal <portal@demo.example>", To="ade@bücher.example")
    assert found["From"].addresses[0].display_name == "Pörtal"
    assert found["To"] == "ade@xn--bcher-kva.example"


def test_what_has_no_gap_is_not_folded() -> None:
    message_id = f"<{uuid4()}@{'portal.' * 12}example>"
    content = write([("Message-ID", message_id)], "Hello", None, None, mark="=mark")
    assert content.startswith(f"Message-ID: {message_id}\r\n".encode())


@pytest.mark.parametrize("value", ["one\nBcc: two@demo.example", "one\rtwo"])
def test_a_header_never_becomes_two(value: str) -> None:
    with pytest.raises(ValueError, match="several lines"):
        read(Subject=value)


@pytest.mark.parametrize("backend", ["console", "filebased", "locmem"])
def test_every_mail_backend_takes_it(
    backend: str, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_FILE_PATH = tmp_path
    letter = Letter(key=uuid4(), to="ade@demo.example", subject="About it", text="From here\n", html="<p>Here</p>")
    assert get_connection(f"django.core.mail.backends.{backend}.EmailBackend").send_messages([letter]) == 1
    if backend == "locmem":
        assert mail.outbox[-1].body == "From here\n"
    else:
        kept = capsys.readouterr().out or next(tmp_path.iterdir()).read_text()
        assert "Subject: About it\n" in kept
        assert "\nFrom here\n" in kept
