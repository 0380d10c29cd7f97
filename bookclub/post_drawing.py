"""A post as it stands on the pages of its thread: its words, who wrote it and when, and what its reader can do.

Drawn here and not by a template, since a page shows dozens of them (as `portal.nhsuk.components`). Its parts are put
together first, and what people wrote is filled in once, since escaping is most of the work.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bookclub.threads import Shown
from portal.nhsuk.components import EMPTY


def _opening(css_class: str, level: int, size: str) -> str:
    return (
        f'<article class="{css_class}" id="post-{{pk}}">'
        f'<h{level} class="nhsuk-heading-{size} nhsuk-u-margin-bottom-1"><bdi>{{name}}</bdi></h{level}>'
    )


def _hidden(text: str) -> str:
    return f'<span class="nhsuk-u-visually-hidden"> {text}</span>'


def _act(page: str, text: str, hidden: str) -> str:
    return f'<li><a href="{{here}}{page}">{text}{_hidden(hidden)}</a></li>'


POST: Final = _opening("portal-post", 2, "s")
REPLY: Final = _opening("portal-reply", 3, "xs")
WHEN: Final = '<p class="nhsuk-u-secondary-text-colour nhsuk-u-margin-bottom-2">{when}'
EDITED: Final = ", edited {edited}"
REPORTED: Final = ". You have reported this, and the moderators look at it."
TRACE: Final = "</p><p><em>{trace}</em>"
WAS_YOURS: Final = ' It was yours: <a href="{own}">see why</a>.'
WORDS: Final = '</p><div class="portal-words" dir="auto">{words}</div><ul class="portal-acts">'
ANSWER: Final = _act("reply/", "Reply", "to {name}, {when}")
EDIT: Final = _act("edit/", "Edit", "what you wrote, {when}")
TAKE_BACK: Final = _act("take-back/", "Take back", "what you wrote, {when}")
REPORT: Final = _act("report/", "Report", "what {name} wrote, {when}")
REPLIES: Final = '<div class="portal-replies">{}{}</div>'
EARLIER: Final = f'<p><a href="{{}}">Earlier replies{_hidden("to what {} wrote, {}")}</a></p>'
NAMELESS: Final = "somebody"
"""Who wrote what they took back."""


class Stand(NamedTuple):
    """Where posts stand: the addresses of their thread and of what the reader wrote; whether it can be written in."""

    here: str
    own: str
    is_open: bool


def draw_post(post: Shown, replies: Sequence[Shown], stand: Stand, *, has_earlier: bool = False) -> SafeString:
    """Draw a post with replies under it; `has_earlier` says that there are more of them on its own page."""
    under = EMPTY
    if replies:
        under = format_html(
            REPLIES,
            format_html(EARLIER, _page(post, stand), post.name or NAMELESS, post.when) if has_earlier else EMPTY,
            format_html_join("", "{}", ((_draw(REPLY, reply, stand, EMPTY),) for reply in replies)),
        )
    return _draw(POST, post, stand, under)


def _draw(opening: str, post: Shown, stand: Stand, under: SafeString) -> SafeString:
    return format_html(
        f"{opening}{''.join(_parts(post, stand))}{{under}}</article>",
        pk=post.pk,
        name=post.name or "A post",
        when=post.when,
        edited=post.edited,
        trace=post.trace,
        words=post.words,
        here=_page(post, stand),
        own=stand.own,
        under=under,
    )


def _page(post: Shown, stand: Stand) -> str:
    return f"{stand.here}posts/{post.pk}/"


def _parts(post: Shown, stand: Stand) -> Iterator[str]:
    """Say when a post was written and what it says, or the trace of it; and what its reader can do."""
    yield WHEN
    if post.edited:
        yield EDITED
    if post.is_reported:
        yield REPORTED
    if post.trace:
        yield TRACE
        # What was taken back has no name any more, and nothing to explain.
        if post.is_own and post.name:
            yield WAS_YOURS
        yield "</p>"
        return
    yield WORDS
    if stand.is_open:
        yield ANSWER
    if post.is_own and stand.is_open:
        yield EDIT
    if post.is_own:
        yield TAKE_BACK
    elif not post.is_reported:
        yield REPORT
    yield "</ul>"
