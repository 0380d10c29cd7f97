"""Inviting people, and accepting."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts import invitations
from portal.accounts.models import Invitation, Role, User
from portal.accounts.people import add_person
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.accounts.conftest import Post
from tests.factories import make_admin, make_admin_of, make_organisation, make_user

pytestmark = pytest.mark.django_db

Kind = Role.Kind


def invite(*kinds: Role.Kind, email: str = "Coach@elsewhere.example", **options) -> Invitation:
    given = {"organisation": None, "invited_by": make_admin()} | options
    return invitations.invite(email, "Demo Coach", kinds, **given)


@pytest.fixture
def link(last_mail: Post):
    """The path of the link in the last letter."""

    def path() -> str:
        message = last_mail()
        found = re.search(r"https?://[^/]+(/people/invitation/\S+)", str(message.body))
        assert found
        assert f'href="{found.group(0)}"' in str(message.alternatives[0][0])
        return found.group(1)

    return path


def test_the_letter_goes_to_the_address_with_a_link_that_the_database_does_not_hold(last_mail: Post, link) -> None:
    invitation = invite(Kind.COACH)
    path = link()
    letter = last_mail()
    assert letter.to == ["coach@elsewhere.example"]
    html = str(letter.alternatives[0][0])
    assert '<html lang="en-GB">' in html
    assert html.count("Hello") == 1
    assert f">{settings.ORGANISATION_NAME}</p>" in html
    assert invitation.token_hash not in path


def test_looking_at_the_link_changes_nothing(client: Client, link) -> None:
    invite(Kind.COACH)
    path = link()
    for _ in range(2):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Demo Coach" in answer.content.decode()
    assert not User.objects.filter(email="coach@elsewhere.example").exists()
    assert client.head(path).status_code == 200


def test_accepting_makes_the_account_with_its_roles_and_signs_in(client: Client, link) -> None:
    trust = make_organisation()
    invitation = invite(Kind.COACH, Kind.ORGANISATION_LEAD, organisation=trust)
    answer = client.post(link(), {"name": "Coach of Demo"})
    assert answer.status_code == 302
    person = User.objects.get(email="coach@elsewhere.example")
    assert (person.name, person.organisation) == ("Coach of Demo", trust)
    assert {(role.kind, role.organisation) for role in person.roles.all()} == {
        (Kind.COACH, None),
        (Kind.ORGANISATION_LEAD, trust),
    }
    assert client.session["_auth_user_id"] == str(person.pk)
    accepted = Entry.objects.get(verb="invitation.accepted")
    assert (accepted.actor, accepted.subject) == (person, f"invitation:{invitation.pk}")


def test_a_link_works_once(client: Client, link) -> None:
    invite(Kind.COACH)
    path = link()
    client.post(path, {"name": "Coach"})
    again = Client()
    assert again.get(path).status_code == 410
    assert again.post(path, {"name": "Somebody else"}).status_code == 410
    assert "_auth_user_id" not in again.session
    assert User.objects.get(email="coach@elsewhere.example").name == "Coach"


def test_a_link_expires_after_14_days(client: Client, link) -> None:
    invitation = invite(Kind.COACH)
    path = link()
    Invitation.objects.update(sent_at=timezone.now() - timedelta(days=14))
    answer = client.post(path, {"name": "Coach"})
    assert answer.status_code == 410
    assert "expired" in answer.content.decode()
    Invitation.objects.update(sent_at=invitation.sent_at - timedelta(days=13, hours=23))
    assert client.get(path).status_code == 200


def test_sending_again_gives_a_new_link_and_ends_the_old(client: Client, link) -> None:
    invitation = invite(Kind.COACH)
    old = link()
    Invitation.objects.update(sent_at=timezone.now() - timedelta(days=20))
    assert invitations.send_again([invitation], sent_by=invitation.invited_by) == 1
    new = link()
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200


def test_one_taken_back_is_said_to_be_cancelled(client: Client, link) -> None:
    invitation = invite(Kind.COACH)
    path = link()
    assert invitations.withdraw([invitation], withdrawn_by=invitation.invited_by) == 1
    answer = client.get(path)
    assert answer.status_code == 410
    assert "cancelled" in answer.content.decode()
    token_hash = Invitation.objects.get().token_hash
    assert invitations.send_again([invitation], sent_by=invitation.invited_by) == 0
    assert invitations.withdraw([invitation], withdrawn_by=invitation.invited_by) == 0
    assert Invitation.objects.get().token_hash == token_hash


def test_an_account_that_was_there_gets_the_roles_and_signs_in_as_ever(client: Client, link) -> None:
    person = add_person("coach@elsewhere.example", "Known Coach", added_by=SYSTEM)
    invite(Kind.COACH)
    answer = client.post(link(), {"name": "Another name"})
    assert answer.headers["Location"] == reverse("me")
    assert "_auth_user_id" not in client.session
    person.refresh_from_db()
    assert person.name == "Known Coach"
    assert person.roles.get().kind == Kind.COACH


@pytest.mark.parametrize("token", ["nothing", "a" * 5000, "%00", "%E2%80%AE"])
def test_a_token_that_no_letter_holds(client: Client, token: str) -> None:
    assert client.get(f"/people/invitation/{token}/").status_code == 404


@pytest.mark.parametrize("name", ["", "\0", "a" * 500])
def test_a_bad_name_is_told_so(client: Client, link, name: str) -> None:
    invite(Kind.COACH)
    answer = client.post(link(), {"name": name})
    assert answer.status_code == 422
    assert answer.context["form"].errors["name"]


def test_an_address_has_one_open_invitation() -> None:
    admin = make_admin()
    invite(invited_by=admin)
    with pytest.raises(invitations.AlreadyInvited):
        invite(email="COACH@elsewhere.example", invited_by=admin)


def test_the_inviting_is_in_the_trail_without_the_address() -> None:
    invitation = invite(Kind.COACH)
    entry = Entry.objects.get(verb="person.invited")
    assert entry.actor == invitation.invited_by
    assert entry.details == {"kinds": "coach", "organisation": None}


@pytest.mark.parametrize("kind", [Kind.COACH, Kind.PROGRAMME_ADMIN, Kind.ALL_PROGRAMMES_ADMIN, Kind.TRIAGER])
def test_nobody_invites_with_a_role_that_is_not_theirs_to_give(kind: Role.Kind) -> None:
    with pytest.raises(PermissionDenied):
        invite(kind, invited_by=make_admin_of())
    with pytest.raises(PermissionDenied):
        invite(Kind.TRIAGER, invited_by=make_user(is_superuser=True))
    assert not Invitation.objects.exists()


def test_an_invitation_brings_what_whoever_sent_it_may_still_give(client: Client, link) -> None:
    leaver = make_admin()
    invite(Kind.ALL_PROGRAMMES_ADMIN, invited_by=leaver)
    leaver.roles.update(until=timezone.now())
    client.post(link(), {"name": "Coach"})
    assert not User.objects.get(email="coach@elsewhere.example").roles.exists()


def test_an_invitation_of_somebody_whose_account_is_closed_brings_no_role(client: Client, link) -> None:
    leaver = make_admin()
    invite(Kind.COACH, invited_by=leaver)
    User.objects.filter(pk=leaver.pk).update(is_active=False)
    client.post(link(), {"name": "Coach"})
    assert not User.objects.get(email="coach@elsewhere.example").roles.exists()


def test_whoever_sends_it_again_stands_for_it(client: Client, link) -> None:
    leaver, successor = make_admin(), make_admin(name="Demo Successor")
    invitation = invite(Kind.COACH, invited_by=leaver)
    leaver.roles.update(until=timezone.now())
    invitations.send_again([invitation], sent_by=successor)
    path = link()
    assert "Demo Successor has invited you" in client.get(path).content.decode()
    client.post(path, {"name": "Coach"})
    role = User.objects.get(email="coach@elsewhere.example").roles.get()
    assert Entry.objects.get(verb="role.granted", subject=f"user:{role.user_id}").actor == successor


def test_nobody_sends_a_role_again_that_is_not_theirs_to_give() -> None:
    invitation = invite(Kind.COACH)
    Invitation.objects.update(kinds=[Kind.TRIAGER])
    token_hash = invitation.token_hash
    with pytest.raises(PermissionDenied):
        invitations.send_again([invitation], sent_by=make_user(is_superuser=True))
    invitation.refresh_from_db()
    assert invitation.token_hash == token_hash
