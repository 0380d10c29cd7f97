"""What arrives by mail."""

import re
import time
from email.message import EmailMessage

from tests.browser.running_portal import PATIENCE
from tests.outbox.sink import Sink

LINK = re.compile(r"https?://\S+")
CODE = re.compile(r"^\s*([0-9A-Z]{3,4}-?[0-9A-Z]{3,4})\s*$", re.MULTILINE)


class Letterbox:
    """The mails that one person gets."""

    def __init__(self, mails: Sink, address: str) -> None:
        """Look at the mails to `address`."""
        self.mails = mails
        self.address = address

    def gets(self, subject: str) -> EmailMessage:
        """Return the mail whose subject begins so, waiting for the worker to send it."""
        give_up_at = time.monotonic() + PATIENCE
        while True:
            arrived = [mail for mail in list(self.mails.mails) if self.address in str(mail["To"])]
            for mail in arrived:
                if str(mail["Subject"]).startswith(subject):
                    return mail
            subjects = [str(mail["Subject"]) for mail in arrived]
            assert time.monotonic() < give_up_at, f"No mail “{subject}” came, only {subjects}."
            time.sleep(0.05)


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage) -> str:
    """Return the one address that a mail asks to open."""
    found = LINK.search(text_of(mail))
    assert found, text_of(mail)
    return found[0]


def code_in(mail: EmailMessage) -> str:
    """Return the code that stands on a line of its own."""
    found = CODE.search(text_of(mail))
    assert found, text_of(mail)
    return found[1]


def calendar_in(mail: EmailMessage) -> str:
    """Return the calendar entry that came with a mail."""
    for part in mail.walk():
        if part.get_content_type() == "text/calendar":
            return str(part.get_content())
    raise AssertionError(f"“{mail['Subject']}” has no calendar entry.")
