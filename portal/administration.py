"""Django admin as the programme teams use it, reached only through the portal's own sign-in."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from portal.accounts.models import Role


class PortalAdminSite(admin.AdminSite):
    """The one admin site."""

    site_header = "Cohort Portal administration"
    site_title = "Cohort Portal administration"
    index_title = "What needs doing today"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Open the admin pages to programme admins and superusers."""
        user = request.user
        if not (user.is_authenticated and user.is_active and user.is_staff):
            return False
        return user.is_superuser or Role.Kind.PROGRAMME_ADMIN in user.role_kinds

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the portal's own sign-in, with its rate limits and second factors; there is no other door."""
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response
