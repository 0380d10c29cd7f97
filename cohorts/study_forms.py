"""What somebody answers at the end of a page of self-study. A form that is valid is right."""

import re
from collections.abc import Sequence
from typing import Any, Final

from django import forms

from cohorts import exercises
from cohorts.models import CoursePage, PageOption
from portal.nhsuk.fieldsets import Look

Exercise = CoursePage.Exercise
THOUSANDS: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
CHANGED: Final = "The answers were changed meanwhile. Select among these"
NOT_A_NUMBER: Final = "Enter a number, like 12 or 7.5"
PLACE: Final = "place_"


class Figure(forms.DecimalField):
    """A number as people write it: with commas for thousands or for the decimals, and a percent sign or none."""

    def __init__(self, *, label: str) -> None:
        """`label` is what is asked."""
        errors = ("invalid", "max_digits", "max_decimal_places", "max_whole_digits")
        super().__init__(
            label=label,
            max_digits=12,
            decimal_places=4,
            error_messages={"required": "Enter a number", **dict.fromkeys(errors, NOT_A_NUMBER)},
        )

    def to_python(self, value: Any) -> Any:
        """Return the number. Raises ValidationError."""
        typed = str(value or "").strip().removesuffix("%").replace(" ", "")
        return super().to_python(typed.replace(",", "" if THOUSANDS.fullmatch(typed) else "."))


class ExerciseForm(forms.Form):
    """A page's exercise: no field where nothing is asked. `options` are the page's, in their own order."""

    def __init__(self, data: Any, *, page: CoursePage, options: Sequence[PageOption]) -> None:
        super().__init__(data)
        self._page = page
        self._options = options
        self.looks: dict[str, Look] = {}
        shown = exercises.options_shown(page, options)
        if page.exercise == Exercise.ORDER:
            places = [("", "Choose"), *((str(number), str(number)) for number in range(1, len(options) + 1))]
            for option in shown:
                choose = f"Choose a place for “{option.text}”"
                self.fields[f"{PLACE}{option.pk}"] = forms.TypedChoiceField(
                    label=option.text,
                    choices=places,
                    coerce=int,
                    error_messages={"required": choose, "invalid_choice": choose},
                )
        elif page.exercise == Exercise.NUMBER:
            self.fields["answer"] = Figure(label=page.question)
            self.looks["answer"] = Look(size="m", width=10, suffix=page.unit)
        elif page.exercise in {Exercise.ONE, Exercise.SEVERAL}:
            is_one = page.exercise == Exercise.ONE
            kind = forms.TypedChoiceField if is_one else forms.TypedMultipleChoiceField
            self.fields["answer"] = kind(
                label=page.question,
                help_text="" if is_one else "Select all that apply.",
                choices=[(str(option.pk), option.text) for option in shown],
                coerce=int,
                widget=forms.RadioSelect if is_one else forms.CheckboxSelectMultiple,
                error_messages={
                    "required": "Select an answer" if is_one else "Select each answer that applies",
                    "invalid_choice": CHANGED,
                },
            )
            self.looks["answer"] = Look(size="m")

    @property
    def is_an_order(self) -> bool:
        """Say whether things are put in order, each by a field of its own."""
        return self._page.exercise == Exercise.ORDER

    def clean(self) -> dict[str, Any]:
        """Take the right answer alone, and say of any other what helps."""
        given = super().clean() or self.cleaned_data
        if self.is_an_order:
            self._check_order(given)
        elif (answer := given.get("answer")) is not None:
            for said in self._against(answer):
                self.add_error("answer", said)
        return given

    def _against(self, answer: Any) -> list[str]:
        if self._page.exercise == Exercise.NUMBER:
            return exercises.check_number(self._page, answer)
        if self._page.exercise == Exercise.ONE:
            return exercises.check_choice(self._options, answer)
        return exercises.check_choices(self._options, answer)

    def _check_order(self, given: dict[str, Any]) -> None:
        places: dict[int, PageOption] = {}
        for option in self._options:
            place = given.get(f"{PLACE}{option.pk}")
            if place is None:
                continue
            other = places.setdefault(place, option)
            if other != option:
                self.add_error(
                    f"{PLACE}{option.pk}", f"“{option.text}” and “{other.text}” are both number {place}. Change one"
                )
        if not self.errors:
            in_order = [places[place].pk for place in sorted(places)]
            for said in exercises.check_order(self._page, self._options, in_order):
                self.add_error(None, said)
