"""What has to be there before a project is published.

It came to something, its organisation approves, it is said to hold no patient data, and its story is whole, has the
charts that were chosen, and names nobody of the team.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from portal.accounts.names import folded
from portal.together import label
from qi_projects.models import Approval, Project, Publication, Submission
from qi_projects.public_parts import Shown
from qi_projects.reviewing import Point, patients_protected

WORDS: Final = ("title", "organisation_name", "noticed", "aim", "what_changed", "what_came_of_it", "tell_next")
NEEDED: Final = ("title", "setting", "aim", "what_changed", "result", "what_came_of_it")
"""What a story has to say before an editor reads it; PostgreSQL holds the same."""


def checklist(project: Project, shown: Shown | None) -> Sequence[Point]:
    """Return what has to be there before a project is published, as it would be `shown`, and whether it is.

    Sending, publishing and the team's page ask this alone: somebody may have joined the team meanwhile, whose name
    stands on a chart that was kept before.
    """
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
        patients_protected(project),
    ]
    if shown:
        publication = shown.publication
        said = [label(publication, name).lower() for name in NEEDED if not getattr(publication, name)]
        found += [
            Point(
                "The whole story",
                f"Still to say: {', '.join(said)}." if said else "",
                not said,
                is_needed=True,
                route="project_publication",
            ),
            Point(
                "Every chosen chart can be shown",
                " ".join([*shown.left_out, "Choose others, or say in words what you saw."])
                if shown.left_out
                else "No chart tells numbers of few people.",
                not shown.left_out,
                is_needed=True,
                route="publication_charts",
            ),
            Point(
                "No name of your team in the words, on the charts or in the driver diagram",
                "Names stand under the story alone, where each person can take back their own.",
                not holds_names(project, [*_words_of(publication), *shown.texts()]),
                is_needed=True,
                route="project_publication",
            ),
        ]
    return found


def what_is_missing(project: Project, shown: Shown) -> list[str]:
    """Return by their names the points that are not there: nothing, if it can be published."""
    return [point.name for point in checklist(project, shown) if not point.is_there]


def _words_of(publication: Publication) -> list[str]:
    return [getattr(publication, name) for name in WORDS]


def holds_names(project: Project, texts: Iterable[str]) -> bool:
    """Say whether a text holds the whole name of somebody who is or was in the team, or who approved of the project.

    Whatever stands between its words, and with the last of them first, it is a name. One of a single word is left to
    the editor: Hope and Grace stand in many texts.
    """
    people = project.team.filter(user__is_active=True).values_list("user__name", flat=True)
    names = {_bare(name) for name in (*people, *project.approvals.values_list("approver_name", flat=True))}
    whole = [f" {name} " for name in names if " " in name]
    turned = [f" {last} {first} " for first, _, last in (name.strip().rpartition(" ") for name in whole)]
    return any(name in f" {_bare(text)} " for text in texts for name in (*whole, *turned))


def _bare(text: str) -> str:
    """Return a text as words alone, folded: without marks that are seen nowhere, and without punctuation."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return " ".join(re.sub(r"[\W_]+", " ", folded(seen)).split())
