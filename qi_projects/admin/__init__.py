"""Projects as programme teams read them, and the themes that they keep."""

from qi_projects.admin.projects import ProjectAdmin
from qi_projects.admin.themes import ThemeAdmin

__all__ = ["ProjectAdmin", "ThemeAdmin"]
