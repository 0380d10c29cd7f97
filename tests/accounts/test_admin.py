"""The admin pages about people: what programme admins may do there, and what they may not."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.models import Invitation, Organisation, Role, User
from portal.accounts.roles import grant_role
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.factories import make_admin, make_job_role, make_organisation, make_user

pytestmark = pytest.mark.django_db

Kind = Role.Kind
PEOPLE = "/admin/accounts/user/"
ROLES = "/admin/accounts/role/"
INVITATIONS = "/admin/accounts/invitation/"
ORGANISATIONS = "/admin/accounts/organisation/"


@pytest.fixture
def admin() -> User:
    return make_admin()


@pytest.fixture
def desk(client: Client, admin: User) -> Client:
    """Return the browser of a programme admin who has a second factor."""
    client.force_login(admin)
    session = client.session
    session["has_second_factor"] = True
    session.save()
    return client


@pytest.fixture
def superuser() -> User:
    return make_user(name="Demo Superuser", is_staff=True, is_superuser=True)


def act(client: Client, page: str, action: str, *rows) -> int:
    """Do an action whose question has been read; see test_admin_questions.py."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], "confirmed": "yes"}
    return client.post(page, data, follow=True).status_code


def test_whoever_is_no_programme_admin_gets_nothing(client: Client) -> None:
    for person in [make_user(), make_user(Kind.CHAMPION), make_user(is_staff=True)]:
        client.force_login(person)
        session = client.session
        session["has_second_factor"] = True
        session.save()
        for page in [PEOPLE, ROLES, INVITATIONS, ORGANISATIONS]:
            assert client.get(page).status_code in {302, 403}


@pytest.mark.parametrize("page", [PEOPLE, ROLES, INVITATIONS, ORGANISATIONS, "/admin/accounts/jobrole/"])
def test_lists_cost_the_same_however_long(desk: Client, admin: User, page: str) -> None:
    def add(number: int) -> None:
        trust = make_organisation(email_domains=[f"trust{number}.example"])
        person = make_user(Kind.COACH, Kind.ORGANISATION_LEAD, organisation=trust)
        make_job_role()
        Invitation.objects.create(
            email=person.email, name=person.name, organisation=trust, token_hash=str(number), invited_by=admin
        )

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(page).status_code == 200
        return len(captured)

    add(1)
    cost()
    first = cost()
    add(2)
    add(3)
    assert cost() == first


def test_people_are_found_by_name_address_and_role(desk: Client) -> None:
    coach = make_user(Kind.COACH, name="Zora Demo")
    make_user(name="Somebody else")
    for query in ["?q=zora", f"?q={coach.email}", "?role=coach"]:
        assert list(desk.get(PEOPLE + query).context["cl"].queryset) == [coach]


@pytest.mark.parametrize("query", ["?q=%00", "?role=nothing", "?is_active__exact=x", "?p=99999", "?o=9.9", "?user=x"])
def test_an_odd_address_is_no_error_of_ours(desk: Client, query: str) -> None:
    for page in [PEOPLE, ROLES, INVITATIONS]:
        assert desk.get(page + query).status_code < 500


def test_a_person_is_changed_and_the_trail_says_who_did_it(desk: Client, admin: User) -> None:
    person = make_user()
    answer = desk.post(f"{PEOPLE}{person.pk}/change/", {"name": " Ame\u0301lie\0 Demo ", "is_active": "on"})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.name == "Amélie Demo"
    entry = Entry.objects.get(verb="user.changed")
    assert (entry.actor, entry.subject, entry.details) == (admin, f"user:{person.pk}", {"fields": "name"})


@pytest.mark.parametrize("field", ["email", "is_superuser", "is_staff", "password"])
def test_nobody_makes_themselves_more_by_a_form(desk: Client, admin: User, field: str) -> None:
    before = User.objects.values().get(pk=admin.pk)
    value = "taken@trust.example" if field == "email" else "on"
    desk.post(f"{PEOPLE}{admin.pk}/change/", {"name": admin.name, "is_active": "on", field: value})
    assert User.objects.values().get(pk=admin.pk) == before


def test_a_superuser_is_not_touched_by_a_programme_admin(desk: Client, superuser: User) -> None:
    TOTP.activate(superuser, generate_totp_secret())
    role = grant_role(superuser, Kind.COACH, granted_by=SYSTEM)
    page = f"{PEOPLE}{superuser.pk}/change/"
    assert desk.get(page).status_code == 200
    assert desk.post(page, {"name": "Taken", "is_active": ""}).status_code == 403
    act(desk, PEOPLE, "reset_second_factors", superuser)
    act(desk, ROLES, "end", role)
    answer = desk.post(f"{ROLES}add/", {"user": superuser.pk, "kind": Kind.FACILITATOR})
    assert answer.context["adminform"].form.errors["user"]
    superuser.refresh_from_db()
    role.refresh_from_db()
    assert (superuser.name, superuser.is_active) == ("Demo Superuser", True)
    assert role.is_current
    assert Authenticator.objects.filter(user=superuser).exists()
    assert superuser.roles.count() == 1


def test_there_is_no_way_to_add_or_delete_people(desk: Client) -> None:
    person = make_user()
    assert desk.get(f"{PEOPLE}add/").status_code == 403
    assert desk.post(f"{PEOPLE}{person.pk}/delete/", {"post": "yes"}).status_code == 403


def test_somebody_who_may_not_sign_in_any_more_is_out_at_once(desk: Client) -> None:
    person, other = make_user(), Client()
    other.force_login(person)
    assert other.get(reverse("account_email")).status_code == 200
    desk.post(f"{PEOPLE}{person.pk}/change/", {"name": person.name})
    assert other.get(reverse("account_email")).status_code == 302


def test_a_lost_second_factor_is_removed(desk: Client, admin: User) -> None:
    person = make_user(Kind.COACH)
    TOTP.activate(person, generate_totp_secret())
    act(desk, PEOPLE, "reset_second_factors", person)
    assert not Authenticator.objects.exists()
    assert Entry.objects.get(verb="person.second_factor_reset").subject == f"user:{person.pk}"


def test_a_role_is_given_and_ended_and_each_is_in_the_trail_once(desk: Client, admin: User) -> None:
    person, trust = make_user(), make_organisation()
    desk.post(f"{ROLES}add/", {"user": person.pk, "kind": Kind.ORGANISATION_LEAD, "organisation": trust.pk})
    role = person.roles.get()
    act(desk, ROLES, "end", role)
    assert not person.roles.current().exists()
    desk.post(f"{ROLES}add/", {"user": person.pk, "kind": Kind.ORGANISATION_LEAD, "organisation": trust.pk})
    assert person.roles.current().get() == role
    verbs = list(Entry.objects.filter(actor=admin).order_by("id").values_list("verb", flat=True))
    assert verbs == ["role.granted", "role.ended", "role.granted"]


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"kind": Kind.ORGANISATION_LEAD}, "organisation"),
        ({"kind": Kind.COACH, "organisation": "own"}, "organisation"),
        ({"kind": Kind.COACH, "until_0": "2020-01-01", "until_1": "00:00"}, "until"),
        ({"kind": "queen"}, "kind"),
        ({"kind": Kind.COACH, "user": "999999999999999999999"}, "user"),
        ({"kind": Kind.COACH, "user": "x"}, "user"),
    ],
)
def test_a_role_that_cannot_be_is_told_so(desk: Client, data: dict[str, str], wrong: str) -> None:
    person, trust = make_user(), make_organisation()
    if data.get("organisation") == "own":
        data = data | {"organisation": str(trust.pk)}
    answer = desk.post(f"{ROLES}add/", {"user": str(person.pk)} | data)
    assert wrong in answer.context["adminform"].form.errors
    assert not person.roles.exists()


@pytest.mark.parametrize("is_superuser", [False, True])
def test_nobody_makes_a_triager_here(desk: Client, admin: User, *, is_superuser: bool) -> None:
    User.objects.filter(pk=admin.pk).update(is_superuser=is_superuser)
    person, triager = make_user(), make_user(Kind.TRIAGER)
    for page, facts in (
        (f"{ROLES}add/", {"user": person.pk, "kind": Kind.TRIAGER}),
        (f"{INVITATIONS}add/", {"email": "new@elsewhere.example", "name": "Demo New", "kinds": [Kind.TRIAGER]}),
    ):
        assert 'value="coach"' in desk.get(page).content.decode()
        assert 'value="triager"' not in desk.get(page).content.decode()
        errors = desk.post(page, facts).context["adminform"].form.errors
        assert set(errors) == {"kind" if page.startswith(ROLES) else "kinds"}
    act(desk, ROLES, "end", triager.roles.get())
    assert not person.roles.exists()
    assert not Invitation.objects.exists()
    assert triager.roles.current().exists()


def test_somebody_is_invited_again_and_not(desk: Client) -> None:
    trust = make_organisation()
    data = {"email": "New@elsewhere.example", "name": "Demo New", "kinds": ["coach", "board_sponsor"]}
    answer = desk.post(f"{INVITATIONS}add/", data)
    assert answer.context["adminform"].form.errors["organisation"]
    assert desk.post(f"{INVITATIONS}add/", data | {"organisation": trust.pk}).status_code == 302
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.kinds) == ("new@elsewhere.example", ["board_sponsor", "coach"])
    answer = desk.post(f"{INVITATIONS}add/", data | {"organisation": trust.pk, "email": "NEW@elsewhere.example"})
    assert answer.context["adminform"].form.errors["email"]
    token_hash = invitation.token_hash
    act(desk, INVITATIONS, "send_chosen_again", invitation)
    invitation.refresh_from_db()
    assert invitation.token_hash != token_hash
    act(desk, INVITATIONS, "cancel_chosen", invitation)
    act(desk, INVITATIONS, "send_chosen_again", invitation)
    invitation.refresh_from_db()
    assert invitation.withdrawn_at
    assert not mail.outbox
    for state in ["waiting", "expired", "accepted", "cancelled", "odd"]:
        assert desk.get(f"{INVITATIONS}?state={state}").status_code == 200


def test_an_organisation_is_added_in_one_form_of_its_domains(desk: Client) -> None:
    desk.post(
        f"{ORGANISATIONS}add/", {"name": "Demo Trust", "ods_code": " rxx ", "email_domains": "@Trust.NHS.uk, b.nhs.uk"}
    )
    trust = Organisation.objects.get()
    assert (trust.ods_code, trust.email_domains) == ("RXX", ["b.nhs.uk", "trust.nhs.uk"])


@pytest.mark.parametrize("domains", ["no domain", "a@b.nhs.uk", "\0", "a" * 300, "shared.nhs.uk", ",".join(["x"] * 9)])
def test_a_domain_that_cannot_be_is_told_so(desk: Client, domains: str) -> None:
    make_organisation(email_domains=["shared.nhs.uk"])
    answer = desk.post(f"{ORGANISATIONS}add/", {"name": "Demo", "ods_code": "RXX", "email_domains": domains})
    assert answer.context["adminform"].form.errors["email_domains"]


def test_what_is_in_use_stays(desk: Client) -> None:
    used, free = make_organisation(), make_organisation()
    make_user(organisation=used)
    assert desk.post(f"{ORGANISATIONS}{used.pk}/delete/", {"post": "yes"}).status_code == 403
    assert desk.post(f"{ORGANISATIONS}{free.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Organisation.objects.all()) == [used]
