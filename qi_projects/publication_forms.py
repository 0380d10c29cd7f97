"""What teams write for others to read, which charts they show, how people are named, and what visitors look for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict

from portal.form_choices import offer_choices, offer_rows
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look
from portal.together_forms import BesideOthers
from qi_projects.forms import OneLine
from qi_projects.gallery import Wanted
from qi_projects.models import Measure, Project, Publication, Theme
from qi_projects.naming import NOT_NAMED
from qi_projects.publishable import NEEDED
from qi_projects.publishing import MOST_CHARTS
from qi_projects.together_forms import FormOfRow
from qi_projects.watchful_forms import WatchesForPatients

LONGEST: Final = 8000
SAY_NO: Final = "not-named"
NO_NAMES: Final = "Write no name, of a patient or of a colleague."


@dataclass(frozen=True, slots=True)
class Part:
    """Some fields of a publication that are written together."""

    title: str
    fields: Sequence[str]


PARTS: Final[Mapping[str, Part]] = {
    "about": Part("Title and place", ("title", "theme", "setting", "organisation_name")),
    "why": Part("Why, and what for", ("noticed", "aim")),
    "story": Part("What you did and what came of it", ("what_changed", "result", "what_came_of_it", "tell_next")),
}


def _text(label: str, help_text: str) -> Callable[[], forms.Field]:
    return lambda: LongAnswer(label=label, help_text=help_text, max_length=LONGEST, rows=8)


FIELDS: Final[Mapping[str, Callable[[], forms.Field]]] = {
    "title": lambda: OneLine(label="Title", help_text="By which others find it.", max_length=150),
    "theme": lambda: forms.ModelChoiceField(
        label="Theme", queryset=Theme.objects.none(), required=False, empty_label="Choose a theme"
    ),
    "setting": lambda: forms.ChoiceField(
        label="Where was the change tried?",
        choices=[("", "Choose a setting"), *Project.Setting.choices],
        required=False,
    ),
    "organisation_name": lambda: OneLine(
        label="Which organisation is it from?",
        help_text="As others are to read it. You can also say “a large maternity unit in the north”, or nothing.",
        max_length=200,
    ),
    "noticed": _text("What did you notice, and why does it matter?", f"For people who were not there. {NO_NAMES}"),
    "aim": _text("What was your aim?", "What was to change, by how much, by when and for whom."),
    "what_changed": _text("What did you change?", "What you tried out, so that somebody else could do the same."),
    "result": lambda: forms.ChoiceField(
        label="Did it get better?",
        help_text="Projects that did not work are as welcome here: they save the next team the same way.",
        choices=Publication.Result.choices,
        widget=forms.RadioSelect,
        required=False,
    ),
    "what_came_of_it": _text(
        "What came of it, in your own words?",
        "What you saw, for whom, and what you are not sure of. Say numbers of fewer than 10 people as “a few”.",
    ),
    "tell_next": _text("What would you tell the next team?", "What you would do again, and what you would not."),
}


class PublicationForm(FormOfRow):
    """Some of a publication's fields."""

    def __init__(self, data: QueryDict | None = None, *, publication: Publication, fields: Sequence[str]) -> None:
        super().__init__(data, row=publication, names=fields)
        for name in fields:
            self.fields[name] = FIELDS[name]()
        if "theme" in fields:
            own = Q(publications=publication) | Q(projects=publication.project_id)
            offer_rows(self, "theme", Theme.objects.filter(Q(offered=True) | own).distinct())
        self.looks: dict[str, Look] = {name: Look(size="m", can_wait=name in NEEDED) for name in fields}


class ChartsForm(BesideOthers):
    """Which charts go with the story, and whether the driver diagram does."""

    measures_shown = forms.TypedMultipleChoiceField(
        label="Which charts do you show?",
        help_text=f"Up to {MOST_CHARTS}. Choose one only if each of its figures is about 10 people or more, or about "
        "none. Notes of single points are left out.",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    shows_diagram = forms.BooleanField(
        label="Show the driver diagram",
        help_text="Others who start from your project begin with a copy of it.",
        required=False,
    )
    looks = {"measures_shown": Look(size="m")}

    def __init__(
        self, data: QueryDict | None = None, *, publication: Publication, measures: Sequence[Measure], has_boxes: bool
    ) -> None:
        initial = {"measures_shown": publication.measures_shown, "shows_diagram": publication.shows_diagram}
        super().__init__(data, initial=initial)
        offer_choices(self, "measures_shown", [(str(measure.pk), measure.name) for measure in measures])
        names = [
            *(["measures_shown"] if measures or publication.measures_shown else []),
            *(["shows_diagram"] if has_boxes or publication.shows_diagram else []),
        ]
        for name in set(self.fields) - set(names):
            del self.fields[name]
        self.carry(publication, names)

    def clean_measures_shown(self) -> list[int]:
        """Require no more charts than anybody would look at."""
        chosen: list[int] = self.cleaned_data["measures_shown"]
        if len(chosen) > MOST_CHARTS:
            raise ValidationError(f"Choose {MOST_CHARTS} charts or fewer")
        return chosen


class NamingForm(forms.Form):
    """How somebody wants to be named: each choice is what would stand there, letter by letter."""

    byline = forms.ChoiceField(
        label="How do you want to be named?",
        help_text="It stands there exactly so.",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Select how you want to be named, or that you do not",
            "invalid_choice": "Your name, role or organisation has changed since you opened this page. Choose again",
        },
    )
    looks = {"byline": Look(size="m")}

    def __init__(self, data: Any = None, *, bylines: Sequence[str], chosen: str | None) -> None:
        super().__init__(data, initial={"byline": SAY_NO if chosen == NOT_NAMED else chosen})
        offered = list(dict.fromkeys([*([chosen] if chosen else []), *bylines]))
        offer_choices(self, "byline", [*((each, each) for each in offered), (SAY_NO, "Do not name me")])

    @property
    def chosen(self) -> str:
        """Return how they want to be named."""
        said: str = self.cleaned_data["byline"]
        return NOT_NAMED if said == SAY_NO else said


class ReadForm(forms.Form):
    """Which version of a publication an editor has read: the one that the page showed."""

    read = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)


class WhyForm(WatchesForPatients, ReadForm):
    """What an editor writes to a team about what they have read."""

    words = LongAnswer(label="", max_length=2000, rows=6, required=True)

    def __init__(self, data: Any = None, *, label: str, help_text: str, missing: str, **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["words"]
        field.label, field.help_text = label, help_text
        field.error_messages["required"] = missing


class GalleryForm(forms.Form):
    """What a visitor of the gallery looks for."""

    words = OneLine(label="Words", help_text="For example: interpreter", max_length=200)
    theme = forms.TypedChoiceField(label="Theme", coerce=int, empty_value=None, required=False)
    setting = forms.ChoiceField(
        label="Setting", choices=[("", "Every setting"), *Project.Setting.choices], required=False
    )
    result = forms.ChoiceField(
        label="What came of it", choices=[("", "Whatever came of it"), *Publication.Result.choices], required=False
    )

    def __init__(self, data: Any, *, themes: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        offer_choices(self, "theme", [("", "Every theme"), *((str(key), name) for key, name in themes)])

    @property
    def wanted(self) -> Wanted:
        """Return what is looked for: of what cannot be, everything."""
        if not self.is_valid():
            return Wanted()
        said = self.cleaned_data
        return Wanted(said["words"], said["setting"], said["result"], said["theme"])
