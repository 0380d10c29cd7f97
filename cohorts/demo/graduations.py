"""The demonstration's graduation to come: some come with guests, one cannot, and the others have not answered yet."""

from datetime import date, timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils.formats import date_format

from cohorts import booking, graduating
from cohorts.demo.catalogue import CELEBRATIONS
from cohorts.demo.dates import Diary
from cohorts.models import Cohort, Graduation, GraduationInvitation, Programme, Session
from portal.accounts.models import User

GUESTS_EACH: Final = 2
GUESTS: Final = (2, 0, 1, 2, 0, 0, 1)
"""How many guests come with each of the first who answer."""
ANSWERED_BEFORE: Final = timedelta(weeks=1)
"""How long before the day people answer at the latest."""


def keep_a_graduation(
    celebrations: Programme, programme: Programme, *, graduate: User, monday: date, diary: Diary
) -> None:
    """See to it that a graduation is to come, of every cohort that has ended by then.

    Those who came to an earlier one are invited again: the demonstration has too few graduates for another.
    """
    if Session.objects.upcoming().filter(component__programme=celebrations).exists():
        return
    session = _add_session(celebrations, monday, diary)
    held_on = session.starts_at.date()
    graduation = Graduation.objects.create(
        name=f"Graduation, {date_format(held_on, 'F Y')}", session=session, guests_each=GUESTS_EACH
    )
    graduation.cohorts.set(Cohort.objects.filter(programme=programme, ends_on__lte=held_on))
    graduating.invite(graduation, by=diary.admin)
    _answer(graduation.invitations.exclude(user=graduate).select_related("user", "graduation__session"))


def _add_session(celebrations: Programme, monday: date, diary: Diary) -> Session:
    (part,) = CELEBRATIONS.components
    session = diary.add(celebrations.components.get(), part, part.slots[0], monday, None)
    session.booking_closes_at = session.starts_at - ANSWERED_BEFORE
    session.save(update_fields=["booking_closes_at"])
    return session


def _answer(invitations: QuerySet[GraduationInvitation]) -> None:
    """Let the first take a place, with guests or without, and the next say no."""
    answered = list(invitations.order_by("pk")[: len(GUESTS) + 1])
    for invitation, guests in zip(answered, GUESTS, strict=False):
        booking.book(invitation.user, invitation.graduation.session_id, guests=guests)
    for invitation in answered[len(GUESTS) :]:
        graduating.decline(invitation)
