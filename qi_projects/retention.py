"""How long drafts of projects and invitations to teams are kept, and what keeps an account in use.

A project that was ever active has no period of its own: it is what a team has learned, for the next one.
"""

from collections.abc import Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.retention import uses_accounts
from portal.retention import holds
from portal.retention.categories import Category, register
from portal.retention.models import Hold
from portal.retention.periods import days, end_of, months
from qi_projects import life
from qi_projects.models import CoachAbsence, NamingConsent, Project, Publication, TeamInvitation, TeamPlace


@uses_accounts
def works_on_projects(after: date) -> Q:
    """Say of a person that a project in whose team they are was worked on after a day."""
    places = TeamPlace.objects.live().filter(project__last_activity_at__gte=end_of(after))
    return Q(Exists(places.filter(user=OuterRef("pk"))))


def _left_lying(by: date) -> QuerySet[Project]:
    return Project.objects.filter(active_since__isnull=True, last_activity_at__lt=end_of(by))


def _sent(by: date) -> QuerySet[TeamInvitation]:
    return TeamInvitation.objects.filter(sent_at__lt=end_of(by))


def _away(by: date) -> QuerySet[CoachAbsence]:
    return CoachAbsence.objects.filter(to_on__lte=by)


def _taken_back(by: date) -> QuerySet[Publication]:
    return Publication.objects.filter(state=Publication.State.TAKEN_BACK, ended_at__lt=end_of(by))


def _delete_publications(keys: Sequence[int]) -> int:
    return Publication.objects.filter(pk__in=keys).delete()[1].get(Publication._meta.label, 0)


def _delete_absences(keys: Sequence[int]) -> int:
    return CoachAbsence.objects.filter(pk__in=keys).delete()[0]


def _delete_invitations(keys: Sequence[int]) -> int:
    return TeamInvitation.objects.filter(pk__in=keys).delete()[0]


def _has_a_place_in(project: str) -> Exists:
    """Say of a hold that its person is or was in the team; `project` is the way to that from the row that is kept."""
    return Exists(TeamPlace.objects.filter(user=OuterRef("person"), project=OuterRef(OuterRef(project))))


register(
    Category(
        name="project-drafts",
        heading="Draft projects that nobody works on",
        holds="What a team wrote of a project that was never active, and who was in the team",
        why="So that a team can come back to it",
        counted_from="the day on which the team last changed something",
        period=months(24),
        least=months(6),
        due=_left_lying,
        kept=Exists(Hold.objects.standing().filter(_has_a_place_in("pk"))),
        dated="last_activity_at",
        dispose=life.delete_drafts,
    )
)
register(
    Category(
        name="project-invitations",
        heading="Invitations to teams of projects",
        holds="To which address a team wrote, and what was answered",
        why="So that people can answer, and a team knows whom it has asked",
        counted_from="the day on which it was sent",
        period=months(6),
        least=days(30),
        due=_sent,
        kept=holds.keeps("invited_by"),
        dated="sent_at",
        dispose=_delete_invitations,
    )
)
register(
    Category(
        name="coach-absences",
        heading="Days on which coaches were away",
        holds="When a coach was away and who stood in, and not why",
        why="So that a team has somebody to ask, and can be told later who that was",
        counted_from="the last day away",
        period=months(6),
        least=days(30),
        due=_away,
        kept=holds.keeps("coach"),
        dated="to_on",
        dispose=_delete_absences,
    )
)
register(
    Category(
        name="publications-taken-back",
        heading="Published projects that were taken back",
        holds="What was published of a project, who was named under it or asked to be, and why it was taken down",
        why="So that a team can publish anew without writing it again, and questions about it can be answered",
        counted_from="the day on which it was taken back",
        period=months(24),
        least=months(1),
        due=_taken_back,
        kept=Exists(
            Hold.objects.standing().filter(
                Q(person=OuterRef("sent_by"))
                | Q(person=OuterRef("decided_by"))
                | Q(person=OuterRef("ended_by"))
                | _has_a_place_in("project")
                | Exists(NamingConsent.objects.filter(person=OuterRef("person"), publication=OuterRef(OuterRef("pk"))))
            )
        ),
        dated="ended_at",
        dispose=_delete_publications,
    )
)
