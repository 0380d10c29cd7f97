"""Giving a role, and taking it away."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from portal import trail
from portal.accounts.models import Organisation, Role, User
from portal.accounts.people import Actor


@transaction.atomic
def grant_role(
    person: User,
    kind: Role.Kind,
    *,
    granted_by: Actor,
    organisation: Organisation | None = None,
    until: datetime | None = None,
) -> Role:
    """Give somebody a role, or change when one that they hold ends.

    A programme admin may use the admin pages from now on. Raises IntegrityError when an organisation is missing for
    a lead or a sponsor, or given for anybody else.
    """
    role, is_new = Role.objects.select_for_update().get_or_create(
        user=person, kind=kind, organisation=organisation, defaults={"until": until}
    )
    if not is_new:
        if not role.is_current:
            role.since = timezone.now()
        role.until = until
        role.save(update_fields=["since", "until"])
    if kind in Role.USES_ADMIN_PAGES:
        _let_use_admin_pages(person, allowed=True)
    trail.record(
        "role.granted",
        actor=granted_by,
        subject=person,
        kind=str(kind),
        organisation=organisation.pk if organisation else None,
        until=until.isoformat() if until else None,
    )
    return role


@transaction.atomic
def end_role(role: Role, *, ended_by: Actor) -> None:
    """Take a role away now; one that has ended already is left as it is."""
    role = Role.objects.select_for_update(of=("self",)).select_related("user").get(pk=role.pk)
    if not role.is_current:
        return
    role.until = timezone.now()
    role.save(update_fields=["until"])
    if role.kind in Role.USES_ADMIN_PAGES:
        other = role.user.roles.current().filter(kind__in=Role.USES_ADMIN_PAGES)
        _let_use_admin_pages(role.user, allowed=role.user.is_superuser or other.exists())
    trail.record("role.ended", actor=ended_by, subject=role.user, kind=role.kind, organisation=role.organisation_id)


def _let_use_admin_pages(person: User, *, allowed: bool) -> None:
    person.is_staff = allowed
    person.save(update_fields=["is_staff"])
