"""How a person stands with a session: by which membership they may book it, and which bookings are in the way.

Booking asks this while it holds the session's lock and others wait for it, so each question is prepared.
"""

from django.db.models import Q

from cohorts.models import Booking, Membership, Session
from cohorts.models.bookings import BookingQuerySet
from cohorts.models.memberships import MembershipQuerySet
from cohorts.refusals import NotForYou
from portal.accounts.models import User
from portal.prepared import Given, Prepared


def _enrolled() -> MembershipQuerySet:
    return Membership.objects.enrolled().filter(user=Given("user")).order_by("-since")


def _in_the_way(against: Q) -> BookingQuerySet:
    here = Q(session=Given("session")) & ~Q(state=Booking.State.CANCELLED)
    elsewhere = Q(state=Booking.State.BOOKED) & against
    return Booking.objects.filter(here | elsewhere, user=Given("user")).select_related("session__component")


_AT_THAT_TIME = Q(during__overlap=Given("during"))
_ANOTHER_DATE = Q(membership=Given("membership"), component=Given("component"), once=True)

_LOCKED = Prepared(
    lambda: (
        Session.objects.select_for_update(of=("self",))
        .select_related("component__programme")
        .filter(pk=Given("session"))
    )
)
_IN_COHORT = Prepared(lambda: _enrolled().filter(cohort=Given("cohort")))
_IN_PROGRAMME = Prepared(lambda: _enrolled().filter(cohort__programme=Given("programme")))
_IN_THE_WAY = Prepared(lambda: _in_the_way(_AT_THAT_TIME))
_IN_A_MEMBERS_WAY = Prepared(lambda: _in_the_way(_AT_THAT_TIME | _ANOTHER_DATE))


_OWN = Prepared(
    lambda: Booking.objects.filter(user=Given("user"), session=Given("session")).exclude(state=Booking.State.CANCELLED)
)


def own_booking_of(user: User, session: Session) -> Booking | None:
    """Return the person's booking of a session, whatever has become of it but cancelled."""
    booking = _OWN.first(user=user.pk, session=session.pk)
    if booking:
        booking.session = session
    return booking


def lock(session_id: int) -> Session:
    """Return the session, its row locked until the transaction ends. Raises Session.DoesNotExist."""
    session = _LOCKED.first(session=session_id)
    if session is None:
        raise Session.DoesNotExist
    return session


def membership_that_books(user: User, session: Session) -> Membership | None:
    """Return the membership by which `user` books this session: None for an open series. Raises NotForYou."""
    programme = session.component.programme
    if session.cohort_id is None and programme.is_open:
        if not programme.published:
            raise NotForYou
        return None
    if session.cohort_id is None:
        membership = _IN_PROGRAMME.first(user=user.pk, programme=programme.pk)
    else:
        membership = _IN_COHORT.first(user=user.pk, cohort=session.cohort_id)
    if membership is None:
        raise NotForYou
    return membership


def bookings_in_the_way(
    user: User, session: Session, membership: Membership | None, *, besides: Booking | None = None
) -> tuple[Booking | None, list[Booking]]:
    """Return the person's booking of this very session, and what else of theirs stands against it."""
    if membership:
        found = _IN_A_MEMBERS_WAY.all(
            user=user.pk,
            session=session.pk,
            during=session.during,
            membership=membership.pk,
            component=session.component_id,
        )
    else:
        found = _IN_THE_WAY.all(user=user.pk, session=session.pk, during=session.during)
    in_the_way = [booking for booking in found if booking != besides]
    here = next((booking for booking in in_the_way if booking.session_id == session.pk), None)
    return here, [booking for booking in in_the_way if booking is not here]
