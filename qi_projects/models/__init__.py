"""What quality improvement projects are made of. A new piece of a project has a module of its own here."""

from qi_projects.models.governance import Approval, Statement
from qi_projects.models.projects import Project, Theme
from qi_projects.models.teams import TeamInvitation, TeamPlace

__all__ = ["Approval", "Project", "Statement", "TeamInvitation", "TeamPlace", "Theme"]
