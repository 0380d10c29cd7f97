"""What is written in threads, and to moderators, is sealed under SECRET_KEY: no copy of the database tells it."""

from typing import Final, Protocol

from django.db import transaction
from django.utils.safestring import SafeString, mark_safe

from bookclub.models import Post, PostReport
from portal.markdown import VERSION, render
from portal.sealed_text import SealedText

TEXT: Final = SealedText("bookclub.threads.1", "This can no longer be read: the portal has lost the key to it.")


def written(words: str) -> dict[str, bytes]:
    """Return what a post holds of its words: these, and how they are shown."""
    return {"sealed": TEXT.seal(words), "sealed_html": TEXT.seal(f"{VERSION}\n{render(words)}")}


class Sealed(Protocol):
    """A post, or what was read of one."""

    @property
    def sealed(self) -> bytes | memoryview | None:
        """What was written."""

    @property
    def sealed_html(self) -> bytes | memoryview | None:
        """The same as it is shown."""


def html_of(post: Sealed) -> SafeString:
    """Return a post's words as they are shown. They are made anew where another version made them, or none."""
    version, _, html = TEXT.opened(post.sealed_html).partition("\n")
    if version == str(VERSION):
        return mark_safe(html)  # noqa: S308  # it was sealed as `render` made it, and nobody else can seal
    return render(TEXT.opened(post.sealed))


@transaction.atomic
def seal_anew() -> int:
    """Seal all posts and reports under the present SECRET_KEY; return in how many rows something is sealed."""
    return TEXT.seal_anew(Post.objects.all(), "sealed", "sealed_html", "sealed_note") + TEXT.seal_anew(
        PostReport.objects.all(), "sealed", "sealed_post"
    )
