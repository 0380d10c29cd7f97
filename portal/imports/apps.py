"""The application of imports by file."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Lists that come by file."""

    name = "portal.imports"
    label = "imports"
    verbose_name = "Imports"

    def ready(self) -> None:
        """Say what stays where it is when two accounts are put together."""
        from portal.accounts.merging import keeps_where_it_is  # noqa: PLC0415  # models must be loaded first

        keeps_where_it_is({"imports.fileimport.by": "what they did: nobody's to change"})
