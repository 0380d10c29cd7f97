"""A post as it stands on the pages of its thread: its words, who wrote it and when, and what its reader can do.

Drawn here and not by a template, since a page shows dozens of them (as `portal.nhsuk.components`).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bookclub.threads import Shown
from portal.nhsuk.components import EMPTY, isolated, link

WHEN: Final = '<p class="nhsuk-u-secondary-text-colour nhsuk-u-margin-bottom-2">{}</p>'
TRACE: Final = f"{WHEN}<p><em>{{}}</em>{{}}</p>"
WORDS: Final = f'{WHEN}<div class="portal-words" dir="auto">{{}}</div><ul class="portal-acts">{{}}</ul>'
ACT: Final = '<li><a href="{}{}">{}<span class="nhsuk-u-visually-hidden"> {}</span></a></li>'


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
    when = f"{post.when}, edited {post.edited}" if post.edited else post.when
    if post.is_reported:
        when = f"{when}. You have reported this, and the moderators look at it."
    if post.trace:
        return format_html(TRACE, when, post.trace, _why(post))
    return format_html(WORDS, when, post.words, _acts(post, stand))


def _why(post: Shown) -> SafeString:
    """Lead to why one's own post was taken away. What was taken back has no name any more, and nothing to explain."""
    if not (post.is_own and post.name):
        return EMPTY
    return format_html(' It was yours: <a href="{}">see why</a>.', reverse("own_posts"))


def _acts(post: Shown, stand: Stand) -> SafeString:
    here = f"{stand.here}posts/{post.pk}/"
    mine, theirs = f"what you wrote, {post.when}", f"what {post.name} wrote, {post.when}"
    acts = [("reply/", "Reply", f"to {post.name}, {post.when}")] if stand.is_open else []
    if post.is_own and stand.is_open:
        acts.append(("edit/", "Edit", mine))
    if post.is_own:
        acts.append(("take-back/", "Take back", mine))
    elif not post.is_reported:
        acts.append(("report/", "Report", theirs))
    return format_html_join("", ACT, ((here, act, text, hidden) for act, text, hidden in acts))


def _earlier(post: Shown, stand: Stand) -> SafeString:
    return format_html(
        "<p>{}</p>", link("Earlier replies", f"{stand.here}posts/{post.pk}/", f"to {post.name}, {post.when}")
    )
