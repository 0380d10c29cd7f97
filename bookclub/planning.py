"""Setting a meeting: chapters to have read, prompts to talk about, and a guide for whoever leads it.

Each verb holds the meeting's plan, so that of two who write at once the second finds it as the first has left it. The
trail says that something was written and in which fields, never what.
"""

from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.db.models import F, Max

from bookclub.models import MeetingPlan, Prompt
from bookclub.refusals import MeetingCancelled, PromptGone, PromptReworded, TooManyPrompts
from cohorts.models import Session
from portal import trail
from portal.accounts.models import User
from portal.together import Settled, settle

MOST_PROMPTS: Final = 20


def plan_of(meeting: Session) -> MeetingPlan:
    """Return what is set for a meeting: a plan that is not saved, where nothing is."""
    return MeetingPlan.objects.filter(session=meeting).first() or MeetingPlan(session=meeting)


@transaction.atomic
def write(meeting: Session, given: Mapping[str, str], *, seen: str, by: User) -> Settled:
    """Put down `chapters` and `guide`, beside what somebody else has changed since the page was opened.

    `seen` is what the page carried (`together.seen`). Raises MeetingCancelled, and ChangedMeanwhile with nothing done.
    """
    plan = _hold(meeting)
    settled = settle(plan, given, seen)
    if settled.changes:
        for name, value in settled.changes.items():
            setattr(plan, name, value)
        plan.save(update_fields=[*settled.changes])
        trail.record("meetingplan.written", actor=by, subject=plan, fields=",".join(sorted(settled.changes)))
    return settled


@transaction.atomic
def add_prompt(meeting: Session, text: str, *, by: User) -> Prompt:
    """Add a prompt at the end. Raises MeetingCancelled, TooManyPrompts."""
    plan = _hold(meeting)
    last = plan.prompts.aggregate(last=Max("position"))["last"] or 0
    if last >= MOST_PROMPTS:
        raise TooManyPrompts
    prompt = Prompt.objects.create(plan=plan, position=last + 1, text=text)
    trail.record("prompt.added", actor=by, subject=prompt, plan=plan.pk)
    return prompt


@transaction.atomic
def change_prompt(meeting: Session, prompt: Prompt, given: Mapping[str, str], *, seen: str, by: User) -> Settled:
    """Put a prompt in other words; what members wrote to it stays with the words to which they wrote it.

    Raises MeetingCancelled, PromptGone, and ChangedMeanwhile with nothing done.
    """
    plan = _hold(meeting)
    held = _on_list(plan, prompt)
    settled = settle(held, given, seen)
    if settled.changes:
        position, held.position = held.position, None
        held.save(update_fields=["position"])
        held.reworded_as = Prompt.objects.create(plan=plan, position=position, text=settled.changes["text"])
        held.save(update_fields=["reworded_as"])
        trail.record("prompt.changed", actor=by, subject=held, plan=plan.pk, by_which=held.reworded_as.pk)
    return settled


@transaction.atomic
def move_prompt(meeting: Session, prompt: Prompt, *, by: User) -> None:
    """Let a prompt and the one before it change places; the first stays. Raises MeetingCancelled, PromptGone."""
    plan = _hold(meeting)
    held = _on_list(plan, prompt)
    other = plan.prompts.filter(position__lt=held.position).order_by("-position").first()
    if other is None:
        return
    held.position, other.position = other.position, held.position
    Prompt.objects.bulk_update([held, other], ["position"])
    trail.record("prompt.moved", actor=by, subject=held, plan=plan.pk)


@transaction.atomic
def take_off_prompt(meeting: Session, prompt: Prompt, *, by: User) -> None:
    """Take a prompt off in the words in which somebody saw it; what people wrote to it stays with them.

    Raises MeetingCancelled, PromptGone, PromptReworded.
    """
    plan = _hold(meeting)
    held = _on_list(plan, prompt)
    if held != prompt:
        raise PromptReworded
    position, held.position = held.position, None
    held.save(update_fields=["position"])
    plan.prompts.filter(position__gt=position).update(position=F("position") - 1)
    trail.record("prompt.taken_off", actor=by, subject=held, plan=plan.pk)


def _hold(meeting: Session) -> MeetingPlan:
    """Lock a meeting's plan, which is made where there was none. Raises MeetingCancelled."""
    if not Session.objects.scheduled().filter(pk=meeting.pk).exists():
        raise MeetingCancelled
    MeetingPlan.objects.bulk_create([MeetingPlan(session=meeting)], ignore_conflicts=True)
    return MeetingPlan.objects.select_for_update(no_key=True).get(session=meeting)


def _on_list(plan: MeetingPlan, prompt: Prompt) -> Prompt:
    held = plan.prompts.get(pk=prompt.pk).as_it_stands
    if held.position is None:
        raise PromptGone
    return held
