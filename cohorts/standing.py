"""How a person stands with a session: by which membership they may book it, and which bookings are in the way.

Booking asks this while it holds the session's lock and others wait for it, so each question is prepared.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Exists, Expression, OuterRef, Q
from django.utils import timezone

from cohorts.alumni import alumni
from cohorts.completion import short_choices
from cohorts.models import Booking, Evidence, GraduationInvitation, Membership, Session
from cohorts.models.bookings import BookingQuerySet
from cohorts.models.memberships import MembershipQuerySet
from cohorts.refusals import NotForYou, NotInvited
from portal.accounts.models import User
from portal.prepared import Given, Prepared


def _in_the_way(against: Q) -> BookingQuerySet:
    here = Q(session=Given("session")) & ~Q(state=Booking.State.CANCELLED)
    elsewhere = Q(state=Booking.State.BOOKED) & against
    return Booking.objects.filter(here | elsewhere, user=Given("user")).select_related("session__component")


def _another_date(membership: Expression | OuterRef) -> Q:
    return Q(membership=membership, component=Given("component"), once=True)


def _enrolled() -> MembershipQuerySet:
    """Memberships by which somebody books; each says whether a booking is in the way, and whether it is done."""
    hindrance = _in_the_way(_AT_THAT_TIME | _another_date(OuterRef("pk")))
    done = Evidence.objects.counting().filter(membership=OuterRef("pk"), component=Given("component"))
    return (
        Membership.objects.enrolled()
        .filter(user=Given("user"))
        .annotate(is_hindered=Exists(hindrance), has_done=Exists(done))
        .order_by("-since")
    )


class Standing(NamedTuple):
    """How a person stands with a session."""

    membership: Membership | None
    """By which they book it: None for an open series, for who is invited, and for alumni who have done it."""
    here: Booking | None
    """Their booking of this very session, if it is not cancelled."""
    others: list[Booking]
    """What else of theirs stands against it."""
    has_done: bool = False
    """Whether the membership has fulfilled its component already."""
    guests: int = 0
    """How many people they may bring."""


_AT_THAT_TIME = Q(during__overlap=Given("during"))

_LOCKED = Prepared(
    lambda: (
        Session.objects.select_for_update(of=("self",))
        .select_related("component__programme")
        .filter(pk=Given("session"))
    )
)
_IN_COHORT: Prepared[Any] = Prepared(lambda: _enrolled().filter(cohort=Given("cohort")))
_IN_PROGRAMME: Prepared[Any] = Prepared(lambda: _enrolled().filter(cohort__programme=Given("programme")))
_AS_ALUMNUS: Prepared[Any] = Prepared(
    lambda: alumni(_enrolled().filter(cohort__programme=Given("programme")), Given("today"))
)
_INVITED = Prepared(
    lambda: GraduationInvitation.objects.filter(user=Given("user"), graduation__session=Given("session")).values_list(
        "graduation__guests_each"
    )
)
_IN_THE_WAY = Prepared(lambda: _in_the_way(_AT_THAT_TIME))
_IN_A_MEMBERS_WAY = Prepared(lambda: _in_the_way(_AT_THAT_TIME | _another_date(Given("membership"))))


_OWN = Prepared(
    lambda: Booking.objects.filter(user=Given("user"), session=Given("session")).exclude(state=Booking.State.CANCELLED)
)


def own_booking_of(user: User, session: Session) -> Booking | None:
    """Return the person's booking of a session, whatever has become of it but cancelled."""
    booking = _OWN.first(user=user.pk, session=session.pk)
    if booking:
        booking.session = session
    return booking


_CLASHES_WITH = Prepared(
    lambda: (
        Booking.objects.filter(
            ~Q(pk=Given("booking")), user=Given("user"), state=Booking.State.BOOKED, during__overlap=Given("during")
        )
        .select_related("session__component")
        .order_by("during", "id")
    )
)


def clashes_with(booking: Booking) -> list[Booking]:
    """Return what else its person has booked at the time of a booking, with their sessions."""
    return _CLASHES_WITH.all(booking=booking.pk, user=booking.user_id, during=booking.during)


def _without(component: Given) -> MembershipQuerySet:
    """Return the membership that is given, if nothing counts for a component and no date of it is live."""
    return Membership.objects.enrolled().filter(
        ~Exists(Evidence.objects.counting().filter(membership=OuterRef("pk"), component=component)),
        ~Exists(Booking.objects.live().filter(membership=OuterRef("pk"), component=component)),
        pk=Given("membership"),
    )


_STILL_ASKED = Prepared(lambda: _without(Given("component")).values_list("pk"))
_STILL_ASKED_BY_A_CHOICE = Prepared(
    lambda: _without(Given("component")).filter(Exists(short_choices().filter(pk=Given("choice")))).values_list("pk")
)


def still_asks(booking: Booking) -> bool:
    """Say whether a programme still asks for what this was booked for, and no other date of it is live.

    What is part of a choice is asked for until enough of the choice is done.
    """
    component = booking.session.component
    if booking.membership_id is None:
        return False
    about = {"membership": booking.membership_id, "component": component.pk}
    if component.choice_id:
        return _STILL_ASKED_BY_A_CHOICE.first(**about, choice=component.choice_id) is not None
    return component.required and _STILL_ASKED.first(**about) is not None


def lock(session_id: int) -> Session:
    """Return the session, its row locked until the transaction ends. Raises Session.DoesNotExist."""
    session = _LOCKED.first(session=session_id)
    if session is None:
        raise Session.DoesNotExist
    return session


def standing_of(
    user: User, session: Session, *, besides: Booking | None = None, takes_other_cohorts: bool = False
) -> Standing:
    """Return how `user` stands with a session; `besides` is a booking that is not in the way. Raises NotForYou.

    A session that `takes_other_cohorts` is also for members of the programme's other cohorts. For a member with nothing
    in the way that is one statement.
    """
    programme = session.component.programme
    asked = {"user": user.pk, "session": session.pk, "during": session.during, "component": session.component_id}
    if session.cohort_id is not None:
        membership = _in_cohort(session.cohort_id, asked, programme.pk if takes_other_cohorts else None)
    elif programme.is_by_invitation:
        invited = _INVITED.first(user=user.pk, session=session.pk)
        if invited is None:
            raise NotInvited
        return Standing(None, *bookings_in_the_way(user, session, None, besides=besides), guests=invited[0])
    elif not programme.is_open:
        membership = _IN_PROGRAMME.first(**asked, programme=programme.pk)
    elif programme.published:
        return Standing(None, *bookings_in_the_way(user, session, None, besides=besides))
    else:
        raise NotForYou
    if session.open_to_alumni and (membership is None or membership.has_done):
        alumnus = _AS_ALUMNUS.first(**asked, programme=programme.pk, today=timezone.localdate())
        if alumnus and alumnus.has_done:
            # They come as to an open series: what they have done once is done, and this counts for nothing besides.
            return Standing(None, *bookings_in_the_way(user, session, None, besides=besides))
        membership = alumnus or membership
    if membership is None:
        raise NotForYou
    if not membership.is_hindered:
        return Standing(membership, None, [], membership.has_done)
    here, others = bookings_in_the_way(user, session, membership, besides=besides)
    return Standing(membership, here, others, membership.has_done)


def _in_cohort(cohort: int, asked: Mapping[str, Any], else_in_programme: int | None) -> Any:
    """Return the membership of that cohort, or else one of the programme, with what `_enrolled` says of it."""
    membership: Any = _IN_COHORT.first(**asked, cohort=cohort)
    if membership is None and else_in_programme:
        membership = _IN_PROGRAMME.first(**asked, programme=else_in_programme)
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
