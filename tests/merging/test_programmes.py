"""Two accounts of one person are put together: what becomes of their part in programmes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import certificates, courses, evaluating, nominating, progress, register, studying
from cohorts.evaluating import Answers
from cohorts.models import (
    Application,
    ApplicationAnswer,
    Booking,
    Champion,
    CoursePage,
    EvaluationQuestion,
    Evidence,
    Facilitator,
    Membership,
    Session,
    Study,
    Testimony,
)
from portal.accounts.merging import foresee
from portal.accounts.models import User
from portal.outbox.models import Message
from tests import factories as make
from tests.cohorts.champions import make_champion
from tests.merging.accounts import ended, put_together
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db

State = Booking.State
Place = Membership.State


@pytest.mark.parametrize(
    ("theirs", "mine", "stays"),
    [
        (Place.ENROLLED, Place.NOMINATED, Place.ENROLLED),
        (Place.NOMINATED, Place.ENROLLED, Place.ENROLLED),
        (Place.OFFERED, Place.RESERVE, Place.OFFERED),
        (Place.WITHDRAWN, Place.APPLIED, Place.APPLIED),
        (Place.DEFERRED, Place.DECLINED, Place.DEFERRED),
    ],
)
def test_of_two_places_in_one_cohort_the_better_one_stays(
    old: User, new: User, admin: User, theirs: str, mine: str, stays: str
) -> None:
    cohort = make.make_cohort(places=2)
    trust = make.make_organisation()
    going = make.make_membership(old, cohort, state=theirs, organisation=trust)
    staying = make.make_membership(new, cohort, state=mine)

    said = put_together(old, new, admin)

    going.refresh_from_db()
    staying.refresh_from_db()
    assert (going.user, staying.user) == (old, new)
    assert staying.state == stays
    assert going.state in Membership.LEFT
    assert (staying.organisation == trust) is (stays == theirs)
    assert "stays" in said[("Cohort", str(cohort))]
    cohort.refresh_from_db()
    assert cohort.taken == (stays in {Place.ENROLLED, Place.OFFERED})


def test_who_nominated_the_other_account_sees_how_the_person_stands(old: User, new: User, admin: User) -> None:
    lead, cohort = make.make_user(), make.make_cohort()
    make.make_membership(old, cohort, state=Place.NOMINATED, nominated_by=lead)
    enrolled = make.make_membership(new, cohort)
    put_together(old, new, admin)
    assert list(nominating.nominations_of(lead)) == [enrolled]


def test_what_was_booked_and_done_in_one_cohort_counts_for_the_place_that_stays(
    old: User, new: User, admin: User
) -> None:
    cohort = make.make_cohort()
    staying = make.make_membership(new, cohort, state=Place.NOMINATED)
    make.make_membership(old, cohort)
    came = make.make_booking(old, make.make_session(cohort=cohort))
    coming = make.make_booking(old, make.make_session(cohort=cohort, days=30))
    ended(came.session)
    register.mark(came.session, {came.pk: State.ATTENDED}, by=admin)

    put_together(old, new, admin)

    assert {(each.pk, each.membership_id) for each in new.bookings.all()} == {
        (came.pk, staying.pk),
        (coming.pk, staying.pk),
    }
    assert progress.fulfilled_on(staying, came.component)
    assert Evidence.objects.standing().filter(membership=staying).count() == 1


def test_one_session_booked_twice_is_booked_once_and_the_place_passes_on(old: User, new: User, admin: User) -> None:
    session = make.make_open_session(places=2)
    going, staying = make.make_booking(old, session), make.make_booking(new, session)
    waiting = make.make_waiting(make.make_user(), session)

    said = put_together(old, new, admin)

    assert said[("Booking", str(session))] == "Both have it. Booked stays"
    for booking in (going, staying, waiting):
        booking.refresh_from_db()
    assert (going.state, staying.state, waiting.state) == (State.CANCELLED, State.BOOKED, State.BOOKED)
    assert not Message.objects.filter(rule="booking.cancelled").exists()
    assert Message.objects.get(rule="booking.promoted").person == waiting.user


def test_a_place_is_better_than_a_place_in_the_queue(old: User, new: User, admin: User) -> None:
    session = make.make_open_session(places=1)
    booked, waits = make.make_booking(old, session), make.make_waiting(new, session)
    put_together(old, new, admin)
    booked.refresh_from_db()
    waits.refresh_from_db()
    assert (booked.user, booked.state, waits.state) == (new, State.BOOKED, State.CANCELLED)


def test_two_dates_of_what_is_done_once_become_the_one_of_the_account_that_stays(
    old: User, new: User, admin: User
) -> None:
    cohort = make.make_cohort()
    component = make.make_component(cohort.programme)
    first, second = (make.make_session(component, cohort, days=days) for days in (20, 30))
    going, staying = make.make_booking(old, first), make.make_booking(new, second)
    said = put_together(old, new, admin)
    assert "that one stays" in said[("Booking", str(first))]
    going.refresh_from_db()
    staying.refresh_from_db()
    assert (going.state, staying.state) == (State.CANCELLED, State.BOOKED)


def test_a_date_that_is_over_does_not_cost_the_one_to_come(old: User, new: User, admin: User) -> None:
    cohort = make.make_cohort()
    component = make.make_component(cohort.programme)
    past, to_come = (make.make_session(component, cohort, days=days) for days in (20, 30))
    going, staying = make.make_booking(old, to_come), make.make_booking(new, past)
    ended(past)
    put_together(old, new, admin)
    going.refresh_from_db()
    staying.refresh_from_db()
    assert (going.state, going.user, staying.state) == (State.BOOKED, new, State.BOOKED)


def test_two_places_at_one_time_both_stay_and_they_choose(old: User, new: User, admin: User) -> None:
    one, other = (make.make_open_session(days=20) for _ in range(2))
    going, staying = make.make_booking(old, one), make.make_booking(new, other)
    said = put_together(old, new, admin)
    assert "they choose" in said[("Booking", str(one))]
    going.refresh_from_db()
    staying.refresh_from_db()
    assert (going.user, going.state, going.clashing, staying.clashing) == (new, State.BOOKED, True, False)
    verbs.cancel(staying, by=new)
    going.refresh_from_db()
    assert not going.clashing


def test_on_a_register_who_attended_attended(old: User, new: User, admin: User) -> None:
    cohort = make.make_cohort()
    session = make.make_session(cohort=cohort)
    came, absent = make.make_booking(old, session), make.make_booking(new, session)
    ended(session)
    register.mark(session, {came.pk: State.ATTENDED, absent.pk: State.DID_NOT_ATTEND}, by=admin)
    put_together(old, new, admin)
    (stands,) = new.bookings.exclude(state=State.CANCELLED)
    assert (stands, stands.state) == (came, State.ATTENDED)
    assert progress.fulfilled_on(new.memberships.get(), session.component)


def test_of_two_applications_the_one_that_was_sent_counts(old: User, new: User, admin: User) -> None:
    cohort, another = make.make_open_cohort(), make.make_open_cohort()
    sent = Application.objects.create(user=old, cohort=cohort, sent_at=timezone.now())
    Application.objects.create(user=new, cohort=cohort)
    Application.objects.create(user=old, cohort=another)
    kept = Application.objects.create(user=new, cohort=another)
    ApplicationAnswer.objects.create(application=sent, asked="Why?", text="To change something")
    said = put_together(old, new, admin)
    assert said[("Application", str(cohort))] == "Moves, in place of a draft that was not sent"
    assert set(new.applications.all()) == {sent, kept}


def test_of_two_who_lead_one_leads_all(old: User, new: User, admin: User) -> None:
    going, staying = make.make_facilitator(old, biography="Leads."), make.make_facilitator(new, biography="")
    sessions = [make.make_open_session(days=days) for days in (20, 30)]
    for session, record in zip(sessions, (going, staying), strict=True):
        session.facilitators.add(record)
    put_together(old, new, admin)
    (record,) = Facilitator.objects.filter(sessions__in=sessions).distinct()
    assert (record, record.biography, set(record.sessions.all())) == (staying, "Leads.", set(sessions))
    assert not Facilitator.objects.filter(pk=going.pk).exists()


def test_what_was_said_of_sessions_is_theirs_still_and_counts_once(old: User, new: User, admin: User) -> None:
    cohort = make.make_cohort()
    question = EvaluationQuestion.objects.create(programme=cohort.programme, text="What next?", kind="text")
    both, one = (make.make_session(cohort=cohort, days=days) for days in (20, 30))
    for person, session, text in ((old, both, "first"), (new, both, "second"), (old, one, "third")):
        booking = make.make_booking(person, session)
        Session.objects.filter(pk=session.pk).update(
            starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(hours=1)
        )
        Booking.objects.filter(pk=booking.pk).update(state=State.ATTENDED, next_reminder_at=None)
        session.refresh_from_db()
        answers = Answers(scores={}, texts={question.pk: text}, confidence={})
        evaluating.answer(evaluating.asked(person, session), person, answers)
        Session.objects.filter(pk=session.pk).update(
            starts_at=session.starts_at + timedelta(days=40), ends_at=session.ends_at + timedelta(days=40)
        )
        session.refresh_from_db()
    put_together(old, new, admin)
    said = {answer.text for evaluation in evaluating.own(new) for answer in evaluation.answers.all()}
    assert said == {"second", "third"}


def test_a_lead_nominates_the_old_address_and_the_person_is_nominated_once(old: User, new: User, admin: User) -> None:
    put_together(old, new, admin)
    cohort, trust = make.make_open_cohort(), make.make_organisation()
    team = [nominating.Nominee("Demo Amina", email, None) for email in (old.email, new.email)]
    assert nominating.nominate(cohort, trust, team, by=make.make_user()) == 1
    assert cohort.memberships.get().user == new


def test_certificates_follow_what_they_stand_on(old: User, new: User, admin: User) -> None:
    alone = make.make_certificate(make.make_complete(old))
    came = make.make_attended(old)
    attended = certificates.issue_attendance(came, by=old)
    said = put_together(old, new, admin)
    for each in (alone, attended):
        each.refresh_from_db()
        assert (each.holder, each.stands) == (new, True)
        assert said["Certificate", each.serial] == "Moves"


def test_of_two_certificates_for_one_cohort_the_other_one_stands(old: User, new: User, admin: User) -> None:
    cohort = make.make_cohort()
    theirs, ours = (make.make_certificate(make.make_complete(person, cohort)) for person in (new, old))
    said = put_together(old, new, admin)
    theirs.refresh_from_db()
    ours.refresh_from_db()
    assert (theirs.stands, ours.stands) == (True, False)
    assert said["Certificate", ours.serial].startswith("Both have one")


def test_invitations_to_graduations_move_and_of_two_one_remains(old: User, new: User, admin: User) -> None:
    alone = make.make_invitation(old)
    both = make.make_graduation(make.make_cohort(), name="Graduation of both")
    make.make_invitation(old, both)
    kept = make.make_invitation(new, both)
    verbs.book(old, both.session_id, guests=2)
    said = put_together(old, new, admin)
    assert {alone.graduation, both} == {each.graduation for each in new.graduation_invitations.all()}
    assert both.invitations.get() == kept
    assert said["Graduation", "Graduation of both"].startswith("Both are invited")
    assert new.bookings.get(session=both.session_id).guests == 2


@pytest.mark.parametrize("published", ["old", "new", ""])
def test_of_two_testimonies_for_one_programme_the_published_one_stays_and_the_plan_names_none(
    old: User, new: User, admin: User, published: str
) -> None:
    programme = make.make_programme()
    people = {"old": old, "new": new}
    made = {
        name: make.make_testimony(person, programme, editor=admin if name == published else None)
        for name, person in people.items()
    }
    said = put_together(old, new, admin)
    stays = published or "new"
    (live,) = Testimony.objects.live()
    assert (live, live.author) == (made[stays], new)
    assert not Testimony.objects.filter(author=old).exists()
    assert not any("estimon" in what for what, _ in said)


def test_who_is_champion_in_a_cohort_of_both_steps_down(old: User, new: User, admin: User) -> None:
    cohort = make.make_cohort()
    champion = make_champion(make.make_membership(old, cohort))
    make.make_membership(new, cohort)
    put_together(old, new, admin)
    champion.refresh_from_db()
    assert champion.state == Champion.State.ENDED


def test_statements_do_not_grow_with_what_clashes_beyond_each_clash(old: User, new: User, admin: User) -> None:
    """The preview of a person with much that moves asks as often as one with little, but for a line in the trail."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            foresee(old, new, by=admin)
        return len(asked)

    make.make_booking(old, make.make_open_session(days=10))
    statements()
    few = statements()
    for days in (20, 30):
        make.make_booking(old, make.make_open_session(days=days))
    assert statements() == few
    lists: Any = reverse("admin:accounts_user_changelist")
    assert desk_of(admin).get(lists).status_code == 200


def test_self_study_that_was_begun_with_both_goes_on_as_one(old: User, new: User, admin: User) -> None:
    cohort = make.make_cohort()
    going, staying = make.make_membership(old, cohort), make.make_membership(new, cohort)
    course = make.make_course(make.make_component(cohort.programme, fulfilled_by=["self_study"]))
    other = make.make_course(make.make_component(cohort.programme, fulfilled_by=["self_study"]))
    first, last = CoursePage.objects.filter(module__course=course).order_by("position")
    studying.do_page(going, course, first)
    studying.do_page(going, other, CoursePage.objects.filter(module__course=other)[0])
    studying.do_page(staying, course, last)

    put_together(old, new, admin)

    assert courses.outline(course, staying).is_whole
    assert not Study.objects.filter(membership=going).exists()
    # It was whole in neither: who comes back to it is asked to press the button.
    assert progress.fulfilled_on(staying, course.component) is None
    assert studying.finish(staying, course)
    assert [line.is_done for line in courses.outline(other, staying).lines] == [True, False]
