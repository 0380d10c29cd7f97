"""New limits: that a phase begins with the point of some day is decided by people, with a reason, and never by itself.

What was decided stays to be read; a later decision about the same day takes its place.
"""

from datetime import date

from django.db import transaction

from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from qi_projects.charting import standing
from qi_projects.measuring import hold_measure, save_measure
from qi_projects.models import Measure, RebaseDecision
from qi_projects.refusals import NoSuchPhase, ProjectRefused

Decision = RebaseDecision.Decision


@transaction.atomic
def rebase(
    measure: Measure, day: date, reason: str, *, by: User, said_not_about_patients: bool = False
) -> RebaseDecision:
    """Let new limits begin with the point of a day.

    Raises NoSuchPhase for a day that has no point with a figure, is the first that has one, or begins new limits
    already; and as `hold_measure` does.
    """
    current = hold_measure(measure)
    if refused := why_not(current, day):
        raise NoSuchPhase(refused)
    decision = RebaseDecision.objects.create(measure=current, day=day, reason=reason, decided_by=by)
    save_measure(current, "project.limits_rebased", by=by, said_not_about_patients=said_not_about_patients)
    return decision


@transaction.atomic
def take_back(
    decision: RebaseDecision, reason: str, *, by: User, said_not_about_patients: bool = False
) -> RebaseDecision:
    """Let limits go on that began anew. Raises ProjectRefused where another decision came since."""
    current = hold_measure(decision.measure)
    latest = current.rebases.filter(day=decision.day).first()
    if latest is None or latest.pk != decision.pk or latest.decision != Decision.BEGINS:
        raise ProjectRefused
    ended = RebaseDecision.objects.create(
        measure=current, day=decision.day, decision=Decision.ENDED, reason=reason, decided_by=by
    )
    save_measure(current, "project.rebase_taken_back", by=by, said_not_about_patients=said_not_about_patients)
    return ended


def why_not(measure: Measure, day: date) -> str:
    """Say why new limits cannot begin with a day; nothing, where they can."""
    found = measure.points.exclude(value__isnull=True, numerator__isnull=True).order_by("day")
    days = list(found.values_list("day", flat=True))
    told = say_date(day, weekday=False)
    if day not in days:
        later = next((each for each in days if each > day), None)
        if later is None or later == days[0]:
            within = f" There are points from {_told(days[0])} to {_told(days[-1])}." if days else ""
            return f"No point lies on {told}.{within}"
        return f"No point lies on {told}. The next one is of {_told(later)}"
    if day == days[0]:
        return f"{told} is the first point, where the first limits begin. Choose a later one"
    if any(each.day == day for each in standing(list(measure.rebases.all()))):
        return f"New limits begin on {told} already"
    return ""


def _told(day: date) -> str:
    return say_date(day, weekday=False)
