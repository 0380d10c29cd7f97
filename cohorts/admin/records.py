"""The pages on which the team records what members have done where no register shows it, and takes a record back."""

from typing import Any, Final

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

from cohorts import progress, recording
from cohorts.models import Cohort, Component, Evidence, EvidenceKind, Membership
from cohorts.recording import Plan
from portal.access import person
from portal.admin_fields import KEY
from portal.form_choices import offer_rows
from portal.generics import ModelChoiceField
from portal.nhsuk.dates import say_date
from portal.questions import SHOWN, Question, ask, count_of, fill_in, goes_back, is_confirmed, people

EVERYBODY, SOME = "everybody", "some"
AGREED: Final = "agreed"
MOST_LINES: Final = 1000
# What people attend is said by registers, which can be corrected ever after and take people who came without a place.
KINDS: Final = [(kind.value, kind.label) for kind in EvidenceKind if kind != EvidenceKind.ATTENDANCE]


class RecordForm(forms.Form):
    """Asks who has done what, when, and what shows it."""

    who = forms.ChoiceField(
        label="Who",
        choices=[(EVERYBODY, "Everybody who takes part in this cohort"), (SOME, "People with these email addresses")],
        widget=forms.RadioSelect,
        initial=SOME,
    )
    addresses = forms.CharField(
        label="Email addresses",
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 60}),
        help_text="One on each line. You see whose they are before anything is recorded.",
    )
    component = forms.ModelChoiceField(
        Component.objects.none(),
        label="What they have done",
        help_text="What is fulfilled by attending alone is marked in the register.",
    )
    kind = forms.ChoiceField(label="What shows it", choices=KINDS, initial=EvidenceKind.RECORD)
    fulfilled_on = forms.DateField(label="Done on", widget=AdminDateWidget, help_text="UK date.")

    def clean_fulfilled_on(self) -> Any:
        """Require a day that is not still to come."""
        day = self.cleaned_data["fulfilled_on"]
        if day > timezone.localdate():
            raise ValidationError("Enter today's date or an earlier one.")
        return day

    def clean(self) -> dict[str, Any]:
        """Require somebody, and a kind by which the component is fulfilled; read the lines with addresses."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        component, kind = given.get("component"), given.get("kind")
        if component and kind and kind not in component.fulfilled_by:
            ways = ", ".join(label for value, label in KINDS if value in component.fulfilled_by)
            self.add_error("kind", f"{component} is not fulfilled by that. Choose one of: {ways}.")
        given["lines"] = None
        if given.get("who") == SOME:
            given["lines"] = recording.lines(given.get("addresses", ""))
            if not given["lines"]:
                self.add_error("addresses", "Enter an email address, or choose everybody.")
            elif len(given["lines"]) > MOST_LINES:
                self.add_error("addresses", f"Enter {MOST_LINES:,} addresses or fewer at a time.")
        return given


class RecordChoice(ModelChoiceField[Evidence]):
    """A choice of records."""

    def label_from_instance(self, obj: Evidence) -> str:
        """Say what was recorded, and for which day."""
        return f"{obj.component}, {say_date(obj.fulfilled_on)}"


class TakeBackForm(forms.Form):
    """Asks which record was a mistake."""

    record = RecordChoice(Evidence.objects.none(), label="Record")


def record_page(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, pk: int) -> HttpResponse:
    """Record what one, some or all members of a cohort have done, once it is said who gets it and who does not."""
    cohort = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    form = RecordForm(request.POST if request.method == "POST" else None, initial=_initial(request, cohort))
    offer_rows(form, "component", _not_attended_alone(cohort))
    title = f"Record what members of {cohort} have done"
    blank = Question(title=title, button="Continue", about=cohort)
    if not form.is_bound or not form.is_valid() or goes_back(request):
        return fill_in(request, model_admin, blank, form)
    given = form.cleaned_data
    component, kind, day = given["component"], EvidenceKind(given["kind"]), given["fulfilled_on"]
    if not is_confirmed(request):
        plan = recording.plan(cohort, component, given["lines"])
    else:
        try:
            number = recording.record(
                cohort,
                component,
                given["lines"],
                kind=kind,
                fulfilled_on=day,
                agreed=request.POST.get(AGREED, ""),
                by=person(request),
            )
        except recording.PlanChanged as changed:
            messages.warning(request, str(changed))
            plan = changed.plan
        else:
            messages.success(request, f"Recorded for {people(number)}: {component}.")
            members = reverse("admin:cohorts_membership_changelist")
            return HttpResponseRedirect(f"{members}?cohort__id__exact={cohort.pk}")
    if not plan.new:
        form.add_error("addresses", _nobody(plan))
        return fill_in(request, model_admin, blank, form)
    says = [
        f"{people(len(plan.new))}: {component}. {kind.label}, {say_date(day)}.",
        "It shows as completed on their pages. It stands under your name, and can be taken back.",
    ]
    if plan.unknown:
        says.append(
            f"{count_of(len(plan.unknown), 'line')} left out: nobody in this cohort has that address. See below."
        )
    return ask(
        request,
        model_admin,
        Question(
            title=title,
            says=says,
            headings=("Name", "Email"),
            listed=[(row.user.name, row.user.email) for row in plan.new[:SHOWN]],
            more=len(plan.new[SHOWN:]),
            left_out=_left_out(plan),
            button=f"Record for {people(len(plan.new))}",
            about=cohort,
            unseen=[(AGREED, plan.digest)],
        ),
        form,
    )


def _initial(request: HttpRequest, cohort: Cohort) -> dict[str, str]:
    """Begin with the member whose page led here, if one did."""
    key = request.GET.get("membership", "")
    member = cohort.memberships.filter(pk=key).select_related("user").first() if KEY.fullmatch(key) else None
    return {"addresses": member.user.email} if member else {}


def _not_attended_alone(cohort: Cohort) -> QuerySet[Component]:
    components = Component.objects.filter(programme=cohort.programme_id)
    return components.exclude(fulfilled_by=[EvidenceKind.ATTENDANCE]).order_by("position")


def _left_out(plan: Plan) -> list[tuple[str, str]]:
    unknown = [
        (f"Line {line.number}: {line.email}", "Nobody in this cohort has this address.") for line in plan.unknown
    ]
    return [*unknown, *((row.user.name, "Has done it already.") for row in plan.already)]


def _nobody(plan: Plan) -> list[str]:
    """Say why there is nothing to record, line by line where that is because of what was typed."""
    if plan.unknown:
        return [f"{name}. {reason}" for name, reason in _left_out(plan)]
    return ["Everybody you chose has done it already." if plan.already else "Nobody takes part in this cohort yet."]


@transaction.atomic
def take_back_page(model_admin: "admin.ModelAdmin[Membership]", request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a record that was a mistake."""
    membership = _membership(model_admin, request, pk)
    form = TakeBackForm(request.POST if request.method == "POST" else None)
    offer_rows(form, "record", _recorded_by_hand(membership))
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
    """Return the membership, locked so that nothing is taken back twice at once."""
    rows = model_admin.get_queryset(request).select_related("user", "cohort")
    return get_object_or_404(rows.select_for_update(of=("self",)), pk=pk)


def _recorded_by_hand(membership: Membership) -> QuerySet[Evidence]:
    """Return what stands on a person's word: not a register's, and not the portal's own."""
    standing = Evidence.objects.standing().filter(membership=membership, recorded_by__isnull=False)
    return standing.exclude(kind=EvidenceKind.ATTENDANCE).select_related("component")


def _back_to(membership: Membership) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:cohorts_membership_change", args=[membership.pk]))
