"""Prepared querysets: the same rows as the queryset itself, without building it again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.types.range import Range

from cohorts.models import Booking, Component, Programme, Session
from portal.prepared import Given, GivenMany, IsAmong, Prepared, PreparedInsert, Unprepared
from tests.factories import make_booking, make_component, make_open_session, make_session, make_user

pytestmark = pytest.mark.django_db


def booked() -> Booking:
    booking: Booking = make_booking(make_user(), make_open_session())
    return booking


def test_it_returns_what_the_queryset_returns_with_its_related_objects() -> None:
    booking, other = booked(), booked()
    own = Prepared(lambda: Booking.objects.with_session().filter(user=Given("user"), uid=Given("uid")))
    found = own.first(user=booking.user_id, uid=booking.uid)
    assert found == booking
    assert own.first(user=other.user_id, uid=booking.uid) is None
    assert own.all(user=other.user_id, uid=other.uid) == [other]


def test_a_related_object_asks_the_database_nothing(django_assert_num_queries) -> None:
    booking = booked()
    own = Prepared(lambda: Booking.objects.with_session().filter(pk=Given("pk")))
    with django_assert_num_queries(1):
        found = own.first(pk=booking.pk)
        assert found
        assert found.session.component.programme.name == booking.session.component.programme.name
    assert not found._state.adding
    found.cancel_reason = "Changed"
    found.save()
    booking.refresh_from_db()
    assert booking.cancel_reason == "Changed"


def test_nothing_is_compiled_when_it_is_asked_again(monkeypatch) -> None:
    booking, other = booked(), booked()
    one = Prepared(lambda: Booking.objects.filter(pk=Given("pk")))
    assert one.first(pk=booking.pk) == booking
    monkeypatch.setattr(SQLCompiler, "as_sql", lambda *_: pytest.fail("It was compiled again."))
    assert one.first(pk=other.pk) == other


def test_annotations_deferred_fields_and_subqueries_are_as_in_the_queryset() -> None:
    booking = booked()
    empty = make_session()
    mine = Booking.objects.filter(session=OuterRef("pk"), user=Given("user"))
    sessions = Prepared(
        lambda: (
            Session.objects.annotate(is_mine=Exists(mine), held=Count("bookings"))
            .only("places", "component__title")
            .select_related("component")
            .order_by("pk")
        )
    )
    found = sessions.all(user=booking.user_id)
    assert [(one.pk, one.is_mine, one.held) for one in found] == [  # type: ignore[attr-defined]  # annotated
        (booking.session_id, True, 1),
        (empty.pk, False, 0),
    ]
    assert found[0].get_deferred_fields() >= {"taken", "starts_at"}
    assert found[1].component.get_deferred_fields() >= {"summary"}


def test_tuples_come_as_values_list_has_them() -> None:
    booking = booked()
    rows = Prepared(lambda: Booking.objects.filter(user=Given("user")).values_list("state", "uid", "session__places"))
    assert rows.all(user=booking.user_id) == [(Booking.State.BOOKED, booking.uid, booking.session.places)]
    assert rows.first(user=0) is None


def test_a_value_may_be_given_in_several_places_and_as_a_range() -> None:
    booking = booked()
    against = Prepared(
        lambda: Booking.objects.filter(Q(user=Given("user"), during__overlap=Given("during")) | Q(pk=Given("user")))
    )
    assert booking in against.all(user=booking.user_id, during=booking.during)
    earlier = Range(booking.during.lower - timedelta(days=2), booking.during.lower)
    assert all(found.pk == booking.user_id for found in against.all(user=booking.user_id, during=earlier))


def test_djangos_record_of_statements_shows_it() -> None:
    one = Prepared(lambda: Session.objects.filter(pk=Given("pk")))
    with CaptureQueriesContext(connection) as captured:
        one.first(pk=1)
    assert [str(query["sql"]).split()[0] for query in captured] == ["SELECT"]


def test_many_values_may_be_given_as_a_list() -> None:
    one, other, _ = booked(), booked(), booked()
    some = Prepared(lambda: Booking.objects.filter(session__in=GivenMany("sessions")).order_by("pk"))
    assert some.all(sessions=[one.session_id, other.session_id]) == [one, other]
    assert some.all(sessions=[]) == []
    named = Prepared(lambda: Component.objects.filter(title__in=GivenMany("titles", "text")))
    assert named.all(titles=[one.session.component.title, "%s"]) == [one.session.component]
    among = Prepared(lambda: Component.objects.filter(IsAmong(F("title"), Given("titles"))))
    assert among.all(titles=[one.session.component.title, "%s"]) == [one.session.component]
    assert among.all(titles=[]) == []


def test_postgresql_keeps_the_plan_and_constants_stand_in_its_text() -> None:
    component = make_component(title="50% of 'us' %s", kind=Component.Kind.TRAINING)
    named = Prepared(lambda: Component.objects.filter(title__contains="% of 'us' %s", kind="training", pk=Given("pk")))
    assert [named.first(pk=component.pk) for _ in range(4)] == [component] * 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE '%cohorts_component%'")
        ((statement,),) = cursor.fetchall()
    assert "'training'" in statement
    assert "$1" in statement
    assert "$2" not in statement


def test_a_number_that_no_id_can_have_is_simply_not_found() -> None:
    assert Prepared(lambda: Session.objects.filter(pk=Given("pk"))).first(pk=10**30) is None


def test_rows_can_be_locked_inside_a_transaction_alone() -> None:
    session = make_session()
    lock = Prepared(lambda: Session.objects.select_for_update(of=("self",)).filter(pk=Given("pk")))
    with transaction.atomic():
        assert lock.first(pk=session.pk) == session
    connection.in_atomic_block, was = False, connection.in_atomic_block
    try:
        with pytest.raises(transaction.TransactionManagementError):
            lock.first(pk=session.pk)
    finally:
        connection.in_atomic_block = was


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Session.objects.filter(starts_at__gt=timezone.now()), "moment"),
        (lambda: Programme.objects.prefetch_related("components"), "Prefetching"),
        (lambda: Component.objects.values("title"), "tuples"),
        (lambda: Component.objects.values_list("title", flat=True), "tuples"),
    ],
)
def test_what_cannot_be_prepared_is_refused(build, says) -> None:
    with pytest.raises(Unprepared, match=says):
        Prepared(build).all()


def test_the_present_is_asked_of_postgresql() -> None:
    session = make_session()
    upcoming = Prepared(lambda: Session.objects.filter(starts_at__gt=Now()))
    assert upcoming.all() == [session]


@pytest.mark.parametrize("given", [{}, {"key": 1}, {"pk": 1, "more": 2}, {"pk": None}])
def test_values_that_it_does_not_take_are_refused(given) -> None:
    with pytest.raises(Unprepared):
        Prepared(lambda: Session.objects.filter(pk=Given("pk"))).all(**given)


def another_booking_of(booking: Booking) -> Booking:
    return Booking(
        user=make_user(),
        session=booking.session,
        component=booking.component,
        once=booking.once,
        during=booking.during,
        state=Booking.State.BOOKED,
    )


def test_a_row_is_inserted_as_it_is_saved() -> None:
    one = booked()
    bookings = PreparedInsert(Booking)
    for _ in range(4):
        new = another_booking_of(one)
        bookings.save(new)
        found = Booking.objects.get(pk=new.pk)
        assert {field.name: getattr(found, field.attname) for field in Booking._meta.concrete_fields} == {
            field.name: getattr(new, field.attname) for field in Booking._meta.concrete_fields
        }
    new.cancel_reason = "Changed"
    new.save()
    found.refresh_from_db()
    assert found.cancel_reason == "Changed"
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO%'")
        ((statement,),) = cursor.fetchall()
    assert "cohorts_booking" in statement


def test_a_constraint_refuses_an_inserted_row_as_a_saved_one() -> None:
    one = booked()
    again = another_booking_of(one)
    again.user = one.user
    with pytest.raises(IntegrityError, match="one_live_booking_per_person_and_session"), transaction.atomic():
        PreparedInsert(Booking).save(again)
    assert again._state.adding
    assert again.pk is None
