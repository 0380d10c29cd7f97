"""Giving roles and ending them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.models import Role, User
from portal.accounts.roles import end_roles, grant_role
from portal.accounts.rules import gives_role, keeps_people, keeps_person, kinds_given_by
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.factories import make_admin, make_admin_of, make_organisation, make_user

pytestmark = pytest.mark.django_db

Kind = Role.Kind


def kinds(person: User) -> frozenset[str]:
    found = User.objects.signed_in(person.pk)
    assert found
    return found.role_kinds


def test_a_role_is_held_until_it_is_ended() -> None:
    person = make_user()
    role = grant_role(person, Kind.COACH, granted_by=SYSTEM)
    assert kinds(person) == {Kind.COACH}
    end_roles([role], ended_by=person)
    assert kinds(person) == frozenset()
    assert list(Entry.objects.order_by("id").values_list("verb", "actor")) == [
        ("role.granted", None),
        ("role.ended", person.pk),
    ]


def test_a_role_ends_by_itself_on_its_date() -> None:
    person = make_user()
    grant_role(person, Kind.COACH, granted_by=SYSTEM, until=timezone.now() + timedelta(days=1))
    assert kinds(person) == {Kind.COACH}
    Role.objects.update(until=timezone.now())
    assert kinds(person) == frozenset()


def test_a_role_that_ended_can_be_given_again() -> None:
    person = make_user()
    end_roles([grant_role(person, Kind.COACH, granted_by=SYSTEM)], ended_by=SYSTEM)
    role = grant_role(person, Kind.COACH, granted_by=SYSTEM)
    assert kinds(person) == {Kind.COACH}
    assert role.since >= person.date_joined
    assert person.roles.count() == 1


def test_ending_twice_leaves_the_first_end() -> None:
    role = grant_role(make_user(), Kind.COACH, granted_by=SYSTEM)
    end_roles([role], ended_by=SYSTEM)
    role.refresh_from_db()
    ended = role.until
    end_roles([role], ended_by=SYSTEM)
    role.refresh_from_db()
    assert role.until == ended
    assert Entry.objects.filter(verb="role.ended").count() == 1


@pytest.mark.parametrize("kind", sorted(Role.USES_ADMIN_PAGES))
def test_programme_admins_use_the_admin_pages_while_they_hold_the_role(kind: Role.Kind) -> None:
    person = make_user()
    role = grant_role(person, kind, granted_by=SYSTEM)
    person.refresh_from_db()
    assert person.is_staff
    end_roles([role], ended_by=SYSTEM)
    person.refresh_from_db()
    assert not person.is_staff


def test_whose_scope_is_narrowed_goes_on_using_the_admin_pages() -> None:
    person = make_user()
    wide = grant_role(person, Kind.ALL_PROGRAMMES_ADMIN, granted_by=SYSTEM)
    grant_role(person, Kind.PROGRAMME_ADMIN, granted_by=SYSTEM)
    end_roles([wide], ended_by=SYSTEM)
    person.refresh_from_db()
    assert person.is_staff
    assert kinds(person) == {Kind.PROGRAMME_ADMIN}


def test_a_superuser_keeps_the_admin_pages() -> None:
    person = make_user(is_staff=True, is_superuser=True)
    end_roles([grant_role(person, Kind.PROGRAMME_ADMIN, granted_by=SYSTEM)], ended_by=SYSTEM)
    person.refresh_from_db()
    assert person.is_staff


def test_a_lead_has_an_organisation_and_nobody_else_has() -> None:
    person, trust = make_user(), make_organisation()
    with pytest.raises(IntegrityError), transaction.atomic():
        grant_role(person, Kind.ORGANISATION_LEAD, granted_by=SYSTEM)
    with pytest.raises(IntegrityError), transaction.atomic():
        grant_role(person, Kind.COACH, granted_by=SYSTEM, organisation=trust)
    grant_role(person, Kind.ORGANISATION_LEAD, granted_by=SYSTEM, organisation=trust)
    assert kinds(person) == {Kind.ORGANISATION_LEAD}


def test_nobody_gives_more_than_is_theirs_to_give() -> None:
    superuser, of_all, named = make_user(is_superuser=True), make_admin(), make_admin_of()
    assert kinds_given_by(superuser) == kinds_given_by(of_all) == set(Kind) - {Kind.TRIAGER}
    assert kinds_given_by(named) == {Kind.FACILITATOR}
    for person in (AnonymousUser(), make_user(), make_user(Kind.TRIAGER), make_user(Kind.FACILITATOR)):
        assert not kinds_given_by(person)


def test_a_superuser_s_roles_are_superusers_alone() -> None:
    superuser, of_all, named, person = make_user(is_superuser=True), make_admin(), make_admin_of(), make_user()
    assert gives_role(superuser, Kind.COACH, superuser)
    assert gives_role(of_all, Kind.ALL_PROGRAMMES_ADMIN, person)
    assert gives_role(named, Kind.FACILITATOR, person)
    assert not gives_role(named, Kind.COACH, person)
    assert not gives_role(of_all, Kind.COACH, superuser)
    assert not gives_role(named, Kind.FACILITATOR, superuser)
    assert not gives_role(superuser, Kind.TRIAGER, person)


def test_only_who_keeps_all_programmes_keeps_people() -> None:
    superuser, of_all, named, person = make_user(is_superuser=True), make_admin(), make_admin_of(), make_user()
    assert keeps_person(of_all, person)
    assert keeps_person(superuser, superuser)
    assert not keeps_person(of_all, superuser)
    assert not keeps_people(named)
    assert not keeps_person(named, person)
