"""Generated data at any size, and the command that makes it: as much as was asked for, and with every invariant."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from cohorts.demo import bulk
from cohorts.models import Booking
from portal.accounts.models import User
from tests.cohorts.invariants import broken

pytestmark = pytest.mark.django_db

# What is written in bulk has no letter: nobody is to get mail about it.
NOT_PROMISED = {"a live booking that nobody was told of"}


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
