"""HTML in one form, so that two ways of writing the same elements compare equal."""

from html.parser import HTMLParser

VOID = frozenset({"input", "br", "hr", "img", "meta", "link"})
INLINE = frozenset({"a", "b", "span", "strong"})
LISTS_OF_WORDS = frozenset({"class", "aria-describedby"})


class Normaliser(HTMLParser):
    """Collects one line for each tag and text, and apart from them the text as it is read out.

    Attributes and words of classes are sorted, spaces at the edge of a text and drawings (inside `svg`) left out.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.read_out = ""
        self.drawing = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self.drawing:
            said = sorted((name, self._value(name, value)) for name, value in attrs)
            # An input without a value and one with an empty value are the same to whoever fills it in.
            shown = "".join(f' {name}="{value}"' for name, value in said if (name, value) != ("value", ""))
            self.lines.append(f"<{tag}{shown}>")
            self.read_out += "" if tag in INLINE else "\n"
        self.drawing = self.drawing or tag == "svg"

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self.drawing = False
        if not self.drawing and tag not in VOID:
            self.lines.append(f"</{tag}>")
            self.read_out += "" if tag in INLINE else "\n"

    def handle_data(self, data: str) -> None:
        if not self.drawing:
            self.read_out += data
            self.lines.append(data.strip())

    @staticmethod
    def _value(name: str, value: str | None) -> str:
        return " ".join(sorted((value or "").split())) if name in LISTS_OF_WORDS else value or ""


def normalised(html: str) -> str:
    """Return the elements of `html`, then the words as they are read out."""
    parser = Normaliser()
    parser.feed(html)
    parser.close()
    return "\n".join([*filter(None, parser.lines), "Read out:", *parser.read_out.split()])
