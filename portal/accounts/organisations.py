"""An organisation that becomes a part of another: its people go there, and it stays for what happened before.

Each app says what moves with `moves_with_organisations`, or why rows stay, with `stays_with_organisations`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from portal import trail
from portal.accounts.models import Invitation, Organisation, Role, User
from portal.accounts.moving import HasChanged, Line, MergeRefused, Movers, Plan
from portal.accounts.roles import end_roles, grant_role
from portal.accounts.rules import gives_role


@dataclass(frozen=True, slots=True)
class Merger:
    """Which organisation becomes a part of which, who says so, and whether its leads and sponsors go along."""

    leaving: Organisation
    staying: Organisation
    by: User
    with_leads: bool


Move = Callable[[Merger], Iterable[Line]]

_movers: Final = Movers[Merger]()


def moves_with_organisations(*fields: str) -> Callable[[Move], Move]:
    """Register what an app moves of the rows whose `fields` ("app.model.field") name an organisation.

    It is called with both organisations locked. Raises ValueError for a field that is handled already.
    """

    def register(move: Move) -> Move:
        _movers.add(move, fields)
        return move

    return register


def stays_with_organisations(reasons: Mapping[str, str]) -> None:
    """Say of fields that name an organisation why their rows stay with the one that is closed."""
    _movers.handle(reasons)


def handled() -> frozenset[str]:
    """Return each field that names an organisation and that somebody has thought of."""
    return _movers.handled


def foresee(leaving: Organisation, staying: Organisation, *, by: User, with_leads: bool) -> Plan:
    """Return what `merge` would do now, and change nothing. Raises MergeRefused."""
    with transaction.atomic():
        plan = _merge(leaving, staying, by=by, with_leads=with_leads)
        transaction.set_rollback(True)
    return plan


def merge(leaving: Organisation, staying: Organisation, *, by: User, with_leads: bool, seen: str) -> None:
    """Make an organisation a part of another, if that still does what was `seen` (`Plan.seen`).

    Raises MergeRefused, or HasChanged, with nothing changed.
    """
    with transaction.atomic():
        plan = _merge(leaving, staying, by=by, with_leads=with_leads)
        if plan.seen != seen:
            raise HasChanged(plan)


def _merge(leaving: Organisation, staying: Organisation, *, by: User, with_leads: bool) -> Plan:
    if leaving.pk == staying.pk:
        raise MergeRefused("Choose another organisation than this one.")
    both = Organisation.objects.filter(pk__in=[leaving.pk, staying.pk]).order_by("pk").select_for_update()
    held = {each.pk: each for each in both}
    merger = Merger(held[leaving.pk], held[staying.pk], by, with_leads)
    for each in held.values():
        if each.merged_into_id:
            raise MergeRefused(f"{each} is part of another organisation already.")
    # Whoever is put there at this moment waits for its lock, and goes where it leads then (migration 0005).
    merger.leaving.merged_into = merger.staying
    plan = _movers.move(merger)
    merger.leaving.save()
    merger.staying.save()
    trail.record_many(
        "organisation.merged",
        actor=by,
        entries=[
            (merger.leaving, {"into": staying.pk, "with_leads": with_leads}),
            (merger.staying, {"from": leaving.pk}),
        ],
    )
    return plan


@moves_with_organisations("accounts.user.organisation", "accounts.organisation.merged_into")
def _move_people(merger: Merger) -> Iterable[Line]:
    """Let its people work for the other from now on, and its domains open accounts there."""
    leaving, staying = merger.leaving, merger.staying
    if number := User.objects.filter(organisation=leaving).update(organisation=staying):
        yield Line("People", f"{number:,} who work there", f"Work for {staying} from now on")
    leaving.merged.update(merged_into=staying)
    if leaving.email_domains:
        domains = ", ".join(leaving.email_domains)
        staying.email_domains = [*staying.email_domains, *leaving.email_domains]
        leaving.email_domains = []
        yield Line("Email domains", domains, f"Open accounts for {staying}")


@moves_with_organisations("accounts.role.organisation")
def _move_roles(merger: Merger) -> Iterable[Line]:
    """End the roles about it; those who held them hold them for the other, if that was asked for."""
    held = (
        Role.objects.current().filter(organisation=merger.leaving).select_related("user").order_by("user__name", "pk")
    )
    roles = list(held)
    for role in roles:
        if not gives_role(merger.by, role.kind, role.user):
            raise MergeRefused(f"You cannot give or end a role of {role.user}. Ask a superuser to do this.")
        becomes = "Ends"
        if merger.with_leads:
            becomes = f"Is about {merger.staying} from now on"
            _grant(role, merger)
        yield Line(role.get_kind_display(), role.user.name, becomes)
    end_roles(roles, ended_by=merger.by)


def _grant(role: Role, merger: Merger) -> None:
    """Give a role about the organisation that stays, unless its holder has it for as long or longer."""
    same = Role.objects.current().filter(user=role.user, kind=role.kind, organisation=merger.staying).first()
    if same and (same.until is None or (role.until and same.until >= role.until)):
        return
    grant_role(role.user, Role.Kind(role.kind), granted_by=merger.by, organisation=merger.staying, until=role.until)


@moves_with_organisations("accounts.invitation.organisation")
def _move_invitations(merger: Merger) -> Iterable[Line]:
    """Let invitations that were not answered be for the other; a role that they bring is about that one, too."""
    unanswered = Invitation.objects.unanswered().filter(organisation=merger.leaving)
    if number := unanswered.update(organisation=merger.staying):
        yield Line("Invitations", f"{number:,} not answered", f"Are for {merger.staying} from now on")
