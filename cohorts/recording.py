"""Recording what members of a cohort have done where no register shows it: of one, of some, or of everybody at once.

It is looked at before it is done: `plan` says who gets it, who has it already and which address is nobody's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from cohorts import progress
from cohorts.models import Cohort, Component, Evidence, EvidenceKind, Membership
from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Line:
    """A line with an email address, and its number in what was pasted, from 1."""

    number: int
    email: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What recording would do: who gets it, who has done it already, and the lines of whom nobody is in the cohort."""

    new: Sequence[Membership]
    already: Sequence[Membership]
    unknown: Sequence[Line]

    @property
    def digest(self) -> str:
        """Return what is the same for as long as the same people would get it."""
        return sha256(",".join(str(row.pk) for row in self.new).encode()).hexdigest()


class PlanChanged(Exception):
    """Other people than were agreed to would get it by now: nothing was recorded. `plan` is who would."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__("Since you looked, something has changed. Nothing has been recorded. Look again.")


def lines(text: str) -> list[Line]:
    """Return the lines that hold something; an address may stand behind a name: `Amina <amina@trust.example>`."""
    found = ((number, line.strip().rstrip(",;")) for number, line in enumerate(text.splitlines(), start=1))
    return [Line(number, line.rpartition("<")[2].rstrip(">").strip()) for number, line in found if line]


def plan(cohort: Cohort, component: Component, addresses: Sequence[Line] | None) -> Plan:
    """Return what recording a component would do for whoever has these addresses; None: for everybody in the cohort.

    Capital letters make no difference to an address, and who is named twice is meant once.
    """
    return _plan(_members(cohort), component, addresses)


def record(
    cohort: Cohort,
    component: Component,
    addresses: Sequence[Line] | None,
    *,
    kind: EvidenceKind,
    fulfilled_on: date,
    agreed: str,
    by: User,
) -> int:
    """Record for whom `plan` says, if that is who was agreed to by its digest; return how many people that is.

    `fulfilled_on` is a UK date. Raises PlanChanged, and ValueError for a component of another programme, or a kind by
    which it is not fulfilled.
    """
    if component.programme_id != cohort.programme_id or kind not in component.fulfilled_by:
        raise ValueError("The component is not part of the cohort's programme, or not fulfilled by that.")
    with transaction.atomic():
        # In one order for all, so that nobody gets it twice from two who record at once.
        list(_members(cohort).order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
        found = _plan(_members(cohort), component, addresses)
        if found.digest != agreed:
            raise PlanChanged(found)
        progress.record_all(
            [
                Evidence(membership=membership, component=component, kind=kind, fulfilled_on=fulfilled_on)
                for membership in found.new
            ],
            by=by,
        )
    return len(found.new)


def _members(cohort: Cohort) -> QuerySet[Membership]:
    return Membership.objects.enrolled().filter(cohort=cohort)


def _plan(members: QuerySet[Membership], component: Component, addresses: Iterable[Line] | None) -> Plan:
    done = Evidence.objects.counting().filter(membership=OuterRef("pk"), component=component)
    rows = members.select_related("user").annotate(has_done=Exists(done)).order_by("user__name", "pk")
    by_address = {row.user.email.lower(): row for row in rows}
    if addresses is None:
        chosen, unknown = list(by_address.values()), []
    else:
        named = [(line, by_address.get(line.email.lower())) for line in addresses]
        keys = {row.pk for _, row in named if row}
        chosen = [row for row in by_address.values() if row.pk in keys]
        unknown = [line for line, row in named if row is None]
    return Plan(
        new=[row for row in chosen if not row.has_done],
        already=[row for row in chosen if row.has_done],
        unknown=unknown,
    )
