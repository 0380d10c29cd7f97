"""Recording what a member has done where no register shows it, and taking a record back."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts.models import Component, Evidence, Membership
from portal.accounts.models import User
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership() -> Membership:
    return make.make_membership()


@pytest.fixture
def course(membership: Membership) -> Component:
    return make.make_component(membership.cohort.programme, fulfilled_by=Component.FulfilledBy.RECORD)


def address(page: str, membership: Membership) -> str:
    return reverse(f"admin:cohorts_membership_{page}", args=[membership.pk])


def standing(membership: Membership) -> list[tuple[str, str, date]]:
    rows = Evidence.objects.standing().filter(membership=membership)
    return list(rows.values_list("component__title", "kind", "fulfilled_on"))


def test_a_record_completes_what_no_register_shows(
    desk: Client, admin: User, membership: Membership, course: Component
) -> None:
    day = timezone.localdate() - timedelta(days=3)
    assert address("record", membership) in desk.get(address("change", membership)).content.decode()
    sent = {"component": course.pk, "fulfilled_on": day.isoformat()}
    assert desk.post(address("record", membership), sent).status_code == 302
    assert standing(membership) == [(course.title, Evidence.Kind.RECORD, day)]
    assert Evidence.objects.get().recorded_by == admin
    # What is done is not recorded twice.
    assert desk.post(address("record", membership), sent).status_code == 422
    assert len(standing(membership)) == 1


def test_what_is_attended_or_of_elsewhere_or_still_to_come_is_refused(
    desk: Client, membership: Membership, course: Component
) -> None:
    today = timezone.localdate()
    attended = make.make_component(membership.cohort.programme)
    elsewhere = make.make_component(fulfilled_by=Component.FulfilledBy.RECORD)
    for component, day in (
        (attended.pk, today),
        (elsewhere.pk, today),
        (course.pk, today + timedelta(days=1)),
        ("x", today),
        (course.pk, "\x00"),
        (course.pk, "99999-01-01"),
    ):
        sent = {"component": component, "fulfilled_on": str(day)}
        assert desk.post(address("record", membership), sent).status_code == 422, sent
    assert not Evidence.objects.exists()


def test_a_record_is_taken_back_and_can_be_made_again(desk: Client, membership: Membership, course: Component) -> None:
    sent = {"component": course.pk, "fulfilled_on": timezone.localdate().isoformat()}
    desk.post(address("record", membership), sent)
    record = Evidence.objects.get()
    assert desk.post(address("take_back", membership), {"record": record.pk}).status_code == 302
    assert standing(membership) == []
    assert desk.post(address("take_back", membership), {"record": record.pk}).status_code == 422
    assert desk.post(address("record", membership), sent).status_code == 302
    assert len(standing(membership)) == 1
