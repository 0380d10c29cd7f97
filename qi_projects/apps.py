"""The QI projects application."""

from django.apps import AppConfig


class QIProjectsConfig(AppConfig):
    """Quality improvement projects and their teams."""

    name = "qi_projects"
    verbose_name = "QI projects"

    def ready(self) -> None:
        """Make known letters, who has the way to projects in the header, and what is marked on charts."""
        from qi_projects import (  # noqa: PLC0415  # models must be loaded first
            chart_marks,
            coaching_letters,
            cycle_marks,
            letters,
            publication_letters,
            rules,
        )

        letters.register()
        coaching_letters.register()
        publication_letters.register()
        rules.register()
        chart_marks.marks_come_from("cycles", cycle_marks.marks)
