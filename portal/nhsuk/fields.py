"""Form fields that the design system has and Django does not: a date in three boxes, a time, and some lines of text."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED_TIMES = {"midday": time(12), "noon": time(12), "midnight": time(0)}
CLOCK = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?\s*(am|pm|[ap]\.m\.)?", re.IGNORECASE)


class DateWidget(forms.Widget):
    """Day, month and year as somebody typed them, from the inputs `<name>_day`, `<name>_month`, `<name>_year`."""

    PARTS = ("day", "month", "year")
    use_fieldset = True

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> dict[str, str] | str | None:
        """Return what was typed, part by part; None when the form had no such boxes.

        A link may carry a whole date under the field's own name, as "2026-02-03"; that comes back as it is.
        """
        typed = {part: data[f"{name}_{part}"].strip() for part in self.PARTS if f"{name}_{part}" in data}
        if not typed:
            return data.get(name)
        return {part: typed.get(part, "") for part in self.PARTS}

    def value_omitted_from_data(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> bool:
        """Say whether the form that was sent had no such boxes."""
        return name not in data and not any(f"{name}_{part}" in data for part in self.PARTS)

    def id_for_label(self, id_: str) -> str:
        """Return nothing: three boxes are named by a legend, not by a label."""
        return ""

    def values(self, value: Any) -> dict[str, str]:
        """Return what stands in each box, for a date or for what was typed."""
        if isinstance(value, dict):
            return {part: str(value.get(part, "")) for part in self.PARTS}
        if isinstance(value, str) and value:
            try:
                value = date.fromisoformat(value)
            except ValueError:
                return {"day": value, "month": "", "year": ""}
        if isinstance(value, date):
            return {"day": str(value.day), "month": str(value.month), "year": str(value.year)}
        return dict.fromkeys(self.PARTS, "")


class DateField(forms.Field):
    """A date typed in three boxes; gives a `datetime.date`.

    Months may be names. A year needs all its four digits, so that nobody's "26" becomes the first century. Errors
    name the boxes that are wrong in `params["parts"]`, so that the page can lead to the first of them.
    """

    widget = DateWidget
    default_error_messages = {
        "required": "Enter a date",
        "incomplete": "The date must include a %(missing)s",
        "invalid": "The date must be a real date, like 27 3 2026",
        "year": "The year must have 4 digits",
    }

    def to_python(self, value: Any) -> date | None:
        """Return the date. Raises ValidationError when a box is empty or the boxes make no date."""
        if value is None or value == "" or isinstance(value, date):
            return value or None
        parts = self.widget.values(value) if isinstance(self.widget, DateWidget) else value
        missing = [part for part in DateWidget.PARTS if not parts[part]]
        if len(missing) == 3:
            return None
        if missing:
            raise self._error("incomplete", missing, missing=" and ".join(missing))
        if len(parts["year"]) != 4 or not _is_number(parts["year"]):
            raise self._error("year", ["year"])
        day, month = _whole(parts["day"]), _month(parts["month"])
        wrong = [
            part
            for part, fits in (("day", day is not None and 1 <= day <= 31), ("month", month is not None))
            if not fits
        ]
        if wrong or day is None or month is None:
            raise self._error("invalid", wrong)
        try:
            return date(int(parts["year"]), month, day)
        except ValueError:
            raise self._error("invalid", list(DateWidget.PARTS)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare dates, not what was typed."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def _error(self, code: str, parts: Sequence[str], **params: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params={"parts": tuple(parts), **params})


class TimeField(forms.Field):
    """A time of day as people write it: "9.30am", "2pm", "14:00", "midday"; gives a `datetime.time`."""

    default_error_messages = {
        "required": "Enter a time",
        "invalid": "Enter a time, like 9.30am, 2pm or 14:00",
    }

    def to_python(self, value: Any) -> Any:
        """Return the time; an hour alone is no time, but for its half of the day. Raises ValidationError."""
        typed = value if isinstance(value, time) else str(value or "").strip()
        if not typed or isinstance(typed, time):
            return typed or None
        if typed.lower() in NAMED_TIMES:
            return NAMED_TIMES[typed.lower()]
        found = CLOCK.fullmatch(typed)
        hour, minute, half = found.groups() if found else ("", None, None)
        if not found or not (minute or half) or (half and not 1 <= int(hour) <= 12):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        of_day = int(hour) % 12 + 12 * (half[0].lower() == "p") if half else int(hour)
        try:
            return time(of_day, int(minute or 0))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class LongAnswer(forms.CharField):
    """Some lines of text, with a counter beside it. A new line counts as one character, as the counter counts it."""

    def __init__(self, *, max_length: int, rows: int = 4, required: bool = False, **options: Any) -> None:
        """`rows` is how tall the box is. What is too long is told by the number that fits."""
        super().__init__(
            max_length=max_length,
            required=required,
            widget=forms.Textarea(attrs={"rows": rows}),
            error_messages={"max_length": f"What you write must be {max_length:,} characters or fewer"},
            **options,
        )

    def to_python(self, value: object) -> str | None:
        """Return the text with new lines as we keep them; browsers send two characters for each."""
        text: str | None = super().to_python(value)
        return text and text.replace("\r\n", "\n")


def _is_number(typed: str) -> bool:
    return typed.isascii() and typed.isdigit()


def _whole(typed: str) -> int | None:
    return int(typed) if _is_number(typed) and len(typed) <= 2 else None


def _month(typed: str) -> int | None:
    """Return a month's number from a number or from the beginning of its English name."""
    number = _whole(typed)
    if number is not None:
        return number if 1 <= number <= 12 else None
    name = typed.lower()[:3]
    return MONTHS.index(name) + 1 if len(typed) >= 3 and name in MONTHS else None
