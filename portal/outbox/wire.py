"""A mail as it goes over the wire (RFC 5322, RFC 2045): a text, the same in HTML, and a calendar file.

Python's library writes any mail that there is, by way of a tree of parts, and that took a third of the sender's time.
Ours have few headers and three kinds of part.
"""

import quopri
import re
from base64 import encodebytes
from collections.abc import Iterable, Sequence
from email.header import Header
from email.utils import getaddresses

from django.core.mail.message import sanitize_address

from portal.outbox.mail import Calendar

CRLF = b"\r\n"
LINE_END = re.compile(r"\r\n|\r|\n")

ADDRESSES = ("From", "To")

LONGEST_LINE = 998
"""Bytes of a line that every mail server takes (RFC 5321, 4.5.3.1.6)."""

LONGEST_HEADER = 78
"""Characters of a header before it is folded (RFC 5322, 2.1.1)."""


class Written:
    """What Django's mail backends take for a message: it is asked for nothing but its bytes."""

    def __init__(self, content: bytes) -> None:
        """`content` is the whole mail, its lines ended by CRLF."""
        self._content = content

    def as_bytes(self, *, linesep: str = "\n") -> bytes:
        """Return the mail, its lines ended by `linesep`."""
        return self._content if linesep == "\r\n" else self._content.replace(CRLF, linesep.encode())

    def get_charset(self) -> None:
        """Say that no character set is the whole mail's: each part names its own."""


def write(
    headers: Iterable[tuple[str, str]], text: str, html: str | None, calendar: Calendar | None, *, mark: str
) -> bytes:
    """Return a mail with these headers and parts; `mark`, which no part holds, tells where each ends.

    Raises ValueError for a header that cannot be said: an address that is none, or a value of several lines.
    """
    body = _text("plain", text)
    if html is not None:
        body = _parts("alternative", [body, _text("html", html)], mark=f"{mark}.1")
    if calendar is not None:
        body = _parts("mixed", [body, _calendar(calendar)], mark=f"{mark}.0")
    return _header_lines([*headers, ("MIME-Version", "1.0")]) + body


def _header_lines(headers: Iterable[tuple[str, str]]) -> bytes:
    """Return headers, each on a line of its own or, where it is long, on several."""
    lines = (f"{name}: {_encoded(name, value)}\n" for name, value in headers)
    return "".join(lines).replace("\n", "\r\n").encode("ascii")


def _encoded(name: str, value: str) -> str:
    """Return a header's value as ASCII (RFC 2047)."""
    if "\n" in value or "\r" in value:
        raise ValueError(f"The header {name} would be on several lines.")
    if value.isascii() and (" " not in value or len(f"{name}: {value}") <= LONGEST_HEADER):
        return value
    if name in ADDRESSES:
        return ", ".join(sanitize_address(address, "utf-8") for address in getaddresses([value]))
    return Header(value, "us-ascii" if value.isascii() else "utf-8", header_name=name).encode()


def _parts(kind: str, parts: Sequence[bytes], *, mark: str) -> bytes:
    """Return several parts as one."""
    begin, end = f"--{mark}\r\n".encode(), f"--{mark}--\r\n".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode()
    return head + b"".join(begin + part + CRLF for part in parts) + end


def _text(kind: str, content: str) -> bytes:
    """Return a text as a part: as it is, unless a line of it is too long for some mail server."""
    body = LINE_END.sub("\r\n", content).encode()
    encoding = "7bit" if body.isascii() else "8bit"
    if max(map(len, body.split(CRLF))) > LONGEST_LINE:
        body = quopri.encodestring(body.replace(CRLF, b"\n")).replace(b"\n", CRLF)
        encoding = "quoted-printable"
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + body


def _calendar(calendar: Calendar) -> bytes:
    """Return the part that calendar programs look for: its type names the same method as its content (RFC 6047)."""
    head = (
        f'Content-Type: text/calendar; charset="utf-8"; method="{calendar.method}"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
        'Content-Disposition: attachment; filename="session.ics"\r\n\r\n'
    )
    return head.encode() + encodebytes(calendar.content).replace(b"\n", CRLF)
