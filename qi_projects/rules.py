"""Who may see and do what with a project: one predicate for each question (ADR 0085).

Each is asked of a `Seat`: somebody beside a project, in its team or not. Whom none is given finds no project there, so
that an id that is not theirs and one that does not exist get the same answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cohorts.models import Cohort, Component, Membership
from cohorts.rules import keeps_all_programmes, keeps_programmes, programmes_kept
from portal.accounts.along import comes_along
from portal.accounts.models import Role as PortalRole
from portal.accounts.models import User
from portal.accounts.rules import Visitor, holds
from portal.prepared import Given, Prepared
from qi_projects.coaches import places_covered_by
from qi_projects.inviting import addresses_of, invitations_to
from qi_projects.models import CoachAbsence, Project, Side, Submission, TeamInvitation, TeamPlace
from qi_projects.models.projects import ProjectQuerySet
from qi_projects.models.teams import Role
from qi_projects.vouching import takes_approvals


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody beside a project that they may see.

    Who has no `place` in its team stands in today for a coach who is away, whose place it `covers`; or keeps a
    programme; or reads it as a reviewer.
    """

    project: Project
    person: User
    place: TeamPlace | None
    covers: TeamPlace | None = None

    def is_one_of(self, *roles: Role) -> bool:
        """Say whether somebody has one of these roles in the team."""
        return self.place is not None and self.place.role in roles

    @property
    def is_coach(self) -> bool:
        """Say whether somebody coaches the project today, as a QI coach of the portal: for themselves, or in cover."""
        return self.covers is not None or (self.is_one_of(Role.COACH) and coaches(self.person))

    @property
    def side(self) -> Side:
        """Return for whom somebody speaks beside the project."""
        return Side.COACH if self.is_coach and not self.is_one_of(Role.LEAD, Role.MEMBER) else Side.TEAM


_PROJECT: Prepared[Project] = Prepared(
    lambda: Project.objects.select_related("theme", "organisation").filter(pk=Given("project"))
)
_PLACE: Prepared[TeamPlace] = Prepared(
    lambda: (
        TeamPlace.objects.live()
        .select_related("membership__cohort")
        .filter(project=Given("project"), user=Given("person"))
    )
)


def seat(person: User, pk: int) -> Seat | None:
    """Return somebody's seat beside a project that they may see, or None.

    A draft, and what was stopped as one, is for its team alone, and who stands in for its coach. Of what was ever
    active, those read as well who keep the programme of a cohort for which it counts; and while it waits for review,
    the QI coaches who may review it.
    """
    place = _PLACE.first(project=pk, person=person.pk)
    project = _PROJECT.first(project=pk)
    if project is None:
        return None
    covers = places_covered(person).filter(project=pk).first() if coaches(person) else None
    if place or covers or (not project.is_private and _reads_from_outside(person, pk)):
        return Seat(project, person, place, covers)
    return None


def _reads_from_outside(person: User, pk: int) -> bool:
    return projects_kept(person).filter(pk=pk).exists() or projects_to_review(person).filter(pk=pk).exists()


def coaches(visitor: Visitor) -> bool:
    """QI coaches have a page of the projects that they coach, stand in for one another, and review others' projects."""
    return holds(visitor, PortalRole.Kind.COACH)


def places_covered(person: User) -> QuerySet[TeamPlace]:
    """Return the places of coaches who are away today, and for whom this QI coach stands in."""
    return places_covered_by(person, timezone.localdate())


def projects_to_review(person: User) -> ProjectQuerySet:
    """Return the projects that wait for review and that a QI coach may review: of which they never were in the team.

    Nor do they stand in for its coach today. Programme admins read what counts for their programmes at any time.
    """
    if not coaches(person):
        return Project.objects.none()
    return Project.objects.filter(
        ~Exists(TeamPlace.objects.filter(project=OuterRef("pk"), user=person)),
        ~Exists(places_covered(person).filter(project=OuterRef("pk"))),
        Exists(Submission.objects.waiting().filter(project=OuterRef("pk"))),
    )


def own_absence(person: User, pk: int) -> CoachAbsence | None:
    """Return days on which a coach is away, for that coach and for whoever stands in."""
    rows = CoachAbsence.objects.select_related("coach", "covered_by").filter(Q(coach=person) | Q(covered_by=person))
    return rows.filter(pk=pk).first()


def may_edit(seat: Seat) -> bool:
    """Leads and members change what a project says, while it goes on."""
    return seat.project.is_going_on and seat.is_one_of(Role.LEAD, Role.MEMBER)


def may_manage_team(seat: Seat) -> bool:
    """Leads say who is in the team, and as what; once a project has ended, who still reads it."""
    return seat.is_one_of(Role.LEAD)


def may_invite(seat: Seat) -> bool:
    """Leads ask people to join, while it goes on."""
    return seat.project.is_going_on and may_manage_team(seat)


def may_record_approval(seat: Seat) -> bool:
    """Leads, members and sponsors record what their organisation has decided, while it goes on or is published."""
    return seat.is_one_of(Role.LEAD, Role.MEMBER, Role.SPONSOR) and takes_approvals(seat.project)


def may_state(seat: Seat) -> bool:
    """Leads and members say on record that it is improvement work without patient data, while it goes on."""
    return may_edit(seat)


def may_keep_files(seat: Seat) -> bool:
    """Leads and members add, replace and remove files, while it goes on. Whoever reads the project downloads them."""
    return may_edit(seat)


def may_decide(seat: Seat) -> bool:
    """Leads let a project become active, end it, take it up again, and delete a draft."""
    return seat.is_one_of(Role.LEAD)


def may_comment(seat: Seat) -> bool:
    """Coaches comment on a project, while it goes on."""
    return seat.project.is_going_on and seat.is_coach


def reads_what_is_said(seat: Seat) -> bool:
    """A team, its coaches and who keeps a programme of it read what they say to one another; a reviewer does not.

    Teams ask freely while nobody judges them by their questions.
    """
    return seat.place is not None or seat.covers is not None or keeps_programmes(seat.person)


def may_ask_for_help(seat: Seat) -> bool:
    """Leads and members ask their coaches for help, while it goes on."""
    return may_edit(seat)


def may_answer(seat: Seat) -> bool:
    """Leads, members and coaches answer one another, while it goes on, and mark what is dealt with."""
    return may_comment(seat) or may_edit(seat)


def may_score(seat: Seat) -> bool:
    """Leads and coaches say how far a project has come, its end included."""
    return seat.is_coach or seat.is_one_of(Role.LEAD)


def may_submit(seat: Seat) -> bool:
    """Leads send a project for review, and take it back."""
    return seat.is_one_of(Role.LEAD)


def may_review(seat: Seat) -> bool:
    """Decide about a project that was sent: who keeps a programme for which it counts, or a QI coach; nobody of it.

    Of it is whoever is or was in its team, and who stands in for its coach today.
    """
    return seat.place is None and seat.covers is None and not seat.project.team.filter(user=seat.person).exists()


def may_take_acceptance_back(seat: Seat) -> bool:
    """Take back an acceptance, and with it what it counts for: who keeps a programme for which it counts."""
    return keeps_programmes(seat.person) and may_review(seat)


def projects_of(person: User) -> ProjectQuerySet:
    """Return the projects in whose team somebody is."""
    return Project.objects.filter(Exists(TeamPlace.objects.live().filter(user=person, project=OuterRef("pk"))))


def projects_kept(person: User, *, counted: bool = False) -> ProjectQuerySet:
    """Return the projects that somebody reads because they keep a programme: of drafts, none.

    Those are what counts for a cohort of such a programme, of whoever is or was in the team; and all, for who keeps
    all programmes. To read thousands, they are `counted`: the cohorts' keys are then read first, in a statement of
    their own, since PostgreSQL knows for how many projects a key stands, and not what a subquery will find.
    """
    found = Project.objects.once_active()
    if keeps_all_programmes(person):
        return found
    keys = Cohort.objects.filter(programme__in=programmes_kept(person)).order_by().values_list("pk", flat=True)
    return found.filter(cohort_keys__overlap=list(keys) if counted else ArraySubquery(keys))


def own_invitation(person: User, pk: int) -> TeamInvitation | None:
    """Return an invitation to a team, whatever became of it, if its address is this person's."""
    rows = invitations_to(addresses_of(person)).select_related("project__organisation", "invited_by")
    return rows.filter(pk=pk).first()


def open_invitations(person: User) -> list[TeamInvitation]:
    """Return the invitations to teams that wait for somebody's answer."""
    rows = invitations_to(addresses_of(person)).filter(state=TeamInvitation.State.OPEN)
    return list(rows.select_related("project", "invited_by").order_by("sent_at", "pk"))


def memberships_to_count_for(person: User) -> Sequence[Membership]:
    """Return somebody's own memberships for which a project can count: of programmes that ask for one."""
    rows = _memberships_that_ask_for_one().filter(user=person)
    return list(rows.select_related("cohort").order_by("-cohort__starts_on", "pk"))


def _memberships_that_ask_for_one() -> QuerySet[Membership]:
    asked = Component.objects.filter(kind=Component.Kind.PROJECT, programme=OuterRef("cohort__programme"))
    return Membership.objects.enrolled().filter(Exists(asked))


def register() -> None:
    """Let the header of every page lead whoever has, or is asked for, a project to theirs."""
    comes_along(
        "has_projects",
        lambda: (
            Exists(TeamPlace.objects.live().filter(user=OuterRef("pk")))
            | Exists(_memberships_that_ask_for_one().filter(user=OuterRef("pk")))
        ),
    )
