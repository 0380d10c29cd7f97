"""The actions on people, roles and invitations say what they will do, to how many, and whom they leave out."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.invitations import invite
from portal.accounts.models import Invitation, Role, User
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.factories import make_admin, make_organisation, make_user

pytestmark = pytest.mark.django_db

Kind = Role.Kind
ADDRESSES = {User: "/admin/accounts/user/", Role: "/admin/accounts/role/", Invitation: "/admin/accounts/invitation/"}


@pytest.fixture
def admin() -> User:
    return make_admin(name="Demo Keeper")


@pytest.fixture
def desk(client: Client, admin: User) -> Client:
    """Return the browser of an admin of all programmes who has a second factor."""
    client.force_login(admin)
    session = client.session
    session["has_second_factor"] = True
    session.save()
    return client


def text(response: Any) -> str:
    """Return a page with its white space made even."""
    return " ".join(response.content.decode().split())


def person_who_lost_it() -> User:
    person = make_user(Kind.COACH, organisation=make_organisation())
    TOTP.activate(person, generate_totp_secret())
    return person


def held_role() -> Role:
    trust = make_organisation()
    return make_user(Kind.ORGANISATION_LEAD, organisation=trust).roles.get()


def invited() -> Invitation:
    number = Invitation.objects.count()
    keeper = User.objects.filter(roles__kind=Kind.ALL_PROGRAMMES_ADMIN).first() or make_admin()
    return invite(f"new{number}@elsewhere.example", f"Demo New {number}", [Kind.COACH], make_organisation(), keeper)


def post(desk: Client, action: str, *rows: Model, query: str = "", **given: Any) -> Any:
    sent = {"action": action, "_selected_action": [row.pk for row in rows]} | given
    return desk.post(ADDRESSES[type(rows[0])] + query, sent)


def is_reset(person: User) -> bool:
    return not Authenticator.objects.filter(user=person).exists()


def is_sent_again(invitation: Invitation) -> bool:
    return Invitation.objects.get(pk=invitation.pk).token_hash != invitation.token_hash


def is_cancelled(invitation: Invitation) -> bool:
    return Invitation.objects.get(pk=invitation.pk).withdrawn_at is not None


def is_ended(role: Role) -> bool:
    return not Role.objects.get(pk=role.pk).is_current


Make = Callable[[], Any]
Is = Callable[[Any], bool]
ACTIONS = pytest.mark.parametrize(
    ("action", "make", "is_done", "says", "verb"),
    [
        (
            "reset_second_factors",
            person_who_lost_it,
            is_reset,
            "apps, passkeys and recovery codes of {people}",
            "person.second_factor_reset",
        ),
        ("end", held_role, is_ended, "This ends {roles} of {people}.", "role.ended"),
        ("send_chosen_again", invited, is_sent_again, "This writes to {people} again", "invitation.sent_again"),
        ("cancel_chosen", invited, is_cancelled, "This cancels {invitations}:", "invitation.withdrawn"),
    ],
)


@ACTIONS
def test_it_asks_first_and_is_done_once_that_is_confirmed(
    desk: Client, admin: User, action: str, make: Make, is_done: Is, says: str, verb: str
) -> None:
    rows = [make(), make()]
    question = post(desk, action, *rows)
    page = text(question)
    assert says.format(people="2 people", roles="2 roles", invitations="2 invitations") in page
    for row in rows:
        assert str(getattr(row, "user", row)) in page
    assert "Left as they are" not in page
    assert not any(is_done(row) for row in rows)
    # The button sends what the page holds.
    sent = set(re.findall(r'<input type="hidden" name="(action|_selected_action|confirmed)" value="(\w+)" ?>', page))
    assert sent == {("action", action), ("confirmed", "yes"), *(("_selected_action", str(row.pk)) for row in rows)}
    done = desk.get(post(desk, action, *rows, confirmed="yes").headers["Location"])
    assert all(is_done(row) for row in rows)
    assert "Left as they are" not in text(done)
    entries = Entry.objects.filter(verb=verb)
    assert {entry.actor for entry in entries} == {admin}
    assert len(entries) == 2


@ACTIONS
def test_one_is_said_to_be_one(desk: Client, action: str, make: Make, is_done: Is, says: str, verb: str) -> None:
    page = text(post(desk, action, make()))
    assert says.format(people="1 person", roles="1 role", invitations="1 invitation") in page


@ACTIONS
def test_the_first_few_are_named_and_all_are_counted(
    desk: Client, action: str, make: Make, is_done: Is, says: str, verb: str
) -> None:
    rows = [make() for _ in range(22)]
    question = post(desk, action, *rows)
    assert says.format(people="22 people", roles="22 roles", invitations="22 invitations") in text(question)
    assert "And 2 more." in text(question)
    assert len(question.context["question"].listed) == 20
    assert len(question.context["question"].unseen) == 23


@ACTIONS
def test_the_question_asks_the_database_as_much_for_three_as_for_one(
    desk: Client, action: str, make: Make, is_done: Is, says: str, verb: str
) -> None:
    def statements(*rows: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert post(desk, action, *rows).status_code == 200
        return len(captured)

    rows = [make(), make(), make()]
    statements(rows[0])
    assert statements(*rows) == statements(rows[0]) <= 10


@ACTIONS
def test_the_deed_asks_the_database_as_much_for_three_as_for_one_beside_their_letters(
    desk: Client, action: str, make: Make, is_done: Is, says: str, verb: str
) -> None:
    def statements(*rows: Any) -> int:
        letters = Message.objects.count()
        with CaptureQueriesContext(connection) as captured:
            assert post(desk, action, *rows, confirmed="yes").status_code == 302
        assert all(is_done(row) for row in rows)
        return len(captured) - (Message.objects.count() - letters)

    one, another, three = make(), make(), [make(), make(), make()]
    statements(another)
    assert statements(*three) == statements(one)


@ACTIONS
def test_what_is_not_there_is_passed_over(
    desk: Client, action: str, make: Make, is_done: Is, says: str, verb: str
) -> None:
    row = make()
    address = ADDRESSES[type(row)]
    for chosen in (["999999999"], ["x"], ["9" * 4301], ["\x00"], ["999999999", str(row.pk)]):
        for confirmed in ({}, {"confirmed": "yes"}):
            answer = desk.post(address, {"action": action, "_selected_action": chosen, **confirmed})
            assert answer.status_code in {200, 302, 400}
            if len(chosen) == 1:
                assert not is_done(row)
    assert is_done(row)
    nothing = text(desk.post(address, {"action": action, "_selected_action": ["999999999"]}))
    assert "There is nothing to do." in nothing
    assert 'type="submit" value=' not in nothing.partition('id="content-main"')[2]


@ACTIONS
def test_who_keeps_no_people_does_nothing_to_them(
    desk: Client, admin: User, action: str, make: Make, is_done: Is, says: str, verb: str
) -> None:
    row = make()
    admin.roles.update(kind=Kind.PROGRAMME_ADMIN)
    for confirmed in ({}, {"confirmed": "yes"}):
        assert post(desk, action, row, **confirmed).status_code == 403
    assert not is_done(row)


def test_more_than_a_hundred_at_once_are_refused(desk: Client) -> None:
    rows = Role.objects.bulk_create([Role(user=make_user(), kind=Kind.COACH) for _ in range(101)])
    answer = desk.post(
        ADDRESSES[Role], {"action": "end", "select_across": "1", "index": "0", "_selected_action": [rows[0].pk]}
    )
    assert answer.status_code == 302
    assert "Choose 100 or fewer at a time." in text(desk.get(ADDRESSES[Role]))
    assert Role.objects.current().filter(kind=Kind.COACH).count() == 101


def test_all_of_a_list_are_named_one_by_one_before_the_button(desk: Client) -> None:
    roles = [held_role(), held_role()]
    sent = {"action": "end", "select_across": "1", "index": "0", "_selected_action": [roles[0].pk]}
    question = desk.post(f"{ADDRESSES[Role]}?kind__exact=organisation_lead", sent)
    assert "This ends 2 roles of 2 people." in text(question)
    later = held_role()
    post(desk, "end", *roles, query="?kind__exact=organisation_lead", confirmed="yes")
    assert [is_ended(role) for role in (*roles, later)] == [True, True, False]


def test_going_back_leads_to_the_list_as_it_was(desk: Client) -> None:
    page = text(post(desk, "end", held_role(), query="?kind__exact=organisation_lead"))
    assert f'<a href="{ADDRESSES[Role]}?kind__exact=organisation_lead" class="closelink">Go back</a>' in page


def test_roles_that_stay_are_named_with_the_reason(desk: Client) -> None:
    superuser = make_user(Kind.COACH, name="Demo Superuser", is_superuser=True)
    triager, former, ends = make_user(Kind.TRIAGER), make_user(Kind.CHAMPION), held_role()
    former.roles.update(until=timezone.now())
    rows = [*superuser.roles.all(), *triager.roles.all(), ends]
    question = post(desk, "end", *rows)
    page = text(question)
    assert "This ends 1 role of 1 person." in page
    assert "Left as they are (2)" in page
    assert dict(question.context["question"].left_out) == {
        "Demo Superuser: QI coach": "A superuser's roles are for superusers to end.",
        f"{triager.name}: Triager": "The provider's own lead ends this role.",
    }
    post(desk, "end", *rows, confirmed="yes")
    assert is_ended(ends)
    assert Role.objects.current().filter(user__in=[superuser, triager]).count() == 2
    page = text(post(desk, "end", *former.roles.all(), query="?held=ended"))
    assert "It has ended already." in page
    assert "There is nothing to do." in page


def test_who_ends_their_own_role_is_told_so(desk: Client, admin: User) -> None:
    role = admin.roles.get()
    assert "Your own is among them." in text(post(desk, "end", role, held_role()))
    post(desk, "end", role, confirmed="yes")
    admin.refresh_from_db()
    assert not admin.is_staff


def test_people_who_keep_theirs_are_named_with_the_reason(desk: Client) -> None:
    superuser, without, lost = person_who_lost_it(), make_user(), person_who_lost_it()
    User.objects.filter(pk=superuser.pk).update(is_superuser=True)
    question = post(desk, "reset_second_factors", superuser, without, lost)
    assert "recovery codes of 1 person." in text(question)
    assert dict(question.context["question"].left_out) == {
        superuser.name: "A superuser's account is for superusers to change.",
        without.name: "There is no second step to remove.",
    }
    post(desk, "reset_second_factors", superuser, without, lost, confirmed="yes")
    assert [is_reset(person) for person in (superuser, lost)] == [False, True]
    assert set(User.objects.filter(sign_ins_end_at__isnull=False)) == {lost}


def test_invitations_that_are_closed_are_named_with_the_reason(desk: Client) -> None:
    accepted, cancelled, of_a_triager, waiting = (invited() for _ in range(4))
    rows = (accepted, cancelled, of_a_triager, waiting)
    Invitation.objects.filter(pk=accepted.pk).update(accepted_at=timezone.now())
    Invitation.objects.filter(pk=cancelled.pk).update(withdrawn_at=timezone.now())
    Invitation.objects.filter(pk=of_a_triager.pk).update(kinds=[Kind.TRIAGER])
    left = {accepted.email: "It was accepted.", cancelled.email: "It was cancelled already."}
    assert dict(post(desk, "cancel_chosen", *rows).context["question"].left_out) == left
    question = post(desk, "send_chosen_again", *rows)
    assert dict(question.context["question"].left_out) == left | {
        of_a_triager.email: "It brings a role that you cannot give. Cancel it, and invite them anew."
    }
    post(desk, "send_chosen_again", *rows, confirmed="yes")
    assert [is_sent_again(row) for row in rows] == [False, False, False, True]


def test_what_has_changed_since_the_question_is_left_and_said(desk: Client) -> None:
    ended, ends = held_role(), held_role()
    post(desk, "end", ended, ends)
    Role.objects.filter(pk=ended.pk).update(until=timezone.now())
    post(desk, "end", ended, ends, confirmed="yes")
    page = text(desk.get(ADDRESSES[Role]))
    assert "1 role ended." in page
    assert "Left as they are, because something has changed since you looked: 1." in page
    assert is_ended(ends)


def test_no_question_carries_a_script_or_a_style_of_its_own(desk: Client) -> None:
    page = post(desk, "end", held_role()).content.decode()
    assert "<style" not in page
    assert "style=" not in page
    assert "<h1>End roles</h1>" in page
