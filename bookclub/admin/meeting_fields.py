"""Asking at which meeting a book is talked about, and saying what it means where that one has begun."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.db.models.lookups import LessThanOrEqual

from bookclub import choosing
from bookclub.models import ListedBook
from bookclub.refusals import NoMeeting
from cohorts.models import Component, Session
from cohorts.rules import programmes_kept
from portal.accounts.models import User
from portal.generics import ModelChoiceField, ModelForm
from portal.nhsuk.dates import say_when

NOT_SET_YET: Final = "Not set yet"
MAY_BE_SET: Final[Mapping[str, Any]] = {
    "required": False,
    "empty_label": NOT_SET_YET,
    "error_messages": {"invalid_choice": NoMeeting.message},
}
"""How a field asks for a meeting that can be set later."""
OF_COHORT: Final = "UK time. Book club meetings to which the cohort's members can come, those to come first."
TO_COME_FIRST: Final = (LessThanOrEqual(F("starts_at"), Now()), "starts_at", "pk")
"""The order in which meetings are offered."""


class MeetingField(ModelChoiceField[Session]):
    """Offers meetings by what and when they are, in UK time."""

    def label_from_instance(self, obj: Any) -> str:
        """Say which meeting it is."""
        said = f"{obj.component}: {say_when(obj.starts_at, obj.ends_at)}"
        if obj.is_cancelled:
            return f"{said} (cancelled)"
        return f"{said} ({'over' if obj.has_ended else 'has begun'})" if obj.has_begun else said


class AnyMeetingField(MeetingField):
    """Offers meetings of several cohorts, also by whose they are."""

    def label_from_instance(self, obj: Any) -> str:
        """Say whose meeting it is, and which."""
        whose = obj.cohort or f"All of {obj.component.programme}"
        return f"{whose}: {super().label_from_instance(obj)}"


def meetings_to_come(user: User) -> QuerySet[Session]:
    """Return the book club meetings that are to come, of the programmes that somebody keeps."""
    sessions = Session.objects.upcoming().filter(component__kind=Component.Kind.BOOK_CLUB)
    kept = sessions.filter(component__programme__in=programmes_kept(user))
    return kept.select_related("component__programme", "cohort__programme").order_by("starts_at", "pk")


def meetings_for(listed: ListedBook) -> QuerySet[Session]:
    """Return the meetings that are offered for a book on a list.

    Its meeting of now is among them, whatever became of that: or to correct why it is read would take the meeting away.
    """
    offered = Q(pk__in=choosing.meetings_of(listed.cohort).values("pk")) | Q(pk=listed.meeting_id)
    return Session.objects.filter(offered).select_related("component__programme").order_by(*TO_COME_FIRST)


def meeting_field(form: ModelForm[ListedBook], user: User) -> AnyMeetingField:
    """Return the field that asks at which meeting a book is talked about.

    It offers those to come of all cohorts that somebody keeps, so that they can choose another cohort on the same page;
    and of the cohort that is chosen also those that are over, for a list that was never kept.
    """
    offered = Q(pk__in=meetings_to_come(user).values("pk"))
    try:
        cohort = form.fields["cohort"].clean(form["cohort"].value())
    except forms.ValidationError:
        pass
    else:
        offered |= Q(pk__in=choosing.meetings_of(cohort).values("pk"))
    return AnyMeetingField(
        Session.objects.filter(offered)
        .select_related("component__programme", "cohort__programme")
        .order_by(*TO_COME_FIRST),
        help_text="UK time. Meetings to come, of all your cohorts: choose one of the cohort that reads the book. One "
        "that is over you can set afterwards, on the book's page.",
        **MAY_BE_SET,
    )


def what_stays(meeting: Session) -> Sequence[str]:
    """Say what it means to put a book to a meeting that has begun."""
    when = say_when(meeting.starts_at, meeting.ends_at)
    afterwards = "" if meeting.has_ended else " afterwards"
    public = f"It stands on the public page “Books that cohorts have read”{afterwards}."
    return [
        f"{meeting.component}, {when}, {'is over' if meeting.has_ended else 'has begun'}.",
        "The book stays there: it is then not moved to another meeting, swapped, or taken off.",
        *([public] if meeting.component.programme.published else []),
        "Go on if the cohort has read it for this meeting.",
    ]
