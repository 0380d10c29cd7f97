"""What teams type about their measures, and their points one by one."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone

from portal.nhsuk.fieldsets import Look
from portal.together_forms import BesideOthers
from qi_projects.forms import DayField, OneLine
from qi_projects.measure_fields import CHART, FIELDS, LOOKS, NumberField, names_in
from qi_projects.models import Measure, Point
from qi_projects.pasted_points import LONGEST_NOTE
from qi_projects.readings import FIRST_DAY, Reading, wrong_with
from qi_projects.watchful_forms import WatchesForPatients

PER_CENT: Final = 100


class MeasureForm(WatchesForPatients, BesideOthers):
    """A part of what is said of a measure, beside what others may change meanwhile; or the first part of a new one."""

    def __init__(self, data: QueryDict | None = None, *, measure: Measure | None, part: str) -> None:
        names = names_in(part, measure)
        super().__init__(data, initial={name: getattr(measure, name) for name in names} if measure else None)
        self.measure, self.part = measure, part
        if measure:
            self.carry(measure, names)
        self.names = names
        for name in names:
            self.fields[name] = FIELDS[name](measure)
        self.looks = {name: LOOKS[name] for name in names if name in LOOKS}
        if part != CHART and measure and "counted" in names and measure.points.exists():
            self.fields["counted"].disabled = True
            self.fields["counted"].help_text = "There are points already. Add another measure to count something else."

    def clean_target(self) -> Decimal | None:
        """Require a share for the target of a share."""
        target: Decimal | None = self.cleaned_data["target"]
        proportion = self.measure and self.measure.counted == Measure.Counted.PROPORTION
        if target is not None and proportion and not 0 <= target <= PER_CENT:
            raise ValidationError("The target must be from 0 to 100 per cent")
        return target


class PointForm(WatchesForPatients, BesideOthers):
    """One point: its day and its figures."""

    day = DayField(label="Date", help_text="For example, 27 3 2026", error_messages={"required": "Enter the date"})
    note = OneLine(
        label="Note", help_text="Shown on the chart. Nothing about a single person.", max_length=LONGEST_NOTE
    )

    def __init__(self, data: QueryDict | None = None, *, measure: Measure, point: Point | None = None) -> None:
        self.measure = measure
        self.figures = ("numerator", "denominator") if measure.counts_pairs else ("value",)
        names = ("day", *self.figures, "note")
        super().__init__(data, initial={name: getattr(point, name) for name in names} if point else None)
        for name in self.figures:
            self.fields[name] = self._figure(name)
        self.order_fields(names)
        if point:
            self.carry(point, names)
        self.names = names
        self.looks = {
            "day": Look(size="m"),
            "note": Look(size="m"),
            **{name: Look(size="m", width=10) for name in names[1:-1]},
        }
        if measure.often == Measure.Often.MONTH:
            self.fields["day"].help_text = "The first day of the month is enough. For example, 1 3 2026"
        elif measure.often == Measure.Often.WEEK:
            self.fields["day"].help_text = "The same day of each week, such as the Monday. For example, 23 3 2026"

    def _figure(self, name: str) -> NumberField:
        measure = self.measure
        label, help_text = {
            "numerator": ("How many?", measure.numerator),
            "denominator": ("Out of how many?", measure.denominator),
            "value": (
                "How many?" if measure.counted == Measure.Counted.COUNT else "Figure",
                measure.numerator or (f"In {measure.unit}." if measure.unit else ""),
            ),
        }[name]
        if name == self.figures[-1]:
            help_text = f"{help_text.rstrip('.')}. Leave it empty where there was none to count.".removeprefix(". ")
        return NumberField(label=label, help_text=help_text, required=False, per_cent=measure.unit == "%")

    @property
    def reading(self) -> Reading:
        """Return what was filled in."""
        return Reading(**self.given)

    def clean(self) -> dict[str, Any]:
        """Say what cannot be, beside the field."""
        cleaned = super().clean()
        if all(name in cleaned for name in self.names):
            for name, wrong in wrong_with(self.reading, self.measure.counted, timezone.localdate()):
                self.add_error(name, wrong)
        return cleaned


class ReasonForm(WatchesForPatients):
    """Why new limits end."""

    reason = OneLine(
        label="Why?", max_length=300, required=True, error_messages={"required": "Enter a few words about why"}
    )
    looks = {"reason": Look(size="m")}


class RebaseForm(ReasonForm):
    """With which point new limits begin, and why."""

    day = DayField(
        label="First point of the new limits",
        help_text="The date of a point. For example, 27 3 2026",
        error_messages={"required": "Enter the date of a point"},
    )
    field_order = ("day", "reason")
    looks = {"day": Look(size="m"), "reason": Look(size="m")}

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["reason"].label = "Why do you expect the process to be another one from then on?"
        self.fields["reason"].help_text = "What you changed, and that it stayed. It stands on the chart."


class AnnotationForm(WatchesForPatients):
    """What happened on a day."""

    day = DayField(label="When?", help_text="For example, 27 3 2026", error_messages={"required": "Enter the day"})
    text = OneLine(
        label="What happened?",
        help_text="For example: the new form came into use. Nothing about a single person.",
        max_length=200,
        required=True,
        error_messages={"required": "Enter what happened"},
    )
    looks = {"day": Look(size="m"), "text": Look(size="m")}

    def clean_day(self) -> date:
        """Require a day that has come."""
        day: date = self.cleaned_data["day"]
        if not FIRST_DAY <= day <= timezone.localdate():
            raise ValidationError("The day must be today or in the past")
        return day
