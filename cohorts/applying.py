"""Expressing interest in a cohort: an application that is kept from answer to answer, and sent once."""

from dataclasses import dataclass
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cohorts.enrolment import hold
from cohorts.models import Application, ApplicationAnswer, ApplicationQuestion, Cohort, Membership
from cohorts.offering import Closed, PlaceRefused
from cohorts.refusals import AccountMerged, merged_are_refused
from portal import outbox, trail
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import JobRole, Organisation, User

State = Membership.State

ORGANISATION: Final = "organisation"
JOB_ROLE: Final = "job-role"
UNTOLD: Final = frozenset({State.NOMINATED, State.APPLIED})
"""From which states somebody comes to have applied: nominated, or with a yes to that."""


class ApplicationsClosed(Closed):
    """Nobody can apply any more, or not yet. What was written is kept."""

    def __init__(self, cohort: Cohort) -> None:
        super().__init__("Applications", cohort)


class Incomplete(PlaceRefused):
    """Something that has to be answered was not; `step` is the first of it."""

    def __init__(self, step: "Step") -> None:
        self.step = step
        super().__init__("Something is not answered yet.")


class NotForYouAgain(PlaceRefused):
    """The person has, had, or was refused a place in this cohort."""

    def __init__(self) -> None:
        super().__init__("You are on the list of this cohort already, so you cannot apply for it again.")


@dataclass(frozen=True, slots=True)
class Step:
    """One question of an application, with what was answered; None where it was not asked yet."""

    key: str
    label: str
    said: str | None
    question: ApplicationQuestion | None = None

    @property
    def is_answered(self) -> bool:
        """Say whether the person has been there."""
        return self.said is not None


def begin(cohort: Cohort, person: User) -> Application:
    """Return somebody's application to a cohort, begun now if there is none, with where they work and as what.

    Raises PlaceRefused: ApplicationsClosed for a new one, NotForYouAgain, or for an account that was just closed.
    """
    found = Application.objects.filter(user=person, cohort=cohort).select_related("organisation", "job_role").first()
    membership = Membership.objects.filter(user=person, cohort=cohort).first()
    if found and not (found.sent_at and membership and membership.state in Membership.LEFT):
        return found
    if not cohort.takes_applications:
        raise ApplicationsClosed(cohort)
    if membership and not _may_apply(membership):
        raise NotForYouAgain
    if found:  # who said no, or left before they had a place, may change their mind
        Application.objects.filter(pk=found.pk).update(sent_at=None)
        found.sent_at = None
        return found
    known = {"organisation": person.organisation, "job_role": person.job_role}
    with merged_are_refused(PlaceRefused(AccountMerged.message)):
        found, _ = Application.objects.get_or_create(user=person, cohort=cohort, defaults=known)
    return found


def is_final(application: Application) -> bool:
    """Say whether an application was sent, by somebody who has not left or said no since: they may send it anew."""
    membership = Membership.objects.filter(user=application.user_id, cohort=application.cohort_id).first()
    return bool(application.sent_at) and not (membership and membership.may_apply_again)


def steps(application: Application) -> list[Step]:
    """Return what is asked, in order."""
    answers = {answer.question_id: answer.text for answer in application.answers.all()}
    asked = ApplicationQuestion.objects.filter(programme=application.cohort.programme_id)
    return [
        Step(ORGANISATION, "Where do you work?", _name(application.organisation)),
        Step(JOB_ROLE, "What is your job role?", _name(application.job_role)),
        *(Step(str(question.pk), question.text, answers.get(question.pk), question) for question in asked),
    ]


def _name(chosen: object | None) -> str | None:
    return str(chosen) if chosen else None


def answer(application: Application, question: ApplicationQuestion, text: str) -> None:
    """Keep an answer, in the place of one before. Of an application that was sent nothing changes."""
    with transaction.atomic():
        if _hold(application).sent_at is None:
            ApplicationAnswer.objects.update_or_create(
                application=application, question=question, defaults={"asked": question.text, "text": text}
            )
            let_author_stay(application.user_id)


def say_of_oneself(application: Application, field: str, value: Organisation | JobRole) -> None:
    """Keep where somebody works, or as what. Of an application that was sent nothing changes."""
    with transaction.atomic():
        held = _hold(application)
        if held.sent_at is None:
            setattr(held, field, value)
            held.save(update_fields=[field])


def send(application: Application) -> Membership:
    """Send an application: its person has applied then, and is told so. Sending it again changes nothing.

    Raises PlaceRefused: ApplicationsClosed, Incomplete, NotForYouAgain, or for an account that was just closed.
    """
    with merged_are_refused(PlaceRefused(AccountMerged.message)), transaction.atomic():
        cohort = hold(application.cohort)
        application = _hold(application)
        membership = Membership.objects.filter(user=application.user_id, cohort=cohort).first()
        if application.sent_at and membership and membership.state not in Membership.LEFT:
            return membership
        if not cohort.takes_applications:
            raise ApplicationsClosed(cohort)
        missing = next((step for step in steps(application) if _is_missing(step)), None)
        if missing:
            raise Incomplete(missing)
        if membership and not _may_apply(membership):
            raise NotForYouAgain
        membership = membership or Membership(user=application.user, cohort=cohort)
        membership.state, membership.since, membership.reason = State.APPLIED, timezone.now(), ""
        membership.organisation, membership.job_role = application.organisation, application.job_role
        membership.sequence += 1
        membership.save()
        application.sent_at = timezone.now()
        application.save(update_fields=["sent_at"])
        trail.record("place.applied", actor=application.user, subject=membership)
        outbox.write(
            "place.received", subject=f"place:{membership.pk}:{membership.sequence}", person=membership.user_id
        )
    return membership


def _may_apply(membership: Membership) -> bool:
    return membership.state in UNTOLD or membership.may_apply_again


def _is_missing(step: Step) -> bool:
    if step.question is None:
        return not step.is_answered
    return step.question.required and not step.said


def forget(person: User) -> None:
    """Delete a person's applications, and what is being answered in them at this moment."""
    theirs = Application.objects.filter(user=person)
    list(theirs.select_for_update().order_by("pk").values_list("pk"))
    theirs.delete()


def _hold(application: Application) -> Application:
    """Lock an application and return it as it is now. Raises PermissionDenied for one that was deleted meanwhile."""
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    held = rows.select_related("cohort", "user", "organisation", "job_role").filter(pk=application.pk).first()
    if held is None:
        raise PermissionDenied("This application has been deleted.")
    return held
