"""Asking whoever led a session to take its register, once, while people still remember who came."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Booking, Session
from cohorts.session_subjects import by_subject, is_written, subject_of
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date

RULE: Final = "register.to_take"
ASKED_AFTER: Final = timedelta(hours=12)
ASKED_UNTIL: Final = timedelta(days=7)
"""How long after its end somebody is still asked: after an outage nobody is asked about what is long past."""


def register() -> None:
    """Make the letter known to the outbox."""
    outbox.register(outbox.Rule(name=RULE, load=load, compose=compose))


def ask_for_registers() -> int:
    """Write to the facilitators of each session that is over and on which somebody has no mark, once.

    Returns how many letters were written. One statement, with nothing due.
    """
    now = timezone.now()
    due = Booking.objects.filter(
        ~is_written(RULE, session="session", person="session__facilitators__user"),
        state=Booking.State.BOOKED,
        during__endswith__gt=now - ASKED_UNTIL,
        during__endswith__lte=now - ASKED_AFTER,
        session__cancelled_at__isnull=True,
        session__facilitators__user__isnull=False,
    )
    whom = list(due.order_by().values_list("session", "session__facilitators__user").distinct())
    if not whom:
        return 0
    with transaction.atomic():
        return outbox.write_many(RULE, [(subject_of(session), user) for session, user in whom])


def load(subjects: Sequence[str]) -> Mapping[str, Session]:
    """Read the sessions of a batch of messages on which somebody has no mark yet, in one statement."""
    unmarked = Booking.objects.filter(session=OuterRef("pk"), state=Booking.State.BOOKED)
    to_take = Session.objects.scheduled().filter(Exists(unmarked))
    return by_subject(subjects, to_take.select_related("component__programme"))


def compose(session: Session, person: User) -> outbox.Mail:
    """Ask for the register."""
    title, day = session.component.title, say_date(session.starts_at)
    return outbox.Mail(
        subject=f"Please take the register: {title}, {day}",
        template="cohorts/register",
        context={"session": session, "day": day},
        link=outbox.Link("Take the register", reverse("register", args=[session.pk])),
    )
