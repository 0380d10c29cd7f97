"""Messages that carry a secret wait encrypted.

Fernet under a key drawn from SECRET_KEY: a copy of the database alone opens nothing. Keys from SECRET_KEY_FALLBACKS
still open what was sealed before a change of key.
"""

import base64
import json
from datetime import timedelta
from functools import cache
from typing import TypedDict

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

SEALED_FOR = timedelta(hours=1)
"""How long a sealed message is worth sending. Then its payload is emptied, sent or not."""


class SealedMail(TypedDict):
    """What is sealed."""

    to: str
    subject: str
    text: str
    html: str | None


def seal(mail: SealedMail) -> bytes:
    """Return the mail encrypted."""
    return _fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(json.dumps(mail).encode())


def unseal(payload: bytes) -> SealedMail:
    """Return the mail; raises cryptography.fernet.InvalidToken when no key opens it or it is older than SEALED_FOR."""
    fernet = _fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    mail: SealedMail = json.loads(fernet.decrypt(payload, ttl=int(SEALED_FOR.total_seconds())))
    return mail


@cache
def _fernet(*secrets: str) -> MultiFernet:
    """Return the cipher that seals under the first secret and opens under any."""
    return MultiFernet([Fernet(_key(secret)) for secret in secrets])


def _key(secret: str) -> bytes:
    """Draw the outbox's own key from a secret, apart from every other use of it."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portal.outbox.sealed.1")
    return base64.urlsafe_b64encode(hkdf.derive(secret.encode()))
