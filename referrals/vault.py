"""Every key and cipher of the sealed path, and the only module that touches one.

Nothing here knows of the database, of people or of requests: bytes go in and bytes come out. What is sealed says what
it is for: `context` joins the names of a thing (which referral, which section, whose key) into bytes that every
operation binds, so that a ciphertext moved to another row, or a key put in another's place, does not open.

The suite is recorded beside everything that is sealed, so that it can change: `SUITE` is the one for what is sealed
now. Suite 1 is HPKE (RFC 9180) with the hybrid of ML-KEM-768 and X25519, HKDF-SHA-256 and AES-256-GCM; AES-256-GCM for
content; Argon2id (RFC 9106) for passphrases; Ed25519 (RFC 8032) for signatures. Suite 2 is the same with more passes of
Argon2id, since machines became faster.
"""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, Self

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE: Final = 2
"""The suite of what is sealed now."""

HPKE: Final = dict.fromkeys((1, 2), Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM))

APP: Final = "cohort-portal/referrals"
PADDED_TO: Final = 4096
"""Content is padded to a multiple of this many bytes, so that its length tells little of what somebody wrote."""

KEY_BYTES, NONCE_BYTES, SALT_BYTES, LENGTH_BYTES = 32, 12, 16, 4
MLKEM_PUBLIC_BYTES, MLKEM_SEED_BYTES, X25519_BYTES = 1184, 64, 32

# Argon2id: RFC 9106 with 128 MiB, so that one guess takes 0.25 to 1 s and as much memory anywhere. By suite.
ARGON2_ITERATIONS, ARGON2_LANES, ARGON2_KIB = {1: 3, 2: 6}, 4, 128 * 1024

PARTS: Final = 3
"""A recovery key is printed in so many parts, of which any two recover it."""

Name = str | int | bytes


class Unopenable(Exception):
    """It does not open: the key, the passphrase or the place is another, or somebody changed it. `str()` is constant:
    which of these it was is nobody's business."""

    def __init__(self) -> None:
        super().__init__("It cannot be opened.")


class Unsigned(Exception):
    """A key is not signed by the root that is pinned for its provider: nothing may be sealed to it."""

    def __init__(self) -> None:
        super().__init__("A key is not signed by your provider's root. Nothing was done. Tell whoever runs the portal.")


def context(*names: Name) -> bytes:
    """Join names into bytes that no other names give: each with its kind and its length before it."""
    joined = [APP.encode()]
    for name in names:
        kind = b"b" if isinstance(name, bytes) else b"i" if isinstance(name, int) else b"s"
        content = name if isinstance(name, bytes) else str(name).encode()
        joined.append(kind + struct.pack(">I", len(content)) + content)
    return b"".join(joined)


# --- Keys that things are sealed to


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a hybrid key: both of its component keys, 1,216 bytes."""

    raw: bytes

    def seal(self, secret: bytes, *names: Name, suite: int = SUITE) -> bytes:
        """Seal a short secret so that only the private half opens it, and only for the same names.

        Raises ValueError for bytes that are no such key.
        """
        key = MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.raw[:MLKEM_PUBLIC_BYTES]),
            X25519PublicKey.from_public_bytes(self.raw[MLKEM_PUBLIC_BYTES:]),
        )
        return HPKE[suite].encrypt(secret, key, info=context("sealed to a key", suite, *names))


class PrivateKey:
    """A hybrid private key, in memory for the length of a request. It never shows itself in a repr or a traceback."""

    __slots__ = ("_key", "_raw")

    def __init__(self, raw: bytes) -> None:
        """Load a key from the 96 bytes that `raw` returned. Raises ValueError for what is no key."""
        self._raw = raw
        self._key = MLKEM768X25519PrivateKey(
            MLKEM768PrivateKey.from_seed_bytes(raw[:MLKEM_SEED_BYTES]),
            X25519PrivateKey.from_private_bytes(raw[MLKEM_SEED_BYTES:]),
        )

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
        return cls(mlkem.private_bytes_raw() + x25519.private_bytes_raw())

    def __repr__(self) -> str:
        return "<PrivateKey>"

    @property
    def raw(self) -> bytes:
        """Return the key itself: to be wrapped or sealed at once, and stored or logged in no other way."""
        return self._raw

    def public(self) -> PublicKey:
        """Return the public half."""
        mlkem = MLKEM768PrivateKey.from_seed_bytes(self._raw[:MLKEM_SEED_BYTES]).public_key()
        x25519 = X25519PrivateKey.from_private_bytes(self._raw[MLKEM_SEED_BYTES:]).public_key()
        return PublicKey(mlkem.public_bytes_raw() + x25519.public_bytes_raw())

    def open(self, sealed: bytes, *names: Name, suite: int = SUITE) -> bytes:
        """Open what was sealed to the public half for these names. Raises Unopenable."""
        try:
            return HPKE[suite].decrypt(sealed, self._key, info=context("sealed to a key", suite, *names))
        except (InvalidTag, ValueError, KeyError) as error:
            raise Unopenable from error


# --- Content, under a random key of its own


def seal_content(content: bytes, *names: Name, suite: int = SUITE) -> tuple[bytes, bytes]:
    """Seal content under a new random key; return the key, to be sealed to its readers, and the ciphertext."""
    key = secrets.token_bytes(KEY_BYTES)
    return key, _encrypt(key, _padded(content), "content", suite, *names)


def open_content(key: bytes, sealed: bytes, *names: Name, suite: int = SUITE) -> bytes:
    """Open what `seal_content` sealed for the same names. Raises Unopenable."""
    return _unpadded(_decrypt(key, sealed, "content", suite, *names))


def open_object(key: bytes, sealed: bytes, *names: Name, suite: int = SUITE) -> dict[str, Any]:
    """Open content that is a JSON object, as `open_content` does.

    Raises Unopenable for what is none, too: whoever can write rows can seal what they like to a public key.
    """
    try:
        found = json.loads(open_content(key, sealed, *names, suite=suite))
        json.dumps(found, ensure_ascii=False).encode()  # half a pair of surrogates is no text that a page can show
    except (ValueError, RecursionError):
        raise Unopenable from None
    if not isinstance(found, dict):
        raise Unopenable
    return found


def _padded(content: bytes) -> bytes:
    framed = struct.pack(">I", len(content)) + content
    return framed + bytes(-len(framed) % PADDED_TO)


def _unpadded(framed: bytes) -> bytes:
    if len(framed) < LENGTH_BYTES:
        raise Unopenable
    (length,) = struct.unpack(">I", framed[:LENGTH_BYTES])
    return framed[LENGTH_BYTES : LENGTH_BYTES + length]


# --- Under a passphrase, and under a key that a browser's cookie holds


def wrap(secret: bytes, passphrase: str, *names: Name, suite: int = SUITE) -> bytes:
    """Seal a secret under a passphrase. Takes about half a second and 128 MiB: see `referrals.gate`."""
    salt = secrets.token_bytes(SALT_BYTES)
    return salt + _encrypt(_stretched(passphrase, salt, suite), secret, "wrapped", suite, *names)


def unwrap(wrapped: bytes, passphrase: str, *names: Name, suite: int = SUITE) -> bytes:
    """Open what `wrap` sealed; as costly. Raises Unopenable for another passphrase."""
    salt, sealed = wrapped[:SALT_BYTES], wrapped[SALT_BYTES:]
    if not sealed or suite not in ARGON2_ITERATIONS:
        raise Unopenable
    return _decrypt(_stretched(passphrase, salt, suite), sealed, "wrapped", suite, *names)


def _stretched(passphrase: str, salt: bytes, suite: int) -> bytes:
    iterations = ARGON2_ITERATIONS[suite]
    kdf = Argon2id(salt=salt, length=KEY_BYTES, iterations=iterations, lanes=ARGON2_LANES, memory_cost=ARGON2_KIB)
    return kdf.derive(passphrase.encode())


def new_cookie_key() -> str:
    """Return 256 random bits as text for a cookie."""
    return secrets.token_urlsafe(KEY_BYTES)


def seal_under(cookie_key: str, secret: bytes, *names: Name, suite: int = SUITE) -> bytes:
    """Seal a secret under a key that only a browser holds."""
    return _encrypt(_derived(cookie_key), secret, "under a cookie", suite, *names)


def open_under(cookie_key: str, sealed: bytes, *names: Name, suite: int = SUITE) -> bytes:
    """Open what `seal_under` sealed. Raises Unopenable."""
    return _decrypt(_derived(cookie_key), sealed, "under a cookie", suite, *names)


def _derived(cookie_key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=context("cookie")).derive(cookie_key.encode())


def _encrypt(key: bytes, plain: bytes, *names: Name) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context(*names))


def _decrypt(key: bytes, sealed: bytes, *names: Name) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context(*names))
    except (InvalidTag, ValueError) as error:
        raise Unopenable from error


# --- The root of a provider, which signs keys


class SigningKey:
    """The private half of a provider's root, in memory while it signs."""

    __slots__ = ("_key",)

    def __init__(self, raw: bytes) -> None:
        """Load a key from the 32 bytes that `raw` returned."""
        self._key = Ed25519PrivateKey.from_private_bytes(raw)

    @classmethod
    def generate(cls) -> Self:
        """Make a new root."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    def __repr__(self) -> str:
        return "<SigningKey>"

    @property
    def raw(self) -> bytes:
        """Return the key itself: to be sealed at once, and stored or logged in no other way."""
        return self._key.private_bytes_raw()

    def public(self) -> bytes:
        """Return the public half, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, *names: Name) -> bytes:
        """Sign names: which key this is, of whom, and its bytes."""
        return self._key.sign(context("signed", *names))


def require_signed(root: bytes, signature: bytes, *names: Name) -> None:
    """Return if a root's public half signed these names. Raises Unsigned."""
    try:
        Ed25519PublicKey.from_public_bytes(root).verify(signature, context("signed", *names))
    except (InvalidSignature, ValueError) as error:
        raise Unsigned from error


def fingerprint(public: bytes, *names: Name) -> str:
    """Return 160 bits that stand for a public key, in eight groups of five that people can compare aloud."""
    return grouped(hashlib.sha256(context("fingerprint", *names, public)).digest()[:20])


# --- Codes that people read and type


ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit or for another letter."""

LOOKALIKES: Final = str.maketrans("OIL", "011")


def new_code(bits: int = 100) -> str:
    """Return a random code of so many bits (a multiple of 5), in groups of five characters."""
    return "-".join(_groups("".join(secrets.choice(ALPHABET) for _ in range(bits // 5))))


def code_hash(code: str, purpose: str) -> bytes:
    """Return what is stored of a code: a hash that means nothing for another purpose. Codes hold enough chance that
    guessing at the hash is as hopeless as guessing at the code."""
    return hashlib.sha256(context("code", purpose, normalised(code))).digest()


def is_code(written: str) -> bool:
    """Say whether a text has the letters and digits of a code of 100 bits."""
    return len(normalised(written)) == 20


def key_of_code(code: str) -> PrivateKey:
    """Return the private key that a code stands for, so that something can be sealed to whoever holds the code."""
    length = MLKEM_SEED_BYTES + X25519_BYTES
    derived = HKDF(algorithm=SHA256(), length=length, salt=None, info=context("key of a code"))
    return PrivateKey(derived.derive(normalised(code).encode()))


def normalised(code: str) -> str:
    """Return a code as it was given out, however somebody typed it: small letters, spaces, an O for a 0."""
    return "".join(character for character in code.upper().translate(LOOKALIKES) if character in ALPHABET)


def grouped(content: bytes) -> str:
    """Write bytes (a multiple of 5 of them) in base 32, in groups of five."""
    number, length = int.from_bytes(content, "big"), len(content) * 8 // 5
    written = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))
    return "-".join(_groups(written))


def ungrouped(written: str) -> bytes:
    """Read what `grouped` wrote, however it was typed."""
    plain = normalised(written)
    number = reduce(lambda total, character: total << 5 | ALPHABET.index(character), plain, 0)
    return number.to_bytes(len(plain) * 5 // 8, "big")


def _groups(text: str) -> list[str]:
    return [text[at : at + 5] for at in range(0, len(text), 5)]


# --- The recovery key, kept on paper in parts


SEED_BYTES, CHECK_BYTES = 16, 2


def new_seed() -> bytes:
    """Return the random seed of a recovery key. It goes to paper (`split`) and is stored nowhere."""
    return secrets.token_bytes(SEED_BYTES)


def recovery_key(seed: bytes) -> PrivateKey:
    """Return the private key that a seed stands for: the same one each time."""
    length = MLKEM_SEED_BYTES + X25519_BYTES
    return PrivateKey(HKDF(algorithm=SHA256(), length=length, salt=None, info=context("recovery key")).derive(seed))


def split(seed: bytes) -> list[str]:
    """Return three parts of a seed to print, of which any two recover it and one alone says nothing.

    The seed is the XOR of three shares, two of which are random; each part holds the two that are not its own
    (replicated secret sharing), its number, and a check that finds a mistyped letter: 56 letters and digits.
    """
    first, second = secrets.token_bytes(SEED_BYTES), secrets.token_bytes(SEED_BYTES)
    shares = [first, second, _xor(_xor(seed, first), second)]
    parts = []
    for number in range(PARTS):
        held = bytes([number + 1]) + b"".join(share for place, share in enumerate(shares) if place != number)
        parts.append(grouped(held + _check(held)))
    return parts


class MistypedPart(ValueError):
    """A part of a recovery key was not typed as it is printed, or the same one was typed twice. `str()` says which."""


def join(one: str, other: str) -> bytes:
    """Return the seed of which these are two parts. Raises MistypedPart."""
    first, first_shares = _read_part(one)
    second, second_shares = _read_part(other)
    if first == second:
        raise MistypedPart("These are the same part. Type two different parts.")
    known = first_shares | second_shares
    return reduce(_xor, (known[place] for place in range(PARTS)))


def _read_part(part: str) -> tuple[int, dict[int, bytes]]:
    """Return a part's number, and the shares that it holds by their places."""
    content = ungrouped(part) if len(normalised(part)) == PART_LETTERS else b""
    held, check = content[:-CHECK_BYTES], content[-CHECK_BYTES:]
    if not held or check != _check(held) or not 1 <= held[0] <= PARTS:
        raise MistypedPart("A part is not as it is printed. Check each letter and digit.")
    places = (place for place in range(PARTS) if place != held[0] - 1)
    return held[0], {place: held[at : at + SEED_BYTES] for place, at in zip(places, (1, 1 + SEED_BYTES), strict=True)}


PART_LETTERS: Final = (1 + 2 * SEED_BYTES + CHECK_BYTES) * 8 // 5


def _check(content: bytes) -> bytes:
    return hashlib.sha256(context("recovery part", content)).digest()[:CHECK_BYTES]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
