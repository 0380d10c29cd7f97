"""Inviting somebody: a letter with a link that works once, for 14 days.

The database keeps a hash of the link's token, so a copy of it lets nobody in.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from portal import trail
from portal.accounts.letters import write_letter
from portal.accounts.models import Invitation, Organisation, Role, User
from portal.accounts.people import add_person
from portal.accounts.roles import grant_role
from portal.accounts.rules import kinds_given_by, may_send


class AlreadyInvited(Exception):
    """The address has an open invitation, which can be sent again."""


class InvitationClosed(Exception):
    """The invitation was used, taken back or has expired."""


@dataclass(frozen=True)
class Acceptance:
    """What came of accepting an invitation."""

    person: User
    is_new: bool


@transaction.atomic
def invite(
    email: str, name: str, kinds: Collection[Role.Kind], organisation: Organisation | None, invited_by: User
) -> Invitation:
    """Write to somebody with a link that lets them in, and gives them these roles.

    Raises AlreadyInvited when the address has an invitation that is neither accepted nor taken back, and
    PermissionDenied for a role that is not this person's to give.
    """
    invitation = Invitation(
        email=email.strip().lower(), name=name, kinds=sorted(kinds), organisation=organisation, invited_by=invited_by
    )
    if not may_send(invited_by, invitation):
        raise PermissionDenied
    try:
        with transaction.atomic():
            _write(invitation)
            invitation.save()
    except IntegrityError:
        raise AlreadyInvited from None
    trail.record(
        "person.invited",
        actor=invited_by,
        subject=invitation,
        kinds=" ".join(invitation.kinds),
        organisation=organisation.pk if organisation else None,
    )
    return invitation


@transaction.atomic
def send_again(invitations: Collection[Invitation], *, sent_by: User) -> int:
    """Write again, with new links for another 14 days; the links before them stop working. Return how many.

    From now on whoever sends one stands for it. Those that were accepted or taken back are left as they are. Beside a
    letter for each, the number of statements does not grow with theirs. Raises PermissionDenied, with nothing done,
    for a role that is not this person's to give.
    """
    open_ones = _unanswered(invitations)
    if not all(may_send(sent_by, invitation) for invitation in open_ones):
        raise PermissionDenied
    for invitation in open_ones:
        invitation.sent_at, invitation.invited_by = timezone.now(), sent_by
        _write(invitation)
    Invitation.objects.bulk_update(open_ones, ["sent_at", "invited_by", "token_hash"])
    _record("invitation.sent_again", open_ones, sent_by)
    return len(open_ones)


@transaction.atomic
def withdraw(invitations: Collection[Invitation], *, withdrawn_by: User) -> int:
    """Take invitations back: their links stop working. Return how many; those that were answered are left as they are.

    The number of statements does not grow with theirs.
    """
    open_ones = _unanswered(invitations)
    keys = [invitation.pk for invitation in open_ones]
    Invitation.objects.filter(pk__in=keys).update(withdrawn_at=timezone.now())
    _record("invitation.withdrawn", open_ones, withdrawn_by)
    return len(open_ones)


def find(token: str) -> Invitation | None:
    """Return the invitation that a link belongs to, whether it is still open or not."""
    return Invitation.objects.filter(token_hash=_hash(token)).first()


@transaction.atomic
def accept(token: str, name: str) -> Acceptance:
    """Make the account, or find the one that the address has, and give it the invitation's roles.

    They are those that whoever sent it may still give: it does not outlast their own role. Raises InvitationClosed,
    also for a token that no letter holds any more.
    """
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("organisation", "invited_by")
        .filter(token_hash=_hash(token))
        .first()
    )
    if invitation is None or not invitation.is_open:
        raise InvitationClosed
    person = User.objects.of_address(invitation.email).first()
    is_new = person is None
    if person is None:
        organisation = invitation.organisation or Organisation.objects.of_address(invitation.email)
        person = add_person(invitation.email, name, added_by=invitation.invited_by, organisation=organisation)
    for kind in map(Role.Kind, invitation.kinds):
        about = invitation.organisation if kind in Role.OF_AN_ORGANISATION else None
        if invitation.invited_by.is_active and kind in kinds_given_by(invitation.invited_by):
            grant_role(person, kind, granted_by=invitation.invited_by, organisation=about)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    trail.record("invitation.accepted", actor=person, subject=invitation)
    return Acceptance(person, is_new)


def _unanswered(invitations: Collection[Invitation]) -> list[Invitation]:
    """Return those that were neither accepted nor taken back, locked until the transaction ends."""
    waiting = Invitation.objects.unanswered().filter(pk__in=[invitation.pk for invitation in invitations])
    return list(waiting.select_for_update(of=("self",)).select_related("organisation").order_by("pk"))


def _record(verb: str, invitations: Collection[Invitation], actor: User) -> None:
    trail.record_many(verb, actor=actor, entries=[(invitation, {}) for invitation in invitations])


def _write(invitation: Invitation) -> None:
    """Put a new link into an invitation, which is still to be saved, and its letter into the outbox."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash = _hash(token)
    values = {
        "invitation": invitation,
        "service_name": settings.ORGANISATION_NAME,
        "link": settings.ORIGIN + reverse("invitation", args=[token]),
    }
    write_letter(
        invitation.email,
        f"You are invited to {settings.ORGANISATION_NAME}",
        render_to_string("accounts/email/invitation.txt", values),
        person=None,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
