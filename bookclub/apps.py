"""The book club application."""

from django.apps import AppConfig


class BookClubConfig(AppConfig):
    """Reading lists, meetings, and what is written for them."""

    name = "bookclub"
    verbose_name = "Book club"

    def ready(self) -> None:
        """Let pages of others lead to book clubs, and make letters known."""
        from bookclub import beside_sessions, nudging, rules  # noqa: PLC0415  # models must be loaded first

        rules.register()
        beside_sessions.register()
        nudging.register()
