"""Two accounts of one person are put together: what each had is there once, and nobody gets in who could not before."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import calendars, certificates, evaluating, nominating, progress, register
from cohorts.evaluating import Answers
from cohorts.models import (
    Application,
    ApplicationAnswer,
    Booking,
    CalendarFeed,
    Champion,
    EvaluationQuestion,
    Evidence,
    Facilitator,
    Membership,
    Session,
    Testimony,
)
from portal import outbox, subject_access
from portal.accounts import erasure_requests, needs
from portal.accounts.erasure import CannotErase, erase
from portal.accounts.invitations import accept, invite
from portal.accounts.legal_holds import lift, set_hold
from portal.accounts.merging import foresee, handled, merge
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import Role, User
from portal.accounts.moving import HasChanged, MergeRefused
from portal.accounts.people import add_person
from portal.outbox.models import Message
from portal.outbox.sealing import unseal
from portal.trail.models import Entry
from referrals.models import Triager
from tests import factories as make
from tests.cohorts.champions import make_champion
from tests.cohorts.invariants import broken
from tests.cohorts.pages import words
from tests.referrals.conftest import new_team
from tests.test_erasure import everything_in_the_database

pytestmark = pytest.mark.django_db

State = Booking.State
Place = Membership.State


@pytest.fixture
def admin() -> User:
    return make.make_admin()


@pytest.fixture
def old() -> User:
    """The account that goes."""
    return make.make_user(name="Demo Amina", email="amina@nhs.example")


@pytest.fixture
def new() -> User:
    """The account that stays."""
    return make.make_user(name="Demo Amína", email="amina@trust.example")


def put_together(old: User, new: User, by: User) -> dict[tuple[str, str], str]:
    """Do it as the page does; return what was said of each thing beforehand."""
    before = everything_in_the_database()
    plan = foresee(old, new, by=by)
    assert everything_in_the_database() == before
    merge(old, new, by=by, seen=plan.seen)
    assert broken() == []
    return {(line.what, line.about): line.becomes for line in plan.lines}


def letters() -> dict[str, str]:
    """Return the letters that wait, by address."""
    payloads = Message.objects.filter(payload__isnull=False).values_list("payload", flat=True)
    sealed = [unseal(bytes(payload or b"")) for payload in payloads]
    return {each["to"]: each["text"] for each in sealed}


def desk_of(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client


def ended(session: Session) -> None:
    began = timezone.now() - timedelta(hours=2)
    Session.objects.filter(pk=session.pk).update(starts_at=began, ends_at=began + timedelta(hours=1))
    session.refresh_from_db()


def test_every_field_that_names_a_person_is_thought_of() -> None:
    """A new model that points at people fails this test until its app says what becomes of its rows."""
    naming = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.related_model is User and not field.auto_created
    }
    assert naming == handled()


def test_what_the_other_account_alone_had_moves(old: User, new: User, admin: User) -> None:
    cohort = make.make_cohort()
    member = make.make_membership(old, cohort, organisation=make.make_organisation())
    came = make.make_booking(old, make.make_session(cohort=cohort))
    coming = make.make_booking(old, make.make_session(cohort=cohort, days=30))
    alone = make.make_booking(old, make.make_open_session(days=40))
    ended(came.session)
    register.mark(came.session, {came.pk: State.ATTENDED}, by=admin)
    nominated = make.make_membership(state=Place.NOMINATED, nominated_by=old)
    application = Application.objects.create(user=old, cohort=make.make_open_cohort())
    record = make.make_facilitator(old)
    programme = make.make_programme()
    programme.admins.add(old)
    calendars.feed_address(old)
    messages = set(Message.objects.filter(person=old).values_list("pk", flat=True))

    said = put_together(old, new, admin)

    assert said[("Cohort", f"{cohort}: Enrolled")] == "Moves"
    assert said[("Booking", str(alone.session))] == "Moves"
    member.refresh_from_db()
    assert member.user == new
    assert set(new.bookings.all()) == {came, coming, alone}
    assert progress.fulfilled_on(member, came.component)
    for row in (nominated, application, record):
        row.refresh_from_db()
    assert (nominated.nominated_by, application.user, record.user) == (new, new, new)
    assert list(programme.admins.all()) == [new]
    assert not CalendarFeed.objects.filter(user=old).exists()
    assert set(Message.objects.filter(person=new).values_list("pk", flat=True)) >= messages
    assert not old.bookings.exists()


def test_the_account_that_goes_is_closed_and_leads_to_the_one_that_stays(old: User, new: User, admin: User) -> None:
    put_together(old, new, admin)
    old.refresh_from_db()
    assert (old.is_active, old.is_staff, old.merged_into, old.has_usable_password()) == (False, False, new, False)
    assert not EmailAddress.objects.filter(user=old).exists()
    assert User.objects.of_address("Amina@NHS.example").get() == new
    assert User.objects.by_address(["amina@nhs.example", "AMINA@trust.example", "nobody@trust.example"]) == {
        "amina@nhs.example": new,
        "amina@trust.example": new,
    }
    entries = {entry.subject: entry for entry in Entry.objects.filter(verb="person.merged")}
    assert entries[f"user:{old.pk}"].details == {"into": new.pk}
    assert entries[f"user:{new.pk}"].details == {"from": old.pk}
    assert {entry.actor for entry in entries.values()} == {admin}


def test_both_addresses_are_told_how_to_object_and_not_each_others_address(old: User, new: User, admin: User) -> None:
    put_together(old, new, admin)
    told = letters()
    assert set(told) == {old.email, new.email}
    assert "The account with this address is closed." in told[old.email]
    assert "The account with this address stays." in told[new.email]
    assert all(reverse("contact") in text for text in told.values())
    assert new.email not in told[old.email]
    assert old.email not in told[new.email]


def test_with_the_old_address_nobody_signs_in_and_nobody_makes_a_third_account(
    old: User, new: User, admin: User
) -> None:
    client = Client()
    client.force_login(old)
    put_together(old, new, admin)
    assert client.get(reverse("me")).status_code == 302
    Message.objects.all().delete()
    Client().post(reverse("account_login"), {"login": old.email})
    assert not [text for text in letters().values() if "code" in text.lower() and "Your code" in text]
    assert not User.objects.filter(email=old.email, is_active=True).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        add_person(old.email, "Demo Third", added_by=admin)
    assert mail.outbox == []


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


def test_roles_go_to_who_stays_and_last_as_long_as_the_longer(old: User, new: User, admin: User) -> None:
    trust = make.make_organisation()
    soon, late = timezone.now() + timedelta(days=1), timezone.now() + timedelta(days=9)
    Role.objects.create(user=old, kind=Role.Kind.ORGANISATION_LEAD, organisation=trust)
    Role.objects.create(user=old, kind=Role.Kind.CHAMPION, until=late)
    Role.objects.create(user=new, kind=Role.Kind.CHAMPION, until=soon)
    Role.objects.create(user=old, kind=Role.Kind.COACH, until=soon)
    Role.objects.create(user=new, kind=Role.Kind.COACH)
    put_together(old, new, admin)
    held = {(role.kind, role.organisation, role.until) for role in new.roles.current().select_related("organisation")}
    assert held == {("organisation_lead", trust, None), ("champion", None, late), ("coach", None, None)}
    assert not old.roles.current().exists()


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


def test_what_they_need_does_not_move_and_is_not_mentioned(old: User, new: User, admin: User) -> None:
    needs.say(old, needs.Needed(access="canary-need", diet=""))
    assert not [line for line in foresee(old, new, by=admin).lines if "need" in repr(line).lower()]
    put_together(old, new, admin)
    assert needs.said_by(old) is None
    assert needs.said_by(new) is None


def test_messages_are_not_written_again_and_the_same_one_stays_once(old: User, new: User, admin: User) -> None:
    booking = make.make_booking(old, make.make_open_session())
    with transaction.atomic():
        for person in (old, new):
            outbox.write("booking.reminder", subject=f"booking:{booking.pk}:9", person=person)
    put_together(old, new, admin)
    assert Message.objects.filter(rule="booking.booked", person=new).count() == 1
    assert Message.objects.filter(rule="booking.reminder", person=new).count() == 1


def test_what_is_held_about_the_closed_account_is_theirs_to_read_and_to_have_erased(
    old: User, new: User, admin: User
) -> None:
    cohort = make.make_cohort()
    make.make_membership(new, cohort)
    make.make_membership(old, cohort)
    third = make.make_user(name="Demo Third Canary", email="third-canary@trust.example")
    put_together(third, old, admin)
    put_together(old, new, admin)
    told = subject_access.about(new)
    assert {row["email address"] for row in told["Account"]} == {old.email, new.email, third.email}
    assert len(told["Programmes"]) == 2
    third.refresh_from_db()
    assert third.merged_into == new

    with pytest.raises(CannotErase, match="erase that one"):
        erase(User.objects.get(pk=old.pk), by=admin)
    erase(new, by=admin)
    rows = everything_in_the_database()
    assert not [word for word in ("amina", "amína", "canary") if word in rows]


def test_whom_it_is_refused_for(old: User, new: User, admin: User) -> None:
    superuser = User.objects.create_superuser("superuser@trust.example", "Demo Superuser")
    team = new_team("here")
    closed = make.make_user(is_active=False)
    gone = make.make_user()
    erase(gone, by=admin)
    ended_triager = team.triager.user
    Role.objects.filter(user=ended_triager).update(until=timezone.now())
    refused = [
        (old, admin, "One of them is yours"),
        (admin, new, "One of them is yours"),
        (superuser, new, "A superuser's account"),
        (old, superuser, "A superuser's account"),
        (old, closed, "is closed"),
        (old, gone, "was erased"),
        (gone, new, "was erased"),
        (team.lead.user, new, "a role that you cannot give or end: Triager"),
        (old, team.lead.user, "a role that you cannot give or end: Triager"),
        (ended_triager, new, "in a provider's team"),
    ]
    for leaving, staying, reason in refused:
        with pytest.raises(MergeRefused, match=reason):
            foresee(leaving, staying, by=admin)
        with pytest.raises(MergeRefused, match=reason):
            merge(leaving, staying, by=admin, seen="")
    assert Triager.objects.filter(user=ended_triager).exists()
    assert not User.objects.filter(merged_into__isnull=False).exists()


def test_postgresql_refuses_new_rows_of_a_closed_account(old: User, new: User, admin: User) -> None:
    put_together(old, new, admin)
    cohort, session = make.make_open_cohort(), make.make_open_session()
    for write in (
        lambda: Membership.objects.create(user=old, cohort=cohort),
        lambda: Application.objects.create(user=old, cohort=cohort),
        lambda: verbs._new_booking(old, session, None, State.BOOKED).save(),  # past the verb, on purpose
    ):
        with pytest.raises(IntegrityError, match="was put together with another"), transaction.atomic():
            write()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=old.pk).update(is_active=True)


def test_what_has_changed_since_is_shown_anew(old: User, new: User, admin: User) -> None:
    plan = foresee(old, new, by=admin)
    make.make_booking(old, make.make_open_session())
    with pytest.raises(HasChanged) as changed:
        merge(old, new, by=admin, seen=plan.seen)
    assert [line.what for line in changed.value.plan.lines] == ["Booking"]
    old.refresh_from_db()
    assert old.merged_into is None


def test_an_admin_looks_at_it_and_does_it(old: User, new: User, admin: User) -> None:
    session = make.make_open_session()
    make.make_booking(old, session)
    make.make_booking(new, session)
    desk, people = desk_of(admin), reverse("admin:accounts_user_changelist")
    led = desk.post(people, {"action": "put_together", "_selected_action": [old.pk, new.pk]})
    page = led.headers["Location"]
    assert "Email address of the other account" in words(desk.get(page))
    other = {old: new, new: old}[User.objects.get(pk=int(page.split("/")[4]))]
    sent = {"email": other.email, "stays": "other" if other == new else "this"}

    asked = desk.post(page, sent)

    assert "Both have it. Booked stays" in words(asked)
    assert User.objects.get(pk=old.pk).merged_into is None
    seen = asked.context["question"].unseen[0][1]
    make.make_booking(old, make.make_open_session(days=60))
    changed = desk.post(page, {**sent, "seen": seen, "confirmed": "yes"})
    assert changed.status_code == 409
    assert "Something has changed since you looked." in words(changed)
    seen = changed.context["question"].unseen[0][1]
    done = desk.post(page, {**sent, "seen": seen, "confirmed": "yes"}, follow=True)
    assert "are one. Both addresses are written to." in words(done)
    assert User.objects.get(pk=old.pk).merged_into == new
    closed = desk.get(reverse("admin:accounts_user_change", args=[old.pk]))
    assert "This account was put together with" in words(closed)
    again = desk.post(reverse("admin:accounts_user_merge", args=[old.pk]), sent)
    assert again.status_code == 403


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Enter the email address of the other account"),
        ({"email": "nobody@trust.example", "stays": "this"}, "Enter the address of another account."),
        ({"email": "amina@nhs.example", "stays": "this"}, "Enter the address of another account."),
        ({"email": "amina@trust.example", "stays": "both"}, "Select a valid choice."),
        ({"email": "am\0ina@trust.example", "stays": "this"}, "Null characters are not allowed."),
    ],
)
def test_what_makes_no_pair_is_said(old: User, new: User, admin: User, sent: dict[str, str], said: str) -> None:
    answer = desk_of(admin).post(reverse("admin:accounts_user_merge", args=[old.pk]), sent)
    assert answer.status_code == 422
    assert said in words(answer)


def test_a_refusal_is_said_on_the_page(old: User, admin: User) -> None:
    sent = {"email": admin.email, "stays": "this"}
    answer = desk_of(admin).post(reverse("admin:accounts_user_merge", args=[old.pk]), sent)
    assert answer.status_code == 422
    assert "Somebody else has to do that for you." in words(answer)


def test_one_or_three_are_no_pair(old: User, new: User, admin: User) -> None:
    page, third = reverse("admin:accounts_user_changelist"), make.make_user()
    for chosen in ([old.pk], [old.pk, new.pk, third.pk]):
        answer = desk_of(admin).post(page, {"action": "put_together", "_selected_action": chosen}, follow=True)
        assert "Tick the two accounts of one person." in words(answer)


def test_a_closed_account_and_a_superusers_are_no_pair(old: User, new: User, admin: User) -> None:
    superuser = User.objects.create_superuser("superuser@trust.example", "Demo Superuser")
    put_together(old, new, admin)
    page = reverse("admin:accounts_user_changelist")
    for chosen in ([old.pk, new.pk], [superuser.pk, new.pk]):
        answer = desk_of(admin).post(page, {"action": "put_together", "_selected_action": chosen}, follow=True)
        assert "One of them is a superuser" in words(answer)


def test_a_closed_account_is_no_choice_elsewhere(old: User, new: User, admin: User) -> None:
    put_together(old, new, admin)
    desk = desk_of(admin)
    asks = {"app_label": "accounts", "model_name": "role", "field_name": "user", "term": "amina@"}
    found = desk.get(reverse("admin:autocomplete"), asks).json()["results"]
    assert [each["id"] for each in found] == [str(new.pk)]
    sent = {"user": old.pk, "kind": "champion", "organisation": "", "until_0": "", "until_1": ""}
    assert "Select a valid choice." in words(desk.post(reverse("admin:accounts_role_add"), sent))


def test_an_invitation_to_the_old_address_is_the_other_accounts(old: User, new: User, admin: User) -> None:
    invite(old.email, "Demo Amina", [Role.Kind.CHAMPION], None, admin)
    text = letters()[old.email]
    token = text.partition("/invitation/")[2].partition("/")[0]
    put_together(old, new, admin)
    assert accept(token, "Demo Amina").person == new


def test_a_lead_nominates_the_old_address_and_the_person_is_nominated_once(old: User, new: User, admin: User) -> None:
    put_together(old, new, admin)
    cohort, trust = make.make_open_cohort(), make.make_organisation()
    team = [nominating.Nominee("Demo Amina", email, None) for email in (old.email, new.email)]
    assert nominating.nominate(cohort, trust, team, by=make.make_user()) == 1
    assert cohort.memberships.get().user == new


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


@pytest.mark.parametrize("which", ["old", "new"])
def test_nobody_is_put_together_under_a_legal_hold_or_while_they_wait_to_be_erased(
    old: User, new: User, admin: User, which: str
) -> None:
    person = {"old": old, "new": new}[which]
    hold = set_hold(person, "ET/2026/0417", by=admin)
    with pytest.raises(MergeRefused, match="under a legal hold"):
        foresee(old, new, by=admin)
    lift([hold], by=admin)
    erasure_requests.ask(person)
    with pytest.raises(MergeRefused, match="asked to be erased"):
        foresee(old, new, by=admin)
