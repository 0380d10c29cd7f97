"""What some of the demonstration's people need in order to come. Made up, as they are."""

from collections.abc import Iterable
from typing import Final

from portal.accounts import needs
from portal.accounts.models import User
from portal.accounts.needs import Needed

NEEDS: Final = (
    Needed("A chair with a back, and a break every hour.", "Vegetarian"),
    Needed("I use a hearing aid: please use the microphone and the loop.", ""),
    Needed("", "Halal"),
    Needed("Somewhere to express milk, and a fridge.", "No nuts (allergy)"),
    Needed("Large print handouts, at least 18 point.", ""),
)


def say_needs(people: Iterable[User]) -> None:
    """Let these people say what they need, as far as there are needs."""
    for person, needed in zip(people, NEEDS, strict=False):
        needs.say(person, needed)
