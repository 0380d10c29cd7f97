"""Pictures come out as they are seen, and hold nothing else."""

import struct
from io import BytesIO

import pytest
from PIL import Image

from portal.attachments import pictures
from portal.attachments.kinds import JPEG, PNG, WEBP, CannotAttach, Kind
from portal.attachments.recognising import looked_into
from tests.attachments import made

KINDS = [JPEG, PNG, WEBP]
NAMES = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def parts(kind: Kind, content: bytes) -> set[bytes]:
    """Return of which parts a file consists, by its own format."""
    if kind is PNG:
        place, found = 8, set()
        while place < len(content):
            (length,) = struct.unpack_from("!I", content, place)
            found.add(content[place + 4 : place + 8])
            place += length + 12
        return found
    if kind is WEBP:
        place, found = 12, set()
        while place < len(content):
            (length,) = struct.unpack_from("<I", content, place + 4)
            found.add(content[place : place + 4])
            place += 8 + length + length % 2
        return found
    place, found = 2, set()
    while content[place + 1] != 0xDA:  # then come the pixels
        found.add(content[place + 1 : place + 2])
        place += 2 + struct.unpack_from("!H", content, place + 2)[0]
    assert content.endswith(b"\xff\xd9")
    return found


# Size, tables and pixels; of a JPEG also its own first mark.
ALLOWED = {
    PNG: {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"},
    WEBP: {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"},
    JPEG: {b"\xe0", b"\xdb", b"\xc0", b"\xc2", b"\xc4"},
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_what_a_phone_wrote_into_it_is_gone(kind: Kind) -> None:
    taken = made.photograph(NAMES[kind])
    assert opened(taken).getexif().get_ifd(0x8825)
    assert b"canary" in taken

    found, kept = looked_into(taken, "anything.txt")

    assert found is kind
    assert not opened(kept).getexif()
    assert b"canary" not in kept
    assert parts(kind, kept) <= ALLOWED[kind]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_it_is_turned_the_right_way_up(kind: Kind) -> None:
    turned = opened(pictures.made_anew(made.photograph(NAMES[kind], orientation=6), kind))
    assert turned.size == (40, 60)
    red, blue = (turned.convert("RGB").getpixel((20, y)) for y in (5, 55))
    assert isinstance(red, tuple)
    assert isinstance(blue, tuple)
    assert (red[0] > 200 > red[2], blue[2] > 200 > blue[0]) == (True, True)


@pytest.mark.parametrize("behind", [made.archive({"a.html": "<script>"}), b"<html><script>alert(1)</script>"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_what_is_hidden_behind_a_picture_is_gone(kind: Kind, behind: bytes) -> None:
    _, kept = looked_into(made.picture(NAMES[kind]) + behind, "picture")
    assert b"PK" not in kept
    assert b"script" not in kept


def test_what_is_hidden_inside_one_is_gone() -> None:
    picture = made.picture("PNG")
    with_words = picture[:33] + made.chunk(b"tEXt", b"Comment\0<script>alert(1)</script>") + picture[33:]
    assert opened(with_words).size == (60, 40)
    assert b"script" not in pictures.made_anew(with_words, PNG)


@pytest.mark.parametrize("side", [5_001, 20_000, 2_000_000_000])
def test_one_that_says_it_is_huge_is_refused_before_it_is_unpacked(side: int) -> None:
    with pytest.raises(CannotAttach, match="million pixels"):
        looked_into(made.huge_png(side), "huge.png")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_one_that_is_cut_short_is_refused(kind: Kind) -> None:
    whole = made.picture(NAMES[kind], (300, 300))
    with pytest.raises(CannotAttach, match="cut short"):
        looked_into(whole[: len(whole) * 2 // 3], "cut")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_what_only_begins_as_a_picture_is_refused(kind: Kind) -> None:
    with pytest.raises(CannotAttach, match="cannot be read"):
        looked_into(made.picture(NAMES[kind])[:12] + b"<script>alert(1)</script>" * 20, "fake.png")


@pytest.mark.parametrize("kind", [PNG, WEBP], ids=lambda kind: kind.key)
def test_one_that_moves_is_refused(kind: Kind) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    written = BytesIO()
    frames[0].save(written, NAMES[kind], save_all=True, append_images=frames[1:])
    with pytest.raises(CannotAttach, match="moves"):
        looked_into(written.getvalue(), "moves")


def test_of_a_phone_s_picture_with_others_behind_it_the_first_is_kept() -> None:
    written = BytesIO()
    first, depth = opened(made.picture()), Image.new("RGB", (20, 20))
    first.save(written, "MPO", save_all=True, append_images=[depth])
    kind, kept = looked_into(written.getvalue(), "portrait.jpg")
    assert kind is JPEG
    assert opened(kept).size == (60, 40)
    assert parts(JPEG, kept) <= ALLOWED[JPEG]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_pictures_of_all_depths_are_taken(mode: str) -> None:
    source = Image.new(mode, (30, 20)) if mode == "I;16" else opened(made.picture()).convert(mode)
    written = BytesIO()
    source.save(written, "PNG")
    kept = opened(pictures.made_anew(written.getvalue(), PNG))
    assert kept.size == (30, 20) if mode == "I;16" else (60, 40)
    assert (kept.mode == "RGBA") is mode.endswith("A")


def test_what_can_be_seen_through_stays_so() -> None:
    source = Image.new("RGBA", (20, 20), (255, 0, 0, 0))
    written = BytesIO()
    source.convert("P").save(written, "PNG", transparency=0)
    kept = opened(pictures.made_anew(written.getvalue(), PNG))
    assert kept.getpixel((5, 5))[3] == 0  # type: ignore[index]  # it has four bands


def test_colours_for_print_become_colours_of_a_screen() -> None:
    assert opened(pictures.made_anew(made.picture(mode="CMYK"), JPEG)).mode == "RGB"


def test_a_large_one_becomes_smaller() -> None:
    kept = opened(pictures.made_anew(made.picture(size=(5_000, 2_500)), JPEG))
    assert kept.size == (pictures.LONGEST, pictures.LONGEST // 2)


def test_nonsense_about_its_direction_does_no_harm() -> None:
    exif = Image.Exif()
    exif[0x0112] = 99
    kept = opened(pictures.made_anew(made.picture(exif=exif.tobytes()), JPEG))
    assert kept.size == (60, 40)
