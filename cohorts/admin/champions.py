"""The page of a cohort's champions: who is nominated, asked and confirmed; and the messages that were reported."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.timezone import localtime

from cohorts import champions, conversations
from cohorts.admin.keeping import KeptAdmin
from cohorts.champions import ChampionRefused, Place
from cohorts.models import Champion, Cohort, ConversationMessage, Membership, MessageReport
from portal.access import person
from portal.accounts.models import User
from portal.admin_fields import KEY
from portal.questions import Deed, Question, ask, ask_first, count_of, is_confirmed

State = Champion.State


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the programme team can do about a champion, as its button and the page before it say it."""

    button: str
    says: str
    done: str
    do: Callable[[Champion, User], None]
    states: frozenset[str]


ACTS: Final = {
    "confirm": Act(
        "Confirm",
        "They are champion then. They are told, and those whom they are there for see their name and role.",
        "is champion.",
        lambda champion, by: champions.confirm(champion, by=by),
        frozenset({State.AGREED}),
    ),
    "take_back": Act(
        "Take the question back",
        "They are told that nobody asks them any more. You can then ask somebody else.",
        "is asked no more.",
        lambda champion, by: champions.end(champion, by=by),
        frozenset({State.ASKED, State.AGREED}),
    ),
    "end": Act(
        "End their time as champion",
        "They are told. Nobody can write to them, or they to anybody, through the portal any more.",
        "is no longer champion.",
        lambda champion, by: champions.end(champion, by=by),
        frozenset({State.CONFIRMED}),
    ),
}


def champions_page(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, pk: int) -> HttpResponse:
    """Show each place for a champion, and ask, confirm or end, once it is said what that does."""
    cohort = get_object_or_404(model_admin.get_queryset(request).select_related("programme"), pk=pk)
    if request.method == "POST":
        try:
            answer = _answer(model_admin, request, cohort)
        except ChampionRefused as refused:
            messages.error(request, str(refused))
            answer = None
        return answer or HttpResponseRedirect(request.path)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Champions",
        "opts": model_admin.opts,
        "about": cohort,
        "places": [_shown(place) for place in champions.places(cohort)],
    }
    return TemplateResponse(request, "admin/cohorts/cohort/champions.html", context)


def _shown(place: Place) -> dict[str, Any]:
    """Return what the page shows of a place."""
    champion = place.champion
    return {
        "place": place,
        "members": [
            (member, number, member.pk in place.nominated, member.pk in place.said_no)
            for member, number in place.members
        ],
        "acts": [(key, act.button) for key, act in ACTS.items() if champion and champion.state in act.states],
    }


def _answer(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, cohort: Cohort) -> HttpResponse | None:
    """Ask whether it is to be done; do it once that is confirmed, and return None for the page. Raises
    ChampionRefused."""
    act = request.POST.get("act", "")
    if act == "ask":
        rows = Membership.objects.select_related("user", "cohort__programme", "organisation")
        membership: Membership = _chosen(rows.filter(cohort=cohort), request.POST.get("member", ""))
        if is_confirmed(request):
            champions.ask(membership, by=person(request))
            messages.success(request, f"{membership.user} is asked, and says yes or no for themselves.")
            return None
        says = f"{membership.user} gets an email that asks whether they would like to be a champion. Nobody else is."
        question = Question(
            title=f"Ask {membership.user}?",
            button="Ask them",
            says=[says, "If they say yes, you confirm it."],
            about=cohort,
            back=request.path,
            unseen=[("act", act), ("member", str(membership.pk))],
        )
        return ask(request, model_admin, question)
    chosen = ACTS.get(act)
    if chosen is None:
        return None
    found = Champion.objects.filter(cohort=cohort).select_related("membership__user", "cohort__programme")
    champion: Champion = _chosen(found, request.POST.get("champion", ""))
    name = champion.membership.user
    if is_confirmed(request):
        chosen.do(champion, person(request))
        messages.success(request, f"{name} {chosen.done}")
        return None
    question = Question(
        title=f"{chosen.button}: {name}",
        button=chosen.button,
        says=[chosen.says],
        about=cohort,
        back=request.path,
        unseen=[("act", act), ("champion", str(champion.pk))],
    )
    return ask(request, model_admin, question)


def _chosen(rows: "QuerySet[Any]", key: str) -> Any:
    """Return the row that was chosen. Raises ChampionRefused for none, or for one that is not there any more."""
    found: Model | None = rows.filter(pk=key).first() if KEY.fullmatch(key) else None
    if found is None:
        raise ChampionRefused("Choose a person first. Nothing was done.")
    return found


class DealtWith(admin.SimpleListFilter):
    """Filter by whether somebody has dealt with it."""

    title = "what waits"
    parameter_name = "dealt"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what waits, and what was dealt with."""
        return [("no", "Waits for you"), ("yes", "Dealt with")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[MessageReport]) -> QuerySet[MessageReport]:
        """Return the messages that were chosen."""
        chosen = self.value()
        return queryset.filter(dealt_with_at__isnull=chosen == "no") if chosen in ("yes", "no") else queryset


@admin.register(MessageReport)
class MessageReportAdmin(KeptAdmin[MessageReport]):
    """Messages to or from a champion that whoever got them has shown to the programme team: those alone."""

    programme = "message__conversation__champion__cohort__programme"
    may_add = False
    may_change = False
    fields = ("cohort", "reported_by", "written_by", "written_at", "text", "reported_at", "dealt_with_at")
    list_display = ("cohort", "reported_by", "written_by", "reported_at", "dealt_with_at")
    list_filter = (DealtWith,)
    ordering = ("-reported_at", "-id")
    sortable_by = ()
    actions = ("deal_with",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[MessageReport]:
        """Return reports with the two people and their cohort."""
        conversation = "message__conversation"
        return (
            super()
            .get_queryset(request)
            .select_related(
                f"{conversation}__membership__user",
                f"{conversation}__champion__membership__user",
                f"{conversation}__champion__cohort",
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: MessageReport | None = None) -> tuple[str, ...]:
        """Show a report; nobody changes what was written."""
        return tuple(self.fields)

    @admin.display(description="cohort")
    def cohort(self, report: MessageReport) -> str:
        """Return the cohort's name."""
        return report.message.conversation.champion.cohort.name

    @admin.display(description="shown by")
    def reported_by(self, report: MessageReport) -> str:
        """Return who showed it: whoever got it."""
        return _two(report)[1].name

    @admin.display(description="written by")
    def written_by(self, report: MessageReport) -> str:
        """Return who wrote it."""
        return _two(report)[0].name

    @admin.display(description="written")
    def written_at(self, report: MessageReport) -> str:
        """Say when it was written (UK time)."""
        return f"{localtime(report.message.written_at):%d %B %Y, %H:%M}"

    @admin.display(description="message")
    def text(self, report: MessageReport) -> str:
        """Return what it says."""
        return conversations.text_of(report.message)

    @admin.action(description="Dealt with")
    def deal_with(self, request: HttpRequest, queryset: QuerySet[MessageReport]) -> TemplateResponse | None:
        """Mark reports as dealt with, once it is said what that does."""
        return ask_first(request, self, queryset, _dealing(self, person(request)))


def _dealing(page: MessageReportAdmin, by: User) -> Deed[MessageReport]:
    def do(chosen: Any) -> tuple[int, str]:
        number = conversations.deal_with(chosen, by=by)
        return number, f"Dealt with: {count_of(number, 'reported message')}."

    return Deed(
        action="deal_with",
        title="Dealt with",
        button="They are dealt with",
        headings=("Cohort", "Shown by", "Written by"),
        cells=lambda report: (page.cohort(report), page.reported_by(report), page.written_by(report)),
        why_not=lambda report: "It is dealt with already." if report.dealt_with_at else "",
        says=lambda chosen: [
            f"{count_of(len(chosen), 'reported message')} no longer wait on the start page. Nobody is written to."
        ],
        do=do,
    )


def _two(report: MessageReport) -> tuple[User, User]:
    """Return who wrote a reported message, and who got it."""
    conversation = report.message.conversation
    member, champion = conversation.membership.user, conversation.champion.membership.user
    is_members = report.message.side == ConversationMessage.Side.MEMBER
    return (member, champion) if is_members else (champion, member)
