"""What the story of a cohort begins with: a programme, last year's cohort, and those who run this year's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse
from django.utils import timezone

from cohorts.models import ApplicationQuestion, Cohort, EvaluationQuestion, LearningOutcome, Session
from portal.accounts.models import Role, User
from tests.browser.letterbox import Letterbox
from tests.browser.person import Hand, Mouse, Person
from tests.factories import (
    make_admin,
    make_cohort,
    make_component,
    make_facilitator,
    make_job_role,
    make_organisation,
    make_programme,
    make_session,
    make_user,
    make_venue,
)
from tests.outbox.sink import Sink

Seat = Callable[[Hand], Person]
Desk = Callable[[User, Hand], Person]

PROGRAMME = "Perinatal programme"
COHORT = "Perinatal cohort 5"
DAY = "Training day 1"
WHY = "What would you like to change where you work?"
OUTCOME = "I can say what racism in maternity care does to women and to colleagues"
DIFFERENT = "What will you do differently?"


@dataclass
class Member:
    """Somebody who takes part, or would: who they are, their phone, and their letters."""

    user: User
    phone: Person
    letters: Letterbox


@dataclass
class Story:
    """Those in it, each at a browser of their own."""

    last_year: Cohort
    seat: Seat
    mails: Sink
    admin: Person
    lead: Person
    facilitator: Person

    @property
    def cohort(self) -> Cohort:
        """The cohort, as it is now."""
        return Cohort.objects.select_related("programme").get(name=COHORT)

    @property
    def dates(self) -> list[Session]:
        """Its two dates of the training day, the earlier one first."""
        return list(self.cohort.sessions.select_related("component").order_by("starts_at"))

    def member(self, email: str, hand: Hand) -> Member:
        """Sit somebody down who has an account."""
        member = Member(User.objects.get(email=email), self.seat(hand), Letterbox(self.mails, email))
        member.phone.is_signed_in(member.user)
        return member

    def admin_opens_cohort(self) -> None:
        """Have the admin open the cohort's page."""
        self.admin.opens(reverse("admin:cohorts_cohort_change", args=[self.cohort.pk]), "Change cohort")


def given_last_years_cohort(somebody: Seat, at_the_desk: Desk, mails: Sink) -> Story:
    """Make a programme with two dates of one training day last year, and those who run this year's cohort."""
    programme = make_programme(name=PROGRAMME, published=True, asks="1 day in person\nA QI workshop")
    ApplicationQuestion.objects.create(programme=programme, position=1, text=WHY)
    EvaluationQuestion.objects.create(programme=programme, position=1, text=DIFFERENT, kind="text")
    day = make_component(programme, title=DAY)
    LearningOutcome.objects.create(programme=programme, component=day, text=OUTCOME)
    for title in ("QI workshop 1", "QI workshop 2"):
        make_component(programme, title=title)
    today = timezone.localdate()
    last_year = make_cohort(
        programme,
        number=4,
        name="Perinatal cohort 4",
        starts_on=today - timedelta(weeks=52),
        ends_on=today - timedelta(weeks=26),
    )
    leads = make_facilitator(make_user(name="Demo Facilitator"))
    venue = make_venue(name="The Example Centre")
    make_session(day, last_year, days=-51 * 7, venue=venue)
    make_session(day, last_year, days=-50 * 7, venue=venue).facilitators.add(leads)
    trust = make_organisation(name="Example Coast Trust")
    make_job_role(name="Midwife")
    lead, facilitator = somebody(Mouse()), somebody(Mouse())
    lead.is_signed_in(make_user(Role.Kind.ORGANISATION_LEAD, name="Demo Lead", organisation=trust))
    facilitator.is_signed_in_with_a_second_step(leads.user)
    admin = at_the_desk(make_admin(name="Demo Admin"), Mouse())
    return Story(last_year, somebody, mails, admin, lead, facilitator)


def typed(day: date) -> str:
    """Return a day as the admin's forms take it."""
    return f"{day:%d/%m/%Y}"
