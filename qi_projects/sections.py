"""What a project consists of, as its page lists it: a line for each part, with how far it is and where it is done.

A new piece of a project (a driver diagram, cycles, measures) adds one function to SECTIONS, in the place where a team
comes to it. It is given a `Seat`, asks `rules` what that person may do, and reads in a constant number of statements.
"""

from collections.abc import Callable
from typing import Final

from django.db.models import Count, Q
from django.template.defaultfilters import pluralize
from django.urls import reverse

from portal.nhsuk.dates import say_date
from portal.nhsuk.lists import Task
from qi_projects import rules
from qi_projects.diagram import Level
from qi_projects.models import Approval, Cycle, Project, Submission
from qi_projects.parts import AIM, Part, part
from qi_projects.rules import Seat

Section = Callable[[Seat], Task]
State = Submission.State
TO_DO: Final = "To do"
COMPLETED: Final = "Completed"


def _of(key: str) -> Section:
    """Return the line of a part of the project's own fields."""

    def line(seat: Seat) -> Task:
        chosen = part(key)
        href = reverse("project_edit", args=[seat.project.pk, key]) if rules.may_edit(seat) else ""
        missing = _missing(seat.project, chosen)
        if not missing:
            return Task(chosen.title, href, "", COMPLETED, completed=True)
        status = "Begun" if len(missing) < len(chosen.fields) else TO_DO
        hint = f"Still to say: {', '.join(missing)}." if status == "Begun" else chosen.hint
        return Task(chosen.title, href, hint, status, "blue")

    return line


def _missing(project: Project, chosen: Part) -> list[str]:
    names = [field for field in chosen.fields if not getattr(project, field)]
    return [str(project._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]  # own columns


def _diagram(seat: Seat) -> Task:
    href = reverse("project_diagram", args=[seat.project.pk])
    counted = seat.project.diagram_items.aggregate(
        drivers=Count("pk", filter=~Q(level=Level.IDEA)), ideas=Count("pk", filter=Q(level=Level.IDEA))
    )
    drivers, ideas = counted["drivers"], counted["ideas"]
    if drivers and ideas:
        said = f"{drivers} driver{pluralize(drivers)}, {ideas} change idea{pluralize(ideas)}."
        return Task("Driver diagram", href, said, COMPLETED, completed=True)
    hint = "What decides whether you reach the aim, and what you could change."
    return Task("Driver diagram", href, hint, "Begun" if drivers or ideas else TO_DO, "blue")


def _cycles(seat: Seat) -> Task:
    href = reverse("cycles", args=[seat.project.pk])
    counted = Cycle.objects.filter(ramp__project=seat.project).aggregate(
        going_on=Count("pk", filter=Q(state__in=Cycle.GOING_ON)), closed=Count("pk", filter=Q(state=Cycle.State.CLOSED))
    )
    going_on, closed = counted["going_on"], counted["closed"]
    if closed and not going_on:
        return Task("PDSA cycles", href, f"{closed} closed.", COMPLETED, completed=True)
    if not going_on:
        return Task("PDSA cycles", href, "Try an idea out, small, and learn from it.", TO_DO, "blue")
    return Task("PDSA cycles", href, f"{going_on} going on, {closed} closed.", "Begun", "blue")


def _team(seat: Seat) -> Task:
    href = reverse("project_team", args=[seat.project.pk])
    number = seat.project.team.live().count()
    if number > 1:
        return Task("Team", href, f"{number} people.", COMPLETED, completed=True)
    return Task("Team", href, "Who works on it with you, and who opens doors.", TO_DO, "blue")


def _approval(seat: Seat) -> Task:
    href = reverse("project_approval", args=[seat.project.pk])
    latest = seat.project.approvals.first()
    if latest is None:
        return Task("Your organisation's approval", href, "Who has said yes, and when.", TO_DO, "blue")
    when = f"{say_date(latest.decided_on, weekday=False)}, {latest.approver_role}."
    if latest.decision == Approval.Decision.APPROVED:
        return Task("Your organisation's approval", href, when, COMPLETED, completed=True)
    return Task("Your organisation's approval", href, when, "Ended", "orange")


def _statement(seat: Seat) -> Task:
    href = reverse("project_statement", args=[seat.project.pk])
    said = seat.project.statements.first()
    if said is None:
        return Task("Ethics and patient data", href, "Needed before the project is active.", TO_DO, "blue")
    return Task("Ethics and patient data", href, "", COMPLETED, completed=True)


def _measures(seat: Seat) -> Task:
    href = reverse("project_measures", args=[seat.project.pk])
    number = seat.project.measures.filter(put_away_at=None).count()
    if not number:
        return Task("Measures", href, "How you will know that a change is an improvement.", TO_DO, "blue")
    said = f"{number} measure{'' if number == 1 else 's'}."
    if seat.project.measures.filter(put_away_at=None, points=None).exists():
        return Task("Measures", href, f"{said} One or more has no points yet.", "Begun", "blue")
    return Task("Measures", href, said, COMPLETED, completed=True)


def _coaching(seat: Seat) -> Task:
    if not rules.reads_what_is_said(seat):
        return Task("Coach and comments", "", "For the team and its coaches.", completed=True)
    href = reverse("project_coaching", args=[seat.project.pk])
    waiting = seat.project.threads.waiting_for(seat.side).count()
    if waiting:
        return Task("Coach and comments", href, "", f"{waiting} to answer", "blue")
    return Task(
        "Coach and comments", href, "Ask for help, and read what a coach says.", "Nothing waits", completed=True
    )


def _score(seat: Seat) -> Task:
    href = reverse("project_score", args=[seat.project.pk])
    latest = seat.project.scores.first()
    if latest is None:
        return Task("Progress score", href, "How far you see the project, from 0.5 to 5.", TO_DO, "blue")
    return Task(
        "Progress score", href, f"Set on {say_date(latest.set_at, weekday=False)}.", str(latest.score), completed=True
    )


def _review(seat: Seat) -> Task:
    href = reverse("project_review", args=[seat.project.pk])
    latest = seat.project.submissions.first()
    if latest is None or latest.state == State.WITHDRAWN:
        return Task("Review", href, "Sent when you think that it is ready.", "Not sent yet", cannot_start=True)
    if latest.state in Submission.LIVE:
        return Task("Review", href, "", latest.get_state_display(), completed=True)
    return Task("Review", href, "Read what the reviewer wrote.", latest.get_state_display(), "orange")


SECTIONS: Final[tuple[Section, ...]] = (
    *(_of("about"), _of("why"), _of(AIM), _of("ideas")),
    *(_diagram, _measures, _cycles, _team, _approval, _statement),
    *(_coaching, _score, _review),
)


def sections(seat: Seat) -> list[Task]:
    """Return the line of each part."""
    return [section(seat) for section in SECTIONS]
