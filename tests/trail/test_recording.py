"""What the trail takes, and what it refuses."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.functional import SimpleLazyObject
from psycopg.errors import RestrictViolation

from portal import trail
from portal.accounts.models import User
from portal.trail.models import Entry
from tests.factories import make_job_role, make_user

pytestmark = pytest.mark.django_db


def test_says_who_did_what_to_what_and_when() -> None:
    user = make_user()
    trail.record("booking.cancelled", actor=user, subject="booking:12", late=True, places=3, state="booked", by=None)
    entry = Entry.objects.get()
    assert (entry.actor_kind, entry.actor) == ("person", user)
    assert (entry.verb, entry.subject) == ("booking.cancelled", "booking:12")
    assert entry.details == {"late": True, "places": 3, "state": "booked", "by": None}
    assert entry.at is not None


def test_names_a_row_by_its_model_and_key() -> None:
    role = make_job_role()
    trail.record("job_role.added", actor=trail.SYSTEM, subject=role)
    assert Entry.objects.get().subject == f"jobrole:{role.pk}"


def test_the_system_acts_as_itself() -> None:
    trail.record("booking.promoted", actor=trail.SYSTEM, subject="booking:1")
    entry = Entry.objects.get()
    assert (entry.actor_kind, entry.actor) == ("system", None)


def test_takes_the_person_of_a_request_as_it_is() -> None:
    user = make_user()
    trail.record("a.b", actor=SimpleLazyObject(lambda: user), subject="booking:1")  # type: ignore[arg-type]  # lazy
    assert Entry.objects.get().actor == user


@pytest.mark.parametrize("nobody", [None, AnonymousUser(), User(), "admin", 1, trail.System])
def test_refuses_without_an_actor(nobody: object) -> None:
    with pytest.raises(trail.UnfitEntry):
        trail.record("booking.cancelled", actor=nobody, subject="booking:1")  # type: ignore[arg-type]  # the point
    assert not Entry.objects.exists()


def test_another_model_is_no_actor() -> None:
    with pytest.raises(trail.UnfitEntry):
        trail.record("booking.cancelled", actor=make_job_role(), subject="booking:1")  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize(
    "details",
    [
        {"nested": {"a": 1}},
        {"listed": [1]},
        {"share": 0.5},
        {"who": "amina@demo.example"},
        {"story": "x" * 201},
        {f"n{n}": n for n in range(13)},
    ],
)
def test_refuses_details_that_do_not_belong(details: dict[str, object]) -> None:
    with pytest.raises(trail.UnfitEntry):
        trail.record("a.b", actor=trail.SYSTEM, subject="booking:1", **details)  # type: ignore[arg-type]  # the point


@pytest.mark.parametrize("verb", ["", "booked", "Booking.Booked", "booking booked", "b." + "x" * 60])
def test_refuses_a_verb_of_another_form(verb: str) -> None:
    with pytest.raises(trail.UnfitEntry):
        trail.record(verb, actor=trail.SYSTEM, subject="booking:1")


@pytest.mark.parametrize("subject", ["", "12", "Amina Example", "booking:" + "9" * 100, "booking:1\n"])
def test_refuses_a_subject_that_is_no_key(subject: str) -> None:
    with pytest.raises(trail.UnfitEntry):
        trail.record("a.b", actor=trail.SYSTEM, subject=subject)


def test_refuses_a_row_that_is_not_saved() -> None:
    with pytest.raises(trail.UnfitEntry):
        trail.record("a.b", actor=trail.SYSTEM, subject=User())


def test_one_statement_for_one_and_for_many() -> None:
    user = make_user()
    with CaptureQueriesContext(
        connection,
    ) as one:
        trail.record("a.b", actor=user, subject="booking:1")
    with CaptureQueriesContext(connection) as many:
        trail.record_many("a.b", actor=user, entries=[(f"booking:{n}", {"n": n}) for n in range(2, 100)])
    assert (len(one), len(many)) == (1, 1)
    assert Entry.objects.count() == 99
    assert Entry.objects.get(subject="booking:42").details == {"n": 42}


def test_nothing_to_record_costs_nothing(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        trail.record_many("a.b", actor=trail.SYSTEM, entries=[])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE trail_entry SET verb = 'x.y'",
        "DELETE FROM trail_entry",
        "TRUNCATE trail_entry",
        "TRUNCATE trail_entry CASCADE",
    ],
)
def test_postgresql_refuses_every_change(change: str) -> None:
    trail.record("a.b", actor=trail.SYSTEM, subject="booking:1")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # checks left for the commit would refuse TRUNCATE before us
        with pytest.raises(DatabaseError) as refusal, transaction.atomic():
            cursor.execute(change)
    assert isinstance(refusal.value.__cause__, RestrictViolation)
    assert Entry.objects.get().verb == "a.b"


def test_postgresql_refuses_an_entry_without_an_actor() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(actor_kind="person", actor=None, verb="a.b", subject="booking:1")


def test_who_has_acted_cannot_be_deleted() -> None:
    user = make_user()
    trail.record("a.b", actor=user, subject="booking:1")
    with pytest.raises(IntegrityError):
        user.delete()
