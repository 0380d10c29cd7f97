"""The mail server, as the sender sees it: one connection kept, and three kinds of trouble told apart.

* `Hopeless`: it will never take this message (no such mailbox). The next one may go well.
* `RelayDown`: it cannot be reached, or takes nothing from us at all. No message is to blame.
* Anything else is about this message now: it is tried again later.
"""

import contextlib
import smtplib
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

BREAKS_IN_A_ROW = 3
"""So many connections that break on us, each with another message, are the mail server's trouble."""

# Codes of RFC 5321 (4.2.3) that mean something else at MAIL FROM than that our address is refused.
CLOSING = 421
TOO_BIG = 552


class TroubleWithMail(Exception):
    """Its text is the class of the mail server's answer and its code: never an address, nor what the server said."""

    def __init__(self, error: Exception) -> None:
        super().__init__(describe(error))


class Hopeless(TroubleWithMail):
    """No later attempt at this message can succeed."""


class RelayDown(TroubleWithMail):
    """The mail server cannot be reached, or refuses to take any mail from us."""


def describe(error: BaseException) -> str:
    """Return the class of an error and, of a mail server's answer, its code."""
    if isinstance(error, TroubleWithMail):
        return str(error)
    code = _code(error)
    return type(error).__name__ + (f" {code}" if code else "")


def _code(error: BaseException) -> int:
    """Return the SMTP code of an answer to one recipient, 0 when there was none."""
    match error:
        case smtplib.SMTPResponseException():
            return int(error.smtp_code)
        case smtplib.SMTPRecipientsRefused():
            return max(int(code) for code, _ in error.recipients.values())
    return 0


class Relay:
    """One connection to the mail server, opened when first needed and kept until the end of the `with` block."""

    def __init__(self) -> None:
        self._backend: BaseEmailBackend | None = None
        self._carried = 0
        self._breaks = 0
        self.works = False
        """Whether the mail server has taken a message from us."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hang_up()

    def send(self, email: EmailMessage) -> None:
        """Hand over one message; when this returns, the mail server has accepted it.

        Raises Hopeless, RelayDown, or for trouble that may pass, the mail library's own error.
        """
        backend = self._connected()
        kept = self._carried > 0
        try:
            self._hand_over(backend, email)
        except OSError as error:
            if not _is_break(error):
                raise
            self._hang_up()
            if not kept:
                raise
            # Servers end a connection that has been idle or has carried many: that says nothing of this message.
            self._hand_over(self._connected(), email)
        self._carried += 1
        self._breaks = 0
        self.works = True

    def _hand_over(self, backend: BaseEmailBackend, email: EmailMessage) -> None:
        try:
            backend.send_messages([email])
        except (smtplib.SMTPNotSupportedError, ValueError) as error:
            raise Hopeless(error) from error  # an address or a header that cannot be said to this server
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
            if _code(error) >= 500:
                raise Hopeless(error) from error
            raise
        except (smtplib.SMTPSenderRefused, smtplib.SMTPHeloError) as error:
            if error.smtp_code == CLOSING:
                raise
            if error.smtp_code == TOO_BIG:
                raise Hopeless(error) from error
            raise RelayDown(error) from error
        except OSError as error:
            self._breaks += _is_break(error)
            if self._breaks >= BREAKS_IN_A_ROW:
                raise RelayDown(error) from error
            raise

    def _connected(self) -> BaseEmailBackend:
        """Return the open connection. Raises RelayDown."""
        if self._backend is None:
            backend = get_connection()
            try:
                backend.open()
            except OSError as error:
                _close(backend)
                raise RelayDown(error) from error
            self._backend = backend
        return self._backend

    def _hang_up(self) -> None:
        """Close the connection; the next message opens another."""
        if self._backend is not None:
            _close(self._backend)
        self._backend = None
        self._carried = 0


def _is_break(error: OSError) -> bool:
    """Say whether the connection broke or is being closed, as against an answer about this message."""
    answered = isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected)
    return _code(error) == CLOSING if answered else True


def _close(backend: BaseEmailBackend) -> None:
    with contextlib.suppress(OSError):
        backend.close()
