"""Django admin as the programme teams use it, reached only through the portal's own sign-in."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest

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


class PortalAdminConfig(AdminConfig):
    """Put the portal's admin site in the place of Django's."""

    default_site = "portal.administration.PortalAdminSite"

    def ready(self) -> None:
        """Send whoever is not signed in to the portal's sign-in."""
        super().ready()
        admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
