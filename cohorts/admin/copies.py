"""The page on which a cohort is copied: from when on, with every date as it would be, before anything is made."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cohorts import copying
from cohorts.admin.session_forms import FURTHEST
from cohorts.models import Cohort
from portal.access import person
from portal.nhsuk.dates import say_when
from portal.questions import Question, ask, count_of, fill_in, goes_back, is_confirmed


class CopyForm(forms.Form):
    """Asks what the new cohort is called, when it starts and for how many it is."""

    name = forms.CharField(max_length=150, label="Name")
    starts_on = forms.DateField(
        label="Starts on",
        widget=AdminDateWidget,
        help_text="Every date moves by as many days. Whole weeks keep each on its day of the week.",
    )
    places = forms.IntegerField(label="Places", min_value=1, max_value=32_767)

    def clean_starts_on(self) -> Any:
        """Require a day to come, and not too far off."""
        day = self.cleaned_data["starts_on"]
        if not timezone.localdate() <= day <= timezone.localdate() + FURTHEST:
            raise ValidationError("Enter a day from today on, within 5 years.")
        return day


def copy_page(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, show every date as it would be, and make the cohort once that is confirmed."""
    cohort = get_object_or_404(model_admin.get_queryset(request).select_related("programme"), pk=pk)
    form = CopyForm(request.POST) if request.method == "POST" else CopyForm(initial=_proposed(cohort))
    question = Question(title=f"Copy {cohort}", button="Continue", about=cohort)
    if request.method != "POST" or not form.is_valid() or goes_back(request):
        return fill_in(request, model_admin, question, form)
    given = form.cleaned_data
    dates = copying.shifted(cohort, given["starts_on"])
    if not is_confirmed(request):
        says = [
            f"This makes {given['name']} with {count_of(len(dates), 'session')}. Nobody is in it.",
            "Nobody is written to. Links to join online are left out: each meeting has its own.",
        ]
        rows = [(str(each.session.component), say_when(each.starts_at, each.ends_at), _warning(each)) for each in dates]
        headings = ("Session", "When", "Look at")
        shown = Question(
            title=question.title, says=says, headings=headings, listed=rows, button="Make the cohort", about=cohort
        )
        return ask(request, model_admin, shown, form)
    try:
        made = copying.copy(cohort, **given, by=person(request))
    except ValidationError as wrong:
        form.add_error(None, " ".join(wrong.messages))
        return fill_in(request, model_admin, question, form)
    messages.success(request, f"{made} is made. Next, say when people may apply, and add the links to join.")
    return HttpResponseRedirect(reverse("admin:cohorts_cohort_change", args=[made.pk]))


def _proposed(cohort: Cohort) -> dict[str, Any]:
    """Propose a cohort that follows the last one of its programme, on the same day of the week."""
    last = Cohort.objects.filter(programme=cohort.programme).aggregate(ends=Max("ends_on"), number=Max("number"))
    after = max(last["ends"], timezone.localdate()) + timedelta(days=1)
    weeks = -(-(after - cohort.starts_on) // timedelta(weeks=1))
    name = cohort.name.removesuffix(str(cohort.number)) + str(last["number"] + 1)
    return {"name": name, "starts_on": cohort.starts_on + timedelta(weeks=weeks), "places": cohort.places}


def _warning(date_of: copying.Shifted) -> str:
    if date_of.holiday:
        return f"Bank holiday: {date_of.holiday}"
    return "On a weekend" if date_of.is_on_a_weekend else ""
