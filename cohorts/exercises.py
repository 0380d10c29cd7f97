"""What is right, and what is said to whoever is not there yet: the exercises of self-study, and nothing of who answers.

An answer is looked at and let go. What is not right yet comes back as sentences that help; none says how often.
"""

from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Final

from cohorts.models import CoursePage, PageOption

Exercise = CoursePage.Exercise
NOT_YET: Final = "Not yet"
MORE_APPLY: Final = "What you chose applies. There is more that does"


def options_shown(page: CoursePage, options: Sequence[PageOption]) -> list[PageOption]:
    """Return a page's options as they are shown: things to put in order mixed, for everybody and each time alike."""
    if page.exercise != Exercise.ORDER:
        return list(options)
    mixed = sorted(options, key=lambda option: sha256(f"{page.pk}:{option.pk}".encode()).digest())
    # Mixing may leave them as they were: then whoever changes nothing would be right.
    return mixed if mixed != list(options) else mixed[1:] + mixed[:1]


def check_choice(options: Sequence[PageOption], chosen: int) -> list[str]:
    """Return what speaks against the one answer that was chosen, by its key; nothing where it is right."""
    return [_against(option) for option in options if option.pk == chosen and not option.is_right]


def check_choices(options: Sequence[PageOption], chosen: Sequence[int]) -> list[str]:
    """Return what speaks against each that does not apply, or else that there are more; nothing where all are right."""
    wrong = [_against(option) for option in options if option.pk in chosen and not option.is_right]
    if wrong or all(option.pk in chosen for option in options if option.is_right):
        return wrong
    return [MORE_APPLY]


def check_order(page: CoursePage, options: Sequence[PageOption], places: Sequence[int]) -> list[str]:
    """Return what to look at again where things, by their keys in the order that was given, are not in their own."""
    right = [option.pk for option in options]
    if list(places) == right:
        return []
    fit = sum(one == other for one, other in zip(places, right, strict=True))
    return [f"{NOT_YET}: {fit} of {len(right)} are in their place", *_hint(page)]


def check_number(page: CoursePage, given: Decimal) -> list[str]:
    """Return what to look at again where a number is further from the right one than it may be."""
    if page.number is not None and abs(given - page.number) <= page.tolerance:
        return []
    return [f"{NOT_YET}: {given.normalize():f} is not the number", *_hint(page)]


def _against(option: PageOption) -> str:
    return f"{NOT_YET}. “{option.text}”: {option.feedback}" if option.feedback else f"{NOT_YET}. “{option.text}”"


def _hint(page: CoursePage) -> list[str]:
    return [page.hint] if page.hint else []
