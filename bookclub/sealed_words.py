"""What people write for themselves is sealed under SECRET_KEY: a copy of the database alone does not tell it."""

from typing import Final

from bookclub.models import Reflection
from portal.sealed_text import SealedText

TEXT: Final = SealedText(
    "bookclub.reflections.1", "What you wrote here can no longer be read: the portal has lost the key to it."
)


def words_of(reflection: Reflection) -> str:
    """Return what was saved."""
    return TEXT.opened(reflection.sealed)


def draft_of(reflection: Reflection) -> str:
    """Return what somebody was writing."""
    return TEXT.opened(reflection.draft_sealed)


def is_readable(reflection: Reflection) -> bool:
    """Say whether a key opens all of it, what was saved and its draft: otherwise nothing is put in its place."""
    return TEXT.unreadable not in (words_of(reflection), draft_of(reflection))


def seal_anew() -> int:
    """Seal all reflections and drafts under the present SECRET_KEY; return in how many rows they are."""
    return TEXT.seal_anew(Reflection.objects.all(), "sealed", "draft_sealed")
