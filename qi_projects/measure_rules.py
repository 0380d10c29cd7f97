"""Who may do what with a project's measures. Whoever sees a project sees what it measures; its team changes it."""

from portal.prepared import Given, Prepared
from qi_projects import rules
from qi_projects.models import Measure
from qi_projects.rules import Seat

_MEASURE: Prepared[Measure] = Prepared(lambda: Measure.objects.filter(pk=Given("pk"), project=Given("project")))


def measure(seat: Seat, pk: int) -> Measure | None:
    """Return a measure of the project beside which somebody sits, or None."""
    found = _MEASURE.first(pk=pk, project=seat.project.pk)
    if found:
        found.project = seat.project
    return found


def may_measure(seat: Seat) -> bool:
    """Leads and members say what is measured, and put measures away, while the project goes on."""
    return rules.may_edit(seat)


def may_enter(seat: Seat, found: Measure) -> bool:
    """Leads and members change a measure, its points and its chart, unless it is put away."""
    return may_measure(seat) and found.put_away_at is None
