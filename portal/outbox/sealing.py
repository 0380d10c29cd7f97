"""Messages that carry a secret wait encrypted.

A copy of the database alone opens nothing: the key is drawn from SECRET_KEY (`portal.secret_box`).
"""

import json
from datetime import timedelta
from typing import TypedDict

from portal.secret_box import secret_box

PURPOSE = "portal.outbox: sealed messages"

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
    return secret_box(PURPOSE).encrypt(json.dumps(mail).encode())


def unseal(payload: bytes) -> SealedMail:
    """Return the mail; raises cryptography.fernet.InvalidToken when no key opens it or it is older than SEALED_FOR."""
    mail: SealedMail = json.loads(secret_box(PURPOSE).decrypt(payload, ttl=int(SEALED_FOR.total_seconds())))
    return mail
