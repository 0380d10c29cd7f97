"""A chart as a PNG file, for slides and documents that take no SVG. The typesetter of the certificates draws it.

What the chart says goes in as data beside a document of one line, and never into its text.
"""

from typing import Final

import typst

from portal.documents import fonts

PAGE: Final = b'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.drawing), format: "svg")'
PIXELS_PER_INCH: Final = 192
"""Two pixels for each unit of the picture, of which 96 are an inch: a wide one has 1,920, and is crisp on paper too."""


def as_png(drawing: str) -> bytes:
    """Return an SVG, as `chart_drawing.draw` returns it, as PNG. Letters that the fonts lack are left blank."""
    made: bytes = typst.compile(
        PAGE,
        font_paths=fonts(),
        ignore_system_fonts=True,
        format="png",
        ppi=PIXELS_PER_INCH,
        sys_inputs={"drawing": drawing},
    )
    return made
