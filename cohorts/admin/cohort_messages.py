"""Messages to a cohort: a draft, a look at it with somebody's own words, a test to oneself, and sending it."""

import re
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Field, QuerySet
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from cohorts import writing
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from cohorts.models import CohortMessage
from cohorts.writing import NoDraft, NotSent
from portal.access import person
from portal.accounts.models import Organisation
from portal.accounts.typed import told_as
from portal.admin_fields import KEY
from portal.generics import ModelForm
from portal.questions import people

NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
KNOWN = ", ".join(f"{{{name}}} ({means})" for name, means in writing.PLACEHOLDERS.items())


class MessageForm(ModelForm[CohortMessage]):
    """A draft. What stands in braces is filled in for each person, so it must be something that we know."""

    class Meta:
        model = CohortMessage
        fields = ("cohort", "part", "component", "organisation", "subject", "body")
        widgets = {"body": forms.Textarea(attrs={"rows": 14, "cols": 80})}  # Django's own way
        help_texts = {"body": f"You can write: {KNOWN}."}  # as above

    def clean_subject(self) -> str:
        """Refuse a placeholder that we do not know."""
        return self._known("subject")

    def clean_body(self) -> str:
        """Refuse a placeholder that we do not know."""
        return self._known("body")

    def clean(self) -> dict[str, Any]:
        """Require a component of the cohort's own programme, and of a draft that it still is one when it is saved."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        cohort, component = given.get("cohort"), given.get("component")
        if cohort and component and component.programme_id != cohort.programme_id:
            self.add_error("component", f"This is not part of {cohort.programme}. Choose a component that is.")
        if self.instance.pk:
            self._hold_draft()
        return given

    def _hold_draft(self) -> None:
        try:
            writing.hold_draft(self.instance)
        except NoDraft as refused:
            raise ValidationError(str(refused)) from refused

    def _known(self, name: str) -> str:
        text: str = self.cleaned_data[name]
        if unknown := writing.unknown_placeholders(text):
            raise ValidationError(f"We do not know {{{unknown[0][:40]}}}. You can write: {KNOWN}.")
        return text


@admin.register(CohortMessage)
class CohortMessageAdmin(KeptAdmin[CohortMessage]):
    """Drafts, and the record of what was sent to whom."""

    programme = "cohort__programme"
    form = MessageForm
    list_display = ("subject", "cohort", "part", "sent_at", "sent_to")
    list_filter = (("cohort", KeptFilter),)
    list_select_related = ("cohort",)
    search_fields = ("subject",)
    autocomplete_fields = ("cohort", "component", "organisation")
    ordering = ("-id",)
    sortable_by = ()
    may_delete = True

    def get_field_queryset(
        self, db: str | None, db_field: "Field[Any, Any]", request: HttpRequest
    ) -> QuerySet[Any] | None:
        """Offer organisations that are part of another now as well: people's places name them still."""
        if db_field.name == "organisation":
            return Organisation.objects.all()
        return super().get_field_queryset(db, db_field, request)

    def get_fields(self, request: HttpRequest, obj: CohortMessage | None = None) -> tuple[str, ...]:
        """Show of a message that was sent when, and to how many."""
        return (*MessageForm.Meta.fields, *(("sent_at", "sent_to") if obj and obj.sent_at else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: CohortMessage | None = None) -> tuple[str, ...]:
        """Keep what was sent as it was sent."""
        return self.get_fields(request, obj) if obj and obj.sent_at else ()

    def is_in_use(self, obj: CohortMessage) -> bool:
        """Say whether it was sent: its record stays."""
        return obj.sent_at is not None

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin from an earlier message, whose number stands in the address as `like`: from its words and its part."""
        like = request.GET.get("like", "")
        earlier = self.get_queryset(request).filter(pk=like).first() if KEY.fullmatch(like) else None
        said = model_to_dict(earlier, ("subject", "body", "part", "component")) if earlier else {}
        return super().get_changeform_initial_data(request) | said

    def save_model(self, request: HttpRequest, obj: CohortMessage, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's own
        """Keep who wrote it. Of a draft, save what the form asks for: how often it was tried out may be more by now."""
        if change:
            obj.save(update_fields=MessageForm.Meta.fields)
        else:
            obj.written_by = person(request)
            super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: CohortMessage, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Lead from a new draft to the look at it."""
        return HttpResponseRedirect(reverse("admin:cohorts_cohortmessage_send", args=[obj.pk]))

    def response_change(self, request: HttpRequest, obj: CohortMessage) -> HttpResponse:
        """Lead from a changed draft to the look at it."""
        return HttpResponseRedirect(reverse("admin:cohorts_cohortmessage_send", args=[obj.pk]))

    def pages(self) -> list[URLPattern]:
        """Add the look at a message, from which it is tried out and sent."""
        return [path("<int:pk>/send/", self.send_page, name="cohorts_cohortmessage_send")]

    @told_as(lambda *_, **__: [])  # its page asks for nothing to be typed
    def send_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show whom it goes to and what the first of them would read; send it to oneself, or to all of them."""
        message = get_object_or_404(self.get_queryset(request).select_related("cohort__programme", "component"), pk=pk)
        here = reverse("admin:cohorts_cohortmessage_send", args=[pk])
        if request.method == "POST" and not request.POST.keys().isdisjoint({"send", "test"}):
            try:
                said = self._do(request, message)
            except NotSent as refused:
                messages.error(request, str(refused))
            else:
                messages.success(request, said)
            return HttpResponseRedirect(here)
        found: QuerySet[Any] = writing.recipients(message)
        first, number = found.first(), found.count()
        context = {
            **self.admin_site.each_context(request),
            "title": "Look at it before you send it" if message.sent_at is None else "What was sent",
            "opts": self.opts,
            "about": message,
            "digest": writing.digest(message),
            "number": number,
            "people": people(number),
            "first": first,
            "subject": writing.fill_in(message.subject, first) if first else message.subject,
            "body": writing.fill_in(message.body, first) if first else message.body,
        }
        return TemplateResponse(request, "admin/cohorts/cohortmessage/send.html", context)

    def _do(self, request: HttpRequest, message: CohortMessage) -> str:
        if "test" in request.POST:
            writing.try_out(message, by=person(request))
            return f"It is on its way to {person(request).email}, and to nobody else."
        to, looked_at = request.POST.get("to", ""), request.POST.get("digest", "")
        number = writing.send(
            message, looked_at=looked_at, to=int(to) if NUMBER.fullmatch(to) else -1, by=person(request)
        )
        return f"It is on its way to {people(number)}."
