"""Pictures, made anew: what comes out holds what can be seen, and nothing else that the file held.

So no place and time at which it was taken, no camera's number, no name of its owner, no colour profile with words in
it, and no second file behind or inside the picture.
"""

from contextlib import suppress
from io import BytesIO
from threading import Lock
from typing import Any, Final

from PIL import Image, ImageOps

from portal.attachments.kinds import JPEG, PNG, WEBP, CannotAttach, Kind

LONGEST: Final = 4_000
"""Pixels of the longer side of what is kept: a sheet of paper in print."""

# What Pillow calls each, and by what it is written.
FORMATS: Final[dict[Kind, tuple[str, dict[str, Any]]]] = {
    JPEG: ("JPEG", {"quality": 88, "optimize": True}),
    PNG: ("PNG", {}),
    WEBP: ("WEBP", {"quality": 88}),
}

# What a good phone takes, and what a large screen shows: a JPEG can be unpacked at half its size, others cannot.
MOST_PIXELS: Final = {JPEG: 50_000_000, PNG: 25_000_000, WEBP: 25_000_000}

TOO_MANY_PIXELS: Final = "The picture has more than %d million pixels. Save it smaller, and choose it again."
BROKEN: Final = (
    "The picture cannot be read: it may be cut short. Open it, save it again as JPEG or PNG, and choose that file."
)
MOVES: Final = "The picture moves. Save one picture of it as JPEG or PNG, or link to a film instead."

_one_at_a_time: Final = Lock()
"""Of a process: two large pictures at once would take twice the memory."""


def made_anew(content: bytes, kind: Kind) -> bytes:
    """Return a picture in its own kind, the right way up, and no larger than LONGEST. Raises CannotAttach."""
    name, options = FORMATS[kind]
    try:
        with _one_at_a_time, Image.open(BytesIO(content), formats=[name]) as picture:
            _look_before_unpacking(picture, kind)
            written = BytesIO()
            _as_seen(picture).save(written, name, **options)
    except CannotAttach:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(kind) from error
    except Exception as error:
        # Whatever the library then raises, it is the file that is broken.
        raise CannotAttach(BROKEN) from error
    return written.getvalue()


def _look_before_unpacking(picture: Image.Image, kind: Kind) -> None:
    if picture.width * picture.height > MOST_PIXELS[kind]:
        raise _too_many_pixels(kind)
    # Phones put what they know of depth and light behind a JPEG as further pictures: the first is the picture.
    if kind is not JPEG and getattr(picture, "n_frames", 1) > 1:
        raise CannotAttach(MOVES)


def _too_many_pixels(kind: Kind) -> CannotAttach:
    return CannotAttach(TOO_MANY_PIXELS % (MOST_PIXELS[kind] // 1_000_000))


def _as_seen(picture: Image.Image) -> Image.Image:
    """Return the picture as a viewer shows it, with nothing tied to it that would be written along."""
    # A JPEG of twice what is kept is not even unpacked whole.
    longest = max(picture.size)
    picture.draft(None, (picture.width * LONGEST // longest, picture.height * LONGEST // longest))
    picture.load()
    seen = picture
    if seen.mode not in {"L", "RGB", "RGBA"} or "transparency" in seen.info:
        seen = seen.convert("RGBA" if seen.has_transparency_data else "RGB")
    seen.thumbnail((LONGEST, LONGEST))
    with suppress(KeyError, ValueError, SyntaxError, TypeError):
        # What a camera says of itself may be nonsense; then the picture is as it lies.
        ImageOps.exif_transpose(seen, in_place=True)
    seen.info = {}
    return seen
