"""What people write to one another in Markdown, as HTML: CommonMark without HTML, images or headings (ADR 0099).

`markdown-it-py` reads it; `nh3` then lets through TAGS and ATTRIBUTES alone, whatever the first has made of it. A
heading becomes a bold line, so that nobody's words stand in the outline of a page. Beside every link stands whose page
it really leads to, unless its text says so itself. Nothing that was typed goes missing: what is nested too deep, or
quoted too often, is shown as it was typed.
"""

import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import nh3
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

TAGS: Final = frozenset({"a", "bdi", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "ul"})
ATTRIBUTES: Final = {"*": frozenset(), "a": frozenset({"href"}), "ol": frozenset({"start"})}
"""Beside these a link has `rel`, which is always LINK_REL."""
SCHEMES: Final = frozenset({"http", "https", "mailto"})
VERSION: Final = 2
"""One more whenever the same words come out otherwise: whoever keeps what `render` made makes it anew then."""
LINK_REL: Final = "nofollow noopener noreferrer"
PICTURE: Final = "!["
"""With this a picture begins."""
MOST_NESTED: Final = 10
"""Quotes, lists and their items in one another."""

MOST_WORK: Final = 10_000
"""Lines that begin with a quote, times all lines: each quote is read with all that follows it."""
_QUOTES: Final = re.compile(r"^[ \t\d.)*+>-]*>", re.MULTILINE)

# Text without any of these means the same to whoever reads it as Markdown or not, and is half of what people write.
_MARKS: Final = re.compile(r"""[\\`*_\[\]<>&\0]|^[ \d#+=~-]| $|[^\S\n ]""", re.MULTILINE)
_PARAGRAPHS: Final = re.compile(r"\n{2,}")
_HOST: Final = re.compile(r"[a-z0-9.-]+", re.ASCII)
_MAILBOX: Final = re.compile(r"[\w.+'-]+@[a-z0-9.-]+", re.ASCII | re.IGNORECASE)
_ADDRESS: Final = re.compile(r"(?:https?://)?([a-z0-9.-]+)(?:[/?#][!-~]*)?", re.ASCII | re.IGNORECASE)


def render(words: str) -> SafeString:
    """Return what somebody wrote as HTML that may stand on any page. It takes words of any length and any nesting."""
    if not _MARKS.search(words):
        return _paragraphs(words)
    html = _read(words) or linebreaks(words, autoescape=True)
    return mark_safe(_cleaner.clean(html))  # noqa: S308  # cleaned just now


def _read(words: str) -> str:
    """Return words as HTML, or nothing for what is too much to read: quoted too often, or nested too deep."""
    if len(_QUOTES.findall(words)) * words.count("\n") > MOST_WORK:
        return ""
    tokens = _reader.parse(words)
    # The reader stops at what is nested deepest, with whatever it holds.
    is_whole = all(token.level < MOST_NESTED - 1 for token in tokens)
    return str(_reader.renderer.render(tokens, _reader.options, {})) if is_whole else ""


def _paragraphs(words: str) -> SafeString:
    """Return words in which there is nothing to read as Markdown, nor to escape, with their lines."""
    found = [each for each in _PARAGRAPHS.split(words) if each.strip("\n")]
    html = "".join("<p>{}</p>\n".format(each.strip("\n").replace("\n", "<br>\n")) for each in found)
    return mark_safe(html)  # noqa: S308  # none of _MARKS is in it


def _is_followed(address: str) -> bool:
    """Say whether a link may lead to an address: it has one of SCHEMES, and says whose it is in plain letters.

    A mail goes to one mailbox, and nowhere else by what the address says of copies.
    """
    try:
        parts = urlsplit(address)
        whose = _whose(address)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return _MAILBOX.fullmatch(address.partition(":")[2]) is not None
    # The cleaner knows of more hosts that are none.
    is_known = "href" in _cleaner.clean(format_html('<a href="{}"></a>', address))
    return parts.scheme in SCHEMES and _HOST.fullmatch(whose) is not None and is_known


def _whose(address: str) -> str:
    """Return the host of a page, or the address to which a mail goes. Raises ValueError for what is no address."""
    parts = urlsplit(address)
    return parts.path if parts.scheme == "mailto" else parts.hostname or ""


def _says_itself(text: str, whose: str) -> bool:
    """Say whether the text of a link is where it leads: that host alone, or an address of it, in plain letters."""
    found = _ADDRESS.fullmatch(text)
    return text.lower() == whose.lower() or (found is not None and found[1].lower() == whose)


def _tell_whose(state: StateCore) -> None:
    """Put whose page a link leads to beside each link that does not say so itself; a link to nowhere is none."""
    for block in state.tokens:
        if block.type == "inline" and block.children:
            block.children = list(_with_whose(block.children))


def _with_whose(tokens: Sequence[Token]) -> list[Token]:
    told: list[Token] = []
    whose, begins = "", 0
    for token in tokens:
        if token.type == "link_open":
            address = str(token.attrGet("href"))
            whose = _whose(address) if address else ""
        if token.type in {"link_open", "link_close"} and not whose:
            continue
        told.append(token)
        if token.type == "link_open":
            begins = len(told)
        elif token.type == "link_close":
            text = "".join(each.content for each in told[begins:-1])
            if not _says_itself(text, whose):
                told.append(Token("whose", "", 0, content=whose))
    return told


def _render_whose(  # markdown-it's own order of arguments
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    return format_html(" (<bdi>{}</bdi>)", tokens[at].content)


def _leave_picture(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  # markdown-it's own order of arguments
    """Show a picture as it was typed. Without this its address would be a link, with a stray mark before it."""
    begins = state.src.startswith(PICTURE, state.pos)
    if begins:
        if not silent:
            state.pending += PICTURE
        state.pos += len(PICTURE)
    return begins


def _open_bold(*_: Any) -> str:
    return "<p><strong>"


def _close_bold(*_: Any) -> str:
    return "</strong></p>\n"


class _Reader(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802  # markdown-it's own name
        """Say whether there is a link, and not its text as it was typed."""
        return _is_followed(url)


def _make_reader() -> MarkdownIt:
    reader = _Reader("commonmark", {"html": False, "breaks": True, "maxNesting": MOST_NESTED})
    # A reference is shown where it stands, and hides nothing.
    reader.disable(["html_block", "html_inline", "image", "reference"])
    reader.inline.ruler.before("link", "leave_picture", _leave_picture)
    reader.core.ruler.push("tell_whose", _tell_whose)
    reader.add_render_rule("whose", _render_whose)
    reader.add_render_rule("heading_open", _open_bold)
    reader.add_render_rule("heading_close", _close_bold)
    return reader


_reader: Final = _make_reader()
_cleaner: Final = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    link_rel=LINK_REL,
    url_schemes=set(SCHEMES),
)
