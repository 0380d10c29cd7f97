"""What a programme is made of, who goes through it, and what each of them has done."""

from cohorts.models.applications import Application, ApplicationAnswer, ApplicationQuestion
from cohorts.models.bookings import Booking
from cohorts.models.calendar_feeds import CalendarFeed
from cohorts.models.certificates import Certificate
from cohorts.models.champions import Champion, ChampionContact, ChampionNomination
from cohorts.models.cohort_messages import CohortMessage
from cohorts.models.conversations import Conversation, ConversationMessage, MessageReport
from cohorts.models.evaluations import Evaluation, EvaluationAnswer, EvaluationQuestion
from cohorts.models.evidence import Evidence
from cohorts.models.figures import Figure
from cohorts.models.graduations import Graduation, GraduationInvitation
from cohorts.models.materials import Material
from cohorts.models.memberships import Cohort, Membership
from cohorts.models.programmes import Choice, Component, EvidenceKind, LearningOutcome, Programme
from cohorts.models.sessions import Facilitator, Session, Venue
from cohorts.models.study import Course, CourseModule, CoursePage, PageDone, PageOption, Study
from cohorts.models.testimonies import Testimony

__all__ = [
    "Application",
    "ApplicationAnswer",
    "ApplicationQuestion",
    "Booking",
    "CalendarFeed",
    "Certificate",
    "Champion",
    "ChampionContact",
    "ChampionNomination",
    "Choice",
    "Cohort",
    "CohortMessage",
    "Component",
    "Conversation",
    "ConversationMessage",
    "Course",
    "CourseModule",
    "CoursePage",
    "Evaluation",
    "EvaluationAnswer",
    "EvaluationQuestion",
    "Evidence",
    "EvidenceKind",
    "Facilitator",
    "Figure",
    "Graduation",
    "GraduationInvitation",
    "LearningOutcome",
    "Material",
    "Membership",
    "MessageReport",
    "PageDone",
    "PageOption",
    "Programme",
    "Session",
    "Study",
    "Testimony",
    "Venue",
]
