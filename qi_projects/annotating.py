"""Notes on a chart: what happened on a day, such as a change, a strike or a new form."""

from datetime import date
from typing import Final

from django.db import transaction

from portal.accounts.models import User
from qi_projects.measuring import hold_measure, save_measure
from qi_projects.models import Annotation, Measure
from qi_projects.refusals import ProjectRefused

MOST_NOTES: Final = 100
TOO_MANY: Final = "A chart takes 100 notes. Take one off that nobody needs any more."


@transaction.atomic
def annotate(measure: Measure, day: date, text: str, *, by: User, said_not_about_patients: bool = False) -> Annotation:
    """Write on a chart what happened on a day. The same again is one. Raises ProjectRefused, and as `hold_measure`."""
    current = hold_measure(measure)
    if there := current.annotations.filter(day=day, text=text).first():
        return there
    if current.annotations.count() >= MOST_NOTES:
        raise ProjectRefused(TOO_MANY)
    note = Annotation.objects.create(measure=current, day=day, text=text, written_by=by)
    save_measure(current, "project.chart_annotated", by=by, said_not_about_patients=said_not_about_patients)
    return note


@transaction.atomic
def take_off(note: Annotation, *, by: User) -> None:
    """Take a note off its chart. One that is gone already stays so. Raises as `hold_measure` does."""
    current = hold_measure(note.measure)
    if current.annotations.filter(pk=note.pk).delete()[0]:
        save_measure(current, "project.annotation_taken_off", by=by)
