"""How a programme admin chooses a person: one of their own programmes' people, or anybody by the whole address."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts.models import Cohort, Facilitator, Session
from portal.accounts.models import User
from tests import factories as make

pytestmark = pytest.mark.django_db

FIELDS = [("membership", "user"), ("booking", "user"), ("facilitator", "user")]
STRANGER = {"name": "Demo Stranger", "email": "stranger@elsewhere.example"}


@pytest.fixture
def cohort() -> Cohort:
    return make.make_cohort()


@pytest.fixture
def admin(cohort: Cohort) -> User:
    """Return an admin of the programme of `cohort` alone."""
    return make.make_admin_of(cohort.programme, name="Demo Keeper")


@pytest.fixture
def member(cohort: Cohort) -> User:
    return make.make_membership(make.make_user(name="Demo Member", email="member@here.example"), cohort).user


@pytest.fixture
def stranger() -> User:
    """Return a member of a programme that is somebody else's."""
    return make.make_membership(make.make_user(**STRANGER)).user


def offered(desk: Client, term: str, model: str = "membership", field: str = "user") -> list[str]:
    """Return what an autocomplete field sends for each choice that it offers."""
    asked = {"app_label": "cohorts", "model_name": model, "field_name": field, "term": term}
    return [choice["id"] for choice in desk.get(reverse("admin:autocomplete"), asked).json()["results"]]


def add(model: str) -> str:
    return reverse(f"admin:cohorts_{model}_add")


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_people_of_their_own_programmes_are_found_by_a_part(
    desk: Client, member: User, stranger: User, model: str, field: str
) -> None:
    for term in ("", "demo", "memb", "member@here"):
        assert offered(desk, term, model, field) == [member.email], term
    for term in ("stranger", "stranger@elsewhere", "elsewhere.example", "@elsewhere"):
        assert not offered(desk, term, model, field), term


@pytest.mark.parametrize("typed", [STRANGER["email"], " Stranger@Elsewhere.Example "])
@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_anybody_is_found_by_the_whole_address(
    desk: Client, member: User, stranger: User, model: str, field: str, typed: str
) -> None:
    assert offered(desk, typed, model, field) == [stranger.email]


def test_who_left_or_booked_an_open_session_is_one_of_their_people(desk: Client, admin: User, cohort: Cohort) -> None:
    left = make.make_membership(make.make_user(name="A"), cohort, state="withdrawn").user
    session = make.make_open_session()
    booked = make.make_booking(make.make_user(name="B"), session).user
    assert offered(desk, "") == [left.email]
    session.component.programme.admins.add(admin)
    assert offered(desk, "") == [left.email, booked.email]


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("accounts", "role", "user"),
        ("accounts", "user", "organisation"),
        ("accounts", "invitation", "organisation"),
        ("accounts", "invitation", "invited_by"),
        ("cohorts", "programme", "admins"),
        ("cohorts", "evidence", "recorded_by"),
        ("cohorts", "membership", "bookings"),
        ("trail", "entry", "actor"),
        ("outbox", "message", "person"),
    ],
)
def test_no_other_page_lists_people_to_them(desk: Client, stranger: User, app: str, model: str, field: str) -> None:
    asked = {"app_label": app, "model_name": model, "field_name": field, "term": "demo"}
    assert desk.get(reverse("admin:autocomplete"), asked).status_code == 403


def test_who_keeps_all_finds_everybody(sign_in: Callable[[User], Client], member: User, stranger: User) -> None:
    desk = sign_in(make.make_admin(name="Demo All"))
    assert {str(member.pk), str(stranger.pk)} <= set(offered(desk, "demo"))


def test_choosing_asks_as_much_for_three_people_as_for_one(desk: Client, cohort: Cohort) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            offered(desk, "demo")
        return len(captured)

    make.make_membership(cohort=cohort)
    statements()
    one = statements()
    make.make_membership(cohort=cohort)
    make.make_membership(cohort=cohort)
    assert statements() == one


def test_an_address_enrols_whoever_has_it(desk: Client, cohort: Cohort, stranger: User) -> None:
    assert desk.post(add("membership"), {"user": stranger.email, "cohort": cohort.pk}).status_code == 302
    assert stranger.memberships.filter(cohort=cohort).exists()


def test_an_address_books_for_whoever_has_it(desk: Client, admin: User, stranger: User) -> None:
    session = make.make_open_session()
    session.component.programme.admins.add(admin)
    assert desk.post(add("booking"), {"user": stranger.email, "session": session.pk}).status_code == 302
    assert stranger.bookings.get().session == session


def test_an_address_names_a_facilitator(desk: Client, stranger: User) -> None:
    assert desk.post(add("facilitator"), {"user": stranger.email, "name": stranger.name}).status_code == 302
    page = reverse("admin:cohorts_facilitator_change", args=[Facilitator.objects.get().pk])
    assert f'<option value="{stranger.email}" selected>' in desk.get(page).content.decode()
    # Saving the page as it stands leaves the account as it is.
    desk.post(page, {"user": stranger.email, "name": "Demo Facilitator", "biography": "b"})
    facilitator = Facilitator.objects.get()
    assert (facilitator.user, facilitator.name) == (stranger, "Demo Facilitator")


def forged(stranger: User, cohort: Cohort, session: Session) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("membership", {"user": stranger.pk, "cohort": cohort.pk}),
        ("membership", {"user": stranger.pk}),
        ("booking", {"user": stranger.pk, "session": session.pk}),
        ("facilitator", {"user": stranger.pk, "name": "Demo"}),
    ]


def test_a_number_tells_nobody_s_name(desk: Client, cohort: Cohort, stranger: User) -> None:
    session = make.make_session(cohort=cohort)
    for model, sent in forged(stranger, cohort, session):
        response = desk.post(add(model), sent)
        assert response.status_code in {200, 422}
        for page in (response, desk.get(add(model), sent)):
            html = page.content.decode()
            assert stranger.name not in html
            assert stranger.email not in html
    assert not stranger.memberships.filter(cohort=cohort).exists()
    assert not Facilitator.objects.exists()


@pytest.mark.parametrize("value", ["", "x", "\x00", "a\x00@b.example", "9" * 4301, "🙂" * 3000, "nobody@here.example"])
def test_what_is_nobody_s_address_is_told_so(desk: Client, cohort: Cohort, value: str) -> None:
    for model in ("membership", "booking"):
        assert desk.post(add(model), {"user": value, "cohort": cohort.pk}).status_code == 422
    assert desk.post(add("facilitator"), {"user": value}).status_code == 200


def test_the_form_says_how_and_a_refused_one_keeps_the_choice(desk: Client, cohort: Cohort, stranger: User) -> None:
    assert "type the whole email address" in desk.get(add("membership")).content.decode()
    html = desk.post(add("membership"), {"user": stranger.email}).content.decode()
    assert f'<option value="{stranger.email}" selected>{stranger.name}</option>' in html


def test_no_page_of_theirs_leads_to_a_person_s_page(desk: Client, cohort: Cohort, member: User) -> None:
    session, elsewhere = make.make_session(cohort=cohort), make.make_session()
    held = make.make_booking(member, session)
    facilitator = make.make_facilitator(make.make_user(name="Demo Leader"))
    session.facilitators.add(facilitator)
    elsewhere.facilitators.add(facilitator)
    for model, row, says in (
        ("membership", held.membership, member.email),
        ("booking", held, member.name),
        ("facilitator", facilitator, "Demo Leader"),
    ):
        html = desk.get(reverse(f"admin:cohorts_{model}_change", args=[row.pk])).content.decode()
        assert says in html
        assert "/admin/accounts/user/" not in html


def test_the_start_page_leads_to_what_they_may_look_at(desk: Client) -> None:
    html = desk.get(reverse("admin:index")).content.decode()
    for model, leads in (("organisation", True), ("jobrole", True), ("user", False), ("role", False)):
        assert (reverse(f"admin:accounts_{model}_changelist") in html) == leads, model
    assert reverse("admin:accounts_organisation_add") not in html
    assert reverse("admin:accounts_invitation_changelist") not in html
