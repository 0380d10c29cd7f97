"""A person's name, kept as they write it in any script, without what would break the page it stands on."""

import unicodedata
from typing import Any

from django import forms

# They turn the direction of text that follows, on registers and in mails too. Letters carry their own direction.
BIDI_CONTROLS = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))

# Counted as letters, and drawn as nothing.
FILLERS = "\u115f\u1160\u3164\uffa0"


def clean_name(written: str) -> str:
    """Return a name in composed form (NFC), in one line, without control characters; nothing, if nobody could read it.

    Joiners (U+200C, U+200D) stay: Persian and many Indic names need them. A name has a letter or a digit.
    """
    composed = unicodedata.normalize("NFC", written.translate(BIDI_CONTROLS))
    spaced = "".join(" " if character.isspace() else character for character in composed)
    name = " ".join("".join(character for character in spaced if unicodedata.category(character) != "Cc").split())
    return name if is_readable(name) else ""


def without_accents(text: str) -> str:
    """Return a text with each letter in its plain form."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def folded(name: str) -> str:
    """Return a name without accents, capitals and doubled spaces, to compare it."""
    return " ".join(without_accents(name).casefold().split())


def is_readable(text: str) -> bool:
    """Say whether a text has a letter or a digit that is drawn."""
    return any(unicodedata.category(letter)[0] in "LN" and letter not in FILLERS for letter in text)


class NameField(forms.CharField):
    """Asks for a person's full name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "label": "Full name",
                "help_text": "As it should stand on a register or a certificate.",
                "max_length": 200,
                "widget": forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
                "error_messages": {
                    "required": "Enter your full name",
                    "max_length": "Your full name must be 200 characters or fewer",
                },
                **options,
            }
        )

    def to_python(self, value: Any) -> str:
        """Return the name as it is kept."""
        return clean_name(super().to_python(value) or "")
