"""Recording what members have done where no register shows it, of one and of many, and taking a record back."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import progress, recording
from cohorts.models import Cohort, Component, Evidence, EvidenceKind, Membership
from portal.accounts.models import User
from tests import factories as make
from tests.cohorts.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def membership() -> Membership:
    return make.make_membership()


@pytest.fixture
def course(membership: Membership) -> Component:
    return make.make_component(membership.cohort.programme, fulfilled_by=[EvidenceKind.RECORD, EvidenceKind.SELF_STUDY])


def page(cohort: Cohort) -> str:
    return reverse("admin:cohorts_cohort_record", args=[cohort.pk])


def address(name: str, membership: Membership) -> str:
    return reverse(f"admin:cohorts_membership_{name}", args=[membership.pk])


def standing(membership: Membership) -> list[tuple[str, str, date]]:
    rows = Evidence.objects.standing().filter(membership=membership)
    return list(rows.values_list("component__title", "kind", "fulfilled_on"))


def sent(course: Component, *people: str, **given: Any) -> dict[str, Any]:
    """Return what the page sends: for these addresses, or for everybody."""
    who = {"who": "some", "addresses": "\r\n".join(people)} if people else {"who": "everybody"}
    facts = {"component": course.pk, "kind": "record", "fulfilled_on": timezone.localdate().isoformat()}
    return {**facts, **who, **given}


def confirmed(preview: Any, data: dict[str, Any]) -> dict[str, Any]:
    """Return what the preview sends when its button is pressed."""
    found = re.search(r'name="agreed"\s+value="(\w+)"', preview.content.decode())
    assert found
    return {**data, "agreed": found[1], "confirmed": "yes"}


def test_one_members_page_leads_to_a_record_that_is_looked_at_first(
    desk: Client, admin: User, membership: Membership, course: Component
) -> None:
    day = timezone.localdate() - timedelta(days=3)
    link = f"{page(membership.cohort)}?membership={membership.pk}"
    assert link in desk.get(address("change", membership)).content.decode()
    assert membership.user.email in words(desk.get(link))
    data = sent(course, membership.user.email, fulfilled_on=day.isoformat())

    preview = desk.post(page(membership.cohort), data)

    assert membership.user.name in words(preview)
    assert not Evidence.objects.exists()
    assert desk.post(page(membership.cohort), confirmed(preview, data)).status_code == 302
    assert standing(membership) == [(course.title, EvidenceKind.RECORD, day)]
    assert Evidence.objects.get().recorded_by == admin
    # What is done is not recorded twice.
    again = desk.post(page(membership.cohort), data)
    assert again.status_code == 422
    assert "Everybody you chose has done it already." in words(again)
    assert len(standing(membership)) == 1


def test_everybody_gets_it_but_who_has_it_already_or_left(
    desk: Client, membership: Membership, course: Component
) -> None:
    cohort = membership.cohort
    done, other = make.make_membership(cohort=cohort), make.make_membership(cohort=cohort)
    left = make.make_membership(cohort=cohort, state=Membership.State.WITHDRAWN)
    progress.record(done, course, kind=EvidenceKind.RECORD, fulfilled_on=date(2026, 3, 2), by=None)
    data = sent(course, kind="self_study")

    preview = desk.post(page(cohort), data)

    assert "Record for 2 people" in words(preview)
    assert f"<td>{done.user.name}</td> <td>Has done it already.</td>" in words(preview)
    desk.post(page(cohort), confirmed(preview, data))
    assert [len(standing(each)) for each in (membership, other, done, left)] == [1, 1, 1, 0]
    assert standing(other)[0][1] == EvidenceKind.SELF_STUDY


def test_lines_of_whom_nobody_is_in_the_cohort_are_told_with_their_number(
    desk: Client, membership: Membership, course: Component
) -> None:
    elsewhere = make.make_membership()
    data = sent(course, f"A Name <{membership.user.email.upper()}>,", "", elsewhere.user.email, membership.user.email)

    preview = words(desk.post(page(membership.cohort), data))

    assert "Record for 1 person" in preview
    assert f"<td>Line 3: {elsewhere.user.email}</td> <td>Nobody in this cohort has this address.</td>" in preview
    alone = desk.post(page(membership.cohort), sent(course, elsewhere.user.email))
    assert alone.status_code == 422
    assert f"Line 1: {elsewhere.user.email}. Nobody in this cohort has this address." in words(alone)


def test_what_is_attended_alone_or_of_elsewhere_or_still_to_come_is_refused_and_what_was_typed_is_kept(
    desk: Client, membership: Membership, course: Component
) -> None:
    today = timezone.localdate()
    attended = make.make_component(membership.cohort.programme, fulfilled_by=[EvidenceKind.ATTENDANCE])
    elsewhere = make.make_component(fulfilled_by=[EvidenceKind.RECORD])
    for given in (
        {"component": attended.pk},
        {"component": elsewhere.pk},
        {"fulfilled_on": str(today + timedelta(days=1))},
        {"component": "x"},
        {"fulfilled_on": "\x00"},
        {"fulfilled_on": "99999-01-01"},
        {"kind": "project"},
        {"kind": "attendance"},
        {"addresses": " \n"},
        {"who": "nobody"},
        {"addresses": "a@trust.example\n" * 1001},
    ):
        data = sent(course, membership.user.email) | given
        answer = desk.post(page(membership.cohort), data)
        assert answer.status_code == 422, given
        if "addresses" not in given:
            assert membership.user.email in words(answer), given
    assert not Evidence.objects.exists()


def test_who_goes_back_finds_what_they_typed(desk: Client, membership: Membership, course: Component) -> None:
    data = sent(course, membership.user.email)

    back = desk.post(
        page(membership.cohort), confirmed(desk.post(page(membership.cohort), data), data) | {"back_to_form": "x"}
    )

    assert f">\n{membership.user.email}</textarea>" in back.content.decode().replace("\r", "")
    assert not Evidence.objects.exists()


def test_what_has_changed_since_one_looked_is_shown_again(
    desk: Client, membership: Membership, course: Component
) -> None:
    data = sent(course)
    preview = desk.post(page(membership.cohort), data)
    late = make.make_membership(cohort=membership.cohort)

    again = desk.post(page(membership.cohort), confirmed(preview, data))

    assert "something has changed" in words(again)
    assert late.user.name in words(again)
    assert not Evidence.objects.exists()
    assert desk.post(page(membership.cohort), confirmed(again, data)).status_code == 302
    assert Evidence.objects.count() == 2


def test_a_record_counts_only_for_what_it_fulfils(membership: Membership, admin: User) -> None:
    component = make.make_component(membership.cohort.programme, fulfilled_by=[EvidenceKind.PROJECT])
    with pytest.raises(ValueError, match="not fulfilled"):
        recording.record(
            membership.cohort,
            component,
            None,
            kind=EvidenceKind.RECORD,
            fulfilled_on=date(2026, 3, 2),
            agreed="",
            by=admin,
        )


def test_a_record_is_taken_back_and_can_be_made_again(desk: Client, membership: Membership, course: Component) -> None:
    data = sent(course, membership.user.email)
    desk.post(page(membership.cohort), confirmed(desk.post(page(membership.cohort), data), data))
    record = Evidence.objects.get()
    assert desk.post(address("take_back", membership), {"record": record.pk}).status_code == 302
    assert standing(membership) == []
    assert desk.post(address("take_back", membership), {"record": record.pk}).status_code == 422
    desk.post(page(membership.cohort), confirmed(desk.post(page(membership.cohort), data), data))
    assert len(standing(membership)) == 1


def test_it_costs_the_same_for_three_as_for_one(desk: Client, course: Component, membership: Membership) -> None:
    def statements(cohort: Cohort) -> tuple[int, int]:
        data = sent(course)
        with CaptureQueriesContext(connection) as looking:
            preview = desk.post(page(cohort), data)
        with CaptureQueriesContext(connection) as doing:
            assert desk.post(page(cohort), confirmed(preview, data)).status_code == 302
        return len(looking), len(doing)

    desk.get(reverse("admin:index"))
    three = make.make_cohort(membership.cohort.programme)
    for _ in range(3):
        make.make_membership(cohort=three)
    assert statements(membership.cohort) == statements(three)
