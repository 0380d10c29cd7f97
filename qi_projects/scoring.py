"""Saying how far a project has come, on the scale of 0.5 to 5 (`qi_projects.scale`)."""

from decimal import Decimal

from django.db import transaction

from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User
from qi_projects.holding import hold, note
from qi_projects.models import ProgressScore, Project, Side


@transaction.atomic
def set_score(project: Project, score: Decimal, *, supported_by: str, side: str, by: User) -> ProgressScore:
    """Put on record where somebody of the team, or a coach, sees the project today, and what supports that.

    What was said before stays to be read; a project that has ended can be scored as well. Raises ProjectGone.
    """
    held = hold(project)
    record = ProgressScore.objects.create(
        project=held, score=score, supported_by=supported_by, set_by=by, set_by_side=side
    )
    note(held, "project.scored", by=by, is_activity=side == Side.TEAM, score=str(score))
    let_author_stay(by.pk)
    return record
