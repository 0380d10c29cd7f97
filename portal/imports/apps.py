"""The application of imports by file."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Lists that come by file."""

    name = "portal.imports"
    label = "imports"
    verbose_name = "Imports"
