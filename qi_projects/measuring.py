"""What a project measures, and how it is drawn: said, changed, put away and taken up again."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal import together
from portal.accounts.models import User
from portal.together import Settled
from portal.trail import Detail
from portal.trail.recording import LONGEST_DETAIL
from qi_projects import showing
from qi_projects.holding import hold_going_on, save
from qi_projects.models import Measure, Project
from qi_projects.models.measures import as_kept
from qi_projects.refusals import CountedAlready, MeasureGone, MeasurePutAway, TooManyMeasures

MOST_MEASURES: Final = 30


def hold_measure(measure: Measure) -> Measure:
    """Lock a measure's project, and return the measure as it is now, to be changed.

    Raises MeasureGone, MeasurePutAway, ProjectOver or ProjectGone.
    """
    current = _hold(measure)
    if current.put_away_at is not None:
        raise MeasurePutAway
    return current


@transaction.atomic
def begin(project: Project, given: Mapping[str, Any], *, by: User, said_not_about_patients: bool = False) -> Measure:
    """Say what is measured. Raises TooManyMeasures, ProjectOver or ProjectGone."""
    held = hold_going_on(project)
    if held.measures.count() >= MOST_MEASURES:
        raise TooManyMeasures
    measure = Measure.objects.create(project=held, **given)
    save_measure(measure, "project.measure_begun", by=by, said_not_about_patients=said_not_about_patients)
    return measure


@transaction.atomic
def change(
    measure: Measure, given: Mapping[str, Any], *, seen: str, by: User, said_not_about_patients: bool = False
) -> Settled:
    """Put down what somebody wrote in some of a measure's fields, beside what others have changed meanwhile.

    Raises CountedAlready, ChangedMeanwhile, and as `hold_measure` does, with nothing changed.
    """
    current = hold_measure(measure)
    settled = together.settle(current, as_kept(given), seen)
    if "counted" in settled.changes and current.points.exists():
        raise CountedAlready
    if settled.changes:
        for field, value in settled.changes.items():
            setattr(current, field, value)
        if not fits(current.chart, current.counted):
            current.chart = Measure.Chart.RUN
        current.save(update_fields=[*settled.changes, "chart"])
        fields = ",".join(sorted(settled.changes))[:LONGEST_DETAIL]
        save_measure(
            current,
            "project.measure_changed",
            by=by,
            said_not_about_patients=said_not_about_patients,
            fields=fields,
        )
    return settled


@transaction.atomic
def put_away(measure: Measure, *, by: User) -> None:
    """Let a measure be measured no longer; one for which nothing was ever entered goes whole.

    Putting it away twice changes nothing. Raises MeasureGone, ProjectOver or ProjectGone.
    """
    current = _hold(measure)
    if current.put_away_at is not None:
        return
    if is_untouched(current):
        number = current.pk
        current.delete()
        save(current.project, "project.measure_deleted", by=by, measure=number)
        return
    current.put_away_at = timezone.now()
    current.save(update_fields=["put_away_at"])
    save_measure(current, "project.measure_put_away", by=by)


@transaction.atomic
def take_up(measure: Measure, *, by: User) -> None:
    """Measure again what was put away. What is measured stays so. Raises MeasureGone, ProjectOver or ProjectGone."""
    current = _hold(measure)
    if current.put_away_at is not None:
        current.put_away_at = None
        current.save(update_fields=["put_away_at"])
        save_measure(current, "project.measure_taken_up", by=by)


def is_untouched(measure: Measure) -> bool:
    """Say whether nothing was ever entered for a measure."""
    kept = (measure.points, measure.earlier_points, measure.rebases, measure.annotations)
    return not any(rows.exists() for rows in kept)


def fits(chart: str, counted: str) -> bool:
    """Say whether a chart can draw what is counted."""
    return chart in CHARTS[counted]


CHARTS: Final[Mapping[str, tuple[str, ...]]] = {
    Measure.Counted.VALUE: (Measure.Chart.RUN, Measure.Chart.XMR),
    Measure.Counted.COUNT: (Measure.Chart.RUN, Measure.Chart.C, Measure.Chart.XMR),
    Measure.Counted.PROPORTION: (Measure.Chart.RUN, Measure.Chart.P, Measure.Chart.XMR),
    Measure.Counted.RATE: (Measure.Chart.RUN, Measure.Chart.U, Measure.Chart.XMR),
}
"""Which charts can draw what is counted. The second is the one that fits it best (`choosing_a_chart`)."""


def save_measure(
    current: Measure, verb: str, *, by: User, said_not_about_patients: bool = False, **details: Detail
) -> None:
    """Let what was written of a measure that is held be its project's last activity, and record `verb`.

    What the measure shows now is kept with it.
    """
    showing.keep(current)
    if said_not_about_patients:
        details["said_not_about_patients"] = True
    save(current.project, verb, by=by, columns=(), measure=current.pk, **details)


def _hold(measure: Measure) -> Measure:
    project = hold_going_on(measure.project)
    current = project.measures.filter(pk=measure.pk).first()
    if current is None:
        raise MeasureGone
    current.project = project
    return current
