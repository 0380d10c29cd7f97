"""What waits for its owner for half an hour, and nobody else can read: a form not sent yet, a file not confirmed yet.

It lies in the cache, encrypted under a random key that only the owner's browser is given. Who can read the cache
cannot read it, and nor does the key open anything without the cache.
"""

import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.core.cache import cache

KEPT_FOR = 30 * 60
"""Seconds."""


def keep(kind: str, content: Any) -> str:
    """Keep what JSON can say; return the key that opens it, as text that a cookie or a form can hold."""
    key = Fernet.generate_key().decode()
    keep_under(kind, key, content)
    return key


def keep_under(kind: str, key: str, content: Any) -> None:
    """Keep other content under a key that `keep` gave out, for another half hour."""
    cache.set(place(kind, key), Fernet(key).encrypt(json.dumps(content).encode()), KEPT_FOR)


def read(kind: str, key: str) -> Any | None:
    """Return what was kept, as JSON knows it; None when it has expired or was forgotten, or for a key that is none."""
    sealed = cache.get(place(kind, key))
    if sealed is None:
        return None
    try:
        return json.loads(Fernet(key).decrypt(sealed))
    except (InvalidToken, ValueError):
        return None


def forget(kind: str, key: str) -> bool:
    """Delete what was kept; say whether it was there. Of several who ask at once, one is told that it was."""
    return bool(cache.delete(place(kind, key)))


def place(kind: str, key: str) -> str:
    """Return under which name something is kept: it tells nothing of the key."""
    return f"{kind}:{hashlib.sha256(key.encode()).hexdigest()}"
