"""The book club application."""

from django.apps import AppConfig


class BookClubConfig(AppConfig):
    """Reading lists, meetings, and what is written for them."""

    name = "bookclub"
    verbose_name = "Book club"

    def ready(self) -> None:
        """Let the header of every page lead whoever has a book club to it."""
        from bookclub import rules  # noqa: PLC0415  # models must be loaded first

        rules.register()
