"""What is set for book club meetings: to be found here, and written on the meeting's own page, as facilitators do."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString

from bookclub.admin.meeting_fields import AnyMeetingField, meetings_to_come
from bookclub.models import MeetingPlan, Prompt
from cohorts.admin.keeping import KeptAdmin, KeptFilter, count
from cohorts.models import Cohort, Session
from portal.access import person
from portal.nhsuk.components import lines
from portal.nhsuk.dates import say_when
from portal.questions import Question, fill_in


class ChooseForm(forms.Form):
    """Asks for which meeting there is something to write."""

    def __init__(self, *args: Any, meetings: QuerySet[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"] = AnyMeetingField(
            meetings,
            help_text="Book club meetings that are to come. UK time.",
            error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a meeting that is to come"),
        )


def page_to_write(meeting: Session) -> str:
    """Return the address at which a meeting is written for; of one that is for several cohorts, the latest's.

    Empty where no cohort can come to it yet.
    """
    cohort = meeting.cohort_id
    if cohort is None:
        cohorts = Cohort.objects.filter(programme__components=meeting.component_id)
        cohort = cohorts.order_by("-starts_on", "-pk").values_list("pk", flat=True).first()
    return reverse("book_club_plan", args=[cohort, meeting.pk]) if cohort else ""


@admin.register(MeetingPlan)
class MeetingPlanAdmin(KeptAdmin[MeetingPlan]):
    """Chapters, prompts and the guide of each meeting."""

    programme = "session__component__programme"
    may_change = False
    fields = readonly_fields = ("meeting", "when", "of_cohort", "chapters", "prompts_set", "guide")
    list_display = ("meeting", "when", "of_cohort", "number_of_prompts", "has_guide")
    list_filter: ClassVar[Any] = (("session__component__programme", KeptFilter), ("session__cohort", KeptFilter))
    list_select_related = ("session__component", "session__cohort")
    search_fields = ("session__component__title", "session__cohort__name")
    ordering = ("-session__starts_at", "-id")
    sortable_by = ()

    def with_figures(self, rows: QuerySet[MeetingPlan]) -> QuerySet[MeetingPlan]:
        """Count the prompts of each."""
        return rows.annotate(prompts_now=count(Prompt.objects.live().filter(plan=OuterRef("pk")), "plan"))

    @admin.display(description="meeting")
    def meeting(self, plan: MeetingPlan) -> str:
        """Return which meeting it is."""
        return plan.session.component.title

    @admin.display(description="when (UK time)")
    def when(self, plan: MeetingPlan) -> str:
        """Say when it is, or was to be."""
        said = say_when(plan.session.starts_at, plan.session.ends_at)
        return f"Cancelled: {said}" if plan.session.is_cancelled else said

    @admin.display(description="cohort", empty_value="All of the programme")
    def of_cohort(self, plan: MeetingPlan) -> str | None:
        """Return the cohort that it is held for."""
        return plan.session.cohort.name if plan.session.cohort else None

    @admin.display(description="prompts")
    def number_of_prompts(self, plan: Any) -> int:
        """Say how many prompts are set."""
        number: int = plan.prompts_now
        return number

    @admin.display(description="has a guide", boolean=True)
    def has_guide(self, plan: MeetingPlan) -> bool:
        """Say whether a guide is written."""
        return bool(plan.guide)

    @admin.display(description="prompts")
    def prompts_set(self, plan: MeetingPlan) -> SafeString:
        """Show the prompts in their order."""
        return lines(*(f"{prompt.position}. {prompt.text}" for prompt in Prompt.objects.live().filter(plan=plan)))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the page on which a meeting is written for; nothing is written here."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ChooseForm(
            request.POST if request.method == "POST" else None, meetings=meetings_to_come(person(request))
        )
        if request.method == "POST" and form.is_valid():
            if page := page_to_write(form.cleaned_data["meeting"]):
                return HttpResponseRedirect(page)
            form.add_error("meeting", "No cohort can come to this meeting yet. Make a cohort first.")
        question = Question(title="Write for a book club meeting", button="Continue")
        return fill_in(request, self, question, form)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show what is set, and lead to where it is written."""
        plan: MeetingPlan | None = context["original"]
        if plan and not plan.session.is_cancelled:
            context["page_to_write"] = page_to_write(plan.session)
        return super().render_change_form(request, context, *args, **kwargs)
