"""One row of each category, of which somebody is the person and that dates from a moment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.utils import timezone

from bookclub import asking, bookmarks, lending, suggesting
from bookclub.models import CopyRequest, Loan, Reading, Reflection, Suggestion, Thread
from cohorts import conversations
from cohorts.models import (
    Application,
    ApplicationAnswer,
    Booking,
    Champion,
    ChampionNomination,
    Cohort,
    Conversation,
    Evaluation,
    EvaluationAnswer,
    EvaluationQuestion,
    GraduationInvitation,
    Membership,
    Session,
    Study,
)
from portal.accounts import needs
from portal.accounts.models import Invitation, Needs, User
from portal.outbox.models import Message
from qi_projects import inviting, publishing
from qi_projects.models import CoachAbsence, Project, Publication, TeamInvitation
from qi_projects.models.teams import Role
from tests.bookclub.lending import make_copy, make_loan
from tests.bookclub.making import make_listed
from tests.bookclub.reflections import write
from tests.bookclub.threads import make_talk, report, say
from tests.cohorts.champions import make_champion, seat
from tests.factories import make_admin, make_booking, make_cohort, make_course, make_membership, make_session, make_user
from tests.factories import make_invitation as make_invitation_to_graduation
from tests.qi_projects.making import make_active, make_draft
from tests.qi_projects.publishing import agree, make_ended, make_published

State = Membership.State


def make_message(at: datetime, person: User) -> None:
    """Make the record of a message that was written at a moment, and sent."""
    Message.objects.create(
        rule="booking.booked", subject="booking:1", person=person, priority=1, state=Message.State.SENT,
        created_at=at, sent_at=at,
    )  # fmt: skip


def make_unproven(at: datetime, person: User) -> None:
    """Make an account that was made at a moment, and whose address nobody has proved."""
    EmailAddress.objects.filter(user=person).update(verified=False)
    User.objects.filter(pk=person.pk).update(date_joined=at)


def make_unused(at: datetime, person: User) -> None:
    """Make an account that was last signed in to at a moment."""
    User.objects.filter(pk=person.pk).update(date_joined=at - timedelta(days=30), last_login=at)


def make_invitation(at: datetime, person: User) -> None:
    """Make an invitation that was sent at a moment, and accepted."""
    Invitation.objects.create(
        email=person.email, token_hash=f"{person.pk}", invited_by=make_admin(), sent_at=at, accepted_at=at
    )


def make_application(at: datetime, person: User, *, state: str = "", ends: bool = False) -> None:
    """Make an application to a cohort that starts, or with `ends` ends, on a moment's day; sent, if it has a state."""
    day = timezone.localdate(at)
    starts_on = day - timedelta(days=100) if ends else day
    cohort = make_cohort(starts_on=starts_on, ends_on=starts_on + timedelta(days=100))
    if state:
        make_membership(person, cohort, state=state)
    application = Application.objects.create(user=person, cohort=cohort, sent_at=at if state else None)
    ApplicationAnswer.objects.create(application=application, asked="Why?", text="To change something")


def ended(at: datetime, person: User) -> Session:
    """Make a session that ended at a moment, and that a person has booked."""
    booking: Booking = make_booking(person, make_session(cohort=make_cohort()))
    Session.objects.filter(pk=booking.session_id).update(starts_at=at - timedelta(hours=1), ends_at=at)
    return booking.session


def make_cancelled(at: datetime, person: User) -> None:
    """Make a booking that was cancelled for a reason, of a session that ended at a moment."""
    session = ended(at, person)
    Booking.objects.filter(session=session).update(
        state=Booking.State.CANCELLED, cancel_reason="A night shift", next_reminder_at=None
    )


def make_invited(at: datetime, person: User) -> None:
    """Make an invitation to a graduation whose session ended at a moment."""
    graduation = make_invitation_to_graduation(person).graduation
    Session.objects.filter(pk=graduation.session_id).update(starts_at=at - timedelta(hours=1), ends_at=at)


def make_leaver(at: datetime, person: User) -> None:
    """Make a membership that was left at a moment, of a cohort that had ended."""
    starts_on = timezone.localdate(at) - timedelta(days=100)
    cohort = make_cohort(starts_on=starts_on, ends_on=starts_on + timedelta(days=10))
    make_membership(person, cohort, state=State.WITHDRAWN, reason=Membership.Reason.NO_TIME, since=at)


def make_words(at: datetime, person: User) -> None:
    """Make what somebody wrote of a session that ended at a moment."""
    session = ended(at, person)
    question = EvaluationQuestion.objects.create(programme=session.component.programme, text="What next?", kind="text")
    evaluation = Evaluation.objects.create(session=session, pseudonym=f"{person.pk}", stage=Evaluation.Stage.AFTER)
    EvaluationAnswer.objects.create(evaluation=evaluation, question=question, text="More of it")


def in_ended_cohort(at: datetime, person: User) -> Membership:
    """Make somebody a member of a cohort that ended on a moment's day."""
    ends_on = timezone.localdate(at)
    cohort = make_cohort(starts_on=ends_on - timedelta(days=180), ends_on=ends_on)
    membership: Membership = make_membership(person, cohort)
    return membership


def make_written_to_champion(at: datetime, person: User) -> None:
    """Make what somebody wrote to their champion, in a cohort that has ended."""
    member = in_ended_cohort(at, person)
    conversations.write(seat(make_champion(make_membership(cohort=member.cohort)), member), "Hello")
    Champion.objects.filter(cohort=member.cohort).update(state=Champion.State.ENDED, shown_name="", shown_role="")


def make_shown_champion(at: datetime, person: User) -> None:
    """Make somebody champion of a cohort that has ended."""
    make_champion(in_ended_cohort(at, person))


def make_nomination(at: datetime, person: User) -> None:
    """Make a nomination by somebody, in a cohort that has ended."""
    member = in_ended_cohort(at, person)
    ChampionNomination.objects.create(cohort=member.cohort, by=member, nominee=member)


def make_needs(at: datetime, person: User) -> None:
    """Make what somebody said that they need, and who has booked nothing since."""
    needs.say(person, needs.Needed(access="A hearing loop", diet=""))
    Needs.objects.filter(user=person).update(said_at=at)


def make_study(at: datetime, person: User) -> None:
    """Make a self-study that somebody last used on the day of a moment, in a cohort that had ended by then."""
    member = in_ended_cohort(at - timedelta(days=3), person)
    Study.objects.create(membership=member, course=make_course(), last_on=timezone.localdate(at))


def make_left_lying(at: datetime, person: User) -> None:
    """Make a draft project that was last changed at a moment."""
    project = make_draft(person)
    Project.objects.filter(pk=project.pk).update(last_activity_at=at)


def make_book_suggested(at: datetime, person: User) -> None:
    """Make what somebody suggested to a cohort that ended at a moment's day."""
    ended = timezone.localdate(at)
    cohort = make_cohort(starts_on=ended - timedelta(days=200), ends_on=ended)
    suggesting.suggest(cohort, title="Names we carry", authors="Demo Author", why="Short", by=person)


def make_book_read(at: datetime, person: User) -> None:
    """Make where somebody is in a book of a cohort that ended at a moment's day."""
    ended = timezone.localdate(at)
    cohort = make_cohort(starts_on=ended - timedelta(days=200), ends_on=ended)
    bookmarks.put(make_listed(cohort), Reading.State.BEGUN, by=person)


def make_given_back(at: datetime, person: User) -> None:
    """Make a copy that somebody gave back on a moment's day."""
    loan = make_loan(make_membership(person, make_cohort()))
    lending.give_back(loan, by=make_admin())
    day = timezone.localdate(at)
    Loan.objects.filter(pk=loan.pk).update(lent_on=day, due_on=day, ended_on=day)


def make_asked_for_copy(at: datetime, person: User) -> None:
    """Make what somebody asked to borrow in a cohort that ended at a moment's day."""
    ended = timezone.localdate(at)
    listed = make_listed(
        make_membership(person, make_cohort(starts_on=ended - timedelta(days=200), ends_on=ended)).cohort
    )
    make_copy(listed.cohort, listed.book)
    asking.ask(listed, by=person)


def make_reflected(at: datetime, person: User) -> None:
    """Make what somebody last wrote at a moment in a cohort that had ended before."""
    ended = timezone.localdate(at) - timedelta(days=3)
    cohort = make_cohort(starts_on=ended - timedelta(days=200), ends_on=ended)
    row = write(make_membership(person, cohort))
    Reflection.objects.filter(pk=row.pk).update(changed_at=at)


def make_talked(at: datetime, person: User) -> None:
    """Make what somebody posted about a meeting of a cohort that ended at a moment's day, with a reply and a report."""
    talk = make_talk()
    make_membership(person, talk.cohort)
    first = say(talk, person)
    say(talk, talk.bea, to=first)
    report(first, talk.bea)
    ended = timezone.localdate(at)
    Cohort.objects.filter(pk=talk.cohort.pk).update(starts_on=ended - timedelta(days=200), ends_on=ended)


def make_asked_to_join(at: datetime, person: User) -> None:
    """Make an invitation to a project's team that somebody sent at a moment."""
    invitation = inviting.invite(make_active(person), "asked@trust.example", Role.MEMBER, by=person)
    TeamInvitation.objects.filter(pk=invitation.pk).update(sent_at=at)


def make_away(at: datetime, person: User) -> None:
    """Make somebody a coach who was away until a moment's day."""
    day = timezone.localdate(at)
    CoachAbsence.objects.create(coach=person, covered_by=make_user(), from_on=day, to_on=day)


def make_taken_back(at: datetime, person: User) -> None:
    """Make what was published of a project, in which somebody is named, and taken back at a moment."""
    whole = make_published(make_ended(person))
    agree(whole, person)
    publishing.take_back(whole, by=person)
    Publication.objects.filter(pk=whole.pk).update(ended_at=at)


MAKERS: dict[str, tuple[Callable[[datetime, User], None], Callable[[], QuerySet[Any]]]] = {
    "messages": (make_message, lambda: Message.objects.filter(rule="booking.booked", subject="booking:1")),
    "unproven-accounts": (
        make_unproven,
        lambda: User.objects.filter(emailaddress__verified=False, is_staff=False),
    ),
    "unused-accounts": (make_unused, lambda: User.objects.filter(last_login__isnull=False, is_staff=False)),
    "invitations": (make_invitation, Invitation.objects.all),
    "applications-not-sent": (make_application, Application.objects.all),
    "applications": (
        lambda at, person: make_application(at, person, state=State.DECLINED),
        Application.objects.all,
    ),
    "applications-taken-up": (
        lambda at, person: make_application(at, person, state=State.ENROLLED, ends=True),
        Application.objects.all,
    ),
    "champion-messages": (make_written_to_champion, Conversation.objects.all),
    "champion-nominations": (make_nomination, ChampionNomination.objects.all),
    "champions": (make_shown_champion, lambda: Champion.objects.exclude(shown_name="")),
    "needs": (make_needs, Needs.objects.all),
    "cancel-reasons": (make_cancelled, lambda: Booking.objects.exclude(cancel_reason="")),
    "graduation-invitations": (make_invited, GraduationInvitation.objects.all),
    "self-study": (make_study, Study.objects.all),
    "leaving-reasons": (make_leaver, lambda: Membership.objects.exclude(reason="")),
    "book-loans": (make_given_back, Loan.objects.all),
    "book-readings": (make_book_read, Reading.objects.all),
    "book-requests": (make_asked_for_copy, CopyRequest.objects.all),
    "book-suggestions": (make_book_suggested, Suggestion.objects.all),
    "book-reflections": (make_reflected, Reflection.objects.all),
    "book-threads": (make_talked, Thread.objects.all),
    "coach-absences": (make_away, CoachAbsence.objects.all),
    "project-drafts": (make_left_lying, Project.objects.all),
    "project-invitations": (make_asked_to_join, TeamInvitation.objects.all),
    "publications-taken-back": (make_taken_back, Publication.objects.all),
    "evaluation-words": (make_words, lambda: EvaluationAnswer.objects.exclude(text="")),
}
"""By category: what makes a row, and what is left of such rows."""


def make(name: str, at: datetime, person: User | None = None) -> User:
    """Make a row of a category that dates from a moment; return whose it is."""
    person = person or make_user()
    MAKERS[name][0](at, person)
    return person


def left(name: str) -> int:
    """Return how many rows of a category are left."""
    return MAKERS[name][1]().count()
