"""A cohort made from an earlier one."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import copying, scheduling
from cohorts.models import Cohort, Session
from portal.accounts.middleware import HAS_SECOND_FACTOR
from tests.concurrency.at_once import at_once
from tests.factories import (
    make_admin,
    make_booking,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_session,
    make_venue,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    client = Client()
    client.force_login(make_admin())
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client


@pytest.fixture
def cohort() -> Cohort:
    cohort = make_cohort(name="Perinatal cohort 1", places=20)
    day_1, day_2 = make_component(cohort.programme), make_component(cohort.programme)
    session = make_session(day_1, cohort, days=3, venue=make_venue(), places=12)
    session.facilitators.add(make_facilitator())
    make_session(day_2, cohort, days=10)
    make_booking(make_membership(cohort=cohort).user, session)
    gone = make_session(day_2, cohort, days=12)
    scheduling.cancel_session(gone, by=make_admin())
    return cohort


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_dates_follow_at_the_same_time_of_day_and_nobody_is_in_it(cohort: Cohort) -> None:
    starts_on = cohort.starts_on + timedelta(weeks=40)
    new = copying.copy(cohort, name="Perinatal cohort 2", starts_on=starts_on, places=24, by=make_admin())
    assert (new.number, new.places, new.taken, new.opens_on) == (2, 24, 0, None)
    assert new.ends_on - new.starts_on == cohort.ends_on - cohort.starts_on
    old, copies = list(cohort.sessions.scheduled().order_by("starts_at")), list(new.sessions.order_by("starts_at"))
    assert len(old) == len(copies) == 2
    for before, after in zip(old, copies, strict=True):
        assert timezone.localtime(after.starts_at).time() == timezone.localtime(before.starts_at).time()
        assert timezone.localdate(after.starts_at) - timezone.localdate(before.starts_at) == timedelta(weeks=40)
        for field in ("component", "venue", "places", "format", "what_to_bring"):
            assert getattr(after, field) == getattr(before, field)
        assert list(after.facilitators.all()) == list(before.facilitators.all())
        assert (after.taken, after.join_link) == (0, "")


def test_a_change_of_the_clocks_in_between_changes_no_time_of_day() -> None:
    cohort = make_cohort(starts_on=date(2027, 3, 1), ends_on=date(2027, 9, 1))
    winter = datetime(2027, 3, 2, 9, 30, tzinfo=UTC)
    Session.objects.create(
        component=make_component(cohort.programme),
        cohort=cohort,
        starts_at=winter,
        ends_at=winter + timedelta(hours=7),
        places=5,
    )
    (summer,) = copying.shifted(cohort, date(2027, 6, 7))
    assert summer.starts_at.isoformat() == "2027-06-08T09:30:00+01:00"
    assert summer.ends_at.isoformat() == "2027-06-08T16:30:00+01:00"


def test_bank_holidays_and_weekends_are_pointed_out() -> None:
    cohort = make_cohort(starts_on=date(2027, 3, 1), ends_on=date(2027, 9, 1))
    make_session(make_component(cohort.programme), cohort)
    Session.objects.update(starts_at=datetime(2027, 3, 1, 10, tzinfo=UTC), ends_at=datetime(2027, 3, 1, 11, tzinfo=UTC))
    for starts_on, holiday, weekend in (
        (date(2027, 5, 3), "Early May bank holiday", False),
        (date(2027, 5, 8), "", True),
        (date(2027, 5, 10), "", False),
    ):
        (found,) = copying.shifted(cohort, starts_on)
        assert (found.holiday, found.is_on_a_weekend) == (holiday, weekend)


def test_what_cannot_be_is_refused_and_nothing_is_made(cohort: Cohort) -> None:
    with pytest.raises(ValidationError):
        copying.copy(cohort, name="x" * 200, starts_on=cohort.starts_on, places=5, by=make_admin())
    assert Cohort.objects.count() == 1


def test_when_it_can_be_booked_moves_along(cohort: Cohort) -> None:
    session = cohort.sessions.scheduled().earliest("starts_at")
    opens, closes = (session.starts_at - timedelta(days=days) for days in (20, 2))
    Session.objects.filter(pk=session.pk).update(
        booking_opens_at=opens, booking_closes_at=closes, join_link="https://x.example"
    )
    starts_on = cohort.starts_on + timedelta(weeks=40)
    new = copying.copy(cohort, name="Perinatal cohort 2", starts_on=starts_on, places=24, by=make_admin())
    made = new.sessions.earliest("starts_at")
    weeks = timedelta(weeks=40)
    assert made.booking_opens_at == scheduling.later(opens, weeks)
    assert made.booking_closes_at == scheduling.later(closes, weeks)
    assert made.join_link == ""


def test_one_of_the_same_name_and_start_is_not_made_again(cohort: Cohort) -> None:
    starts_on, admin = cohort.starts_on + timedelta(weeks=40), make_admin()
    given: dict[str, Any] = {"name": "Perinatal cohort 2", "starts_on": starts_on, "places": 24, "by": admin}
    made = copying.copy(cohort, **given)
    for source in (cohort, made):
        with pytest.raises(ValidationError, match="There is already a Perinatal cohort 2 that starts on"):
            copying.copy(source, **given)
    copying.copy(cohort, **given | {"name": "Perinatal cohort 3"})
    copying.copy(cohort, **given | {"starts_on": starts_on + timedelta(weeks=1)})
    assert list(cohort.programme.cohorts.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_a_button_that_is_pressed_twice_at_once_makes_one(cohort: Cohort) -> None:
    admin = make_admin()
    for weeks in range(40, 45):
        starts_on = cohort.starts_on + timedelta(weeks=weeks)
        press = partial(copying.copy, cohort, name="The next cohort", starts_on=starts_on, places=24, by=admin)
        came = at_once(press, press)
        assert sorted(type(each).__name__ for each in came) == ["Cohort", "ValidationError"]
        assert Cohort.objects.get(starts_on=starts_on).sessions.count() == 2


class TestPage:
    """In the admin."""

    def test_every_date_is_shown_before_anything_is_made(self, desk: Client, cohort: Cohort) -> None:
        address = reverse("admin:cohorts_cohort_copy", args=[cohort.pk])
        assert address in words(desk.get(reverse("admin:cohorts_cohort_change", args=[cohort.pk])))
        proposed = desk.get(address).context["form"].initial
        assert proposed["name"] == "Perinatal cohort 2"
        assert proposed["starts_on"] > cohort.ends_on
        assert (proposed["starts_on"] - cohort.starts_on).days % 7 == 0
        given = {**proposed, "starts_on": proposed["starts_on"].strftime("%d/%m/%Y")}
        asked = words(desk.post(address, given))
        assert "with 2 sessions. Nobody is in it" in asked
        assert Cohort.objects.count() == 1
        made = desk.post(address, {**given, "confirmed": "yes"})
        new = Cohort.objects.get(number=2)
        assert made.headers["Location"] == reverse("admin:cohorts_cohort_change", args=[new.pk])
        again = desk.post(address, {**given, "confirmed": "yes"})
        assert again.status_code == 422
        assert "There is already a Perinatal cohort 2 that starts on" in words(again)
        assert Cohort.objects.count() == 2

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"name": ""}, "This field is required"),
            ({"starts_on": "01/01/2020"}, "Enter a day from today on"),
            ({"starts_on": "31/02/2030"}, "Enter a valid date"),
            ({"starts_on": "01/01/2999"}, "within 5 years"),
            ({"places": "0"}, "greater than or equal to 1"),
        ],
    )
    def test_bad_input_is_said_and_kept(self, desk: Client, cohort: Cohort, changed: dict[str, str], why: str) -> None:
        address = reverse("admin:cohorts_cohort_copy", args=[cohort.pk])
        soon = (timezone.localdate() + timedelta(days=40)).strftime("%d/%m/%Y")
        given = {"name": "Cohort 2", "starts_on": soon, "places": "5", "confirmed": "yes", **changed}
        answer = desk.post(address, given)
        assert answer.status_code == 422
        assert why in words(answer)
        assert Cohort.objects.count() == 1

    def test_more_sessions_cost_no_more_statements_to_look_at(
        self, desk: Client, cohort: Cohort, django_assert_max_num_queries: Any
    ) -> None:
        for days in (20, 30):
            make_session(make_component(cohort.programme), cohort, days=days)
        with django_assert_max_num_queries(3):
            assert len(copying.shifted(cohort, cohort.starts_on)) == 4
