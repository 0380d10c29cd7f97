"""The pages on which the team records what a member has done where no register shows it, and takes a record back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cohorts import progress
from cohorts.models import Component, Evidence, Membership
from portal.access import person
from portal.form_choices import offer_rows
from portal.generics import ModelChoiceField
from portal.nhsuk.dates import say_date
from portal.questions import Question, fill_in


class RecordForm(forms.Form):
    """Asks what was done, and when."""

    component = forms.ModelChoiceField(
        Component.objects.none(), label="What they have done", help_text="What is attended is marked in the register."
    )
    fulfilled_on = forms.DateField(label="Done on", widget=AdminDateWidget, help_text="UK date.")

    def clean_fulfilled_on(self) -> Any:
        """Require a day that is not still to come."""
        day = self.cleaned_data["fulfilled_on"]
        if day > timezone.localdate():
            raise ValidationError("Enter today's date or an earlier one.")
        return day


class RecordChoice(ModelChoiceField[Evidence]):
    """A choice of records."""

    def label_from_instance(self, obj: Evidence) -> str:
        """Say what was recorded, and for which day."""
        return f"{obj.component}, {say_date(obj.fulfilled_on)}"


class TakeBackForm(forms.Form):
    """Asks which record was a mistake."""

    record = RecordChoice(Evidence.objects.none(), label="Record")


@transaction.atomic
def record_page(model_admin: "admin.ModelAdmin[Membership]", request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a member has done something that is still open to them."""
    membership = _membership(model_admin, request, pk)
    form = RecordForm(request.POST if request.method == "POST" else None)
    offer_rows(form, "component", _open_to(membership))
    if form.is_bound and form.is_valid():
        component = form.cleaned_data["component"]
        progress.record(
            membership,
            component,
            kind=Evidence.Kind.RECORD,
            fulfilled_on=form.cleaned_data["fulfilled_on"],
            by=person(request),
        )
        messages.success(request, f"Recorded: {membership.user} has done {component}.")
        return _back_to(membership)
    return fill_in(
        request,
        model_admin,
        Question(
            title=f"Record what {membership.user} has done",
            says=["It shows as completed on their page. It stands under your name, and can be taken back."],
            button="Record",
            about=membership,
        ),
        form,
    )


@transaction.atomic
def take_back_page(model_admin: "admin.ModelAdmin[Membership]", request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a record that was a mistake."""
    membership = _membership(model_admin, request, pk)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    standing = Evidence.objects.standing().filter(membership=membership, kind=Evidence.Kind.RECORD)
    offer_rows(form, "record", standing.select_related("component"))
    if form.is_bound and form.is_valid():
        record = form.cleaned_data["record"]
        progress.withdraw(record, by=person(request))
        messages.success(request, f"Taken back: {record.component} is open to {membership.user} again.")
        return _back_to(membership)
    return fill_in(
        request,
        model_admin,
        Question(
            title=f"Take back a record of {membership.user}",
            says=["It no longer counts as done. That it was recorded, and taken back, stays in the ledger."],
            button="Take back",
            about=membership,
        ),
        form,
    )


def _membership(model_admin: "admin.ModelAdmin[Membership]", request: HttpRequest, pk: int) -> Membership:
    """Return the membership, locked so that nothing is recorded or taken back twice at once."""
    rows = model_admin.get_queryset(request).select_related("user", "cohort")
    return get_object_or_404(rows.select_for_update(of=("self",)), pk=pk)


def _open_to(membership: Membership) -> QuerySet[Component]:
    """Return what no register shows, and the member has not done yet."""
    done = Evidence.objects.standing().filter(membership=membership).values("component")
    components = Component.objects.filter(programme=membership.cohort.programme_id)
    return components.exclude(fulfilled_by=Component.FulfilledBy.ATTENDANCE).exclude(pk__in=done).order_by("position")


def _back_to(membership: Membership) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:cohorts_membership_change", args=[membership.pk]))
