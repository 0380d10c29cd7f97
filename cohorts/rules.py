"""Who may see and do what with programmes, sessions and bookings: one predicate, or one queryset, for each question.

What somebody may not see is left out of the queryset, so that an id that is not theirs and one that does not exist
get the same answer.
"""

from datetime import datetime, time, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from cohorts.models import Booking, Facilitator, Membership, Programme, Session
from cohorts.models.bookings import BookingQuerySet
from cohorts.models.memberships import MembershipQuerySet
from cohorts.models.programmes import ProgrammeQuerySet
from cohorts.models.sessions import SessionQuerySet
from portal.accounts.models import User
from portal.accounts.rules import is_programme_admin

Visitor = User | AnonymousUser


def visible_sessions(visitor: Visitor) -> SessionQuerySet:
    """Return the sessions that somebody may look at.

    To the public: those of a published series. To a person also their cohorts' sessions, those they booked once, and
    those they lead.
    """
    public = Q(
        cohort__isnull=True,
        component__programme__shape=Programme.Shape.SERIES,
        component__programme__published=True,
    )
    if not isinstance(visitor, User):
        return Session.objects.filter(public)
    enrolled = Membership.objects.enrolled().filter(user=visitor)
    return Session.objects.filter(
        public
        | Q(Exists(enrolled.filter(cohort=OuterRef("cohort"))))
        | Q(Exists(enrolled.filter(cohort__programme=OuterRef("component__programme"))), cohort__isnull=True)
        | Q(Exists(Booking.objects.filter(user=visitor, session=OuterRef("pk"))))
        | Q(Exists(Facilitator.objects.filter(user=visitor, sessions=OuterRef("pk"))))
    )


def own_bookings(person: User) -> BookingQuerySet:
    """Return the bookings that somebody may look at and change: their own."""
    return Booking.objects.filter(user=person)


def own_memberships(person: User) -> MembershipQuerySet:
    """Return the memberships whose tasks somebody may see: their own, while they are enrolled."""
    return Membership.objects.enrolled().filter(user=person)


def may_cancel(booking: Booking) -> bool:
    """Say whether its holder can still give a booking up: until the session begins. Needs the session loaded."""
    return booking.state in Booking.LIVE and not booking.session.has_begun


def may_swap(booking: Booking) -> bool:
    """Say whether its holder can move it to another date: a booked place, until the session begins."""
    return booking.state == Booking.State.BOOKED and not booking.session.has_begun


def may_join(booking: Booking) -> bool:
    """Say whether its holder sees the session's join link: a booked place, from the day before (UK) until the end."""
    session = booking.session
    if booking.state not in {Booking.State.BOOKED, Booking.State.ATTENDED} or session.is_cancelled:
        return False
    day_before = timezone.localdate(session.starts_at) - timedelta(days=1)
    opens = timezone.make_aware(datetime.combine(day_before, time.min))
    return opens <= timezone.now() < session.ends_at


def keeps_programmes(visitor: Visitor) -> bool:
    """Say whether somebody sets up programmes, cohorts and sessions in the admin pages."""
    return is_programme_admin(visitor)


def programmes_kept(person: User) -> ProgrammeQuerySet:
    """Return the programmes that a programme admin keeps; with each go its cohorts, people, sessions and bookings.

    Who is named on programmes keeps those alone. Who is named on none keeps every programme that names nobody.
    """
    if person.is_superuser:
        return Programme.objects.all()
    if not keeps_programmes(person):
        return Programme.objects.none()
    named = Programme.admins.through.objects.filter(programme=OuterRef("pk"))
    is_named_anywhere = Programme.admins.through.objects.filter(user=person)
    return Programme.objects.filter(
        Q(Exists(named.filter(user=person))) | Q(~Exists(named), ~Exists(is_named_anywhere))
    )


def sessions_led(person: User) -> SessionQuerySet:
    """Return the sessions whose register somebody keeps: those that they facilitate."""
    return Session.objects.filter(facilitators__user=person)
