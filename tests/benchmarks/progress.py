"""`progress.*`: the pages that read off the evidence, for a cohort of 1,000 people, and 2,000 cohorts in a list."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Choice, Cohort, Component, Evidence, EvidenceKind, Membership, Programme, Session
from portal.accounts.models import User
from tests.benchmarks.client import Client, Request
from tests.benchmarks.crowds import Occasions
from tests.benchmarks.effort import Effort
from tests.benchmarks.pages import measure_page
from tests.benchmarks.people import signed_in
from tests.benchmarks.result import Result
from tests.benchmarks.stack import Stack
from tests.benchmarks.tour import Page, bare_view, person

PEOPLE = 1_000
COMPONENTS = 12
# The last of the components: so many of them are a choice, of which this many are asked.
CHOICE, AT_LEAST = 4, 2
COHORTS = 2_000
PEOPLE_IN_EACH = 5


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield the result of each page, beside the bare view."""
    pages = _pages(_group())
    _others()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    bare = bare_view().encode()
    with stack.floor() as floor_port, stack.web() as port, Client(floor_port) as floor, Client(port) as client:
        for page in pages:
            yield measure_page(f"progress.{page.name}", effort, page, client, floor, bare)


def _group() -> Cohort:
    """Make a cohort whose people have done half of what it asks, each another half, and a session to lead."""
    crowd = Occasions(PEOPLE, name="group")
    cohort = Cohort.objects.select_related("programme").get(pk=crowd.cohort_id)
    components = _components(cohort.programme)
    Evidence.objects.bulk_create(
        Evidence(
            membership=membership, component=component, kind=EvidenceKind.SELF_STUDY, fulfilled_on=timezone.localdate()
        )
        for number, membership in enumerate(Membership.objects.filter(cohort=cohort))
        for component in components[number % 2 :: 2]
    )
    starts_at = timezone.now() + timedelta(days=20)
    session = Session.objects.create(
        component=components[0], cohort=cohort, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), places=20
    )
    session.facilitators.add(person("facilitator").facilitator)
    return cohort


@transaction.atomic
def _components(programme: Programme) -> list[Component]:
    """Make what the programme asks: a choice is looked at when it has its components."""
    choice = Choice.objects.create(programme=programme, title="Workshops", at_least=AT_LEAST, within_weeks=8)
    return Component.objects.bulk_create(
        Component(
            programme=programme,
            position=place,
            title=f"Component {place}",
            slug=f"component-{place}",
            required=place <= COMPONENTS - CHOICE,
            choice=choice if place > COMPONENTS - CHOICE else None,
            fulfilled_by=[EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY],
        )
        for place in range(1, COMPONENTS + 1)
    )


def _others() -> None:
    """Make many cohorts of the same programme that run at the same time, with a few people in each."""
    today = timezone.localdate()
    group = Cohort.objects.get(name="group")
    cohorts = Cohort.objects.bulk_create(
        Cohort(
            programme=group.programme,
            number=number,
            name=f"Cohort {number}",
            starts_on=today - timedelta(days=60),
            ends_on=today + timedelta(days=60),
            places=PEOPLE_IN_EACH,
        )
        for number in range(2, COHORTS + 1)
    )
    people = User.objects.filter(memberships__cohort=group)[:PEOPLE_IN_EACH]
    Membership.objects.bulk_create(Membership(user=user, cohort=cohort) for cohort in cohorts for user in people)


def _pages(cohort: Cohort) -> list[Page]:
    """Return a page for each who looks: somebody in the cohort, who leads it, and the programme team."""
    member = Membership.objects.filter(cohort=cohort).select_related("user").order_by("-pk")[0]
    facilitator, admin = signed_in(person("facilitator")), signed_in(person("admin"))
    members = f"{reverse('admin:cohorts_membership_changelist')}?cohort__id__exact={cohort.pk}"
    return [
        Page("me", Request(reverse("me"), signed_in(member.user))),
        Page("group", Request(reverse("group", args=[cohort.pk]), facilitator)),
        Page("group_components", Request(reverse("group_components", args=[cohort.pk]), facilitator)),
        Page("members", Request(members, admin)),
        Page("late", Request(f"{members}&late=yes", admin)),
        Page("cohorts", Request(reverse("admin:cohorts_cohort_changelist"), admin)),
        Page("today", Request(reverse("admin:index"), admin)),
    ]
