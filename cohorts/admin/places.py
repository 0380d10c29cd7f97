"""Venues and facilitators: what all programmes share."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from cohorts.admin.keeping import KeptAdmin
from cohorts.models import Facilitator, Venue
from portal.accounts.models import Role, User
from portal.accounts.roles import grant_role


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

    def save_model(self, request: HttpRequest, obj: Facilitator, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's own
        """Save, and give the person the role that opens the register to them."""
        super().save_model(request, obj, form, change)
        if obj.user and isinstance(request.user, User) and "user" in form.changed_data:
            grant_role(obj.user, Role.Kind.FACILITATOR, granted_by=request.user)

    def is_in_use(self, obj: Facilitator) -> bool:
        """Say whether they lead, or led, a session."""
        return obj.sessions.exists()
