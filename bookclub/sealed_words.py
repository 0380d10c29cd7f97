"""What people write for themselves is sealed under SECRET_KEY: a copy of the database alone does not tell it."""

from typing import Final

from cryptography.fernet import InvalidToken
from django.db import transaction

from bookclub.models import Reflection
from portal.secret_box import secret_box

PURPOSE: Final = "bookclub.reflections.1"
UNREADABLE: Final = "What you wrote here can no longer be read: the portal has lost the key to it."


def seal(words: str) -> bytes:
    """Seal what somebody wrote."""
    return secret_box(PURPOSE).encrypt(words.encode())


def opened(sealed: "bytes | memoryview | None") -> str:
    """Open what is sealed: nothing for nothing, and UNREADABLE for what no key opens any more."""
    if sealed is None:
        return ""
    try:
        return secret_box(PURPOSE).decrypt(bytes(sealed)).decode()
    except InvalidToken:
        return UNREADABLE


def words_of(reflection: Reflection) -> str:
    """Return what was saved."""
    return opened(reflection.sealed)


def draft_of(reflection: Reflection) -> str:
    """Return what somebody was writing."""
    return opened(reflection.draft_sealed)


def is_readable(reflection: Reflection) -> bool:
    """Say whether a key opens all of it, what was saved and its draft: otherwise nothing is put in its place."""
    return UNREADABLE not in (words_of(reflection), draft_of(reflection))


@transaction.atomic
def seal_anew() -> int:
    """Seal all reflections and drafts under the present SECRET_KEY; return in how many rows they are.

    It can be run again at any time. Raises cryptography.fernet.InvalidToken, with nothing changed, when no key opens
    one.
    """
    box, number = secret_box(PURPOSE), 0
    # Each is held, so that what somebody saves at this moment is not put back.
    for row in Reflection.objects.select_for_update(no_key=True).order_by("pk").iterator(chunk_size=100):
        for name in ("sealed", "draft_sealed"):
            if (sealed := getattr(row, name)) is not None:
                setattr(row, name, box.rotate(bytes(sealed)))
        row.save(update_fields=["sealed", "draft_sealed"])
        number += 1
    return number
