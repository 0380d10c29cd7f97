"""What is asked about a session: all of it for a new one, and one thing at a time once people may have booked."""

from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from cohorts.models import Session
from portal.admin_fields import DateAndTime
from portal.generics import ModelForm

MOST_DATES = 52
MOST_PLACES = 32_767
# Far enough for every plan, and near enough to be reckoned with: a date further off is a slip of the keyboard.
FURTHEST = timedelta(days=5 * 365)


def _refuse_far_off(form: forms.BaseForm, *names: str) -> None:
    """Put on each of these moments, where it was given, that it is more than 5 years from now."""
    now = timezone.now()
    for name in names:
        moment = form.cleaned_data.get(name)
        if moment and not now - FURTHEST <= moment <= now + FURTHEST:
            form.add_error(name, "Enter a date within 5 years of today.")


class SessionForm(ModelForm[Session]):
    """A session's facts, and how they have to fit together."""

    class Meta:
        model = Session
        fields: tuple[str, ...] = ("join_link",)
        field_classes: ClassVar = {"join_link": partial(forms.URLField, assume_scheme="https")}

    def clean(self) -> dict[str, Any]:
        """Require one programme, a component that people come to, and times that follow one another."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        component, cohort = given.get("component"), given.get("cohort")
        if component and not component.is_booked:
            self.add_error("component", "People do not come to a session for this component. Choose another one.")
        if component and cohort and cohort.programme_id != component.programme_id:
            self.add_error("cohort", f"This cohort is not part of {component.programme}. Choose one that is.")
        if component and cohort and component.programme.is_open:
            self.add_error("cohort", "Anybody may book the sessions of a series. Leave this empty.")
        if component and cohort and component.programme.is_by_invitation:
            self.add_error("cohort", "Whoever is invited may book this session. Leave this empty.")
        opens, closes = given.get("booking_opens_at"), given.get("booking_closes_at")
        if opens and closes and closes <= opens:
            self.add_error("booking_closes_at", "Booking must close after it opens.")
        _refuse_far_off(self, "starts_at", "ends_at", "booking_opens_at", "booking_closes_at")
        return given

    def clean_join_link(self) -> str:
        """Take a link that goes over the web, and encrypted."""
        link: str = self.cleaned_data["join_link"]
        if link and not link.startswith("https://"):
            raise ValidationError("Enter a link that begins with https://")
        return link


class SeriesForm(SessionForm):
    """A session's facts, with how often it comes again."""

    every = forms.IntegerField(label="Again every", min_value=1, max_value=365, initial=1)
    unit = forms.ChoiceField(label="Weeks or days", choices=[("weeks", "Weeks"), ("days", "Days")])
    times = forms.IntegerField(
        label="How many sessions",
        min_value=2,
        max_value=MOST_DATES,
        initial=6,
        help_text="All of them, the first one included. Each is at the same time of day, UK time.",
    )

    class Meta(SessionForm.Meta):
        fields = (
            "component",
            "cohort",
            "starts_at",
            "ends_at",
            "places",
            "format",
            "venue",
            "join_link",
            "what_to_bring",
            "joining_instructions",
            "facilitators",
        )

    def clean(self) -> dict[str, Any]:
        """Require the last date, too, to be one that can be planned for."""
        given = super().clean()
        starts_at, times = given.get("starts_at"), given.get("times")
        if starts_at and times and {"every", "unit"} <= given.keys():
            last = starts_at + self.distance * (times - 1)
            if last > timezone.now() + FURTHEST:
                self.add_error("times", "The last session would be more than 5 years from today. Enter fewer.")
        return given

    @property
    def distance(self) -> timedelta:
        """How far one session is from the next."""
        return timedelta(**{self.cleaned_data["unit"]: self.cleaned_data["every"]})


def _why(public_too: str = "") -> forms.CharField:
    """Return the field that asks why, in words that whoever booked may read."""
    return forms.CharField(
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        label="Reason",
        help_text=f"Optional. It stands in the email to everybody who booked{public_too}. Name nobody, and say nothing "
        "of anybody's health or family.",
    )


class MoveForm(forms.Form):
    """Asks for the new time, and why."""

    starts_at = forms.SplitDateTimeField(label="Starts at", widget=DateAndTime("Starts at"), help_text="UK time.")
    ends_at = forms.SplitDateTimeField(label="Ends at", widget=DateAndTime("Ends at"), help_text="UK time.")
    reason = _why()

    def clean(self) -> dict[str, Any]:
        """Require an end after the start."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        starts_at, ends_at = given.get("starts_at"), given.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", "The end must be after the start.")
        _refuse_far_off(self, "starts_at", "ends_at")
        return given


class CancelForm(forms.Form):
    """Asks why, in words that anybody may read: the page of an open session is public."""

    reason = _why(", and on the session's page, which may be public")


class PlacesForm(forms.Form):
    """Asks for the new number of places."""

    places = forms.IntegerField(label="Places", min_value=1, max_value=MOST_PLACES)
