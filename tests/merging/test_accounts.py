"""Two accounts of one person are put together: who they are, how they sign in, and whom it is refused for."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookclub import nudging
from cohorts import booking as verbs
from cohorts import calendars, progress, register
from cohorts.models import (
    Application,
    Booking,
    CalendarFeed,
    Membership,
)
from portal import outbox, subject_access
from portal.accounts import erasure_requests, needs, stopping
from portal.accounts.erasure import CannotErase, erase
from portal.accounts.invitations import accept, invite
from portal.accounts.legal_holds import lift, set_hold
from portal.accounts.merging import foresee, handled, merge
from portal.accounts.models import Role, User
from portal.accounts.moving import HasChanged, MergeRefused
from portal.accounts.people import add_person
from portal.outbox.models import Message, Stop
from portal.trail.models import Entry
from referrals.models import Triager
from tests import factories as make
from tests.merging.accounts import ended, letters, put_together
from tests.referrals.conftest import new_team
from tests.whole_database import everything_in_the_database

pytestmark = pytest.mark.django_db

State = Booking.State
Place = Membership.State


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


def test_letters_that_either_stopped_stay_stopped_and_are_not_mentioned(old: User, new: User, admin: User) -> None:
    stopping.stop(old.pk, nudging.KIND)
    for person in (old, new):
        Stop.objects.create(person=person, kind="both-stopped")
    assert not [line for line in foresee(old, new, by=admin).lines if "letter" in repr(line).lower()]
    put_together(old, new, admin)
    assert set(Stop.objects.values_list("person", "kind")) == {(new.pk, nudging.KIND.name), (new.pk, "both-stopped")}


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


def test_an_invitation_to_the_old_address_is_the_other_accounts(old: User, new: User, admin: User) -> None:
    invite(old.email, "Demo Amina", [Role.Kind.CHAMPION], None, admin)
    text = letters()[old.email]
    token = text.partition("/invitation/")[2].partition("/")[0]
    put_together(old, new, admin)
    assert accept(token, "Demo Amina").person == new


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
