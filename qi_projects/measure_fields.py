"""What is asked of a measure: which fields stand together, which of them fit what is counted, in what words."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look
from portal.together import label, said
from qi_projects.choosing_a_chart import SAYS
from qi_projects.forms import LONGEST, OneLine
from qi_projects.measuring import CHARTS
from qi_projects.models import Measure
from qi_projects.models.measures import DECIMALS, LEAST_BASELINE, MOST_BASELINE
from qi_projects.number_cells import Style, is_nothing, is_per_cent, read_number, say_number
from qi_projects.readings import TOO_LARGE

Counted = Measure.Counted
WHAT, HOW, CHART = "what", "how", "chart"
TITLES: Final[Mapping[str, str]] = {
    WHAT: "What you measure",
    HOW: "How it is measured",
    CHART: "Chart and rules",
}
_HOW: Final[Mapping[str, Sequence[str]]] = {
    Counted.VALUE: ("definition", "unit", "target", "sampling"),
    Counted.COUNT: ("definition", "numerator", "unit", "target", "sampling"),
    Counted.PROPORTION: ("definition", "numerator", "denominator", "target", "sampling"),
    Counted.RATE: ("definition", "numerator", "denominator", "per", "unit", "target", "sampling"),
}


def names_in(part: str, measure: Measure | None) -> Sequence[str]:
    """Return which fields stand in a part; of a measure that is only just begun, of the first part."""
    if part == WHAT or measure is None:
        return ("name", "kind", "counted", "often", "direction")
    if part == HOW:
        return _HOW[measure.counted]
    limits = () if measure.chart == Measure.Chart.RUN else ("rules", "baseline")
    return ("chart", *limits, *(("screen",) if measure.chart == Measure.Chart.XMR else ()))


def said_of(measure: Measure) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return part by part its key, its title, and label and words of what it says of a measure."""
    return [
        (
            part,
            title,
            [(label(measure, name), words) for name in names_in(part, measure) if (words := _words(measure, name))],
        )
        for part, title in TITLES.items()
    ]


def _words(measure: Measure, name: str) -> str:
    words, unit = said(measure, name), measure.shown_unit
    return words if name != "target" or not words else f"{words}%" if unit == "%" else f"{words} {unit}".rstrip()


class NumberField(forms.Field):
    """A number as people write one: "1,234.5", "12,5", and "85%" where per cent is meant."""

    def __init__(self, *, per_cent: bool = False, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **options)
        self.per_cent = per_cent

    def prepare_value(self, value: Any) -> Any:
        """Return a number as somebody would type it."""
        return say_number(value).replace(",", "") if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        """Return the number; None, where there is none. Raises ValidationError."""
        typed = str(value or "").strip()
        if is_nothing(typed):
            return None
        # A comma before three digits is one of thousands, as people here write it.
        numbers = (read_number(typed, style) for style in (Style.POINT, Style.COMMA))
        number = next((each for each in numbers if each is not None), None)
        if number is None:
            raise ValidationError(f"“{typed[:30]}” is not a number. Enter digits, such as 12.5")
        if is_per_cent(typed) and not self.per_cent:
            raise ValidationError("Enter a number without a per cent sign")
        exponent = number.as_tuple().exponent
        if abs(number) >= TOO_LARGE or (isinstance(exponent, int) and -exponent > DECIMALS):
            raise ValidationError("The number is too long")
        return number


def _radios(label: str, choices: Sequence[tuple[str, str]], required: str, help_text: str = "") -> forms.Field:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=forms.RadioSelect,
        help_text=help_text,
        error_messages={"required": required},
    )


def _chart(measure: Measure | None) -> forms.Field:
    fit = CHARTS[measure.counted] if measure else ()
    return _radios("Which chart?", [(each, Measure.Chart(each).label) for each in fit], "Select a chart")


def _target(measure: Measure | None) -> forms.Field:
    proportion = measure is not None and measure.counted == Counted.PROPORTION
    help_text = (
        "In per cent, such as 90." if proportion else "A number in the unit of the measure. Leave it empty for none."
    )
    return NumberField(label="Target", help_text=help_text, required=False, per_cent=True)


FIELDS: Final[Mapping[str, Callable[[Measure | None], forms.Field]]] = {
    "name": lambda _: OneLine(
        label="Name of the measure",
        help_text="For example: minutes from a request for pain relief to an answer",
        max_length=150,
        required=True,
        error_messages={"required": "Enter a name for the measure"},
    ),
    "kind": lambda _: _radios("What is it for?", Measure.Kind.choices, "Select what it is for"),
    "counted": lambda _: _radios("What is each point?", Measure.Counted.choices, "Select what each point is"),
    "often": lambda _: _radios("How often is there a point?", Measure.Often.choices, "Select how often"),
    "direction": lambda _: _radios("Which way is better?", Measure.Direction.choices, "Select which way is better"),
    "definition": lambda _: LongAnswer(
        label="How exactly is it measured?",
        help_text="So that two people would get the same figure: what begins and ends it, and where it is read off.",
        max_length=LONGEST,
    ),
    "numerator": lambda _: OneLine(
        label="What is counted?", help_text="For example: requests that were answered within 15 minutes", max_length=200
    ),
    "denominator": lambda _: OneLine(
        label="Out of what?", help_text="For example: all requests on the ward in that week", max_length=200
    ),
    "per": lambda _: forms.IntegerField(
        label="For every how many?",
        help_text="A rate is easier to read for 100 or 1,000, such as falls for every 1,000 bed days.",
        min_value=1,
        max_value=1_000_000,
        error_messages={"invalid": "Enter a whole number, such as 1000"},
    ),
    "unit": lambda _: OneLine(
        label="Unit",
        help_text="For example: minutes, or falls per 1,000 bed days. For per cent, enter %.",
        max_length=30,
    ),
    "target": _target,
    "sampling": lambda _: LongAnswer(
        label="Who or what is counted?",
        help_text="Everybody, or how some are picked. For example: every fifth woman on the list of each Monday.",
        max_length=LONGEST,
        rows=3,
    ),
    "chart": _chart,
    "rules": lambda _: _radios("Which rules find a signal?", Measure.Rules.choices, "Select which rules"),
    "baseline": lambda _: forms.IntegerField(
        label="On how many points are limits to rest?",
        help_text="The first points of each phase, such as 12. Leave it empty to let all points count.",
        required=False,
        min_value=LEAST_BASELINE,
        max_value=MOST_BASELINE,
        error_messages={"invalid": "Enter a whole number, such as 12"},
    ),
    "screen": lambda _: forms.BooleanField(label="Leave very large moving ranges out of the limits", required=False),
}

LOOKS: Final[Mapping[str, Look]] = {
    **{name: Look(size="m") for name in ("name", "definition", "numerator", "denominator", "sampling")},
    "kind": Look(
        size="m",
        hints={
            Measure.Kind.OUTCOME: "What matters to the people whom the project is for.",
            Measure.Kind.PROCESS: "Whether what you changed is done.",
            Measure.Kind.BALANCING: "Whether something else gets worse.",
        },
    ),
    "counted": Look(
        size="m",
        hints={
            Counted.VALUE: "A time, a score, or a percentage whose numbers you do not have.",
            Counted.COUNT: "Where as many could happen in each period. For example: complaints each month.",
            Counted.PROPORTION: "For example: 17 of 20 women had an interpreter.",
            Counted.RATE: "For example: 4 falls in 820 bed days. One person can be counted more than once.",
        },
    ),
    "often": Look(size="m"),
    "direction": Look(size="m"),
    "per": Look(size="m", width=10),
    "unit": Look(size="m", width=20),
    "target": Look(size="m", width=10),
    "chart": Look(size="m", hints=dict(SAYS)),
    "rules": Look(
        size="m",
        hints={
            Measure.Rules.NHS_MDC: "Shift and trend of 7 points. Most NHS teams use these.",
            Measure.Rules.IHI: "Shift of 8, trend of 6, and 15 near the mean.",
        },
    ),
    "baseline": Look(size="m", width=4),
}
