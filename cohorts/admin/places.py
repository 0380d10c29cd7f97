"""Venues and facilitators: what all programmes share."""

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from cohorts.admin.keeping import KeptAdmin
from cohorts.models import Facilitator, Venue
from cohorts.rules import keeps_account_of, keeps_shared
from portal.access import person
from portal.accounts.models import Role
from portal.accounts.roles import end_roles, grant_role
from portal.accounts.rules import keeps_people

if TYPE_CHECKING:
    from django.db.models import Field

V = TypeVar("V", Venue, Facilitator)


class SharedAdmin(KeptAdmin[V]):
    """For what sessions of several programmes may name: all who keep one see it, and who keeps them all changes it."""

    may_delete = True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let nobody change what stands on the sessions of a programme that is not theirs."""
        return super().has_change_permission(request, obj) and (obj is None or keeps_shared(person(request), obj))

    def is_in_use(self, obj: V) -> bool:
        """Say whether a session names it, or did."""
        return obj.sessions.exists()


@admin.register(Venue)
class VenueAdmin(SharedAdmin[Venue]):
    """Where sessions are held."""

    list_display = ("name", "address")
    search_fields = ("name", "address")
    ordering = ("name",)


@admin.register(Facilitator)
class FacilitatorAdmin(SharedAdmin[Facilitator]):
    """Who leads sessions."""

    list_display = ("name", "user")
    list_select_related = ("user",)
    search_fields = ("name", "user__name")
    autocomplete_fields = ("user",)
    ordering = ("name",)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Search addresses for those alone who keep people: others could find one out letter by letter."""
        return ("name", "user__name", "user__email") if keeps_people(request.user) else ("name", "user__name")

    def choice_label(self, facilitator: Facilitator) -> str:
        """Say whose account comes to the register of a session that names them: a name alone can be anybody's."""
        return f"{facilitator.name} (account of {facilitator.user.name})" if facilitator.user else facilitator.name

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
        # The role of somebody who led nothing under this record was given for another reason, by whoever keeps people.
        if before and (keeps_people(admin_person) or obj.sessions.exists()):
            end_roles(Role.objects.filter(user=before, kind=Role.Kind.FACILITATOR), ended_by=admin_person)
        if obj.user:
            grant_role(obj.user, Role.Kind.FACILITATOR, granted_by=admin_person)
