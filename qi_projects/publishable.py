"""What has to be there before a project is published.

It came to something, its organisation approves, it is said to hold no patient data, and its story is whole and names
nobody of the team.
"""

import re
from collections.abc import Sequence
from typing import Final

from portal.accounts.names import folded
from qi_projects.models import Approval, Project, Publication, Submission
from qi_projects.reviewing import Point

WORDS: Final = ("title", "organisation_name", "noticed", "aim", "what_changed", "what_came_of_it", "tell_next")
NEEDED: Final = ("title", "setting", "aim", "what_changed", "result", "what_came_of_it")
"""What a story has to say before an editor reads it; PostgreSQL holds the same."""


def checklist(project: Project, publication: Publication | None) -> Sequence[Point]:
    """Return what has to be there before a project is published, and whether it is."""
    approval = project.approvals.first()
    accepted = project.submissions.filter(state=Submission.State.ACCEPTED)
    found = [
        Point(
            "The project has ended, or a review has accepted it",
            "What others learn from has come to something, also where it did not work.",
            not project.is_private and (not project.is_going_on or accepted.exists()),
            is_needed=True,
            route="project_review" if project.is_going_on else "project",
        ),
        Point(
            "Your organisation's approval",
            "It stands on record that your organisation approves, and the latest answer is yes.",
            approval is not None and approval.decision == Approval.Decision.APPROVED,
            is_needed=True,
            route="project_approval",
        ),
        Point(
            "Ethics and patient data",
            "Somebody of the team says that it is improvement work, or gives its reference, and that nothing in it "
            "identifies a patient.",
            project.statements.exists(),
            is_needed=True,
            route="project_statement",
        ),
    ]
    if publication:
        said = [str(publication._meta.get_field(name).verbose_name) for name in _missing(publication)]  # type: ignore[union-attr]  # own columns
        found += [
            Point(
                "The whole story",
                f"Still to say: {', '.join(said)}." if said else "",
                not said,
                is_needed=True,
                route="project_publication",
            ),
            Point(
                "No name of your team in the words",
                "Names stand under the story alone, where each person can take back their own.",
                not holds_names(project, _words_of(publication)),
                is_needed=True,
                route="project_publication",
            ),
        ]
    return found


def what_is_missing(project: Project, publication: Publication) -> list[str]:
    """Return by their names the points that are not there: nothing, if it can be published."""
    return [point.name for point in checklist(project, publication) if not point.is_there]


def _missing(publication: Publication) -> list[str]:
    return [name for name in NEEDED if not getattr(publication, name)]


def _words_of(publication: Publication) -> str:
    return "\n".join(getattr(publication, name) for name in WORDS)


def holds_names(project: Project, text: str) -> bool:
    """Say whether a text holds the whole name of somebody who is or was in the team, or who approved of the project.

    A name of one word is left to the editor: Hope and Grace stand in many texts.
    """
    people = project.team.filter(user__is_active=True).values_list("user__name", flat=True)
    names = {folded(name) for name in (*people, *project.approvals.values_list("approver_name", flat=True))}
    found = folded(text)
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", found) for name in names if " " in name)
