"""What is written in threads, and to moderators, is sealed under SECRET_KEY: no copy of the database tells it."""

from typing import Final

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import QuerySet

from bookclub.models import Post, PostReport
from portal.secret_box import secret_box

PURPOSE: Final = "bookclub.threads.1"
UNREADABLE: Final = "This can no longer be read: the portal has lost the key to it."


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


@transaction.atomic
def seal_anew() -> int:
    """Seal all posts and reports under the present SECRET_KEY; return in how many rows something is sealed.

    It can be run again at any time. Raises cryptography.fernet.InvalidToken, with nothing changed, when no key opens
    one.
    """
    return _seal_anew(Post.objects.all(), "sealed", "sealed_note") + _seal_anew(
        PostReport.objects.all(), "sealed", "sealed_post"
    )


def _seal_anew(rows: "QuerySet[Post] | QuerySet[PostReport]", *names: str) -> int:
    box, number = secret_box(PURPOSE), 0
    # Each is held, so that what somebody saves at this moment is not put back.
    for row in rows.select_for_update(no_key=True).order_by("pk").iterator(chunk_size=100):
        for name in names:
            if (sealed := getattr(row, name)) is not None:
                setattr(row, name, box.rotate(bytes(sealed)))
        row.save(update_fields=names)
        number += 1
    return number
