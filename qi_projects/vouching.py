"""What somebody says on record of a project: that its organisation approves, and that it holds no patient data.

An approval has no last day. It ends as somebody records that it has, and whoever has to know is told there and then.
"""

from datetime import date
from typing import Final

from django.db import transaction

from cohorts.models import Programme
from cohorts.rules import who_keeps
from portal import outbox
from portal.accounts.models import User
from qi_projects.holding import hold, hold_going_on, save
from qi_projects.models import Approval, Project, Statement
from qi_projects.models.teams import Role
from qi_projects.refusals import ProjectOver

ENDED: Final = Approval.Decision.ENDED


@transaction.atomic
def record_approval(
    project: Project, *, decision: str, name: str, role: str, decided_on: date, note: str, by: User
) -> Approval:
    """Record what somebody decided for their organisation. What was recorded before stays, and counts no longer.

    Of what is published that goes on after the project's end: an organisation may think again at any time. Raises
    ProjectOver or ProjectGone.
    """
    held = hold(project)
    if not takes_approvals(held):
        raise ProjectOver
    earlier = held.approvals.first()
    approval = Approval.objects.create(
        project=held,
        decision=decision,
        approver_name=name,
        approver_role=role,
        decided_on=decided_on,
        note=note,
        recorded_by=by,
    )
    save(held, "project.approval_recorded", by=by, decision=decision)
    # What says once more that it has ended is no further end.
    if decision == ENDED and not (earlier and earlier.decision == ENDED):
        _tell_of_an_end(approval)
    return approval


def takes_approvals(project: Project) -> bool:
    """Say whether it is recorded now what an organisation decides of a project."""
    return project.is_going_on or project.publications.published().exists()


def _tell_of_an_end(approval: Approval) -> None:
    """Tell whoever can take a project out of the gallery that its organisation approves no longer, if it is there.

    Those are its leads and who keeps a programme for which it counts; but not who recorded it, and knows.
    """
    project = approval.project
    if not project.publications.published().exists():
        return
    counts_for = Programme.objects.filter(
        pk__in=project.team.filter(membership__isnull=False).values("membership__cohort__programme")
    )
    leads = project.team.live().filter(role=Role.LEAD).values_list("user", flat=True)
    told = {*leads, *who_keeps(counts_for).values_list("pk", flat=True)} - {approval.recorded_by_id}
    outbox.write_many(
        "publication.approval_ended", [(f"project-approval:{approval.pk}", person) for person in sorted(told)]
    )


@transaction.atomic
def state(project: Project, *, basis: str, reference: str, by: User) -> Statement:
    """Record that a project is improvement work, or has a reference, and that nothing in it identifies a patient.

    Raises ProjectOver or ProjectGone.
    """
    held = hold_going_on(project)
    said = Statement.objects.create(project=held, basis=basis, reference=reference, said_by=by)
    save(held, "project.stated_no_patient_data", by=by, basis=basis)
    return said
