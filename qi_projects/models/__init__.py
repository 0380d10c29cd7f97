"""What quality improvement projects are made of. A new piece of a project has a module of its own here."""

from qi_projects.models.coaching import CoachAbsence, ProgressScore, Side, Thread, ThreadMessage
from qi_projects.models.cycles import Cycle, CycleQuestion, Ramp
from qi_projects.models.diagram import DiagramItem, DiagramLink
from qi_projects.models.files import ProjectFile
from qi_projects.models.governance import Approval, Statement
from qi_projects.models.links import BoxMeasure, CycleMeasure
from qi_projects.models.measures import Annotation, EarlierPoint, Measure, Point, RebaseDecision
from qi_projects.models.projects import Project, Theme
from qi_projects.models.publications import NamingConsent, Publication, PublishedChart
from qi_projects.models.reviews import Credit, Submission
from qi_projects.models.teams import TeamInvitation, TeamPlace

__all__ = [
    "Annotation",
    "Approval",
    "BoxMeasure",
    "CoachAbsence",
    "Credit",
    "Cycle",
    "CycleMeasure",
    "CycleQuestion",
    "DiagramItem",
    "DiagramLink",
    "EarlierPoint",
    "Measure",
    "NamingConsent",
    "Point",
    "ProgressScore",
    "Project",
    "ProjectFile",
    "Publication",
    "PublishedChart",
    "Ramp",
    "RebaseDecision",
    "Side",
    "Statement",
    "Submission",
    "TeamInvitation",
    "TeamPlace",
    "Theme",
    "Thread",
    "ThreadMessage",
]
