"""What people write in Markdown: whatever it is, nothing but the allowed tags and attributes comes out, and soon."""

import re
import sys
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import markdown
from portal.markdown import ATTRIBUTES, LINK_REL, SCHEMES, TAGS, render

PIECES = (
    *("*", "**", "_", "`", "```\n", "~~~", "> ", "- ", "1. ", "# ", "\n", "\n\n", "    ", "\t", "---\n", "===\n", "|"),
    *("[", "](", ")", "![", "<", ">", "&", "&lt;", "&#x3c;", "\\", "\0", '"', "'", "]:", "/", "//", "\u202e", "\u2066"),
    *("<script>", "</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>", "<!--", "<style>"),
    *("javascript:", "data:text/html,", "https://nhs.uk", "https://nhs.uk@evil.example", "mailto:a@b.example"),
    *("[nhs.uk](https://evil.example)", "<https://a.example>", 'onclick="x"', "word", "é", "عربي", "1", " "),
)
MARKDOWN = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=40).map("".join)
LONGEST = 5_000


class Read(HTMLParser):
    """Reads HTML as a browser does, and keeps every tag with its attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.others: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_decl(self, decl: str) -> None:
        self.others.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


def require_allowed(html: str) -> Read:
    """Fail where there is anything that is not on the list."""
    read = Read(html)
    assert not read.others
    for tag, attributes in read.tags:
        assert tag in TAGS
        assert set(attributes) <= set(ATTRIBUTES.get(tag, ())) | ({"rel"} if tag == "a" else set())
        if tag == "a":
            assert attributes["rel"] == LINK_REL
            assert urlsplit(attributes["href"] or "").scheme in SCHEMES
    return read


@settings(deadline=None, max_examples=400)
@given(MARKDOWN)
def test_whatever_is_written_nothing_else_comes_out(words: str) -> None:
    require_allowed(render(words))


@settings(deadline=None, max_examples=400)
@given(MARKDOWN)
def test_every_link_says_whose_page_it_leads_to(words: str) -> None:
    for address, text, beside in re.findall(r'<a href="([^"]*)" rel="[^"]*">(.*?)</a>(.{0,200})', render(words)):
        parts = urlsplit(unescape(address))
        whose = parts.path if parts.scheme == "mailto" else parts.hostname or ""
        assert beside.startswith(f" (<bdi>{whose}</bdi>)".replace("&", "&amp;")) or whose in text.lower()


@settings(deadline=None, max_examples=400)
@given(st.one_of(st.text(alphabet="ab .,'\"\n-1é:", max_size=60), MARKDOWN))
def test_plain_words_are_the_same_whether_they_are_read_as_markdown_or_not(words: str) -> None:
    if not markdown._MARKS.search(words):
        whole = markdown._cleaner.clean(markdown._reader.render(words))
        assert render(words) == whole


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=20), st.integers(0, 60))
def test_no_word_goes_missing_however_deep_it_stands(word: str, depth: int) -> None:
    for mark in ("> ", "- ", "> - "):
        assert word in Read(render(f"{mark * depth}{word}")).text


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("I heard *that*, **too**.", "<p>I heard <em>that</em>, <strong>too</strong>.</p>\n"),
        ("One\nline\n\nTwo", "<p>One<br>\nline</p>\n<p>Two</p>\n"),
        ("# Not in the outline", "<p><strong>Not in the outline</strong></p>\n"),
        ("Nor this\n===", "<p><strong>Nor this</strong></p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("3. three", '<ol start="3">\n<li>three</li>\n</ol>\n'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("```py\nx < y\n```", "<pre><code>x &lt; y\n</code></pre>\n"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("A\0B", "<p>A\ufffdB</p>\n"),
        ("|a|b|\n|-|-|\n|1|2|", "<p>|a|b|<br>\n|-|-|<br>\n|1|2|</p>\n"),
        ("[hidden]: https://a.example", "<p>[hidden]: https://a.example</p>\n"),
        ("", ""),
    ],
)
def test_what_is_written_is_what_is_shown(words: str, html: str) -> None:
    assert render(words) == html


def link(address: str, text: str) -> str:
    return f'<p><a href="{address}" rel="{LINK_REL}">{text}</a>'


@pytest.mark.parametrize(
    ("words", "html"),
    [
        ("<https://nhs.uk/a>", f"{link('https://nhs.uk/a', 'https://nhs.uk/a')}</p>\n"),
        ("[nhs.uk](https://nhs.uk/a)", f"{link('https://nhs.uk/a', 'nhs.uk')}</p>\n"),
        ("[the report](https://nhs.uk)", f"{link('https://nhs.uk', 'the report')} (<bdi>nhs.uk</bdi>)</p>\n"),
        ("[nhs.uk](https://evil.example)", f"{link('https://evil.example', 'nhs.uk')} (<bdi>evil.example</bdi>)</p>\n"),
        (
            "[nhs.uk](https://nhs.uk@evil.example)",
            f"{link('https://nhs.uk@evil.example', 'nhs.uk')} (<bdi>evil.example</bdi>)</p>\n",
        ),
        (
            "<https://nhs.uk@evil.example>",
            f"{link('https://nhs.uk@evil.example', 'https://nhs.uk@evil.example')} (<bdi>evil.example</bdi>)</p>\n",
        ),
        (
            "[nhs.uk](https://nhs.uk.evil.example)",
            f"{link('https://nhs.uk.evil.example', 'nhs.uk')} (<bdi>nhs.uk.evil.example</bdi>)</p>\n",
        ),
        (
            "[nh\u0455.uk](https://nh\u0455.uk)",
            link("https://xn--nh-foc.uk", "nh\u0455.uk") + " (<bdi>xn--nh-foc.uk</bdi>)</p>\n",
        ),
        ("[write](mailto:a@b.example)", f"{link('mailto:a@b.example', 'write')} (<bdi>a@b.example</bdi>)</p>\n"),
        ('[a](https://nhs.uk "https://evil.example")', f"{link('https://nhs.uk', 'a')} (<bdi>nhs.uk</bdi>)</p>\n"),
        (
            "\u202e[live](https://evil.example)",
            f'<p>\u202e<a href="https://evil.example" rel="{LINK_REL}">live</a> (<bdi>evil.example</bdi>)</p>\n',
        ),
    ],
)
def test_a_link_that_pretends_is_shown_for_what_it_is(words: str, html: str) -> None:
    assert render(words) == html


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "JavaScript:alert(1)", "java&#x73;cript:alert(1)", "&#106;avascript:alert(1)"),
        *("data:text/html,<b>", "vbscript:x", "file:///etc/passwd", "ftp://a.example", "tel:123"),
        *("//evil.example", "/admin/", "?x", "#x", "https:///x", "https://", "mailto:", "https://[::1", ""),
        *("mailto:a@nhs.uk?bcc=evil@x.example", "mailto:%65vil@x.example", "mailto:a@nhs.uk,b@x.example"),
        *("https://nhs.uk\u202e", "https://\u2147vil.example"),
    ],
)
def test_what_is_no_address_of_a_page_or_a_mailbox_is_no_link(address: str) -> None:
    assert "<a " not in render(f"[text]({address})")
    assert "<a " not in render(f"<{address}>")


@pytest.mark.parametrize(
    "words", ["![a cat](https://a.example/cat.png)", "![](x)", "![a][b]", "![", "Look![here](https://nhs.uk)"]
)
def test_a_picture_is_shown_as_it_was_typed(words: str) -> None:
    assert render(words) == f"<p>{words}</p>\n"


BAD = {
    "quotes": ">" * LONGEST,
    "lists": "- " * (LONGEST // 2),
    "quotes and lists": "> - " * (LONGEST // 4),
    "nested lists": "\n".join(" " * (2 * at) + "- a" for at in range(60)),
    "brackets": "[" * LONGEST,
    "pictures": "![" * (LONGEST // 2),
    "stars": "*a_ " * (LONGEST // 4),
    "bold": "**x* " * (LONGEST // 5),
    "a table": ("|a" * 50 + "|\n" + "|-" * 50 + "|\n") * (LONGEST // 204),
    "links": "[a](b " * (LONGEST // 6),
    "links in links": "[" * 2_500 + "](http://a.b)" * 190,
    "back ticks": "".join("`" * at + " " for at in range(100))[:LONGEST],
    "references": "".join(f"[{at}]: http://a.b\n" for at in range(300))[:LONGEST],
    "entities": "&" * LONGEST,
    "tags": "<a " * (LONGEST // 3),
    "lines": "\n" * LONGEST,
    "quotes and plain lines": ("a\n>>>>>\n" * LONGEST)[:LONGEST],
    "a few quotes and many lines": ("a\n>>>>>\n" * 400 + "a\n" * LONGEST)[:LONGEST],
    "quotes in lists, as many as are read": "- > a\nb\n" * 18 + "c\n" * 480,
    "one word": "x" * LONGEST,
}


def calls_of(words: str) -> int:
    """Return how many calls it takes to read some words: the same on every machine."""
    number = 0

    def count(*_: object) -> None:
        nonlocal number
        number += 1

    sys.setprofile(count)
    try:
        render(words)
    finally:
        sys.setprofile(None)
    return number


@pytest.mark.parametrize("name", BAD)
def test_what_is_made_to_be_slow_is_read_in_a_moment(name: str) -> None:
    """The most are some hundred thousand calls, a few hundredths of a second."""
    require_allowed(render(BAD[name]))
    assert calls_of(BAD[name]) < 1_500_000
