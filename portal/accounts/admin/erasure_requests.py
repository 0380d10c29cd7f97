"""Requests to be erased: listed, granted, or taken off the list once they were answered with a no."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from portal.access import person as signed_in_person
from portal.accounts.admin.people import erased, says_of_erasing, why_not_erase
from portal.accounts.erasure import CannotErase, letter
from portal.accounts.erasure_requests import ANSWERED_WITHIN, answer_by, decline, grant
from portal.accounts.models import User
from portal.accounts.rules import keeps_people
from portal.admin_needs import Need, Task, what_needs_doing
from portal.administration import RuledAdmin
from portal.nhsuk.dates import say_date
from portal.questions import Deed, ask_first, count_of, people
from portal.retention import holds
from portal.retention.models import ErasureRequest


@what_needs_doing
def requests_to_answer(user: User) -> list[Need]:
    """Requests that wait for an answer: how many, until when, and how many of them a legal hold keeps."""
    if not keeps_people(user):
        return []
    requests = ErasureRequest.objects.annotate(is_on_hold=holds.keeps("person"))
    found = requests.aggregate(number=Count("pk"), held=Count("pk", filter=Q(is_on_hold=True)), first=Min("asked_at"))
    if not found["number"]:
        return []
    said = f"{count_of(found['number'], 'request')}: answer the first by {say_date(answer_by(found['first']))}"
    if found["held"]:
        said += f". A legal hold keeps {people(found['held'])} from being erased"
    return [Need("People who ask to be erased", [Task(said, reverse("admin:retention_erasurerequest_changelist"))])]


@admin.register(ErasureRequest)
class ErasureRequestAdmin(RuledAdmin[ErasureRequest]):
    """Who has asked that what is held about them be deleted."""

    rule = keeps_people
    may_add = may_change = False
    list_display = ("person", "email", "asked_at", "answered_by", "is_on_hold")
    list_display_links = None
    list_select_related = ("person",)
    search_fields = ("person__name", "person__email")
    ordering = ("asked_at", "id")
    sortable_by = ()
    fields = ("person", "asked_at")
    actions = ("erase", "decline")

    def with_figures(self, rows: QuerySet[ErasureRequest]) -> QuerySet[ErasureRequest]:
        """Read of each request whether a legal hold is in its way."""
        return rows.annotate(on_hold=holds.keeps("person"))

    @admin.display(description="email")
    def email(self, request: ErasureRequest) -> str:
        """Tell people of the same name apart."""
        return request.person.email

    @admin.display(description="answer by")
    def answered_by(self, request: ErasureRequest) -> str:
        """Show until when it is answered in time."""
        return say_date(answer_by(request.asked_at), weekday=False)

    @admin.display(description="legal hold")
    def is_on_hold(self, request: Any) -> str:
        """Say whether a legal hold is in the way."""
        return "Yes" if request.on_hold else "No"

    def has_answer_permission(self, request: HttpRequest) -> bool:
        """Say whether the person answers requests, which nobody changes by hand."""
        return keeps_people(request.user)

    def pages(self) -> list[URLPattern]:
        """Add what people are told who were erased."""
        return [path("letter/", require_safe(self.letter_page), name="retention_erasurerequest_letter")]

    @admin.action(description="Erase the chosen people", permissions=["answer"])
    def erase(self, request: HttpRequest, queryset: QuerySet[ErasureRequest]) -> TemplateResponse | None:
        """Forget who they were, once it is said what goes and what stays."""
        asking = signed_in_person(request)
        deed: Deed[ErasureRequest] = Deed(
            action="erase",
            title="Erase people who asked for it",
            button="Erase",
            headings=("Person", "Email", "Asked"),
            cells=_cells,
            why_not=lambda each: why_not_erase(asking, each.person),
            says=lambda chosen: says_of_erasing(len(chosen)),
            do=lambda chosen: _each(chosen, lambda one: grant(one, by=asking), erased),
        )
        return ask_first(request, self, queryset.select_related("person"), deed)

    @admin.action(description="Take off the list: answered with a no", permissions=["answer"])
    def decline(self, request: HttpRequest, queryset: QuerySet[ErasureRequest]) -> TemplateResponse | None:
        """Take requests off the list, once it is said what the person has to be told."""
        asking = signed_in_person(request)
        deed: Deed[ErasureRequest] = Deed(
            action="decline",
            title="Take requests off the list",
            button="Take off the list",
            headings=("Person", "Email", "Asked"),
            cells=_cells,
            why_not=lambda _: "",
            says=lambda chosen: [
                f"This takes {count_of(len(chosen), 'request')} off the list. Nothing is deleted.",
                f"The portal writes to nobody: tell them why, within {ANSWERED_WITHIN.days} days of their request.",
                "Tell them, too, that they can complain to the Information Commissioner's Office.",
                "They can ask again at any time.",
            ],
            do=lambda chosen: _each(
                chosen, lambda one: decline(one, by=asking), lambda number: f"{count_of(number, 'request')} taken off."
            ),
        )
        return ask_first(request, self, queryset.select_related("person"), deed)

    def letter_page(self, request: HttpRequest) -> HttpResponse:
        """Show what people are told who were erased, for whoever has to tell it in another way."""
        context = {
            **self.admin_site.each_context(request),
            "title": "What we tell people who were erased",
            "opts": self.opts,
            "letter": letter(),
        }
        return TemplateResponse(request, "admin/retention/letter.html", context)


def _cells(request: ErasureRequest) -> tuple[str, str, str]:
    return str(request.person), request.person.email, say_date(request.asked_at, weekday=False)


def _each(
    chosen: Sequence[ErasureRequest], do: Callable[[ErasureRequest], None], says: Callable[[int], str]
) -> tuple[int, str]:
    """Do it to each request; one that has changed since it was asked is counted as left."""
    number = 0
    for one in chosen:
        with suppress(CannotErase):
            do(one)
            number += 1
    return number, says(number)
