"""Messages as those see them who keep all programmes: what was sent, what could not be, and ways to deal with that.

Private messages are shown to superusers alone, and to them without person and subject.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.module_loading import import_string
from django.utils.timezone import localtime

from portal.capped_pages import CappedPaginator
from portal.generics import ModelAdmin
from portal.outbox import rules
from portal.outbox.dead_letters import set_aside, try_again
from portal.outbox.models import Message
from portal.questions import Deed, ask_first, count_of

KEPT_PRIVATE = "Kept private"


class RuleFilter(admin.SimpleListFilter):
    """Filter by rule; the rules are known without asking a table that only grows."""

    title = "rule"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Any]") -> list[tuple[str, str]]:
        """Return each rule's name, without those of which the person sees no message."""
        unseen = [] if request.user.is_superuser else rules.private_names()
        return [(name, name) for name in rules.names() if name not in unseen]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        """Return the chosen rule's messages."""
        return queryset.filter(rule=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(ModelAdmin[Message]):
    """The ledger, for reading; of a private rule's messages neither person nor subject."""

    list_display = ("created_at", "rule", "about", "to", "state", "skipped", "attempts", "sent_at", "last_error")
    list_filter = ("state", RuleFilter)
    list_select_related = ("person",)
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    sortable_by = ()
    search_fields = ("person__email__icontains", "person__name__icontains")
    search_help_text = "Search by name or email address."
    fields = (
        ("rule", "about", "to"),
        ("state", "skipped", "attempts", "last_error"),
        ("created_at", "next_attempt_at", "sent_at"),
        "message_id",
    )
    readonly_fields = ("about", "to")
    actions = ("send_again", "set_aside")

    @admin.display(description="subject")
    def about(self, message: Message) -> str:
        """Return the subject, unless it is private."""
        return KEPT_PRIVATE if _is_private(message) else message.subject

    @admin.display(description="person", empty_value="Nobody with an account")
    def to(self, message: Message) -> Model | str | None:
        """Return the person, unless it is private."""
        return KEPT_PRIVATE if _is_private(message) else message.person

    @admin.action(description="Try to send the selected messages again", permissions=["deal_with"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        """Queue dead letters again, and say how many."""
        if not request.user.is_authenticated:
            return
        tried = try_again(queryset, by=request.user)
        if tried.again:
            self.message_user(request, f"{count_of(tried.again, 'message')} will be sent again.", messages.SUCCESS)
        if tried.emptied:
            text = f"{count_of(tried.emptied, 'message')} cannot be sent again: codes are kept for an hour at most."
            self.message_user(request, text, messages.WARNING)
        if tried.not_dead:
            text = f"{count_of(tried.not_dead, 'message')} left: only what could not be sent is tried again."
            self.message_user(request, text, messages.WARNING)

    @admin.action(description="Set aside the selected messages that could not be sent", permissions=["deal_with"])
    def set_aside(self, request: HttpRequest, queryset: QuerySet[Message]) -> TemplateResponse | None:
        """Take dead letters off the list of what is to be dealt with, once it is confirmed that they will not go."""
        user = request.user
        if not user.is_authenticated:
            return None

        def do(dead: Sequence[Message]) -> tuple[int, str]:
            number = set_aside(Message.objects.filter(pk__in=[message.pk for message in dead]), by=user)
            return number, f"{count_of(number, 'message')} set aside. They will not be sent."

        deed: Deed[Message] = Deed(
            action="set_aside",
            title="Set aside what could not be sent",
            button="Set aside",
            headings=("Written", "Subject", "Person"),
            cells=lambda message: (_written(message), self.about(message), str(self.to(message) or "")),
            why_not=lambda message: "" if message.state == Message.State.DEAD else "It has not failed.",
            says=lambda dead: [f"{count_of(len(dead), 'message')} will not be sent. This cannot be undone."],
            do=do,
        )
        return ask_first(request, self, queryset.select_related("person"), deed)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Leave out what is private for all but superusers, who answer for the whole portal."""
        found = super().get_queryset(request)
        return found if request.user.is_superuser else found.exclude(rule__in=rules.private_names())

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show messages to those who keep all programmes: they tell of people of every one."""
        return _reads_messages(request)

    def has_view_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """Let them read what was sent."""
        return _reads_messages(request)

    def has_deal_with_permission(self, request: HttpRequest) -> bool:
        """Let them deal with what could not be sent, though nobody edits a message by hand."""
        return _reads_messages(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Messages are written by what causes them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """Nobody edits a message."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        """Old messages are forgotten by themselves."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow the filters that stand on the page; another in the address could single out a private message."""
        return lookup.split("__", maxsplit=1)[0] in {"state", RuleFilter.parameter_name}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Search by person, and find nothing private: that it is found would tell whose it is."""
        if search_term:
            queryset = queryset.exclude(rule__in=rules.private_names())
        return super().get_search_results(request, queryset, search_term)


def _reads_messages(request: HttpRequest) -> bool:
    reads: Callable[[Any], bool] = import_string(settings.OUTBOX_READERS)
    return reads(request.user)


def _is_private(message: Message) -> bool:
    return message.rule in rules.private_names()


def _written(message: Message) -> str:
    return f"{localtime(message.created_at):%d %B %Y, %H:%M}"
