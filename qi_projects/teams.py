"""Who is in a project's team, as what, and how somebody leaves. A project that goes on always has a lead.

Each verb holds the project's row, so that of two leads who leave at once the second is told. PostgreSQL holds it as
well, whoever writes (migration 0001).
"""

from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from cohorts.models import Membership
from portal import outbox
from portal.accounts.models import User
from portal.trail import SYSTEM
from qi_projects import life
from qi_projects.holding import hold, save
from qi_projects.models import Project, TeamPlace
from qi_projects.refusals import LastLead, ProjectRefused

Role = TeamPlace.Role
NOBODY_LEFT: Final = "Nobody is left in the team to work on it."


@transaction.atomic
def give_role(place: TeamPlace, role: str, *, by: User) -> TeamPlace:
    """Let somebody in a team be something else there. Raises LastLead, or ProjectRefused for who has left."""
    held = hold(place.project)
    current = _live(place)
    if current.role == role:
        return current
    if current.is_lead:
        _require_another_lead(held, current)
    current.role = role
    current.save(update_fields=["role"])
    save(held, "project.role_given", by=by, place=current.pk, role=role)
    return current


@transaction.atomic
def count_for(place: TeamPlace, membership: Membership | None) -> TeamPlace:
    """Let a project count for one's own place in a cohort, or for none. Raises ProjectRefused for who has left."""
    held = hold(place.project)
    current = _live(place)
    if current.membership != membership:
        current.membership = membership
        current.save(update_fields=["membership"])
        number = membership.pk if membership else None
        save(held, "project.counts_for", by=current.user, place=current.pk, membership=number)
    return current


@transaction.atomic
def leave(place: TeamPlace) -> None:
    """Leave a team by oneself. Having left already changes nothing. Raises LastLead."""
    held = hold(place.project)
    current = TeamPlace.objects.select_related("user").get(pk=place.pk)
    if current.left_at is None:
        _end(held, current)
        save(held, "project.left", by=current.user, place=current.pk)


@transaction.atomic
def take_off(place: TeamPlace, *, by: User) -> None:
    """Take somebody off a team, who is told. Who has left already is not told. Raises LastLead."""
    held = hold(place.project)
    current = TeamPlace.objects.get(pk=place.pk)
    if current.left_at is None:
        _end(held, current)
        save(held, "project.taken_off", by=by, place=current.pk)
        outbox.write("project.taken_off", subject=f"project-place:{current.pk}", person=current.user_id)


@transaction.atomic
def let_go(place: TeamPlace) -> None:
    """End the place of somebody whose account goes, whatever they are in the team.

    The last lead's passes to the member who has been there longest, who is told. Where there is none, nobody works on
    the project any more: it is stopped, or deleted while nobody but its team knew of it.
    """
    held = hold(place.project)
    current = TeamPlace.objects.get(pk=place.pk)
    if current.left_at is not None:
        return
    if current.is_lead and held.is_going_on and not _other_leads(held, current).exists():
        heir = held.team.live().filter(role=Role.MEMBER).order_by("joined_at", "pk").first()
        if heir is None and held.is_private:
            life.discard(held, by=SYSTEM)
            return
        if heir is None:
            life.abandon(held, NOBODY_LEFT, by=SYSTEM)
            held.refresh_from_db()
        else:
            heir.role = Role.LEAD
            heir.save(update_fields=["role"])
            outbox.write("project.lead_passed", subject=f"project-place:{heir.pk}", person=heir.user_id)
    _mark_left(current)
    save(held, "project.left", by=SYSTEM, place=current.pk)


def _live(place: TeamPlace) -> TeamPlace:
    current = TeamPlace.objects.live().select_related("user", "membership").filter(pk=place.pk).first()
    if current is None:
        raise ProjectRefused
    return current


def _end(held: Project, current: TeamPlace) -> None:
    if current.is_lead:
        _require_another_lead(held, current)
    _mark_left(current)


def _mark_left(current: TeamPlace) -> None:
    current.left_at = timezone.now()
    current.save(update_fields=["left_at"])


def _require_another_lead(held: Project, current: TeamPlace) -> None:
    if held.is_going_on and not _other_leads(held, current).exists():
        raise LastLead


def _other_leads(held: Project, current: TeamPlace) -> QuerySet[TeamPlace]:
    return held.team.live().filter(role=Role.LEAD).exclude(pk=current.pk)
