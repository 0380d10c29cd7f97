"""The scores of a project as dots, one for each time that somebody set one; the table beside them says the same."""

from collections.abc import Sequence

from django.utils.safestring import SafeString, mark_safe

from portal.nhsuk.dates import say_date
from qi_projects.chart_shapes import INK, MIDDLE, PALE, add, path, picture, written
from qi_projects.models import ProgressScore

FONT, LEFT, TOP, STEP, RADIUS = 16, 36, 14, 26, 5
HEIGHT = 5 * STEP
WIDEST = 640


def draw(records: Sequence[ProgressScore]) -> SafeString:
    """Return the scores in their order as SVG: nothing, for fewer than two."""
    if len(records) < 2:
        return SafeString()
    apart = min(48.0, (WIDEST - LEFT - 20) / len(records))
    width = LEFT + apart * len(records) + 10
    first, last = records[0], records[-1]
    words = (
        f"{len(records)} scores, from {first.score} on {say_date(first.set_at)} to {last.score} on "
        f"{say_date(last.set_at)}. The table says each."
    )
    root = picture(
        width, TOP + HEIGHT + 12, name="scores", title="Progress score", words=words, class_="portal-picture"
    )
    for line in range(6):
        y = TOP + HEIGHT - line * STEP
        add(root, "path", d=path([(LEFT, y), (width, y)]), stroke=PALE, fill="none")
        add(root, "text", str(line), x=LEFT - 10, y=y + FONT * 0.35, font_size=FONT, fill=MIDDLE, text_anchor="end")
    places = [(LEFT + apart * (at + 0.5), TOP + HEIGHT - float(each.score) * STEP) for at, each in enumerate(records)]
    add(root, "path", d=path(places), stroke=MIDDLE, fill="none")
    for left, down in places:
        add(root, "circle", cx=left, cy=down, r=RADIUS, fill=INK)
    return mark_safe(written(root))  # noqa: S308  # every text in it was escaped as it was written
