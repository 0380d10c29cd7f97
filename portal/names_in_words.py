"""The portal's own names for what it does and what it does it to, said in words for whoever reads about it."""

import re
from functools import cache
from typing import Final

from django.apps import apps

NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[._:,]+[a-z0-9]+)*")


def in_words(name: str) -> str:
    """Say a name of ours in words: "booking.cancelled" as "Booking cancelled", "booking:12" as "Booking 12".

    What does not look like one stays as it is.
    """
    if not NAME.fullmatch(name):
        return name
    kind, colon, rest = name.partition(":")
    if colon:
        kind = _kinds().get(kind, kind)
    words = re.sub(r"[._:]+", " ", f"{kind} {rest}".strip()).replace(",", ", ")
    return words[:1].upper() + words[1:]


@cache
def _kinds() -> dict[str, str]:
    """Return what people call the things of each model, by the name under which the trail has it."""
    return {str(model._meta.model_name): str(model._meta.verbose_name) for model in apps.get_models()}
