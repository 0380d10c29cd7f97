"""What a project consists of, as its page lists it: a line for each part, with how far it is and where it is done.

A new piece of a project adds its figures to `how_far`, and one function to SECTIONS, in the place where a team comes to
it. That is given a `Seat`, by which it asks `rules` what the person may do, and the figures; it reads nothing itself.
"""

from collections.abc import Callable, Sequence
from typing import Final

from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from portal.nhsuk.dates import say_date
from portal.nhsuk.lists import Task
from qi_projects import how_far, rules
from qi_projects.how_far import HowFar
from qi_projects.models import Approval, Project, Publication, Side, Submission
from qi_projects.parts import AIM, Part, part
from qi_projects.rules import Seat

Section = Callable[[Seat, HowFar], Task]
State = Submission.State
TO_DO: Final = "To do"
COMPLETED: Final = "Completed"
URGENT: Final = "orange"
"""The colour of what somebody has answered, and waits for the team."""


def _of(key: str) -> Section:
    """Return the line of a part of the project's own fields."""

    def line(seat: Seat, far: HowFar) -> Task:
        chosen = part(key)
        href = reverse("project_edit", args=[seat.project.pk, key]) if rules.may_edit(seat) else ""
        missing = _missing(seat.project, chosen)
        if key == AIM and _has_passed(seat.project):
            return Task(
                chosen.title, href, "The day by which you wanted to reach it has passed.", "Look at it", "yellow"
            )
        if not missing:
            return Task(chosen.title, href, "", COMPLETED, completed=True)
        status = "Begun" if len(missing) < len(chosen.fields) else TO_DO
        hint = f"Still to say: {', '.join(missing)}." if status == "Begun" else chosen.hint
        return Task(chosen.title, href, hint, status, "blue")

    return line


def _has_passed(project: Project) -> bool:
    """Say whether a project that goes on has an aim for a day that is over (UK date)."""
    by_when = project.aim_by_when
    return project.is_going_on and by_when is not None and by_when < timezone.localdate()


def _missing(project: Project, chosen: Part) -> list[str]:
    names = [field for field in chosen.fields if not getattr(project, field)]
    return [str(project._meta.get_field(name).verbose_name) for name in names]  # type: ignore[union-attr]  # own columns


def _diagram(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_diagram", args=[seat.project.pk])
    if far.drivers and far.ideas:
        said = f"{far.drivers} driver{pluralize(far.drivers)}, {far.ideas} change idea{pluralize(far.ideas)}."
        return Task("Driver diagram", href, said, COMPLETED, completed=True)
    hint = "What decides whether you reach the aim, and what you could change."
    return Task("Driver diagram", href, hint, "Begun" if far.drivers or far.ideas else TO_DO, "blue")


def _measures(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_measures", args=[seat.project.pk])
    if not far.measures:
        return Task("Measures", href, "How you will know that a change is an improvement.", TO_DO, "blue")
    said = f"{far.measures} measure{pluralize(far.measures)}."
    if far.without_points:
        return Task("Measures", href, f"{said} One or more has no points yet.", "Begun", "blue")
    return Task("Measures", href, said, COMPLETED, completed=True)


def _cycles(seat: Seat, far: HowFar) -> Task:
    href = reverse("cycles", args=[seat.project.pk])
    if far.cycles_closed and not far.cycles_going_on:
        return Task("PDSA cycles", href, f"{far.cycles_closed} closed.", COMPLETED, completed=True)
    if not far.cycles_going_on:
        return Task("PDSA cycles", href, "Try an idea out, small, and learn from it.", TO_DO, "blue")
    said = f"{far.cycles_going_on} going on, {far.cycles_closed} closed."
    return Task("PDSA cycles", href, said, "Begun", "blue")


def _files(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_files", args=[seat.project.pk])
    hint = "" if far.files else "Worksheets, posters or pictures, where there are any."
    return Task("Files", href, hint, f"{far.files or 'No'} file{pluralize(far.files)}", completed=True)


def _team(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_team", args=[seat.project.pk])
    if far.people > 1:
        return Task("Team", href, f"{far.people} people.", COMPLETED, completed=True)
    return Task("Team", href, "Who works on it with you, and who opens doors.", TO_DO, "blue")


def _approval(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_approval", args=[seat.project.pk])
    if far.decided_on is None:
        return Task("Your organisation's approval", href, "Who has said yes, and when.", TO_DO, "blue")
    when = f"{say_date(far.decided_on, weekday=False)}, {far.approver_role}."
    if far.decision == Approval.Decision.APPROVED:
        return Task("Your organisation's approval", href, when, COMPLETED, completed=True)
    return Task("Your organisation's approval", href, when, "Ended", URGENT)


def _statement(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_statement", args=[seat.project.pk])
    if not far.statements:
        return Task("Ethics and patient data", href, "Needed before the project is active.", TO_DO, "blue")
    return Task("Ethics and patient data", href, "", COMPLETED, completed=True)


def _coaching(seat: Seat, far: HowFar) -> Task:
    if not rules.reads_what_is_said(seat):
        return Task("Coach and comments", "", "For the team and its coaches.", completed=True)
    href = reverse("project_coaching", args=[seat.project.pk])
    if far.waiting:
        return Task("Coach and comments", href, "", f"{far.waiting} to answer", URGENT)
    if far.open_threads:
        other = "the team" if seat.side == Side.COACH else "a coach"
        said = f"{far.open_threads} wait{'s' if far.open_threads == 1 else ''} for {other}"
        return Task("Coach and comments", href, "", said, "blue", completed=True)
    return Task(
        "Coach and comments", href, "Ask for help, and read what a coach says.", "Nothing waits", completed=True
    )


def _score(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_score", args=[seat.project.pk])
    if far.scored_at is None:
        return Task("Progress score", href, "How far you see the project, from 0.5 to 5.", TO_DO, "blue")
    said = f"Set on {say_date(far.scored_at, weekday=False)}."
    return Task("Progress score", href, said, str(far.score), completed=True)


def _review(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_review", args=[seat.project.pk])
    if far.review is None or far.review == State.WITHDRAWN:
        return Task("Review", href, "Sent when you think that it is ready.", "Not sent yet", cannot_start=True)
    state = State(far.review)
    if state in Submission.LIVE:
        return Task("Review", href, "", state.label, completed=True)
    return Task("Review", href, "Read what the reviewer wrote.", state.label, URGENT)


def _publication(seat: Seat, far: HowFar) -> Task:
    href = reverse("project_publication", args=[seat.project.pk])
    if far.publication is None or far.publication == Publication.State.TAKEN_BACK:
        hint = "So that others can learn from it, whether it worked or not."
        return Task("Publication", href, hint, "Not begun", cannot_start=True)
    state = Publication.State(far.publication)
    if state == Publication.State.PUBLISHED and far.decision == Approval.Decision.ENDED:
        hint = "Your organisation no longer approves. Ask whoever decided; a lead can take it out of the gallery."
        return Task("Publication", href, hint, "Published without approval", URGENT)
    if state == Publication.State.PUBLISHED:
        return Task("Publication", href, "", state.label, completed=True)
    hint = "Read what the editor wrote." if state == Publication.State.RETURNED else ""
    return Task("Publication", href, hint, state.label, URGENT if hint else "blue")


SECTIONS: Final[tuple[Section, ...]] = (
    *(_of("about"), _of("why"), _of(AIM), _of("ideas")),
    *(_diagram, _measures, _cycles, _files, _team, _approval, _statement),
    *(_coaching, _score, _review, _publication),
)


def sections(seat: Seat) -> list[Task]:
    """Return the line of each part."""
    far = how_far.read(seat.project, seat.side)
    return [section(seat, far) for section in SECTIONS]


def what_is_next(project: Project, tasks: Sequence[Task]) -> Task | None:
    """Return what a team does next: what somebody has answered, before what is not completed; None, if all is.

    Once a project has ended that is what was answered about its review or its publication, and nothing else.
    """
    after_its_end = (_review, _publication)
    open_now = [
        task
        for section, task in zip(SECTIONS, tasks, strict=True)
        if not task.completed and (project.is_going_on or (task.colour == URGENT and section in after_its_end))
    ]
    return next((task for task in open_now if task.colour == URGENT), None) or next(iter(open_now), None)
