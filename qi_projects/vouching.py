"""What somebody says on record of a project: that its organisation approves, and that it holds no patient data."""

from datetime import date

from django.db import transaction

from portal.accounts.models import User
from qi_projects.holding import hold_going_on, save
from qi_projects.models import Approval, Project, Statement


@transaction.atomic
def record_approval(
    project: Project, *, decision: str, name: str, role: str, decided_on: date, note: str, by: User
) -> Approval:
    """Record what somebody decided for their organisation. What was recorded before stays, and counts no longer.

    Raises ProjectOver or ProjectGone.
    """
    held = hold_going_on(project)
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
    return approval


@transaction.atomic
def state(project: Project, *, basis: str, reference: str, by: User) -> Statement:
    """Record that a project is improvement work, or has a reference, and that nothing in it identifies a patient.

    Raises ProjectOver or ProjectGone.
    """
    held = hold_going_on(project)
    said = Statement.objects.create(project=held, basis=basis, reference=reference, said_by=by)
    save(held, "project.stated_no_patient_data", by=by, basis=basis)
    return said
