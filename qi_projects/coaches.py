"""Who coaches a project: whom the programme team has assigned, whether they are away, and who stands in for them.

A coach's work needs the portal's role of QI coach, and with it a second step at sign-in. Whoever a team has invited as
its coach and who has no such role reads the project, like a viewer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from cohorts.refusals import AccountMerged, merged_are_refused
from portal import outbox
from portal.accounts.erasure import let_none_be_erased
from portal.accounts.models import Role as PortalRole
from portal.accounts.models import User
from qi_projects.holding import hold_going_on, note
from qi_projects.models import CoachAbsence, Project, TeamPlace
from qi_projects.models.teams import Role
from qi_projects.refusals import InTeamAlready, NoCoach, ProjectRefused


@dataclass(frozen=True, slots=True)
class Coach:
    """Somebody who coaches a project. `away_until` is their last day away (UK) if they are away today.

    `cover` is who stands in for them until then. Who is not `active` has lost the portal's role since.
    """

    place: TeamPlace
    active: bool
    away_until: date | None = None
    cover: User | None = None

    @property
    def on_duty(self) -> User | None:
        """Return who does the coach's work today, if anybody does."""
        if not self.active:
            return None
        return self.place.user if self.away_until is None else self.cover


def qi_coaches() -> QuerySet[User]:
    """Return who holds the portal's role of QI coach and can sign in, by name."""
    return User.objects.filter(is_coach("pk"), is_active=True).order_by("name", "pk")


def is_coach(person: str) -> Exists:
    """Say of a row that the person whose key stands in this column is a QI coach of the portal now."""
    return Exists(PortalRole.objects.current().filter(user=OuterRef(person), kind=PortalRole.Kind.COACH))


def places_of_coaches() -> QuerySet[TeamPlace]:
    """Return the places of coaches in teams who still are QI coaches of the portal."""
    return TeamPlace.objects.live().filter(is_coach("user"), role=Role.COACH, user__is_active=True)


def places_covered_by(person: User, day: date) -> QuerySet[TeamPlace]:
    """Return the places of coaches for whom somebody stands in on a day (UK)."""
    away = CoachAbsence.objects.on(day).filter(covered_by=person, coach=OuterRef("user"))
    return places_of_coaches().filter(Exists(away))


def without_a_coach() -> QuerySet[Project]:
    """Return the active projects in whose team no QI coach of the portal is, or none any more."""
    return Project.objects.filter(
        ~Exists(places_of_coaches().filter(project=OuterRef("pk"))), state=Project.State.ACTIVE
    )


def coaches_of(project: Project) -> Sequence[Coach]:
    """Return who coaches a project, in two statements; three where somebody is away."""
    today = timezone.localdate()
    places = project.team.live().filter(role=Role.COACH).select_related("user")
    fit_now = ExpressionWrapper(Q(is_coach("user"), user__is_active=True), output_field=BooleanField())
    found = list(places.annotate(active=fit_now))
    on_leave = CoachAbsence.objects.on(today).filter(coach__in=[place.user_id for place in found])
    absences = {absence.coach_id: absence for absence in on_leave.select_related("covered_by")} if found else {}
    covers = [absence.covered_by_id for absence in absences.values() if absence.covered_by_id]
    fit = set(qi_coaches().filter(pk__in=covers).values_list("pk", flat=True)) if covers else set()
    return [_coach(place, absences.get(place.user_id), fit) for place in found]


def _coach(place: TeamPlace, absence: CoachAbsence | None, fit: set[int]) -> Coach:
    active: bool = place.active  # type: ignore[attr-defined]  # annotated above
    if absence is None:
        return Coach(place, active)
    return Coach(place, active, absence.to_on, absence.covered_by if absence.covered_by_id in fit else None)


def assign(project: Project, coach: User, *, by: User) -> TeamPlace:
    """Let a QI coach of the portal coach a project; they and its team are told. One who coaches it already stays.

    Raises NoCoach, InTeamAlready, ProjectOver or ProjectGone, or ProjectRefused for an account that was just closed.
    """
    with merged_are_refused(ProjectRefused(AccountMerged.message)), transaction.atomic():
        held = hold_going_on(project)
        if not qi_coaches().filter(pk=coach.pk).exists():
            raise NoCoach
        place = held.team.live().filter(user=coach).first()
        if place:
            if place.role != Role.COACH:
                raise InTeamAlready
            return place
        place = TeamPlace.objects.create(project=held, user=coach, role=Role.COACH)
        note(held, "project.coach_assigned", by=by, place=place.pk)
        told = [coach.pk, *people_of_team(held)]
        outbox.write_many("project.coach_assigned", [(f"project-place:{place.pk}", person) for person in told])
        if let_none_be_erased([coach.pk]):
            raise NoCoach
    return place


def people_of_team(project: Project) -> list[int]:
    """Return the keys of those who lead a project and work on it."""
    working = project.team.live().filter(role__in=[Role.LEAD, Role.MEMBER])
    return list(working.values_list("user", flat=True))
