"""A post as it stands on the pages of its thread: its words, who wrote it and when, and what its reader can do.

Drawn here and not by a template, since a page shows dozens of them (as `portal.nhsuk.components`).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bookclub.threads import Shown
from portal.nhsuk.components import EMPTY, isolated, link


class Stand(NamedTuple):
    """Where posts stand: the address of their thread, and whether it can be written in."""

    here: str
    is_open: bool


def draw_post(post: Shown, replies: Sequence[Shown], stand: Stand, *, has_earlier: bool = False) -> SafeString:
    """Draw a post with replies under it; `has_earlier` says that there are more of them on its own page."""
    under = ""
    if replies:
        under = format_html(
            '<div class="portal-replies">{}{}</div>',
            _earlier(post, stand) if has_earlier else "",
            format_html_join("", "{}", ((_draw_reply(reply, stand),) for reply in replies)),
        )
    return format_html(
        '<article class="portal-post" id="post-{}">'
        '<h2 class="nhsuk-heading-s nhsuk-u-margin-bottom-1">{}</h2>{}{}</article>',
        post.pk,
        isolated(post.name) if post.name else "A post",
        _draw_words(post, stand),
        under,
    )


def _draw_reply(reply: Shown, stand: Stand) -> SafeString:
    return format_html(
        '<article class="portal-reply" id="post-{}">'
        '<h3 class="nhsuk-heading-xs nhsuk-u-margin-bottom-1">{}</h3>{}</article>',
        reply.pk,
        isolated(reply.name),
        _draw_words(reply, stand),
    )


def _draw_words(post: Shown, stand: Stand) -> SafeString:
    """Draw when a post was written and what it says, or the trace of it; and what its reader can do."""
    when = format_html(
        '<p class="nhsuk-u-secondary-text-colour nhsuk-u-margin-bottom-2">{}{}</p>',
        post.when,
        f", edited {post.edited}" if post.edited else "",
    )
    if post.trace:
        return format_html("{}<p><em>{}</em>{}</p>", when, post.trace, _why(post))
    return format_html(
        '{}<div class="portal-words" dir="auto">{}</div><ul class="portal-acts">{}</ul>',
        when,
        post.words,
        format_html_join("", "<li>{}</li>", ((act,) for act in _acts(post, stand))),
    )


def _why(post: Shown) -> SafeString:
    """Lead to why one's own post was taken away. What was taken back has no name any more, and nothing to explain."""
    if not (post.is_own and post.name):
        return EMPTY
    return format_html(' It was yours: <a href="{}">see why</a>.', reverse("own_posts"))


def _acts(post: Shown, stand: Stand) -> Iterator[SafeString]:
    if stand.is_open:
        yield _link(post, stand, "reply/", "Reply", f"to {post.name}, {post.when}")
    if not post.is_own:
        yield _link(post, stand, "report/", "Report", f"what {post.name} wrote, {post.when}")
        return
    if stand.is_open:
        yield _link(post, stand, "edit/", "Edit", f"what you wrote, {post.when}")
    yield _link(post, stand, "take-back/", "Take back", f"what you wrote, {post.when}")


def _earlier(post: Shown, stand: Stand) -> SafeString:
    return format_html("<p>{}</p>", _link(post, stand, "", "Earlier replies", f"to {post.name}, {post.when}"))


def _link(post: Shown, stand: Stand, act: str, text: str, hidden: str) -> SafeString:
    return link(text, f"{stand.here}posts/{post.pk}/{act}", hidden)
