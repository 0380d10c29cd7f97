"""How a person is chosen by those who do not keep everybody's accounts.

They type a part of a name for one of their own programmes' people, and a whole address for anybody else. What the page
sends is the address: a number can be guessed, and the page would answer it with a name.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.db.models.functions import Lower

from cohorts.rules import people_of_programmes_kept
from portal.accounts.models import User
from portal.admin_fields import Autocomplete
from portal.generics import ModelChoiceField

HELP = "For somebody who is not in one of your programmes, type the whole email address."


class AutocompleteByAddress(Autocomplete):
    """Chooses a person, and sends their address."""

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        """Show who was chosen, if somebody was."""
        options = [] if self.is_required else [self.create_option(name, "", "", selected=False, index=0)]
        people: Any = self.choices.queryset.filter(email__in=[text for text in value if "\0" not in str(text)])
        options += [self.create_option(name, who.email, who.name, selected=True, index=1) for who in people[:1]]
        return [(None, options, 0)]


class PersonByAddress(ModelChoiceField[User]):
    """Accepts the whole address of somebody with an account."""

    def prepare_value(self, value: Any) -> Any:
        """Return the address of whom a row names already. What was sent is text, and is shown as it came."""
        if not isinstance(value, int):
            return super().prepare_value(value)
        person = self.queryset.filter(pk=value).first() if self.queryset is not None else None
        return person and person.email

    def to_python(self, value: Any) -> Any:
        """Return the person. Raises ValidationError for what is nobody's address."""
        if "\0" in str(value):
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


def people_offered(keeper: User, accepted: QuerySet[User], found: QuerySet[User], term: str) -> QuerySet[User]:
    """Return whom to offer for what was typed: whose whole address it is, or those `found` of their own programmes."""
    address = term.strip().lower()
    if "@" in address and (whole := accepted.alias(address=Lower("email")).filter(address=address)).exists():
        return whole
    return found.filter(pk__in=people_of_programmes_kept(keeper))
