"""Invitations: written, sent again, taken back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Field, Q, QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from portal.access import person as signed_in_person
from portal.accounts.admin.roles import choices_for, organisation_problem
from portal.accounts.invitations import AlreadyInvited, invite, send_again, withdraw
from portal.accounts.models import Invitation, Role
from portal.accounts.names import NameField
from portal.accounts.rules import Visitor, keeps_people, may_send
from portal.administration import RuledAdmin
from portal.generics import ModelForm
from portal.questions import Deed, ask_first, count_of, people

LISTED = ("Email", "Name", "Organisation", "Roles", "State")


class InvitationForm(ModelForm[Invitation]):
    """Asks whom to invite, and what they will be able to do."""

    name = NameField()

    class Meta:
        model = Invitation
        fields = ("email", "name", "organisation", "kinds")

    def clean(self) -> dict[str, Any]:
        """Ask for an organisation where a role is about one, and for an address that has no open invitation."""
        cleaned = super().clean() or self.cleaned_data
        open_ones = Invitation.objects.unanswered().alias(address=Lower("email"))
        if open_ones.filter(address=cleaned.get("email", "").lower()).exists():
            self.add_error("email", "This address has an invitation already. Send that one again.")
        if problem := organisation_problem(set(cleaned.get("kinds", ())), cleaned.get("organisation")):
            self.add_error("organisation", problem)
        return cleaned


class StateFilter(admin.SimpleListFilter):
    """Filter by what became of an invitation."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the states."""
        return [("waiting", "Waiting"), ("expired", "Expired"), ("accepted", "Accepted"), ("cancelled", "Cancelled")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> QuerySet[Invitation]:
        """Return the invitations in it."""
        unanswered = Q(pk__in=Invitation.objects.unanswered().values("pk"))
        is_late = Q(sent_at__lte=timezone.now() - Invitation.LASTS)
        states = {
            "waiting": unanswered & ~is_late,
            "expired": unanswered & is_late,
            "accepted": Q(accepted_at__isnull=False),
            "cancelled": Q(withdrawn_at__isnull=False),
        }
        return queryset.filter(states.get(self.value() or "", Q()))


@admin.register(Invitation)
class InvitationAdmin(RuledAdmin[Invitation]):
    """Whom we have invited."""

    rule = keeps_people
    form = InvitationForm
    may_change = False
    list_display = ("email", "name", "organisation", "roles", "state", "sent_at", "invited_by")
    list_filter = (StateFilter,)
    list_select_related = ("organisation", "invited_by")
    search_fields = ("email", "name")
    autocomplete_fields = ("organisation",)
    fields = ("email", "name", "organisation", "kinds")
    actions = ("send_chosen_again", "cancel_chosen")

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Offer, and accept, only the kinds of role that the person may give."""
        if db_field.name != "kinds":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return forms.MultipleChoiceField(
            label="Roles",
            choices=choices_for(request.user),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text="Leave all empty for somebody who takes part.",
        )

    @admin.display(description="roles")
    def roles(self, invitation: Invitation) -> str:
        """Show the roles that it brings."""
        return ", ".join(str(Role.Kind(kind).label) for kind in invitation.kinds)

    @admin.display(description="state")
    def state(self, invitation: Invitation) -> str:
        """Show what became of it."""
        if invitation.accepted_at:
            return "Accepted"
        if invitation.withdrawn_at:
            return "Cancelled"
        return "Waiting" if invitation.is_open else "Expired"

    def save_model(
        self,
        request: HttpRequest,
        obj: Invitation,
        form: "forms.ModelForm[Invitation]",
        change: bool,  # noqa: FBT001  # Django's own signature
    ) -> None:
        """Send the letter."""
        kinds = [Role.Kind(kind) for kind in obj.kinds]
        obj.pk = invite(obj.email, obj.name, kinds, obj.organisation, signed_in_person(request)).pk

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Take the second of two clicks for what it is."""
        try:
            return super().add_view(request, form_url, extra_context)
        except AlreadyInvited:
            messages.warning(request, "This address has an invitation already.")
            return redirect("admin:accounts_invitation_changelist")

    def log_addition(self, request: HttpRequest, obj: Invitation, message: Any) -> Any:
        """Add nothing: `invite` has recorded it."""

    @admin.action(description="Send again, with a new link for 14 days", permissions=["add"])
    def send_chosen_again(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> TemplateResponse | None:
        """Write again to those who have not answered, once it is said to whom."""
        asking = signed_in_person(request)

        def send(chosen: Sequence[Invitation]) -> tuple[int, str]:
            number = send_again(chosen, sent_by=asking)
            return number, f"{count_of(number, 'invitation')} sent again."

        deed = Deed(
            action="send_chosen_again",
            title="Send invitations again",
            button="Send again",
            headings=LISTED,
            cells=self._cells,
            why_not=lambda invitation: why_not_send(asking, invitation),
            says=lambda chosen: [
                f"This writes to {people(len(chosen))} again, with a new link that works for 14 days.",
                "The links before stop working. The letter names you as whoever invites them.",
            ],
            do=send,
        )
        return ask_first(request, self, queryset.select_related("organisation"), deed)

    @admin.action(description="Cancel: the links stop working", permissions=["add"])
    def cancel_chosen(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> TemplateResponse | None:
        """Take back those that were not accepted, once it is said which."""
        asking = signed_in_person(request)

        def cancel(chosen: Sequence[Invitation]) -> tuple[int, str]:
            number = withdraw(chosen, withdrawn_by=asking)
            return number, f"{count_of(number, 'invitation')} cancelled."

        deed = Deed(
            action="cancel_chosen",
            title="Cancel invitations",
            button="Cancel the invitations",
            headings=LISTED,
            cells=self._cells,
            why_not=why_not_cancel,
            says=lambda chosen: [
                f"This cancels {count_of(len(chosen), 'invitation')}: the links stop working. Nobody is written to.",
                "You can invite the same people anew.",
            ],
            do=cancel,
        )
        return ask_first(request, self, queryset.select_related("organisation"), deed)

    def _cells(self, invitation: Invitation) -> tuple[str, ...]:
        where = str(invitation.organisation or "")
        return (invitation.email, invitation.name, where, self.roles(invitation), self.state(invitation))


def why_not_cancel(invitation: Invitation) -> str:
    """Say why an invitation is not taken back: nothing, if nobody has answered it."""
    if invitation.accepted_at:
        return "It was accepted."
    return "It was cancelled already." if invitation.withdrawn_at else ""


def why_not_send(user: Visitor, invitation: Invitation) -> str:
    """Say why somebody does not send an invitation again: nothing, if they may."""
    reason = why_not_cancel(invitation)
    if reason or may_send(user, invitation):
        return reason
    return "It brings a role that you cannot give. Cancel it, and invite them anew."
