"""The life of a cohort on one page: its numbers stage by stage, and the way to act on each, at a cost that stays."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import champions, progress, register
from cohorts.models import Booking, Cohort, CohortMessage, EvidenceKind, Membership, Session
from portal.accounts.models import User
from portal.nhsuk.dates import say_date, say_until
from tests import factories as make
from tests.cohorts import evaluations
from tests.cohorts.champions import make_champion, make_member

pytestmark = pytest.mark.django_db

State = Membership.State


def page(cohort: Cohort) -> str:
    return reverse("admin:cohorts_cohort_life", args=[cohort.pk])


def words(desk: Client, cohort: Cohort) -> str:
    """Return what the page says, its marks left out."""
    answer = desk.get(page(cohort))
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def links(desk: Client, cohort: Cohort) -> list[str]:
    """Return where the page leads."""
    html = desk.get(page(cohort)).content.decode()
    return [href.replace("&amp;", "&") for href in re.findall(r'href="([^"]*)"', html)]


def test_it_is_linked_first_from_the_cohorts_page_and_from_the_list(desk: Client) -> None:
    cohort = make.make_cohort()
    own = desk.get(reverse("admin:cohorts_cohort_change", args=[cohort.pk])).content.decode()
    tools = own[own.index("object-tools") :]
    assert re.findall(r'href="([^"]*)"', tools)[0] == page(cohort)
    assert page(cohort) in desk.get(reverse("admin:cohorts_cohort_changelist")).content.decode()


def test_it_is_for_who_keeps_the_programme(sign_in: Any) -> None:
    cohort = make.make_cohort()
    assert sign_in(make.make_admin_of(cohort.programme)).get(page(cohort)).status_code == 200
    assert sign_in(make.make_admin_of(make.make_programme())).get(page(cohort)).status_code == 404


def test_an_empty_cohort_says_so_and_leads_to_what_comes_first(desk: Client) -> None:
    cohort = make.make_cohort()
    said = words(desk, cohort)
    assert "Nobody applies: no days are entered for it" in said
    assert "No session is planned for it yet" in said
    assert "None is sent yet" in said
    assert "Nobody takes part yet, or the programme requires nothing" in said
    assert "To do:" not in said
    assert f"{reverse('admin:cohorts_session_series')}?cohort={cohort.pk}" in links(desk, cohort)


def test_applications_and_offers_are_counted_against_the_places(desk: Client) -> None:
    cohort = make.make_open_cohort(places=5)
    trust, midwife = make.make_organisation(name="Demo Coast Trust"), make.make_job_role(name="Demo Midwife")
    make.make_membership(cohort=cohort, organisation=trust, job_role=midwife)
    for state in (State.APPLIED, State.APPLIED, State.RESERVE, State.NOMINATED, State.DECLINED, State.WITHDRAWN):
        make.make_membership(cohort=cohort, state=state)
    first, later = timezone.now() + timedelta(days=2), timezone.now() + timedelta(days=5)
    for ends in (later, first):
        make.make_membership(cohort=cohort, state=State.OFFERED, offer_expires_at=ends)

    said = words(desk, cohort)

    assert f"{say_date(cohort.opens_on)} to {say_date(cohort.closes_on)}" in said  # type: ignore[arg-type]  # an open one has both
    assert "Applied, and wait for your decision 2" in said
    assert "Nominated, and have not answered 1" in said
    assert f"Offered a place, and have not answered 2 The next offer ends {say_until(first)}" in said
    assert "On the reserve list 1" in said
    assert "To do: 2 people applied and not answered, a place left for 1 person on the reserve list." in said
    assert "3 of 5 places taken or offered" in said
    assert "Enrolled 1 Withdrawn 1 Deferred to a later cohort 0" in said
    assert "Demo Coast Trust 1 0 0 0" in said
    assert "Demo Midwife 1 0 0 0" in said
    assert reverse("admin:cohorts_cohort_applicants", args=[cohort.pk]) in links(desk, cohort)


def test_a_full_cohort_has_nothing_to_give_to_its_reserve_list(desk: Client) -> None:
    cohort = make.make_cohort(places=1)
    make.make_membership(cohort=cohort)
    make.make_membership(cohort=cohort, state=State.RESERVE)
    assert "To do:" not in words(desk, cohort)


def test_sessions_stand_in_order_with_what_each_lacks(desk: Client) -> None:
    cohort = make.make_cohort()
    ready = make.make_session(cohort=cohort, days=20, venue=make.make_venue(), places=1)
    ready.facilitators.add(make.make_facilitator())
    make.fill(ready)
    make.make_waiting(make.make_user(), ready)
    lacking = make.make_session(cohort=cohort, days=10, format="hybrid")
    cancelled = make.make_session(cohort=cohort, days=30, cancelled_at=timezone.now())
    shared = make.make_session(make.make_component(cohort.programme), days=40, venue=make.make_venue())
    long_after = make.make_session(make.make_component(cohort.programme), days=300)
    foreign = make.make_session(cohort=make.make_cohort(cohort.programme))

    said = words(desk, cohort)
    shown = [href for href in links(desk, cohort) if re.fullmatch(r"/admin/cohorts/session/\d+/change/", href)]

    in_order = (lacking, ready, cancelled, shared)
    assert shown == [reverse("admin:cohorts_session_change", args=[each.pk]) for each in in_order]
    assert not {str(long_after.component), str(foreign.component)} & set(re.split(r"\s{2,}", said))
    assert "0 of 20 No facilitator and no venue and no link Not open yet" in said
    assert "1 of 1, 1 waiting Not open yet" in said
    assert "Cancelled: " in said
    assert "To do: 2 sessions to come without a facilitator, venue or link." in said


def test_a_register_is_open_until_all_are_marked(desk: Client, admin: User) -> None:
    session = make.make_session(cohort=make.make_cohort())
    first, second = (make.make_booking(make.make_user(), session) for _ in range(2))
    ended = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=ended - timedelta(hours=2), ends_at=ended)
    session.refresh_from_db()
    assert session.cohort
    assert "2 people without a mark" in words(desk, session.cohort)
    assert reverse("register", args=[session.pk]) in links(desk, session.cohort)
    register.mark(session, {first.pk: Booking.State.ATTENDED, second.pk: Booking.State.APOLOGIES}, by=admin)
    assert "Taken: 1 came" in words(desk, session.cohort)


def test_answers_are_told_in_fives(desk: Client) -> None:
    session = evaluations.session_with_questions()
    cohort, there = session.cohort, evaluations.booked(session, 6)
    assert cohort
    session = evaluations.hold(session)
    for person in there[:4]:
        evaluations.say(person, session)
    told = reverse("evaluation", args=[session.pk])
    assert told not in links(desk, cohort)
    for person in there[4:]:
        evaluations.say(person, session)
    assert told in links(desk, cohort)
    assert "Taken: 6 came 5 people" in words(desk, cohort)


def test_progress_and_certificates(desk: Client, admin: User) -> None:
    cohort = make.make_cohort()
    for _ in range(2):
        make.make_component(cohort.programme, within_weeks=2)
    make.make_complete(cohort=cohort)
    make.make_certificate(make.make_complete(cohort=cohort))
    nearly = make.make_membership(cohort=cohort)
    progress.record(
        nearly,
        cohort.programme.components.all()[0],
        kind=EvidenceKind.RECORD,
        fulfilled_on=timezone.localdate(),
        by=admin,
    )
    make.make_membership(cohort=cohort)

    said = words(desk, cohort)

    assert "2 things to do for each person" in said
    assert "Have done all 2 One thing to go 1 A day for something has passed 2" in said
    assert "To do: 2 people falling behind." in said
    assert "Issued, and stand 1 Complete, and never had one 1" in said
    assert "To do: 1 certificate to issue." in said
    late = f"{reverse('admin:cohorts_membership_changelist')}?cohort__id__exact={cohort.pk}&late=yes"
    assert {late, reverse("admin:cohorts_cohort_certify", args=[cohort.pk])} <= set(links(desk, cohort))


def test_champions_and_messages(desk: Client, admin: User) -> None:
    cohort = make.make_cohort(champion_for=Cohort.ChampionFor.WORKPLACE)
    make_champion(make_member(cohort, organisation=make.make_organisation()))
    agreed = champions.ask(make_member(cohort, organisation=make.make_organisation()), by=admin)
    champions.agree(agreed, name="Demo Member", role="")
    letter = {"cohort": cohort, "subject": "Hello", "body": "Dear {name}", "written_by": admin}
    CohortMessage.objects.create(**letter)
    CohortMessage.objects.create(**letter, sent_at=timezone.now(), sent_to=2)

    said = words(desk, cohort)

    assert "Asked 0 Said yes 1 Champion 1 To do: 1 champion to confirm." in said
    assert f"The last was sent on {say_date(timezone.now())}" in said
    assert "Sent 1 Drafts 1 To do: 1 draft not sent." in said


def test_it_asks_as_much_for_three_of_each_as_for_one(desk: Client, admin: User) -> None:
    cohort = make.make_cohort()
    make.make_component(cohort.programme, within_weeks=2)

    def ask() -> int:
        trust = make.make_organisation()
        make.make_membership(cohort=cohort, state=State.APPLIED, organisation=trust, job_role=make.make_job_role())
        make.make_membership(cohort=cohort, state=State.OFFERED)
        make.make_attended(session=make.make_session(cohort=cohort, days=2))
        make.make_session(cohort=cohort, days=30)
        make.make_certificate(make.make_complete(cohort=cohort))
        CohortMessage.objects.create(cohort=cohort, subject="Hello", body="Hello", written_by=admin)
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(page(cohort)).status_code == 200
        return len(captured)

    desk.get(page(cohort))
    one = ask()
    ask()
    assert ask() == one <= 13
