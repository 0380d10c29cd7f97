"""What a team and its coaches say to one another: comments on a part of the project, and calls for help.

One side has the next word until somebody marks the thread as dealt with. Nothing of the project itself changes by it.
"""

from typing import Final

from django.db import transaction
from django.utils import timezone

from portal import outbox
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User
from qi_projects.coaches import coaches_of, people_of_team
from qi_projects.holding import hold, hold_going_on, note
from qi_projects.models import Project, Side, Thread, ThreadMessage
from qi_projects.parts import PARTS as FIELDS
from qi_projects.refusals import ProjectRefused, ThreadSettled

PARTS: Final = (
    *((part.key, part.title) for part in FIELDS),
    *(("diagram", "Driver diagram"), ("measures", "Measures"), ("cycles", "PDSA cycles"), ("files", "Files")),
    *(("team", "Team"), ("approval", "Approval and ethics")),
)
"""What a comment can be on: key and title."""
WHOLE: Final = "The whole project"
_TITLES: Final = dict(PARTS)


def title_of(part: str) -> str:
    """Return how a part is called; the whole project, for what is no part any more."""
    return _TITLES.get(part, WHOLE)


@transaction.atomic
def comment(project: Project, text: str, *, part: str, by: User) -> Thread:
    """Let a coach comment on a part, or on the whole; the team is told. Raises ProjectOver or ProjectGone."""
    held = hold_going_on(project)
    thread = Thread(project=held, kind=Thread.Kind.COMMENT, part=part, waits_for=Side.TEAM)
    return _begin(held, thread, text, side=Side.COACH, by=by, verb="project.commented")


@transaction.atomic
def ask_for_help(project: Project, text: str, *, help_with: str, part: str = "", by: User) -> Thread:
    """Let somebody of the team ask its coaches for help, who are told. Raises ProjectOver or ProjectGone.

    A project without a coach can ask as well: it waits for the one that it gets.
    """
    held = hold_going_on(project)
    thread = Thread(project=held, kind=Thread.Kind.HELP, help_with=help_with, part=part, waits_for=Side.COACH)
    return _begin(held, thread, text, side=Side.TEAM, by=by, verb="project.asked_for_help")


@transaction.atomic
def answer(thread: Thread, text: str, *, side: str, by: User) -> ThreadMessage:
    """Add to a thread, as somebody of one side; the other is told. Raises ThreadSettled, ProjectOver, ProjectGone."""
    held = hold_going_on(thread.project)
    current = _open(thread)
    current.waits_for = Side.COACH if side == Side.TEAM else Side.TEAM
    current.waits_since = timezone.now()
    current.save(update_fields=["waits_for", "waits_since"])
    return _say(held, current, text, side=side, by=by, verb="project.thread_answered")


@transaction.atomic
def settle(thread: Thread, *, side: str, by: User) -> None:
    """Mark a thread as dealt with. One that is stays as it is. Raises ProjectGone."""
    held = hold(thread.project)
    current = Thread.objects.get(pk=thread.pk)
    if current.settled_at:
        return
    current.settled_at, current.settled_by, current.waits_for = timezone.now(), by, ""
    current.save(update_fields=["settled_at", "settled_by", "waits_for"])
    note(held, "project.thread_settled", by=by, is_activity=side == Side.TEAM, thread=current.pk)


def _begin(held: Project, thread: Thread, text: str, *, side: str, by: User, verb: str) -> Thread:
    thread.save()
    _say(held, thread, text, side=side, by=by, verb=verb)
    return thread


def _say(held: Project, thread: Thread, text: str, *, side: str, by: User, verb: str) -> ThreadMessage:
    message = ThreadMessage.objects.create(thread=thread, side=side, author=by, text=text)
    note(held, verb, by=by, is_activity=side == Side.TEAM, thread=thread.pk)
    subject = f"thread-message:{message.pk}"
    if side == Side.TEAM:
        on_duty = {coach.on_duty.pk for coach in coaches_of(held) if coach.on_duty}
        outbox.write_many("coaching.team_wrote", [(subject, person) for person in sorted(on_duty - {by.pk})])
    else:
        told = set(people_of_team(held)) - {by.pk}
        outbox.write_many("coaching.coach_wrote", [(subject, person) for person in sorted(told)])
    let_author_stay(by.pk)
    return message


def _open(thread: Thread) -> Thread:
    current = Thread.objects.filter(pk=thread.pk).first()
    if current is None:
        raise ProjectRefused
    if current.settled_at:
        raise ThreadSettled
    return current
