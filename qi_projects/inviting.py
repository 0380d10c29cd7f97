"""Asking people into a project's team: by address, and each of them says yes or no for themselves.

Whether an address has an account is told to nobody: the same letter goes to each. It opens no account and holds no key.
Whoever has shown, at sign-in, that the address is theirs finds the invitation there.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Membership
from cohorts.refusals import AccountMerged, merged_are_refused
from portal import outbox, trail
from portal.accounts.letters import write_letter
from portal.accounts.models import User
from qi_projects.holding import hold, hold_going_on, save
from qi_projects.models import Project, TeamInvitation, TeamPlace
from qi_projects.refusals import InvitationOver, InvitedAlready, ProjectRefused, TooManyInvitations

State = TeamInvitation.State
MOST_IN_A_DAY: Final = 30
"""Letters that one person has us write: a portal that writes to any address is not to be used to trouble people."""


@transaction.atomic
def invite(project: Project, email: str, role: str, *, by: User) -> TeamInvitation:
    """Ask whoever uses an address to join, and write to it.

    Raises InvitedAlready, TooManyInvitations, ProjectOver or ProjectGone.
    """
    held = hold_going_on(project)
    lately = TeamInvitation.objects.filter(invited_by=by, sent_at__gt=timezone.now() - timedelta(days=1))
    if lately.count() >= MOST_IN_A_DAY:
        raise TooManyInvitations
    invitation = TeamInvitation(project=held, email=email.strip().lower(), role=role, invited_by=by)
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError:
        raise InvitedAlready from None
    values = {
        "inviting": by,
        "address": invitation.email,
        "link": settings.ORIGIN + reverse("team_invitation", args=[invitation.pk]),
        "service_name": settings.ORGANISATION_NAME,
    }
    text = render_to_string("qi_projects/email/invitation.txt", values)
    write_letter(invitation.email, "You are invited to join a quality improvement project", text, person=None)
    save(held, "project.invited", by=by, invitation=invitation.pk, role=role)
    return invitation


@transaction.atomic
def withdraw(invitation: TeamInvitation, *, by: User) -> None:
    """Take an invitation back. One that was taken back stays so. Raises InvitationOver for one that was answered."""
    held = hold(invitation.project)
    current = _as_it_is_now(invitation)
    if current.state == State.WITHDRAWN:
        return
    if current.state != State.OPEN:
        raise InvitationOver
    _answer(current, State.WITHDRAWN)
    save(held, "project.invitation_withdrawn", by=by, invitation=current.pk)


def accept(invitation: TeamInvitation, person: User, *, membership: Membership | None) -> TeamPlace:
    """Join a team, as whoever has the address; `membership` is their own, of the cohort for which the project counts.

    Who is in the team already keeps the role that they have. Raises InvitationOver for one that was taken back or
    declined meanwhile, ProjectOver or ProjectGone, or ProjectRefused for an account that was just closed.
    """
    with merged_are_refused(ProjectRefused(AccountMerged.message)), transaction.atomic():
        held = hold_going_on(invitation.project)
        current = _as_it_is_now(invitation)
        place = TeamPlace.objects.live().filter(project=held, user=person).first()
        if place and current.state == State.ACCEPTED:
            return place
        if current.state != State.OPEN:
            raise InvitationOver
        if place is None:
            place = TeamPlace.objects.create(project=held, user=person, role=current.role, membership=membership)
        _answer(current, State.ACCEPTED)
        save(held, "project.joined", by=person, role=place.role)
        _tell(current)
    return place


@transaction.atomic
def decline(invitation: TeamInvitation, person: User) -> None:
    """Say no. Having said no already changes nothing. Raises InvitationOver.

    The team's history does not tell of it: whose the address is, those learn whose yes they get.
    """
    hold(invitation.project)
    current = _as_it_is_now(invitation)
    if current.state == State.DECLINED:
        return
    if current.state != State.OPEN:
        raise InvitationOver
    _answer(current, State.DECLINED)
    trail.record("team_invitation.declined", actor=person, subject=f"team_invitation:{current.pk}")
    _tell(current)


def addresses_of(person: User) -> set[str]:
    """Return in lower case the addresses that somebody has shown to be theirs, those of merged accounts among them."""
    proved = EmailAddress.objects.filter(user=person, verified=True).values_list(Lower("email"), flat=True)
    return {*proved, *person.merged.values_list(Lower("email"), flat=True)}


def invitations_to(addresses: Collection[str]) -> QuerySet[TeamInvitation]:
    """Return the invitations to these addresses, in lower case."""
    return TeamInvitation.objects.alias(address=Lower("email")).filter(address__in=addresses)


def _as_it_is_now(invitation: TeamInvitation) -> TeamInvitation:
    """Lock an invitation whose project is held. Raises InvitationOver where it went with an erased person."""
    current = TeamInvitation.objects.select_for_update(no_key=True).filter(pk=invitation.pk).first()
    if current is None:
        raise InvitationOver
    return current


def _answer(current: TeamInvitation, state: str) -> None:
    current.state = state
    current.save(update_fields=["state"])


def _tell(current: TeamInvitation) -> None:
    outbox.write("project.answered", subject=f"project-invitation:{current.pk}", person=current.invited_by_id)
