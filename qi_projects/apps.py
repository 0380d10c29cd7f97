"""The QI projects application."""

from django.apps import AppConfig


class QIProjectsConfig(AppConfig):
    """Quality improvement projects and their teams."""

    name = "qi_projects"
    verbose_name = "QI projects"

    def ready(self) -> None:
        """Make known letters, and who has the way to projects in the header."""
        from qi_projects import coaching_letters, letters, rules  # noqa: PLC0415  # models must be loaded first

        letters.register()
        coaching_letters.register()
        rules.register()
