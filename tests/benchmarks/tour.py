"""The main pages, each asked for by the demo person who uses it most."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from bookclub.models import ListedBook, MeetingPlan, Reflection
from cohorts.calendars import feed_address
from cohorts.models import Booking, Course, CoursePage, Membership, Session
from portal.accounts.models import User
from qi_projects import entering, measuring
from qi_projects.models import Measure, TeamPlace
from qi_projects.readings import Reading
from tests.benchmarks.client import Request
from tests.benchmarks.people import signed_in, signed_in_at_floor

ADMIN_PAGES = (
    "admin:index",
    "admin:cohorts_programme_changelist",
    "admin:cohorts_cohort_changelist",
    "admin:cohorts_membership_changelist",
    "admin:cohorts_session_changelist",
    "admin:cohorts_booking_changelist",
    "admin:accounts_user_changelist",
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page by the name of its URL, and the request that asks for it."""

    name: str
    request: Request


def bare_view() -> Request:
    """Return the request for the bare view, by the demo participant."""
    return Request("/", signed_in_at_floor(person("participant")))


def main_pages() -> list[Page]:
    """Return every main page."""
    return [*_participants_pages(), *_facilitators_pages(), *_admins_pages()]


def person(name: str) -> User:
    """Return one of the demo people."""
    return User.objects.get(email=f"{name}@demo.example")


def _participants_pages() -> list[Page]:
    participant = person("participant")
    cookie = signed_in(participant)
    membership = (
        Membership.objects.enrolled()
        .select_related("cohort__programme")
        .get(user=participant, cohort__programme__slug="perinatal")
    )
    booking = Booking.objects.get(membership=membership, state=Booking.State.BOOKED)
    free = (
        Session.objects.upcoming()
        .filter(cohort=membership.cohort_id, component__slug="qi-workshop-3")
        .select_related("component")[0]
    )
    studied = Course.objects.select_related("component").get(studies__membership=membership)
    exercise = CoursePage.objects.filter(module__course=studied, exercise=CoursePage.Exercise.SEVERAL)[0]
    talked_about = ListedBook.objects.live().filter(cohort=membership.cohort_id, meeting__isnull=False)[0]
    written = Reflection.objects.filter(author=participant, cohort=membership.cohort_id, listed__isnull=False)[0]
    paths = {
        "home": reverse("home"),
        "programmes": reverse("programmes"),
        "programme": reverse("programme", args=[membership.cohort.programme.slug]),
        "series": reverse("series", args=["community-of-practice", "weekly-hour"]),
        "me": reverse("me"),
        "bookings": reverse("bookings"),
        "component": reverse("component", args=[membership.pk, free.component.slug]),
        "study": reverse("study", args=[membership.pk, studied.component.slug]),
        "study_page": reverse("study_page", args=[membership.pk, studied.component.slug, exercise.pk]),
        "session": reverse("session", args=[free.pk]),
        "book": reverse("book", args=[free.pk]),
        "booking": reverse("booking", args=[booking.uid]),
        "swap": reverse("swap", args=[booking.uid]),
        "cancel": reverse("cancel", args=[booking.uid]),
        "calendar": reverse("calendar"),
        "measure": _measured(participant),
        "bookclub_list": reverse("book_club", args=[membership.cohort_id]),
        "bookclub_book": reverse("book_club_book", args=[membership.cohort_id, talked_about.pk]),
        "bookclub_meeting": reverse("book_club_meeting", args=[membership.cohort_id, talked_about.meeting_id]),
        "bookclub_suggestions": reverse("book_suggestions", args=[membership.cohort_id]),
        "bookclub_reflections": reverse("reflections", args=[membership.cohort_id]),
        "bookclub_reflection": reverse("reflection", args=[membership.cohort_id, written.uid]),
        "bookclub_reflection_edit": reverse("reflection_edit", args=[membership.cohort_id, written.uid]),
        "bookclub_shared": reverse("shared_reflections", args=[membership.cohort_id]),
        "bookclub_own_words": reverse("own_reflections"),
        "bookclub_read": reverse("books_read"),
    }
    pages = [Page(name, Request(path, cookie)) for name, path in paths.items()]
    feed = feed_address(participant)
    return [*pages, Page("feed", Request("/" + feed.split("/", 3)[3]))]


POINTS = 60
MEASURED = "Points of a benchmark"


def _measured(participant: User) -> str:
    """Return the address of a measure with 60 weeks in an XmR chart, of the demo's active project."""
    if there := Measure.objects.filter(name=MEASURED).first():
        return reverse("measure", args=[there.project_id, there.pk])
    place = TeamPlace.objects.live().select_related("project").filter(user=participant, project__state="active")[0]
    lead = place.project.team.filter(role=TeamPlace.Role.LEAD).select_related("user")[0].user
    given = {"name": MEASURED, "kind": "outcome", "counted": "value", "often": "week", "direction": "lower"}
    measure = measuring.begin(place.project, {**given, "chart": "xmr", "target": Decimal(9)}, by=lead)
    first = timezone.localdate() - timedelta(weeks=POINTS)
    readings = [Reading(first + timedelta(weeks=at), value=Decimal(10 + at % 7)) for at in range(POINTS)]
    entering.enter_all(measure, readings, agreed=entering.plan(measure, readings).mark, by=lead)
    return reverse("measure", args=[place.project_id, measure.pk])


def _facilitators_pages() -> list[Page]:
    facilitator = person("facilitator")
    cookie = signed_in(facilitator)
    taken = Session.objects.filter(
        facilitators__user=facilitator, cohort__isnull=False, starts_at__lt=timezone.now()
    ).order_by("starts_at")[0]
    planned = MeetingPlan.objects.filter(session__facilitators__user=facilitator, session__cohort__isnull=False)
    to_write = planned.values_list("session__cohort", "session").order_by("session__starts_at")[0]
    return [
        Page("facilitate", Request(reverse("facilitate"), cookie)),
        Page("register", Request(reverse("register", args=[taken.pk]), cookie)),
        Page("bookclub_plan", Request(reverse("book_club_plan", args=to_write), cookie)),
    ]


def _admins_pages() -> list[Page]:
    cookie = signed_in(person("admin"))
    return [Page(name, Request(reverse(name), cookie)) for name in ADMIN_PAGES]
