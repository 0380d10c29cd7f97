"""Asking whoever came to a session how it was, by one letter."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Booking, EvaluationQuestion, Facilitator, LearningOutcome, Session
from cohorts.models.sessions import SessionQuerySet
from cohorts.session_subjects import by_subject, is_written, subject_of
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date

RULE: Final = "evaluation.asked"
ASKED_AFTER: Final = timedelta(hours=1)
ASKED_UNTIL: Final = timedelta(days=14)
"""When people are written to: from an hour after the end. A register may be taken, or a worker back, days later."""


def register() -> None:
    """Make the letter known to the outbox."""
    outbox.register(outbox.Rule(name=RULE, load=load, compose=compose))


def ask() -> int:
    """Write to whoever came to a session that is over, and did not lead it, once; return to how many.

    Where nothing is asked, nobody is written to. One statement, with nothing due.
    """
    now = timezone.now()
    over = _asked_about().scheduled().filter(ends_at__gt=now - ASKED_UNTIL, ends_at__lte=now - ASKED_AFTER)
    came = Booking.objects.filter(session__in=over, state=Booking.State.ATTENDED).order_by("pk")
    led = Facilitator.objects.filter(user=OuterRef("user"), sessions=OuterRef("session"))
    due = came.filter(~Exists(led), ~is_written(RULE, session="session", person="user"))
    whom = list(due.values_list("session", "user"))
    if not whom:
        return 0
    with transaction.atomic():
        return outbox.write_many(RULE, [(subject_of(session), user) for session, user in whom])


def load(subjects: Sequence[str]) -> Mapping[str, Session]:
    """Read the sessions of a batch of messages about which something is asked, in one statement."""
    return by_subject(subjects, _asked_about().select_related("component__programme"))


def compose(session: Session, person: User) -> outbox.Mail:
    """Ask how it was, whether this person has answered or not: what becomes of a message must tell nobody who has."""
    title, day = session.component.title, say_date(session.starts_at)
    return outbox.Mail(
        subject=f"How was it? {title}, {day}",
        template="cohorts/evaluation",
        context={"session": session, "day": day},
        link=outbox.Link("Say how it was", reverse("evaluate", args=[session.pk])),
    )


def _asked_about() -> SessionQuerySet:
    """Return the sessions about which something is asked."""
    of_component = LearningOutcome.objects.filter(component=OuterRef("component"))
    of_programme = EvaluationQuestion.objects.filter(programme=OuterRef("component__programme"), asked=True)
    return Session.objects.filter(Exists(of_component) | Exists(of_programme))
