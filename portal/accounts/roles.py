"""Giving a role, and taking it away."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
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
        person.is_staff = True
        person.save(update_fields=["is_staff"])
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
def end_roles(roles: Iterable[Role], *, ended_by: Actor) -> int:
    """Take roles away now, in statements that do not grow with their number; return how many were taken.

    Those that have ended already are left as they are. Whoever holds no other role for them is out of the admin pages.
    """
    held = Role.objects.current().filter(pk__in=[role.pk for role in roles])
    ending = list(held.select_for_update(of=("self",)).select_related("user").order_by("pk"))
    keys = [role.pk for role in ending]
    Role.objects.filter(pk__in=keys).update(until=timezone.now())
    admins = [role.user_id for role in ending if role.kind in Role.USES_ADMIN_PAGES]
    if admins:
        others = Role.objects.current().exclude(pk__in=keys).filter(kind__in=Role.USES_ADMIN_PAGES, user=OuterRef("pk"))
        User.objects.filter(~Exists(others), pk__in=admins, is_superuser=False).update(is_staff=False)
    trail.record_many(
        "role.ended",
        actor=ended_by,
        entries=[(role.user, {"kind": role.kind, "organisation": role.organisation_id}) for role in ending],
    )
    return len(ending)
