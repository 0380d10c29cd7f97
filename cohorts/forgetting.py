"""What an erased person leaves behind in programmes: counts, and nothing of who they were."""

from contextlib import suppress

from django.utils import timezone

from cohorts import applying, certificates, champions, conversations, evaluating, studying
from cohorts import booking as verbs
from cohorts.enrolment import withdraw
from cohorts.models import Booking, CalendarFeed, Champion, Facilitator, GraduationInvitation, Membership, Testimony
from cohorts.refusals import BookingClosed
from portal.accounts.erasure import forgets_people
from portal.accounts.models import User
from portal.accounts.people import Actor

FORMER = "A former facilitator"


@forgets_people(
    goes=(
        "your places in cohorts that have not ended, and what you have booked: it passes on to whoever waits",
        "your applications, the reasons that you gave, and what you wrote of sessions",
        "your testimonies, what you and a champion wrote to one another, and your name with your certificates",
        "your invitations to graduations",
        "where you are in self-study",
        "your private calendar address, and your name and biography with sessions that you led",
    ),
    stays=(
        "what you came to and completed, under that number, because we report how many took part and from where",
        "how much you agreed with a sentence about a session, as one number among those of others",
    ),
)
def forget(person: User, by: Actor) -> None:
    """Free what they have booked, and delete what they wrote. What they completed stays, as a number among others.

    In a cohort that has ended they stay counted as they were.
    """
    evaluating.forget(person)
    certificates.forget(person)
    going_on = Membership.objects.filter(user=person, cohort__ends_on__gte=timezone.localdate())
    for membership in going_on.exclude(state__in=Membership.LEFT).order_by("pk"):
        withdraw(membership, by=by)
    champions.let_go(list(Champion.objects.filter(membership__user=person).values_list("pk", flat=True)), by=by)
    conversations.forget(person)
    studying.forget(person)
    for booking in Booking.objects.live().filter(user=person).order_by("pk"):
        with suppress(BookingClosed):  # it has begun: the register says whether they came
            verbs.cancel(booking, by=by)
    Booking.objects.filter(user=person).exclude(cancel_reason="").update(cancel_reason="")
    Membership.objects.filter(user=person).exclude(reason="").update(reason="")
    applying.forget(person)
    Testimony.objects.filter(author=person).delete()
    GraduationInvitation.objects.filter(user=person).delete()
    CalendarFeed.objects.filter(user=person).delete()
    for record in Facilitator.objects.filter(user=person):
        record.user, record.name, record.biography = None, FORMER, ""
        record.save()
