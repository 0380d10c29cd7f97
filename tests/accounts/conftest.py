"""What tests of sign-in share: the mail that left, and the code in it."""

import re
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from portal.outbox.sending import send_what_waits

Post = Callable[[], EmailMultiAlternatives]
CODE = re.compile(r"^\s*([A-Z0-9]{4}-?[A-Z0-9]{4}|[0-9]{6})\s*$", re.MULTILINE)


@pytest.fixture
def last_mail() -> Post:
    """Send what the outbox holds, and return the mail that went last."""

    def send() -> EmailMultiAlternatives:
        send_what_waits(limit=100)
        message = mail.outbox[-1]
        assert isinstance(message, EmailMultiAlternatives)
        return message

    return send


def code_in(message: EmailMultiAlternatives) -> str:
    """Return the code that a mail carries on a line of its own."""
    found = CODE.search(str(message.body))
    assert found, message.body
    return found.group(1)
