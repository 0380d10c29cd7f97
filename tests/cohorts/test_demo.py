"""The demonstration: what it always shows, that it stays as it is, and that it lives on as time passes."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cohorts import (
    champions,
    courses,
    graduating,
    materials,
    needs,
    nominating,
    offering,
    progress,
    publishing,
    register,
)
from cohorts.completion import with_lateness
from cohorts.demo import plans, story
from cohorts.demo.catalogue import COMMUNITY_OF_PRACTICE, PERINATAL, SENIOR_LEADERS
from cohorts.evaluation_results import results
from cohorts.imports import Outcome
from cohorts.models import (
    Booking,
    Certificate,
    Choice,
    Cohort,
    CohortMessage,
    Component,
    Conversation,
    Course,
    Evidence,
    Figure,
    Graduation,
    GraduationInvitation,
    Membership,
    MessageReport,
    Session,
    Study,
    Testimony,
)
from cohorts.models.graduations import answer_of
from portal.accounts.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from portal.accounts.erasure import erase, why_not
from portal.accounts.models import Invitation, User
from portal.imports.models import FileImport
from portal.nhsuk.holidays import is_working_day
from portal.outbox.models import Message
from portal.retention.disposing import what_is_due
from portal.retention.models import Disposal, ErasureRequest, Hold
from portal.trail.models import Entry
from tests.cohorts.invariants import broken
from tests.whole_database import everything_in_the_database

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told")]

ALL = (
    User,
    Cohort,
    Membership,
    Component,
    Session,
    Booking,
    Evidence,
    Certificate,
    Graduation,
    GraduationInvitation,
    FileImport,
    Message,
    Entry,
)


# What is written straight into the past has no letter: nobody is to get mail about it.
NOT_PROMISED = {"a live booking that nobody was told of"}


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tell the story once, beneath what each test does, which is undone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        story.tell()
        yield
        transaction.set_rollback(True)


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
    for plan in DEMO_PEOPLE:
        person = User.objects.get(email=plan.email)
        assert person.check_password(DEMO_PASSWORD)
        assert person.role_kinds == frozenset(plan.kinds)
        assert person.is_staff == plan.is_staff
        assert not person.is_superuser


def test_the_participant_and_the_facilitator_always_find_something_in_each_state() -> None:
    assert_it_shows_what_it_promises()


def test_a_second_run_on_the_same_day_changes_nothing() -> None:
    before = state_of_everything()
    made = story.tell()
    assert (made.people, made.cohorts, made.sessions, made.bookings) == (0, 0, 0, 0)
    assert state_of_everything() == before


@pytest.mark.parametrize("weeks", [1, 2, 3, 5, 8, 60])
def test_it_lives_on_as_weeks_pass(weeks: int) -> None:
    let_weeks_pass(weeks)
    story.tell()
    if weeks >= 3:
        assert_it_shows_what_it_promises()
    assert story.tell().sessions == 0


def test_a_new_cohort_takes_the_participant_along_and_leaves_what_they_did() -> None:
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


def test_people_apply_are_nominated_and_wait_for_the_teams_decision() -> None:
    cohort = Cohort.objects.get(programme__slug="perinatal", opens_on__isnull=False)
    states = Counter(cohort.memberships.values_list("state", flat=True))
    assert states == {
        "applied": 7,
        "offered": 4,
        "reserve": 3,
        "enrolled": 1,
        "declined": 3,
        "withdrawn": 1,
        "nominated": 3,
    }
    assert cohort.taken == 5
    assert cohort.applications.filter(sent_at=None, answers__isnull=False).count() == 2
    soon = cohort.memberships.filter(offer_expires_at__lte=timezone.now() + offering.REMINDED_BEFORE)
    assert soon.count() == 2
    lead = User.objects.get(email="lead@demo.example")
    assert lead.nominations.count() == 5
    assert nominating.unanswered(lead) == 3
    story.tell()
    assert Counter(cohort.memberships.values_list("state", flat=True)) == states


def test_the_applicant_has_an_offer_to_answer_again_once_theirs_has_lapsed() -> None:
    offer = Membership.objects.get(user__email="applicant@demo.example")
    assert offer.state == Membership.State.OFFERED
    Membership.objects.filter(pk=offer.pk).update(offer_expires_at=timezone.now() - timedelta(hours=1))
    offering.lapse_due()
    story.tell()
    offer.refresh_from_db()
    assert offer.state == Membership.State.OFFERED
    assert offering.accept(offer).state == Membership.State.ENROLLED
    story.tell()
    offer.refresh_from_db()
    assert offer.state == Membership.State.ENROLLED


def test_the_participant_has_a_certificate_to_show() -> None:
    certificate = Certificate.objects.get(kind=Certificate.Kind.ATTENDANCE)
    assert certificate.holder.email == "participant@demo.example"
    assert certificate.stands


def test_who_graduated_has_certificates_of_which_one_was_replaced_and_one_revoked() -> None:
    issued = Certificate.objects.filter(kind=Certificate.Kind.COMPLETION)
    assert issued.standing().count() == 17
    assert issued.filter(replaced_by__isnull=False).count() == 1
    assert issued.exclude(reason="").count() == 1
    graduate = issued.get(holder__email="graduate@demo.example")
    assert graduate.shows_name
    assert graduate.minutes
    assert graduate.cpd_points


def test_some_people_fall_behind_and_the_participant_does_not() -> None:
    running = with_lateness(Membership.objects.enrolled().filter(cohort__name="Perinatal cohort 4"))
    late = running.filter(is_late=True)
    assert 2 <= late.count() <= 8
    assert not late.filter(user__email="participant@demo.example").exists()


def test_a_choice_of_book_club_meetings_is_enough() -> None:
    choice = Choice.objects.get(programme__slug="perinatal")
    assert choice.at_least == 2
    assert choice.components.filter(kind=Component.Kind.BOOK_CLUB).count() == 3


def test_there_is_something_to_read_before_a_session_and_after_it() -> None:
    day = Session.objects.filter(component__slug="training-1").first()
    assert day
    assert [material.is_for_afterwards for material in materials.all_of(day)] == [False, True]


def test_each_qi_workshop_has_its_self_study_in_which_the_participant_is_in_the_middle() -> None:
    assert {course.component.slug for course in Course.objects.offered()} == {f"qi-workshop-{n}" for n in (1, 2, 3)}
    assert all(publishing.lacking(course) == [] for course in Course.objects.all())
    study = Study.objects.get(membership__user__email="participant@demo.example")
    outline = courses.outline(study.course, study.membership)
    assert 0 < sum(line.is_done for line in outline.lines) < len(outline.lines)
    assert Evidence.objects.standing().filter(kind="self_study").count() >= 3


def test_each_workplace_stands_elsewhere_with_its_champion() -> None:
    cohort = Cohort.objects.get(name="Perinatal cohort 4")
    states = [place.champion.state if place.champion else None for place in champions.places(cohort)]
    assert sorted(states, key=str) == [None, "agreed", "asked", "confirmed"]
    unfilled = next(place for place in champions.places(cohort) if place.champion is None)
    assert sum(number or 0 for _, number in unfilled.members) == 5
    assert Conversation.objects.get(membership__user__email="participant@demo.example").messages.count() == 3
    assert MessageReport.objects.filter(dealt_with_at=None).count() == 1


def test_a_message_was_sent_to_a_cohort_and_another_is_a_draft() -> None:
    assert sorted(CohortMessage.objects.values_list("sent_to", flat=True), key=str) == [22, None]


def test_what_people_need_is_told_for_a_day_to_come() -> None:
    day = Session.objects.upcoming().filter(component__slug="training-2", cohort__name="Perinatal cohort 4").first()
    assert day
    assert len(needs.of_session(day)) >= 3


def test_a_hold_keeps_what_is_past_its_period_and_the_rest_is_in_the_log() -> None:
    assert Hold.objects.standing().count() == 1
    assert ErasureRequest.objects.count() == 1
    assert Disposal.objects.filter(category="cancel-reasons").exists()
    assert {due.category.name: due.on_hold for due in what_is_due() if due.on_hold} == {"cancel-reasons": 1}


def test_what_people_say_of_a_session_can_be_read() -> None:
    held = Session.objects.filter(evaluations__stage="after").distinct().select_related("component")
    found = [results(session) for session in held]
    assert any(each.told and each.scales and each.texts and each.changes for each in found)
    assert {0, 5, 10} <= {each.told for each in found}


def test_two_people_are_invited_and_have_not_answered() -> None:
    story.tell()
    assert Invitation.objects.unanswered().count() == 2


def test_people_say_something_of_a_programme_and_one_waits_for_an_editor() -> None:
    for _ in range(2):
        states = Counter(Testimony.objects.filter(programme__slug="perinatal").values_list("state", flat=True))
        assert states == {"published": 4, "offered": 1, "asked": 1}
        story.tell()
    assert Testimony.objects.get(state="asked").author.email == "graduate@demo.example"


def answers_to(graduation: Graduation) -> Counter[str]:
    invitations: Any = graduation.invitations.with_answers()
    return Counter(answer_of(each.booked_as, each.declined_at) for each in invitations)


def test_a_graduation_is_to_come_which_some_have_answered_and_the_graduate_has_not() -> None:
    graduation = Graduation.objects.select_related("session").get()
    assert sorted(each.name for each in graduation.cohorts.all()) == ["Perinatal cohort 2", "Perinatal cohort 3"]
    assert answers_to(graduation) == {"coming": 7, "not_coming": 1, "none": 10}
    assert (graduation.session.taken, graduation.session.places_left) == (13, 27)
    assert not graduating.to_invite(graduation).exists()
    finishing = Cohort.objects.get(name="Perinatal cohort 3")
    assert graduating.nearly(finishing)
    graduate = User.objects.get(email="graduate@demo.example")
    assert [each.graduation for each in graduating.open_invitations(graduate)] == [graduation]


def test_another_graduation_is_to_come_once_that_is_over() -> None:
    let_weeks_pass(9)
    story.tell()
    latest, first = Graduation.objects.all()
    assert latest.session.starts_at > timezone.now() > first.session.starts_at
    assert answers_to(latest) == answers_to(first)


def test_a_few_people_were_enrolled_by_a_file_of_which_nothing_is_kept_but_numbers() -> None:
    taken = FileImport.objects.get()
    assert taken.by.email == "admin@demo.example"
    assert (taken.state, bytes(taken.sealed)) == (FileImport.State.DONE, b"")
    assert taken.numbers == {Outcome.NEW: 4, Outcome.ALREADY: 1}
    assert Membership.objects.enrolled().filter(cohort=taken.about, user__email__startswith="by-file-").count() == 4


def test_the_lead_is_told_numbers_and_no_small_one() -> None:
    whole = Figure.objects.get(organisation__ods_code="DEMO1", programme__slug="perinatal", year=None)
    assert whole.people
    assert whole.people >= 25
    assert whole.completed
    assert whole.completed >= 10


def test_no_two_dates_of_a_cohort_are_on_one_day_whatever_the_bank_holidays() -> None:
    today = plans.monday_of(timezone.localdate())
    weekly = COMMUNITY_OF_PRACTICE.components[0]
    for weeks in range(53):
        monday = today + timedelta(weeks=weeks)
        for programme in (PERINATAL, SENIOR_LEADERS):
            days = [
                plans.at(monday, slot.week, slot.day, part.starts).date()
                for part in programme.components
                for slot in part.slots
            ]
            assert len(days) == len(set(days)), monday
            assert all(is_working_day(day) for day in days)
            hours = {plans.day_of(monday, slot.week, slot.day) for slot in weekly.slots}
            assert not {day for day in hours if is_working_day(day)} & set(days), monday


@pytest.mark.parametrize("when", ["as it is", "once every cohort has ended"])
def test_everybody_in_it_can_be_erased_and_nothing_names_them_then(when: str) -> None:
    """Each is in some state in which people come to be: what the demonstration shows, erasure meets."""
    admin = User.objects.get(email="admin@demo.example")
    if when != "as it is":
        yesterday = timezone.localdate() - timedelta(days=1)
        Cohort.objects.update(starts_on=yesterday - timedelta(days=200), ends_on=yesterday)
    everybody = [person for person in User.objects.exclude(pk=admin.pk).order_by("pk") if not why_not(person)]
    assert len(everybody) > 100
    names = {person.name.lower() for person in everybody}

    for person in everybody:
        erase(person, by=admin)

    connection.check_constraints()
    left = everything_in_the_database()
    assert not [name for name in names if name in left]
