"""The book club application."""

from django.apps import AppConfig


class BookClubConfig(AppConfig):
    """Reading lists, meetings, and what is written for them."""

    name = "bookclub"
    verbose_name = "Book club"

    def ready(self) -> None:
        """Let pages of others lead to book clubs, and make letters known."""
        from bookclub import (  # noqa: PLC0415  # models must be loaded first
            beside_sessions,
            books_by_file,
            digesting,
            loan_letters,
            nudging,
            rules,
            thread_letters,
        )
        from portal.imports import kinds  # noqa: PLC0415  # it reads models too

        rules.register()
        beside_sessions.register()
        nudging.register()
        digesting.register()
        loan_letters.register()
        kinds.register(books_by_file.BOOKS)
        thread_letters.register()
