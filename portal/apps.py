"""The portal's own admin application in the place of Django's."""

from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Put the portal's admin site in the place of Django's."""

    default_site = "portal.admin_site.PortalAdminSite"
