"""What an erased person leaves behind in programmes: counts, and nothing of who they were."""

from contextlib import suppress

from cohorts import booking as verbs
from cohorts import conversations, evaluating
from cohorts.enrolment import withdraw
from cohorts.models import Application, Booking, CalendarFeed, Facilitator, Membership, Testimony
from cohorts.refusals import BookingClosed
from portal.accounts.erasure import forgets_people
from portal.accounts.models import User

FORMER = "A former facilitator"


@forgets_people
def forget(person: User, by: User) -> None:
    """Free what they have booked, and delete what they wrote. What they completed stays, as a number among others."""
    evaluating.forget(person)
    for membership in Membership.objects.filter(user=person).exclude(state__in=Membership.LEFT).order_by("pk"):
        withdraw(membership, by=by)
    conversations.forget(person)
    for booking in Booking.objects.live().filter(user=person).order_by("pk"):
        with suppress(BookingClosed):  # it has begun: the register says whether they came
            verbs.cancel(booking, by=by)
    Booking.objects.filter(user=person).exclude(cancel_reason="").update(cancel_reason="")
    Membership.objects.filter(user=person).exclude(reason="").update(reason="")
    Application.objects.filter(user=person).delete()
    Testimony.objects.filter(author=person).delete()
    CalendarFeed.objects.filter(user=person).delete()
    for record in Facilitator.objects.filter(user=person):
        record.user, record.name, record.biography = None, FORMER, ""
        record.save()
