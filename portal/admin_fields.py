"""The fields that the admin pages have in place of Django's own."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.widgets import (
    AdminSplitDateTime,
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
)

# A row's key as an address or a form names it. Python refuses to read a number of thousands of digits.
KEY = re.compile(r"\d{1,19}", re.ASCII)


class BearsAnything(AutocompleteMixin):
    """For Django's autocomplete fields: they have a name while they are empty, and bear an answer that is no key."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        """Give the field the words that stand in it, and name it to a screen reader, until a row is chosen."""
        choose = f"Choose {self.field.verbose_name}"
        return {**super().build_attrs(base_attrs, extra_attrs), "data-placeholder": choose}

    def optgroups(self, name: str, value: Sequence[str], attr: dict[str, Any] | None = None) -> list[Any]:
        """Show what was chosen, if it can be a row."""
        return super().optgroups(name, [key for key in value if KEY.fullmatch(str(key))], attr)


class Autocomplete(BearsAnything, AutocompleteSelect):
    """Chooses one row."""


class AutocompleteMultiple(BearsAnything, AutocompleteSelectMultiple):
    """Chooses several rows."""


class DateAndTime(AdminSplitDateTime):
    """Django's two boxes for a moment, each with a name that a screen reader says."""

    def __init__(self, label: str) -> None:
        super().__init__()
        for box, part in zip(self.widgets, ("date", "time"), strict=True):
            box.attrs["aria-label"] = f"{label}: {part}"
