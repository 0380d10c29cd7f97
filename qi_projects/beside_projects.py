"""What somebody who is erased wrote beside projects: to teams, coaches, reviewers, as editor. That they wrote stays."""

from typing import Final

from django.db.models import Q

from portal.accounts.models import User
from qi_projects.models import CoachAbsence, ProgressScore, Publication, Submission, ThreadMessage
from qi_projects.standing_in import hold_table

GONE: Final = "Whoever wrote this was erased, and their words with them."


def forget(person: User) -> None:
    """Delete what they wrote, and when they were away. Scores and decisions stand without their words."""
    ThreadMessage.objects.filter(author=person).update(text=GONE)
    ProgressScore.objects.filter(set_by=person).update(supported_by=GONE)
    for name, column in (("submitted_by", "note"), ("decided_by", "reasons"), ("undone_by", "undone_why")):
        Submission.objects.filter(~Q((column, "")), Q((name, person))).update(**{column: GONE})
    for name, column in (("decided_by", "reasons"), ("ended_by", "ended_why")):
        Publication.objects.filter(~Q((column, "")), Q((name, person))).update(**{column: GONE})
    hold_table()
    CoachAbsence.objects.filter(coach=person).delete()
    CoachAbsence.objects.filter(covered_by=person).update(covered_by=None)
