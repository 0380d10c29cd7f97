"""Projects as programme teams read them, with whom they assign as coaches, and the themes that they keep."""

from qi_projects.admin import projects, publications, themes, today

__all__ = ["projects", "publications", "themes", "today"]
