"""Markdown of what was written shows it as it was typed, whatever was typed."""

import html
import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bookclub.reflections_file import markdown_of

PARTS = (*"ab 1.)#+-=*_`~<>&|[]()!\\:\n\t", "\n\n", "http://x", "&amp;", "    ")
TYPED = st.lists(st.sampled_from(PARTS), max_size=40).map("".join)


def as_typed(words: str) -> list[list[str]]:
    """Return the words of each line of each paragraph."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", words.strip())
    return [[" ".join(line.split()) for line in each.split("\n")] for each in paragraphs if each]


@given(TYPED)
def test_it_shows_the_same_words_on_the_same_lines_and_nothing_else(words: str) -> None:
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown_of(words))
    assert set(re.findall(r"</?(\w+)", shown)) <= {"p", "br"}
    paragraphs = [each.removesuffix("</p>\n") for each in shown.split("<p>")[1:]]
    lines = [[" ".join(html.unescape(line).split()) for line in each.split("<br />")] for each in paragraphs]
    assert lines == as_typed(words)
