"""Sending a project for review, and what a reviewer decides: returned with reasons, or accepted.

Of two reviewers at once the second is told what the first has decided: both hold the project's row, and PostgreSQL
holds that a project is under review or accepted once. What is accepted counts for the team in the same transaction
(`qi_projects.crediting`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from cohorts.deadlocks import again_after_deadlock
from portal import outbox
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User
from qi_projects import crediting
from qi_projects.coaches import people_of_team
from qi_projects.holding import hold, note
from qi_projects.models import Approval, Project, Submission
from qi_projects.parts import AIM, part
from qi_projects.refusals import ChangedSinceRead, NotForReview, ReviewMoved

State = Submission.State
SENT_FROM: Final = frozenset({Project.State.ACTIVE, Project.State.FINISHED})
"""How a project stands that can be sent. From a draft it first becomes active, so that others may read it."""


@dataclass(frozen=True, slots=True)
class Point:
    """One point of what a reviewer looks for: what it is, why, whether it is there, and whether it must be.

    `route` is the name of the page on which it is done, `key` what its address names besides the project.
    """

    name: str
    why: str
    is_there: bool
    is_needed: bool
    route: str
    key: str = ""


def patients_protected(project: Project) -> Point:
    """Return the point on which nobody else reads a project, a reviewer or the public: what protects patients."""
    return Point(
        "Ethics and patient data",
        "Somebody of the team says that it is improvement work, or gives its reference, and that nothing in it "
        "identifies a patient.",
        project.statements.exists(),
        is_needed=True,
        route="project_statement",
    )


def checklist(project: Project) -> Sequence[Point]:
    """Return what a reviewer looks for. Only what protects patients, and an aim to go by, has to be there."""
    latest = project.approvals.first()
    return (
        Point(
            "The project is active",
            "A draft is read by nobody but its team.",
            project.state in SENT_FROM,
            is_needed=True,
            route="project",
        ),
        Point(
            "A whole aim",
            "What will change, by how much, by when and for whom: a reviewer reads everything else against it.",
            all(getattr(project, field) for field in part(AIM).fields),
            is_needed=True,
            route="project_edit",
            key=AIM,
        ),
        patients_protected(project),
        Point(
            "Your organisation's approval",
            "Where your organisation asks for one. If yours does not, say so to the reviewer below.",
            latest is not None and latest.decision == Approval.Decision.APPROVED,
            is_needed=False,
            route="project_approval",
        ),
        Point(
            "A progress score",
            "How far you see the project yourselves. A project need not have succeeded to be accepted.",
            project.scores.exists(),
            is_needed=False,
            route="project_score",
        ),
        Point(
            "Somebody for whose cohort it counts",
            "It can be accepted without. It then completes nothing in “Your programme” for anybody.",
            bool(crediting.counts_for(project)),
            is_needed=False,
            route="project_my_part",
        ),
    )


def live_submission(project: Project) -> Submission | None:
    """Return what waits for review or is accepted, with who sent and who decided it."""
    rows = project.submissions.filter(state__in=Submission.LIVE)
    return rows.select_related("submitted_by", "decided_by").first()


def has_changed(submission: Submission, project: Project) -> bool:
    """Say whether a project is no longer as it was sent."""
    return project.version != submission.version


@transaction.atomic
def submit(project: Project, note_to_reviewer: str, *, by: User) -> Submission:
    """Send a project for review as it stands now.

    Raises NotForReview where something is missing that has to be there, ReviewMoved where it was sent or accepted
    already, or ProjectGone.
    """
    held = hold(project)
    if missing := [point.name for point in checklist(held) if point.is_needed and not point.is_there]:
        raise NotForReview(f"It cannot be sent yet. Still missing: {', '.join(missing).lower()}.")
    if live_submission(held):
        raise ReviewMoved
    sent = Submission.objects.create(project=held, version=held.version, note=note_to_reviewer, submitted_by=by)
    note(held, "project.submitted", by=by, is_activity=True, submission=sent.pk)
    let_author_stay(by.pk)
    return sent


@transaction.atomic
def withdraw(submission: Submission, *, by: User) -> None:
    """Take a project back before anybody has decided. Raises ReviewMoved or ProjectGone."""
    held = hold(submission.project)
    current = _as_it_stands(held, submission, State.WAITING)
    current.state = State.WITHDRAWN
    current.save(update_fields=["state"])
    note(held, "project.submission_withdrawn", by=by, is_activity=True, submission=current.pk)


@transaction.atomic
def send_back(submission: Submission, reasons: str, *, read: int, by: User) -> None:
    """Return a project to its team, which is told, with reasons; `read` is the project's version that was read.

    Raises ReviewMoved, ChangedSinceRead, NotForReview for somebody of the team, or ProjectGone.
    """
    held = hold(submission.project)
    current = _decide(held, submission, State.RETURNED, reasons, read=read, by=by)
    note(held, "project.returned", by=by, submission=current.pk)
    _tell(current, "review.returned")
    let_author_stay(by.pk)


@again_after_deadlock
@transaction.atomic
def accept(submission: Submission, words: str = "", *, read: int, by: User) -> None:
    """Accept a project: it counts for its team, which is told. `read` is the project's version that was read.

    Raises ReviewMoved, ChangedSinceRead, NotForReview for somebody of the team, or ProjectGone.
    """
    crediting.hold_memberships(submission.project)
    held = hold(submission.project)
    current = _decide(held, submission, State.ACCEPTED, words, read=read, by=by)
    given = crediting.give(current, by=by)
    note(held, "project.accepted", by=by, submission=current.pk, counts_for=len(given))
    _tell(current, "review.accepted")
    let_author_stay(by.pk)


@again_after_deadlock
@transaction.atomic
def undo(submission: Submission, why: str, *, by: User) -> None:
    """Take an acceptance back, with why: what it counted for is withdrawn, and the team is told.

    Raises ReviewMoved for what is not accepted.
    """
    crediting.hold_memberships(submission.project)
    held = hold(submission.project)
    current = _as_it_stands(held, submission, State.ACCEPTED)
    current.state, current.undone_by, current.undone_at, current.undone_why = State.UNDONE, by, timezone.now(), why
    current.save(update_fields=["state", "undone_by", "undone_at", "undone_why"])
    crediting.take_back(current, by=by)
    note(held, "project.acceptance_taken_back", by=by, submission=current.pk)
    _tell(current, "review.undone")
    let_author_stay(by.pk)


def _decide(held: Project, submission: Submission, state: str, words: str, *, read: int, by: User) -> Submission:
    current = _as_it_stands(held, submission, State.WAITING)
    if held.team.filter(user=by).exists():
        raise NotForReview("You are, or were, in the team of this project. Somebody else reviews it.")
    if held.version != read:
        raise ChangedSinceRead
    current.state, current.reasons, current.decided_by, current.decided_at = state, words, by, timezone.now()
    current.save(update_fields=["state", "reasons", "decided_by", "decided_at"])
    return current


def _as_it_stands(held: Project, submission: Submission, state: str) -> Submission:
    current = Submission.objects.filter(pk=submission.pk, state=state).first()
    if current is None:
        raise ReviewMoved
    current.project = held
    return current


def _tell(submission: Submission, rule: str) -> None:
    people = people_of_team(submission.project)
    outbox.write_many(rule, [(f"submission:{submission.pk}", person) for person in people])
