"""The name under which a file is given out: what its owner called it, without what a name can do to whoever gets it."""

import re
import unicodedata
from typing import Final

NAMELESS: Final = "file"
LONGEST: Final = 100
"""Characters, without the ending."""
MOST_BYTES: Final = 200
"""Of them in UTF-8: file systems take 255 with the ending."""

SEPARATORS: Final = re.compile(r"[/\\]")
# What Windows lets no name have, and what headers and addresses give another meaning.
UNFIT: Final = re.compile(r'[<>:"|?*;%]+')
ENDING: Final = re.compile(r"\.(?=\w*[a-z])[a-z0-9]{1,5}\Z", re.IGNORECASE | re.ASCII)
# Devices, which Windows opens in the place of a file.
DEVICE: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE | re.ASCII)


def safe_name(given: str, ending: str) -> str:
    """Return the last part of a name, in characters that can be seen, of a bearable length, and with this ending.

    Wide forms of dots and slashes become plain ones first. What turns the direction of writing goes: it would show
    `exe.pdf` of what ends in `fdp.exe`. So does the ending with which the file came.
    """
    name = SEPARATORS.split(unicodedata.normalize("NFKC", given[:1000]))[-1]
    seen = (character for character in " ".join(name.split()) if unicodedata.category(character)[0] != "C")
    stem = ENDING.sub("", UNFIT.sub("-", " ".join("".join(seen).split())))
    if stem.casefold().endswith(ending):
        stem = stem[: -len(ending)]
    stem = _cut(stem).strip(" .-")
    if DEVICE.fullmatch(stem):
        stem = f"{NAMELESS}-{stem}"
    return f"{stem or NAMELESS}{ending}"


def _cut(stem: str) -> str:
    return stem[:LONGEST].encode()[:MOST_BYTES].decode(errors="ignore")
