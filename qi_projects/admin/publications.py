"""What teams send to be published, as editors read it: publishing it, returning it with reasons, and taking it down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cohorts.rules import keeps_programmes
from portal.access import person
from portal.accounts.models import User
from portal.administration import RuledAdmin
from portal.nhsuk.dates import say_date
from portal.questions import Question, ask, fill_in, is_confirmed
from qi_projects import naming, publishing
from qi_projects.admin.project_filters import Choices
from qi_projects.models import Approval, Publication
from qi_projects.publication_forms import ReadForm, WhyForm
from qi_projects.publication_rules import publications_kept
from qi_projects.refusals import ProjectRefused

READ_FIRST: Final = "Read it as it stands now, and decide then"
LOOK_FOR: Final = (
    "Look once more for names, and for anything by which a patient or a colleague could be known: in the words, on the "
    "charts and in the driver diagram."
)


@dataclass(frozen=True, slots=True)
class Deed:
    """What an editor does with a publication: under which key, what the page says, asks and tells, and the verb."""

    key: str
    title: str
    says: tuple[str, ...]
    done: str
    do: Callable[[Publication, str, int, User], None]
    asks: str = ""
    hint: str = ""
    missing: str = ""


DEEDS: Final = (
    Deed(
        key="publish",
        title="Publish it",
        says=("Everybody can read it in the gallery from then on. Its team is told by email.", LOOK_FOR),
        done="It is in the gallery. Its team is told.",
        do=lambda publication, _, read, by: publishing.publish(publication, read=read, by=by),
    ),
    Deed(
        key="return",
        title="Return it with reasons",
        says=("The team is told by email, reads what you write, and can send it again.",),
        done="It is returned, and its team is told.",
        do=lambda publication, words, read, by: publishing.send_back(publication, words, read=read, by=by),
        asks="What would you like to see first",
        hint="What is good, and what is missing. It is about what others will read, and not about whether it worked.",
        missing="Write what you would like to see first",
    ),
    Deed(
        key="take_down",
        title="Take it out of the gallery",
        says=("Nobody can read it there any more. The team is told by email, and reads why.",),
        done="It is out of the gallery, and its team is told.",
        do=lambda publication, words, _, by: publishing.take_down(publication, words, by=by),
        asks="Why",
        hint="The team reads it.",
        missing="Write why it is taken down",
    ),
)
_BY_KEY: Final = {deed.key: deed for deed in DEEDS}


def _form_of(deed: Deed, data: QueryDict | None, read: int) -> ReadForm:
    """Return what a deed asks for: which version was read, and the words to the team where it has any."""
    initial = {"read": read}
    if not deed.asks:
        return ReadForm(data, initial=initial)
    return WhyForm(data, label=deed.asks, help_text=deed.hint, missing=deed.missing, initial=initial)


class States(admin.ChoicesFieldListFilter):
    """Filter by how it stands. Being written is no choice: nobody reads that here."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Leave that one out."""
        left_out = Publication.State.DRAFT.label
        return (choice for choice in super().choices(changelist) if choice["display"] != left_out)


class Approvals(Choices):
    """Filter by whether the organisation has ended its approval of what everybody reads."""

    title = "approval of a published one"
    parameter_name = "approval"
    offered: ClassVar = {"ended": "Ended"}

    def narrowed(self, publications: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        """Return the published ones whose organisation approves no longer."""
        kept: QuerySet[Publication] = publications.filter(
            pk__in=Publication.objects.no_longer_approved().order_by().values("pk")
        )
        return kept


class Themes(admin.RelatedFieldListFilter):
    """Filter by theme, or by having none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = SafeString("No theme")


@admin.register(Publication)
class PublicationAdmin(RuledAdmin[Publication]):
    """Each editor sees what was sent of projects that count for a cohort of a programme that they keep."""

    rule = keeps_programmes
    may_add = may_change = False
    fields = (
        *("title", "page", "state", "approval", "named", "setting", "theme", "organisation_name", "noticed", "aim"),
        *("what_changed", "result", "what_came_of_it", "tell_next", "reasons", "ended_why", "sent_on"),
    )
    readonly_fields = ("page", "approval", "named", "sent_on")
    list_display = ("title", "organisation_name", "theme", "result", "state", "sent_on")
    list_filter = (("state", States), Approvals, "result", ("theme", Themes), "setting")
    list_select_related = ("theme",)
    search_fields = ("title", "organisation_name")
    ordering = ("-sent_at", "-id")

    def within(self, user: User, queryset: QuerySet[Publication]) -> QuerySet[Publication]:
        """Return the publications that somebody reads as an editor."""
        return queryset.filter(pk__in=publications_kept(user).order_by().values("pk")).defer("search")

    @admin.display(description="as it is read")
    def page(self, publication: Publication) -> SafeString | str:
        """Lead to how everybody reads it, or would; nowhere, once it is taken back and nobody does."""
        if publication.state == Publication.State.TAKEN_BACK:
            return "Nobody reads it with its charts any more: it was taken back."
        if publication.state == Publication.State.PUBLISHED:
            href = publication.get_absolute_url()
        else:
            href = reverse("publication_preview", args=[publication.project_id])
        return format_html('<a href="{}">Read it with its charts</a>', href)

    @admin.display(description="its organisation's approval")
    def approval(self, publication: Publication) -> str:
        """Say what its organisation has answered last, when, and as what."""
        latest = Approval.objects.filter(project=publication.project_id).first()
        if latest is None:
            return "Nothing is recorded"
        day = say_date(latest.decided_on, weekday=False)
        return f"{latest.get_decision_display()} on {day}, {latest.approver_role}"

    @admin.display(description="named under it")
    def named(self, publication: Publication) -> str:
        """Say who is named now: those who have agreed."""
        return "; ".join(naming.named(publication)) or "Nobody, so far"

    @admin.display(description="sent on", ordering="sent_at")
    def sent_on(self, publication: Publication) -> str:
        """Return the day on which its team sent it last."""
        return say_date(publication.sent_at, weekday=False) if publication.sent_at else ""

    def pages(self) -> list[URLPattern]:
        """Add what an editor can do with one."""
        return [
            path(
                f"<int:pk>/{deed.key.replace('_', '-')}/",
                self._page_of(deed.key),
                name=f"qi_projects_publication_{deed.key}",
            )
            for deed in DEEDS
        ]

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Offer what can be done with it as it stands."""
        publication = context["original"]
        context["deeds"] = [
            (reverse(f"admin:qi_projects_publication_{deed.key}", args=[publication.pk]), deed.title)
            for deed in DEEDS
            if publishing.may_step(deed.key, publication)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def _page_of(self, key: str) -> Callable[..., HttpResponse]:
        """Return the page of one deed, as a function that can carry the rule that opens it."""

        def page(request: HttpRequest, pk: int) -> HttpResponse:
            return self._decide(request, pk, _BY_KEY[key])

        return page

    def _decide(self, request: HttpRequest, pk: int, deed: Deed) -> HttpResponse:
        """Say what a deed does, and do it to what the editor has read once that is confirmed."""
        about = get_object_or_404(self.get_queryset(request).select_related("project"), pk=pk)
        if not publishing.may_step(deed.key, about):
            says = [f"This cannot be done as it stands now: {about.get_state_display().lower()}."]
            return ask(request, self, Question(title=deed.title, says=says, about=about))
        sent = request.POST if request.method == "POST" else None
        form = _form_of(deed, sent, about.version)
        if sent is not None and form.has_error("read"):
            # Nobody decides about what they may not have read: they are shown what stands there now.
            anew = sent.copy()
            anew["read"] = str(about.version)
            form = _form_of(deed, anew, about.version)
            form.add_error(None, READ_FIRST)
        elif form.is_valid() and (deed.asks or is_confirmed(request)):
            return self._do(request, about, deed, form.cleaned_data.get("words", ""), form.cleaned_data["read"])
        question = Question(title=deed.title, button=deed.title, says=deed.says, about=about)
        return (fill_in if deed.asks else ask)(request, self, question, form)

    def _do(self, request: HttpRequest, about: Publication, deed: Deed, words: str, read: int) -> HttpResponse:
        try:
            deed.do(about, words, read, person(request))
        except ProjectRefused as refused:
            messages.error(request, f"{refused} What you wrote: {words}" if words else str(refused))
        else:
            messages.success(request, deed.done)
        return HttpResponseRedirect(reverse("admin:qi_projects_publication_change", args=[about.pk]))
