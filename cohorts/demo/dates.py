"""Making the demonstration's sessions, and who came, has booked, or waits."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from cohorts import booking, register, scheduling
from cohorts.demo.plans import ComponentPlan, Slot, at
from cohorts.models import Booking, Cohort, Component, Facilitator, Membership, Session, Venue
from portal.accounts.models import User

# Of the people at a past session: one in this many sent apologies, and as many did not attend.
ABSENCES = 8


class Diary:
    """Makes dates: by whom, where, and led by whom."""

    def __init__(self, *, admin: User, facilitator: User) -> None:
        """Settle who makes sessions and who leads them."""
        self.admin = admin
        self.keeper = facilitator
        self.facilitators = [
            Facilitator.objects.get_or_create(
                user=facilitator,
                defaults={
                    "name": facilitator.name,
                    "biography": "A midwife for 20 years, and a trainer since. Made up for this demonstration.",
                },
            )[0],
            Facilitator.objects.get_or_create(
                name="Morgan Sample",
                user=None,
                defaults={
                    "biography": "A mother of 2, who speaks of the care that she had. Made up for this demonstration."
                },
            )[0],
        ]
        self.venue, _ = Venue.objects.get_or_create(
            name="The Example Centre, Room 1",
            defaults={
                "address": "1 Example Street\nSampleton\nZZ99 9ZZ",
                "directions": "5 minutes on foot from Sampleton station. Ask for Room 1 at the front desk.",
                "access": "Step-free from the street. Hearing loop. A quiet room, a prayer room and a feeding room.",
            },
        )

    def add(
        self, component: Component, plan: ComponentPlan, slot: Slot, monday: date, cohort: Cohort | None
    ) -> Session:
        """Make the date of `slot`, in weeks after `monday`."""
        starts_at = at(monday, slot.week, slot.day, plan.starts)
        in_person = plan.format != Session.Format.ONLINE
        pattern = Session(
            component=component,
            cohort=cohort,
            starts_at=starts_at,
            ends_at=starts_at + plan.lasts,
            format=plan.format,
            venue=self.venue if in_person else None,
            join_link="" if in_person else f"https://meet.example/{plan.slug}",
            what_to_bring=plan.what_to_bring,
            places=slot.places,
        )
        (session,) = scheduling.add_dates(pattern, self.facilitators, every=timedelta(weeks=1), count=1, by=self.admin)
        return session

    def take_register(self, session: Session, *, present: Iterable[User] = ()) -> None:
        """Mark everybody on a past session's register: nearly all attended, those of `present` surely."""
        held = session.bookings.filter(state=Booking.State.BOOKED).order_by("pk")
        certain = {person.pk for person in present}
        marks = {}
        for number, booked in enumerate(held, start=1):
            mark = Booking.State.ATTENDED
            if booked.user_id not in certain and number % ABSENCES == 0:
                mark = Booking.State.APOLOGIES
            elif booked.user_id not in certain and number % ABSENCES == ABSENCES // 2:
                mark = Booking.State.DID_NOT_ATTEND
            marks[booked.pk] = mark
        register.mark(session, marks, by=self.keeper)


def put(people: Sequence[User], session: Session, memberships: Mapping[int, Membership]) -> None:
    """Book `people` on a session. What has begun cannot be booked, so there the rows are written as they would be."""
    if session.booking_is_open:
        for person in people:
            booking.book(person, session.pk)
    else:
        Booking.objects.bulk_create(held_in_the_past(person, session, memberships.get(person.pk)) for person in people)


def held_in_the_past(person: User, session: Session, membership: Membership | None) -> Booking:
    """Return an unsaved booking of a session that has begun, as it would be if it had been made in time."""
    return Booking(
        user=person,
        session=session,
        membership=membership,
        component=session.component,
        once=session.component.once,
        during=(session.starts_at, session.ends_at),
        state=Booking.State.BOOKED,
    )
