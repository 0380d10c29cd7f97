"""The page on which an organisation becomes a part of another, once it is said what moves and what stays."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.access import person as signed_in_person
from portal.accounts.models import Organisation
from portal.accounts.moving import HasChanged, MergeRefused, Plan
from portal.accounts.organisations import foresee, merge
from portal.form_choices import offer_rows
from portal.questions import Question, ask, fill_in, goes_back, is_confirmed

SEEN = "seen"
NOT_DONE = 409


class MergerForm(forms.Form):
    """Asks of which organisation another is a part from now on, and whether its leads go along."""

    into = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="It becomes a part of",
        error_messages={"required": "Choose the organisation that it becomes a part of"},
    )
    with_leads = forms.BooleanField(
        label="Its leads and sponsors become leads and sponsors of that one",
        required=False,
        help_text="They then see the counts, and nominate people, of all of it. Otherwise their role ends.",
    )

    def __init__(self, data: Any, *, about: Organisation) -> None:
        super().__init__(data)
        offer_rows(self, "into", Organisation.objects.present().exclude(pk=about.pk).order_by("name"))


def merger_page(model_admin: "admin.ModelAdmin[Organisation]", request: HttpRequest, pk: int) -> HttpResponse:
    """Ask into which, say what would happen, and do it once that is confirmed."""
    about = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    if not model_admin.has_change_permission(request, about):
        raise PermissionDenied
    form = MergerForm(request.POST if request.method == "POST" else None, about=about)
    asks = Question(
        title=f"Merge {about}",
        button="Continue",
        says=["For a trust that becomes a part of another. You see what moves before anything is done."],
        about=about,
    )
    if request.method != "POST" or not form.is_valid() or goes_back(request):
        return fill_in(request, model_admin, asks, form)
    into, with_leads, by = form.cleaned_data["into"], form.cleaned_data["with_leads"], signed_in_person(request)
    try:
        if not is_confirmed(request):
            plan = foresee(about, into, by=by, with_leads=with_leads)
            return ask(request, model_admin, _question(asks, about, into, plan), form)
        merge(about, into, by=by, with_leads=with_leads, seen=request.POST.get(SEEN, ""))
    except HasChanged as changed:
        messages.warning(request, str(changed))
        answer = ask(request, model_admin, _question(asks, about, into, changed.plan), form)
        answer.status_code = NOT_DONE
        return answer
    except MergeRefused as refused:
        form.add_error(None, str(refused))
        return fill_in(request, model_admin, asks, form)
    messages.success(request, f"{about} is part of {into} now.")
    return HttpResponseRedirect(reverse("admin:accounts_organisation_change", args=[into.pk]))


def _question(asks: Question, about: Organisation, into: Organisation, plan: Plan) -> Question:
    return replace(
        asks,
        button="Merge them",
        says=[
            f"{about} becomes a part of {into}. It stays for what happened before, and is chosen nowhere any more.",
            f"A file for enrolment that has its code, {about.ods_code}, enrols people for {into}, and says so.",
            "Nobody is written to. It cannot be undone.",
        ],
        headings=("What", "Which", "What becomes of it"),
        listed=[(line.what, line.about, line.becomes) for line in plan.lines],
        unseen=[(SEEN, plan.seen)],
    )
