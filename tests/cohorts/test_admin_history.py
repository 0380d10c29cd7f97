"""The history of a row says who did what and why: the reason stands on the row, and the trail has none."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import certificates, enrolment, messages, offering, register, scheduling
from cohorts.models import Booking, Membership
from portal.accounts.models import User
from portal.nhsuk.dates import say_when
from portal.trail.models import Entry
from tests import factories as make

pytestmark = pytest.mark.django_db

Reason = Membership.Reason
WHY = "The room was flooded."


@pytest.fixture(autouse=True)
def _no_reason_is_in_the_trail() -> Any:
    """See afterwards that no reason was written where nothing can be forgotten."""
    yield
    written = " ".join(str(details) for details in Entry.objects.values_list("details", flat=True))
    assert WHY not in written
    assert not set(Reason.values) & set(re.findall(r"\w+", written))


def history(desk: Client, row: Model) -> list[str]:
    """Return the lines of a row's history, newest first, their marks left out."""
    page = desk.get(reverse(f"admin:cohorts_{row._meta.model_name}_history", args=[row.pk]))
    assert page.status_code == 200
    lines = page.content.decode().split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    return [" ".join(re.sub(r"<[^>]*>", " ", line).split()) for line in lines]


def test_a_session_says_why_it_was_moved_and_why_it_was_cancelled(desk: Client, admin: User) -> None:
    session = make.make_open_session()
    day = timedelta(days=1)
    scheduling.move(session, session.starts_at + day, session.ends_at + day, by=admin, reason="Earlier words")
    scheduling.move(session, session.starts_at + 2 * day, session.ends_at + 2 * day, by=admin, reason="The trainer.")
    scheduling.cancel_session(session, by=admin, reason=WHY)

    cancelled, moved, moved_before = history(desk, session)[:3]

    assert admin.name in cancelled
    assert cancelled.endswith(f"Why: {WHY}")
    assert moved.endswith("Why: The trainer.")
    assert "Why" not in moved_before


def test_a_session_that_is_moved_without_a_reason_keeps_no_earlier_one(desk: Client, admin: User) -> None:
    session = make.make_open_session()
    day = timedelta(days=1)
    scheduling.move(session, session.starts_at + day, session.ends_at + day, by=admin, reason=WHY)
    scheduling.move(session, session.starts_at + 2 * day, session.ends_at + 2 * day, by=admin)
    assert not any("Why" in line for line in history(desk, session))


def test_the_team_says_why_a_session_is_moved_and_everybody_who_booked_reads_it(desk: Client) -> None:
    session = make.make_open_session()
    held = make.make_booking(make.make_user(), session)
    new = make.at(timezone.localdate() + timedelta(days=30), "09:30")
    sent = {
        **{f"starts_at_{n}": part for n, part in enumerate((f"{new:%Y-%m-%d}", "09:30"))},
        **{f"ends_at_{n}": part for n, part in enumerate((f"{new:%Y-%m-%d}", "12:30"))},
        "reason": WHY,
    }
    page = reverse("admin:cohorts_session_move", args=[session.pk])

    asked = " ".join(desk.post(page, sent).content.decode().split())
    assert f"They read why: {WHY}" in asked
    desk.post(page, sent | {"confirmed": "yes"})

    held = Booking.objects.get(pk=held.pk)
    session.refresh_from_db()
    assert session.move_reason == WHY
    subject = f"booking:{held.pk}:{held.sequence}"
    letter = next(each for each in messages.LETTERS if each.rule == "session.moved")
    mail = messages.compose(letter, messages.load([subject])[subject], held.user)
    assert mail
    assert mail.context["why"] == WHY
    assert mail.context["when"] == say_when(session.starts_at, session.ends_at)


@pytest.mark.parametrize(
    ("leave", "why"),
    [
        (lambda held, by: enrolment.withdraw(held, by=by, reason=Reason.NEW_JOB), Reason.NEW_JOB.label),
        (lambda held, by: enrolment.defer(held, None, by=by, reason=Reason.NO_TIME), Reason.NO_TIME.label),
        (lambda held, by: enrolment.defer(held, None, by=by), ""),
    ],
    ids=["withdrawn", "deferred", "deferred, not said"],
)
def test_a_membership_says_why_somebody_left(
    desk: Client, admin: User, member: Membership, leave: Any, why: str
) -> None:
    leave(member, admin)
    newest = history(desk, member)[0]
    assert admin.name in newest
    assert newest.endswith(f"Why: {why}") if why else "Why" not in newest


def test_who_comes_back_has_no_reason_for_having_left(desk: Client, admin: User, member: Membership) -> None:
    enrolment.withdraw(member, by=admin, reason=Reason.NEW_JOB)
    enrolment.enrol_many(member.cohort, [enrolment.Enrolment(member.user, None, None)], by=admin, again=True)
    assert not any("Why" in line for line in history(desk, member))


def test_somebody_who_said_no_said_why(desk: Client, admin: User) -> None:
    offered = make.make_membership(cohort=make.make_open_cohort(), state="offered")
    offering.say_no(offered, Reason.NO_TIME)
    assert history(desk, offered)[0].endswith(f"Why: {Reason.NO_TIME.label}")


def test_the_form_for_deferring_asks_why_and_takes_no_answer_for_one(desk: Client, member: Membership) -> None:
    page = reverse("admin:cohorts_membership_defer", args=[member.pk])
    assert str(Reason.NOT_CHOSEN.label) not in desk.get(page).content.decode()
    desk.post(page, {"to": "", "reason": Reason.NO_TIME, "confirmed": "yes"})
    member.refresh_from_db()
    assert (member.state, member.reason) == (Membership.State.DEFERRED, Reason.NO_TIME)
    # Once there is a cohort for them, why they were deferred is not asked again.
    later = make.make_cohort(member.cohort.programme)
    assert 'name="reason"' not in desk.get(page).content.decode()
    desk.post(page, {"to": later.pk, "confirmed": "yes"})
    member.refresh_from_db()
    assert (member.deferred_to.cohort, member.reason) == (later, Reason.NO_TIME)


def test_a_certificate_says_why_it_was_revoked(desk: Client, admin: User) -> None:
    certificate = make.make_certificate()
    certificates.revoke(certificate, reason=WHY, by=admin)
    revoked, issued = history(desk, certificate)
    assert revoked.endswith(f"Why: {WHY}")
    assert "Why" not in issued


def test_a_booking_says_why_it_was_cancelled_and_forgets_it_with_the_row(desk: Client, admin: User) -> None:
    held = make.make_booking(make.make_user(), make.make_open_session())
    desk.post(reverse("admin:cohorts_booking_cancel", args=[held.pk]), {"reason": WHY})
    assert history(desk, held)[0].endswith(f"Why: {WHY}")
    Booking.objects.filter(pk=held.pk).update(cancel_reason="")
    assert not any("Why" in line for line in history(desk, held))


def test_a_mark_that_was_corrected_says_what_it_was_before(desk: Client, admin: User) -> None:
    held = make.make_attended()
    register.mark(held.session, {held.pk: Booking.State.DID_NOT_ATTEND}, by=admin)
    corrected = history(desk, held)[0]
    assert admin.name in corrected
    assert corrected.endswith("Now: Did not attend; Was: Attended")
