"""Publishing a project: writing its story, sending it to an editor, what the editor decides, and taking it back.

Every step is one of STEPS, taken under the project's lock, as each person's answer whether to be named is
(`qi_projects.naming`). What an editor reads is what is published: words, charts and diagram are kept as they are sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from portal import outbox, together
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User
from portal.together import ChangedMeanwhile, Conflict, Settled
from portal.trail import Detail
from portal.trail.recording import LONGEST_DETAIL
from qi_projects import naming, public_parts
from qi_projects.coaches import people_of_team
from qi_projects.diagram import Level
from qi_projects.holding import hold, note
from qi_projects.models import Project, Publication, PublishedChart
from qi_projects.parts import aim_in_lines
from qi_projects.publishable import WORDS, what_is_missing
from qi_projects.refusals import NotToPublish, ProjectRefused, PublicationChanged, PublicationMoved

State = Publication.State
KEPT_ANEW: Final = (*WORDS, "setting", "theme", "result", "measures_shown", "shows_diagram")
"""What a publication that was taken back leaves to the next one of its project. Names are asked for anew."""
MOST_CHARTS: Final = 8


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a publication: from which states it leads, to which, and under which verb the trail has it."""

    sources: frozenset[State]
    target: State
    verb: str


STEPS: Final[Mapping[str, Step]] = {
    "send": Step(Publication.WRITTEN, State.SENT, "project.publication_sent"),
    "withdraw": Step(frozenset({State.SENT}), State.DRAFT, "project.publication_withdrawn"),
    "return": Step(frozenset({State.SENT}), State.RETURNED, "project.publication_returned"),
    "publish": Step(frozenset({State.SENT}), State.PUBLISHED, "project.published"),
    "take_back": Step(frozenset({State.PUBLISHED}), State.TAKEN_BACK, "project.publication_taken_back"),
    "take_down": Step(frozenset({State.PUBLISHED}), State.TAKEN_BACK, "project.publication_taken_down"),
}


# --- Writing it


@transaction.atomic
def begin(project: Project, *, by: User) -> Publication:
    """Begin a project's publication with what the project says, or with the one that was taken back last.

    One that is there already is returned. Raises ProjectRefused for a draft project, or ProjectGone.
    """
    held = hold(project)
    if held.is_private:
        raise ProjectRefused("A draft is your team's alone. Make the project active first.")
    if live := live_publication(held):
        return live
    earlier = held.publications.defer("search").first()
    words = {name: getattr(earlier, name) for name in KEPT_ANEW} if earlier else _first_words(held)
    begun = Publication.objects.create(project=held, **words)
    note(held, "project.publication_begun", by=by, is_activity=True, publication=begun.pk)
    return begun


def live_publication(project: Project) -> Publication | None:
    """Return the publication of a project that was not taken back, or None."""
    found = project.publications.live().select_related("theme").defer("search").first()
    if found:
        found.project = project
    return found


def _first_words(project: Project) -> dict[str, Any]:
    """Return what a project says already, for its publication to begin with."""
    ideas = project.diagram_items.filter(level=Level.IDEA, ramps__isnull=False).distinct()
    tried = [f"We tried out: {text}" for text in ideas.values_list("text", flat=True)]
    return {
        "title": project.title,
        "setting": project.setting,
        "theme": project.theme,
        "organisation_name": project.organisation.name if project.organisation else "",
        "noticed": "\n\n".join(filter(None, (project.noticed, project.why_it_matters))),
        "aim": aim_in_lines(project),
        "what_changed": "\n".join(filter(None, (project.first_change, *tried))),
        "what_came_of_it": project.ended_why,
    }


@transaction.atomic
def change(
    publication: Publication, given: Mapping[str, Any], *, seen: str, by: User, said_not_about_patients: bool = False
) -> Settled:
    """Put down what somebody wrote in some of a publication's fields, beside what others have changed meanwhile.

    Raises ChangedMeanwhile, PublicationMoved where an editor has it or everybody reads it, or ProjectGone.
    """
    held, current = naming.hold_publication(publication)
    if not current.is_written:
        raise PublicationMoved
    try:
        settled = together.settle(current, given, seen)
    except ChangedMeanwhile as refused:
        raise ChangedMeanwhile([_in_words(current, conflict) for conflict in refused.conflicts]) from refused
    if settled.changes:
        for field, value in settled.changes.items():
            setattr(current, field, value)
        current.version += 1
        current.save(update_fields=[*settled.changes, "version"])
        details: dict[str, Detail] = {"fields": ",".join(sorted(settled.changes))[:LONGEST_DETAIL]}
        if said_not_about_patients:
            details["said_not_about_patients"] = True
        note(held, "project.publication_changed", by=by, is_activity=True, publication=current.pk, **details)
    return settled


def _in_words(current: Publication, conflict: Conflict) -> Conflict:
    """Say by their names which charts somebody else has chosen."""
    if conflict.field != "measures_shown":
        return conflict
    return Conflict(conflict.field, conflict.label, "\n".join(public_parts.names_of_chosen(current)) or "None")


# --- Steps


@transaction.atomic
def send(publication: Publication, *, by: User) -> Publication:
    """Send a publication to an editor, with its charts and its diagram as they are now; ask whom to name.

    Raises NotToPublish where something is missing, PublicationMoved, or ProjectGone.
    """
    held, current = _begin_step("send", publication)
    shown = public_parts.shown_now(current)
    if missing := what_is_missing(held, shown):
        raise NotToPublish(f"It cannot be sent yet. Still to do: {', '.join(missing).lower()}.")
    PublishedChart.objects.bulk_create(
        PublishedChart(publication=current, position=position, shown=chart)
        for position, chart in enumerate(shown.charts, start=1)
    )
    current.diagram, current.sent_by, current.sent_at = shown.diagram, by, timezone.now()
    _end_step("send", held, current, "sent_by", "sent_at", by=by)
    naming.ask(held, current)
    naming.ask_again(held, current)
    return current


@transaction.atomic
def withdraw(publication: Publication, *, by: User) -> None:
    """Take a publication back from the editor, to go on writing. Raises PublicationMoved or ProjectGone."""
    held, current = _begin_step("withdraw", publication)
    # No editor reads it any more, as if it had not been sent.
    current.sent_at = current.sent_by = None
    _end_step("withdraw", held, current, "sent_at", "sent_by", by=by)


@transaction.atomic
def send_back(publication: Publication, reasons: str, *, read: int, by: User) -> None:
    """Return a publication to its team, which is told, with reasons; `read` is the version that was read.

    Raises PublicationMoved, PublicationChanged, NotToPublish for somebody of the team, or ProjectGone.
    """
    held, current = _begin_step("return", publication, read=read, by=by)
    current.reasons, current.decided_by, current.decided_at = reasons, by, timezone.now()
    _end_step("return", held, current, "reasons", "decided_by", "decided_at", by=by)
    _tell(current, "publication.returned")
    let_author_stay(by.pk)


@transaction.atomic
def publish(publication: Publication, *, read: int, by: User) -> None:
    """Let everybody read a publication, of which the editor has read this version. Its team is told.

    Raises PublicationMoved, PublicationChanged, NotToPublish for somebody of the team or where what has to be there is
    there no longer, or ProjectGone.
    """
    held, current = _begin_step("publish", publication, read=read, by=by)
    if missing := what_is_missing(held, public_parts.shown_now(current)):
        raise NotToPublish(f"It cannot be published: {', '.join(missing).lower()}. Return it to its team.")
    now = timezone.now()
    current.published_at = current.decided_at = now
    current.reasons, current.decided_by = "", by
    _end_step("publish", held, current, "published_at", "decided_at", "decided_by", "reasons", by=by)
    _tell(current, "publication.published")


@transaction.atomic
def take_back(publication: Publication, *, by: User) -> None:
    """Take a publication out of the gallery, as one of those who lead its project. Raises PublicationMoved."""
    held, current = _begin_step("take_back", publication)
    current.ended_by, current.ended_at = by, timezone.now()
    _end_step("take_back", held, current, "ended_by", "ended_at", by=by)
    naming.let_names_go(current)


@transaction.atomic
def take_down(publication: Publication, why: str, *, by: User) -> None:
    """Take a publication out of the gallery as an editor, with why; its team is told. Raises PublicationMoved."""
    held, current = _begin_step("take_down", publication)
    current.ended_by, current.ended_at, current.ended_why, current.taken_down = by, timezone.now(), why, True
    _end_step("take_down", held, current, "ended_by", "ended_at", "ended_why", "taken_down", by=by)
    naming.let_names_go(current)
    _tell(current, "publication.taken_down")
    let_author_stay(by.pk)


def may_step(deed: str, publication: Publication) -> bool:
    """Say whether a step can be taken from where a publication stands."""
    return publication.state in STEPS[deed].sources


def _begin_step(
    deed: str, publication: Publication, *, read: int | None = None, by: User | None = None
) -> tuple[Project, Publication]:
    """Hold a publication as it stands, if a step can be taken from there; by an editor, who has read this version."""
    held, current = naming.hold_publication(publication)
    if not may_step(deed, current):
        raise PublicationMoved
    if by and held.team.filter(user=by).exists():
        raise NotToPublish("You are, or were, in the team of this project. Another editor decides.")
    if read is not None and current.version != read:
        raise PublicationChanged
    return held, current


def _end_step(deed: str, held: Project, current: Publication, *columns: str, by: User) -> None:
    """Save how a publication stands after a step. Of one that is written on again no chart and no diagram are kept.

    They are made anew as it is sent again.
    """
    step = STEPS[deed]
    current.state = step.target
    current.version += 1
    if current.is_written:
        current.diagram = None
    current.save(update_fields=["state", "version", "diagram", *columns])
    if current.is_written:
        current.charts.all().delete()
    is_theirs = deed in {"send", "withdraw", "take_back"}
    note(held, step.verb, by=by, is_activity=is_theirs, publication=current.pk)


def _tell(publication: Publication, rule: str) -> None:
    subject = f"publication:{publication.pk}:{publication.version}"
    outbox.write_many(rule, [(subject, person) for person in people_of_team(publication.project)])
