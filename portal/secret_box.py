"""Encryption of what the database keeps but its copy should not tell: one key for each purpose, from SECRET_KEY."""

import base64
from functools import cache

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def secret_box(purpose: str) -> MultiFernet:
    """Return the cipher for a purpose: it seals under SECRET_KEY and opens under SECRET_KEY_FALLBACKS too."""
    return _box(purpose, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@cache
def _box(purpose: str, *secrets: str) -> MultiFernet:
    return MultiFernet([Fernet(_key(purpose, secret)) for secret in secrets])


def _key(purpose: str, secret: str) -> bytes:
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return base64.urlsafe_b64encode(hkdf.derive(secret.encode()))
