"""Venues and facilitators: what all programmes share."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cohorts.admin.keeping import KeptAdmin
from cohorts.models import Facilitator, Venue
from cohorts.rules import keeps_account_of
from portal.access import person
from portal.accounts.models import Role
from portal.accounts.roles import end_roles, grant_role

if TYPE_CHECKING:
    from django.db.models import Field


@admin.register(Venue)
class VenueAdmin(KeptAdmin[Venue]):
    """Where sessions are held."""

    list_display = ("name", "address")
    search_fields = ("name", "address")
    ordering = ("name",)
    may_delete = True

    def is_in_use(self, obj: Venue) -> bool:
        """Say whether a session is, or was, held there."""
        return obj.sessions.exists()


@admin.register(Facilitator)
class FacilitatorAdmin(KeptAdmin[Facilitator]):
    """Who leads sessions."""

    list_display = ("name", "user")
    list_select_related = ("user",)
    search_fields = ("name", "user__name", "user__email")
    autocomplete_fields = ("user",)
    ordering = ("name",)
    may_delete = True

    @admin.display(description="person", empty_value="Nobody with an account")
    def account(self, facilitator: Facilitator) -> str | None:
        """Return whose account it is, without the way to their page."""
        return facilitator.user.name if facilitator.user else None

    def get_fields(self, request: HttpRequest, obj: Facilitator | None = None) -> tuple[str, ...]:
        """Show whose account it is, without a way to change it, to those who may not open its registers."""
        return ("account" if self.get_readonly_fields(request, obj) else "user", "name", "biography")

    def get_readonly_fields(self, request: HttpRequest, obj: Facilitator | None = None) -> tuple[str, ...]:
        """Keep whose account it is from those who may not open its registers."""
        return ("account",) if obj and not keeps_account_of(person(request), obj) else ()

    def get_field_queryset(
        self, db: str | None, db_field: "Field[Any, Any]", request: HttpRequest
    ) -> QuerySet[Any] | None:
        """Accept no superuser from anybody else, as wherever roles are given."""
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None or db_field.name != "user" or person(request).is_superuser:
            return rows
        return rows.filter(is_superuser=False)

    def save_model(self, request: HttpRequest, obj: Facilitator, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's own
        """Save; the role that opens the register goes from whose account it was to whose it is now."""
        super().save_model(request, obj, form, change)
        admin_person = person(request)
        if change and "user" not in form.changed_data:
            return
        before = form.initial.get("user") if change else None
        if before:
            end_roles(Role.objects.filter(user=before, kind=Role.Kind.FACILITATOR), ended_by=admin_person)
        if obj.user:
            grant_role(obj.user, Role.Kind.FACILITATOR, granted_by=admin_person)

    def is_in_use(self, obj: Facilitator) -> bool:
        """Say whether they lead, or led, a session."""
        return obj.sessions.exists()
