"""The demonstration: what it always shows, that it stays as it is, and that it lives on as time passes."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cohorts import progress, register
from cohorts.demo import bulk, story
from cohorts.evaluation_results import results
from cohorts.models import Booking, Certificate, Cohort, Component, Evidence, Figure, Membership, Session, Testimony
from portal.accounts.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.cohorts.invariants import broken

pytestmark = pytest.mark.django_db

ALL = (User, Cohort, Membership, Component, Session, Booking, Evidence, Certificate, Message, Entry)


# What is written in bulk, or straight into the past, has no letter: nobody is to get mail about it.
NOT_PROMISED = {"a live booking that nobody was told of"}


def state_of_everything() -> list[list[tuple[object, ...]]]:
    return [list(model.objects.order_by("pk").values_list()) for model in ALL]


def let_weeks_pass(weeks: int) -> None:
    """Move everything that lies in time into the past; bookings follow their sessions."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cohorts_session SET starts_at = starts_at - make_interval(weeks => %(weeks)s), "
            "ends_at = ends_at - make_interval(weeks => %(weeks)s)",
            {"weeks": weeks},
        )
        cursor.execute(
            "UPDATE cohorts_cohort SET starts_on = starts_on - 7 * %(weeks)s, ends_on = ends_on - 7 * %(weeks)s",
            {"weeks": weeks},
        )


def assert_it_shows_what_it_promises() -> None:
    participant = User.objects.get(email="participant@demo.example")
    memberships = Membership.objects.enrolled().filter(user=participant).select_related("cohort__programme")
    membership = memberships.get(cohort__programme__slug="perinatal")
    tasks = progress.tasks(participant)[membership.pk]
    assert [task.component.slug for task in tasks if task.is_done] == ["training-1", "book-club-1", "qi-workshop-1"]
    assert [task.component.slug for task in tasks if task.booking] == ["training-2"]
    assert any(task.has_dates and not task.booking and not task.is_done for task in tasks)
    full = Session.objects.upcoming().filter(cohort=membership.cohort, bookings__state=Booking.State.WAITING).first()
    assert full
    assert full.places_left == 0
    assert full.booking_is_open

    to_take = [
        session
        for session in Session.objects.filter(facilitators__user__email="facilitator@demo.example")
        if register.is_open(session) and session.bookings.filter(state=Booking.State.BOOKED).exists()
    ]
    assert to_take
    assert Session.objects.upcoming().filter(component__programme__slug="race-equality-week").count() == 3
    assert set(broken()) <= NOT_PROMISED


def test_every_demo_person_can_sign_in_and_is_what_they_are() -> None:
    story.tell()
    for plan in DEMO_PEOPLE:
        person = User.objects.get(email=plan.email)
        assert person.check_password(DEMO_PASSWORD)
        assert person.role_kinds == frozenset(plan.kinds)
        assert person.is_staff == plan.is_staff
        assert not person.is_superuser


def test_the_participant_and_the_facilitator_always_find_something_in_each_state() -> None:
    story.tell()
    assert_it_shows_what_it_promises()


def test_a_second_run_on_the_same_day_changes_nothing() -> None:
    story.tell()
    before = state_of_everything()
    made = story.tell()
    assert (made.people, made.cohorts, made.sessions, made.bookings) == (0, 0, 0, 0)
    assert state_of_everything() == before


@pytest.mark.parametrize("weeks", [1, 2, 3, 5, 8, 60])
def test_it_lives_on_as_weeks_pass(weeks: int) -> None:
    story.tell()
    let_weeks_pass(weeks)
    story.tell()
    if weeks >= 3:
        assert_it_shows_what_it_promises()
    assert story.tell().sessions == 0


def test_a_new_cohort_takes_the_participant_along_and_leaves_what_they_did() -> None:
    story.tell()
    first = Membership.objects.get(user__email="participant@demo.example", cohort__programme__slug="perinatal")
    let_weeks_pass(3)
    story.tell()
    first.refresh_from_db()
    assert first.state == Membership.State.WITHDRAWN
    assert not Booking.objects.live().filter(membership=first).exists()
    assert Evidence.objects.standing().filter(membership=first).count() >= 3
    cohorts = Cohort.objects.filter(programme__slug="perinatal")
    assert sorted(cohorts.filter(opens_on=None).values_list("number", flat=True)) == [2, 3, 4, 6]
    assert cohorts.get(number=5).takes_applications


def test_production_gets_no_demonstration(settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not made in production"):
        call_command("demo")
    assert not User.objects.exists()


def test_generated_data_is_exactly_as_much_as_was_asked_for_and_holds_every_invariant() -> None:
    told = StringIO()
    call_command("demo", "--people", "90", "--bookings", "1500", stdout=told)
    generated = Booking.objects.filter(user__email__startswith="generated-")
    assert generated.count() == 1500
    assert User.objects.filter(email__startswith="generated-").count() == 90
    assert "90 people" in told.getvalue()
    assert "1,500 bookings" in told.getvalue()
    attended = generated.filter(state=Booking.State.ATTENDED)
    assert attended.exists()
    assert attended.filter(evidence__isnull=True).count() == 0
    assert set(generated.values_list("state", flat=True).distinct()) == set(Booking.State) - {Booking.State.OFFERED}
    assert generated.filter(session__starts_at__gt=timezone.now(), next_reminder_at__isnull=False).exists()
    for waiting in generated.filter(state=Booking.State.WAITING).select_related("session"):
        assert waiting.session.places_left == 0
    assert set(broken()) <= NOT_PROMISED


def test_generating_twice_adds_to_what_is_there() -> None:
    bulk.generate(people=45, bookings=300)
    bulk.generate(people=45, bookings=300)
    assert Booking.objects.count() == 600
    assert User.objects.count() == 90
    assert set(broken()) <= NOT_PROMISED


@pytest.mark.django_db(transaction=True)
def test_generated_sessions_lie_as_close_together_as_those_of_a_portal_that_grew() -> None:
    bulk.generate(people=80, bookings=1600)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('cohorts_session') / (SELECT count(*) FROM cohorts_session)")
        assert cursor.fetchone()[0] < 1000  # bytes each


@pytest.mark.parametrize(("people", "bookings"), [(0, 10), (1, 1), (10, 0), (10, 2001), (-5, 10)])
def test_sizes_that_cannot_be_made_are_refused(people: int, bookings: int) -> None:
    with pytest.raises(bulk.CannotGenerate):
        bulk.generate(people=people, bookings=bookings)


def test_one_size_without_the_other_is_refused() -> None:
    with pytest.raises(CommandError, match="together"):
        call_command("demo", "--people", "10")


def test_people_apply_are_nominated_and_wait_for_the_teams_decision() -> None:
    story.tell()
    cohort = Cohort.objects.get(programme__slug="perinatal", opens_on__isnull=False)
    states = Counter(cohort.memberships.values_list("state", flat=True))
    assert states == {"applied": 9, "offered": 2, "reserve": 2, "enrolled": 1, "declined": 1, "nominated": 2}
    assert cohort.taken == 3
    lead = User.objects.get(email="lead@demo.example")
    assert lead.nominations.count() == 3
    story.tell()
    assert Counter(cohort.memberships.values_list("state", flat=True)) == states


def test_the_participant_has_a_certificate_to_show() -> None:
    story.tell()
    certificate = Certificate.objects.get()
    assert certificate.holder.email == "participant@demo.example"
    assert certificate.stands


def test_what_people_say_of_a_session_can_be_read() -> None:
    story.tell()
    held = Session.objects.filter(evaluations__stage="after").distinct().select_related("component")
    found = [results(session) for session in held]
    assert any(each.told and each.scales and each.texts and each.changes for each in found)


def test_people_say_something_of_a_programme_and_one_waits_for_an_editor() -> None:
    for _ in range(2):
        story.tell()
        states = Counter(Testimony.objects.filter(programme__slug="perinatal").values_list("state", flat=True))
        assert states == {"published": 4, "offered": 1}


def test_the_lead_is_told_numbers_and_no_small_one() -> None:
    story.tell()
    told = Figure.objects.filter(organisation__ods_code="DEMO1", programme__slug="perinatal")
    assert sorted(told.values_list("people", "completed"), key=str) == [(10, None), (15, None), (25, 15), (None, None)]
