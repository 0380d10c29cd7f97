"""What PostgreSQL keeps on a project's row, reckoned once more from the rows that it follows from."""

from decimal import Decimal

from qi_projects.models import Measure, Project

Shows = Measure.Shows
SIGNALS = (Shows.IMPROVING, Shows.WORSENING, Shows.CHANGED)


def kept(project: Project) -> tuple[Decimal | None, list[str], list[int]]:
    """Return what is kept on the row now."""
    now = Project.objects.get(pk=project.pk)
    return now.latest_score, now.measures_show, now.cohort_keys


def from_its_rows(project: Project) -> tuple[Decimal | None, list[str], list[int]]:
    """Return what the row should keep: latest score, what the measures show, and the cohorts."""
    score = project.scores.order_by("-id").values_list("score", flat=True).first()
    shown = set(project.measures.filter(put_away_at=None).values_list("shows", flat=True))
    signals: list[str] = sorted(shown.intersection(SIGNALS))
    cohorts = set(project.team.exclude(membership=None).values_list("membership__cohort", flat=True))
    without: list[str] = [Shows.STEADY if Shows.STEADY in shown else Shows.TOO_FEW]
    return score, signals or without, sorted(cohorts)
