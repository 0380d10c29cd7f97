"""A programme admin of the programmes that name them sees what belongs to those, on every way in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import booking
from cohorts.models import Cohort, Material, Programme, Session
from cohorts.rules import programmes_kept
from portal.accounts.models import Role, User
from portal.trail.models import Entry
from tests import factories as make
from tests.cohorts.pages import NO_ROWS

pytestmark = pytest.mark.django_db

OF_A_PROGRAMME = ("programme", "cohort", "membership", "session", "booking", "component", "material")


def filled(**fields: Any) -> dict[str, Any]:
    """Make a programme with one of each thing in it."""
    cohort = make.make_cohort(make.make_programme(**fields))
    session = make.make_session(cohort=cohort)
    membership = make.make_membership(cohort=cohort)
    return {
        "programme": cohort.programme,
        "cohort": cohort,
        "membership": membership,
        "session": session,
        "booking": booking.book(membership.user, session.pk),
        "component": session.component,
        "material": Material.objects.create(session=session, title=f"Of {session.component}", text="Read it."),
    }


@pytest.fixture
def admin(db: None) -> User:
    """Return an admin of the programmes that name them: none yet."""
    return make.make_admin_of()


@pytest.fixture
def mine(admin: User) -> dict[str, Any]:
    things = filled(name="Mine")
    things["programme"].admins.add(admin)
    return things


@pytest.fixture
def other() -> dict[str, Any]:
    return filled(name="Somebody else's")


@pytest.mark.parametrize("model", OF_A_PROGRAMME)
def test_lists_show_what_is_theirs(desk: Client, mine: dict[str, Any], other: dict[str, Any], model: str) -> None:
    address = reverse(f"admin:cohorts_{model}_changelist")
    shown = list(
        desk.get(address, {"when": "all"} if model in ("session", "booking", "cohort") else {})
        .context["cl"]
        .result_list
    )
    assert shown == [mine[model]]
    assert "Somebody else" not in desk.get(address).content.decode()


@pytest.mark.parametrize("model", OF_A_PROGRAMME)
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_an_address_that_is_not_theirs_leads_nowhere(
    desk: Client, mine: dict[str, Any], other: dict[str, Any], model: str, page: str
) -> None:
    answers = [desk.get(reverse(f"admin:cohorts_{model}_{page}", args=[pk])) for pk in (other[model].pk, 987_654_321)]
    assert {answer.status_code for answer in answers} <= {302, 403, 404}
    assert answers[0].status_code == answers[1].status_code
    assert desk.get(reverse(f"admin:cohorts_{model}_change", args=[mine[model].pk])).status_code == 200


@pytest.mark.parametrize(
    ("page", "model"),
    [
        ("session_move", "session"),
        ("session_cancel", "session"),
        ("session_places", "session"),
        ("cohort_enrol", "cohort"),
        ("membership_withdraw", "membership"),
        ("booking_cancel", "booking"),
    ],
)
def test_what_is_not_theirs_cannot_be_changed(
    desk: Client, mine: dict[str, Any], other: dict[str, Any], page: str, model: str
) -> None:
    row = type(other[model]).objects.filter(pk=other[model].pk)
    before = row.values().get()
    assert desk.post(reverse(f"admin:cohorts_{page}", args=[other[model].pk]), {"confirmed": "yes"}).status_code == 404
    assert row.values().get() == before


def test_an_action_passes_over_what_is_not_theirs(desk: Client, mine: dict[str, Any], other: dict[str, Any]) -> None:
    sent = {"action": "cancel_sessions", "_selected_action": [other["session"].pk, mine["session"].pk]}
    question = desk.post(reverse("admin:cohorts_session_changelist"), sent).content.decode()
    assert "This cancels 1 session" in question
    assert str(other["session"]) not in question
    for confirmed in ({}, {"confirmed": "yes"}):
        desk.post(reverse("admin:cohorts_session_changelist"), sent | confirmed)
    other["session"].refresh_from_db()
    mine["session"].refresh_from_db()
    assert (other["session"].is_cancelled, mine["session"].is_cancelled) == (False, True)


@pytest.mark.parametrize(("model", "field"), [("session", "component"), ("session", "cohort"), ("booking", "session")])
def test_autocompletes_offer_what_is_theirs(
    desk: Client, mine: dict[str, Any], other: dict[str, Any], model: str, field: str
) -> None:
    asked = {"app_label": "cohorts", "model_name": model, "field_name": field}
    offered = desk.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [choice["id"] for choice in offered] == [str(mine[field].pk)]


def test_a_choice_that_is_not_theirs_is_refused(desk: Client, mine: dict[str, Any], other: dict[str, Any]) -> None:
    person = make.make_user()
    sent = {"user": person.email, "cohort": other["cohort"].pk}
    assert desk.post(reverse("admin:cohorts_membership_add"), sent).status_code == 422
    assert not person.memberships.exists()


def test_exports_hold_what_is_theirs(desk: Client, mine: dict[str, Any], other: dict[str, Any]) -> None:
    file: Any = desk.post(reverse("admin:cohorts_membership_export"), {"confirmed": "yes"})
    content = b"".join(file.streaming_content).decode()
    assert mine["membership"].user.email in content
    assert other["membership"].user.email not in content
    address = f"{reverse('admin:cohorts_membership_export')}?cohort__id__exact={other['cohort'].pk}"
    foreign: Any = desk.post(address, {"confirmed": "yes"})
    assert b"".join(foreign.streaming_content).count(b"\n") == 1


def test_what_needs_doing_is_theirs(desk: Client, mine: dict[str, Any], other: dict[str, Any]) -> None:
    for things in (mine, other):
        make.make_cohort(things["programme"], name=f"Bare cohort of {things['programme'].name}")
    html = desk.get(reverse("admin:index")).content.decode()
    assert "Bare cohort of Mine" in html
    assert "Bare cohort of Somebody" not in html


def test_each_admin_keeps_what_their_role_says(admin: User) -> None:
    mine, of_a_colleague, free = (make.make_programme() for _ in range(3))
    mine.admins.add(admin)
    of_a_colleague.admins.add(make.make_admin_of())
    assert list(programmes_kept(admin)) == [mine]
    assert not programmes_kept(make.make_admin_of()).exists()
    for keeper in (make.make_admin(), make.make_user(is_superuser=True)):
        assert set(programmes_kept(keeper)) == {mine, of_a_colleague, free}


def test_being_named_without_the_role_keeps_nothing() -> None:
    programme, coach = make.make_programme(), make.make_user(Role.Kind.COACH)
    former = make.make_admin_of(programme)
    former.roles.update(until=timezone.now())
    programme.admins.add(coach)
    for person in (coach, former):
        assert not programmes_kept(person).exists()


@pytest.mark.parametrize("first", [True, False])
def test_what_they_add_is_theirs(desk: Client, admin: User, request: pytest.FixtureRequest, *, first: bool) -> None:
    if not first:
        request.getfixturevalue("mine")
    sent = {"name": "New", "slug": "new", "shape": "cohort", "summary": "s", "description": "d", "audience": "a"}
    assert desk.post(reverse("admin:cohorts_programme_add"), {**sent, **NO_ROWS}).status_code == 302
    assert list(Programme.objects.get(slug="new").admins.all()) == [admin]


def test_only_who_keeps_all_says_who_keeps_a_programme(
    desk: Client, admin: User, mine: dict[str, Any], sign_in: Callable[[User], Client]
) -> None:
    programme, colleague = mine["programme"], make.make_admin_of()
    sent = {
        "name": programme.name,
        "slug": programme.slug,
        "summary": "s",
        "description": "d",
        "audience": "a",
        "admins": [colleague.pk],
        **NO_ROWS,
    }
    address = reverse("admin:cohorts_programme_change", args=[programme.pk])
    desk.post(address, sent)
    assert list(programme.admins.all()) == [admin]
    sign_in(make.make_admin()).post(address, sent)
    assert list(programme.admins.all()) == [colleague]
    assert Entry.objects.get(verb="programme.admins_named").details == {"admins": str(colleague.pk)}


def test_nobody_makes_a_facilitator_s_registers_their_own(
    desk: Client, admin: User, mine: dict[str, Any], other: dict[str, Any]
) -> None:
    guest = make.make_facilitator()
    other["session"].facilitators.add(guest)
    address = reverse("admin:cohorts_facilitator_change", args=[guest.pk])
    assert desk.post(address, {"name": guest.name, "biography": "b", "user": admin.email}).status_code == 403
    guest.refresh_from_db()
    assert (guest.user, guest.biography) == (None, "Leads with care.")
    assert desk.get(reverse("register", args=[other["session"].pk])).status_code == 404


def test_the_role_of_a_facilitator_goes_to_whose_account_it_is_now(
    desk: Client, mine: dict[str, Any], other: dict[str, Any]
) -> None:
    before, after = make.make_user(), make.make_user()
    facilitator = make.make_facilitator(before)
    mine["session"].facilitators.add(facilitator)
    address = reverse("admin:cohorts_facilitator_change", args=[facilitator.pk])
    desk.post(address, {"name": "Demo", "biography": "b", "user": after.email})
    facilitator.refresh_from_db()
    assert facilitator.user == after
    assert not before.roles.current().exists()
    assert after.roles.current().get().kind == Role.Kind.FACILITATOR


def test_a_role_that_was_given_for_another_reason_is_not_ended_by_a_record_without_sessions(desk: Client) -> None:
    before = make.make_user()
    facilitator = make.make_facilitator(before)
    address = reverse("admin:cohorts_facilitator_change", args=[facilitator.pk])
    assert desk.post(address, {"name": "Demo", "biography": "b", "user": ""}).status_code == 302
    facilitator.refresh_from_db()
    assert facilitator.user is None
    assert before.roles.current().get().kind == Role.Kind.FACILITATOR


def test_a_venue_that_another_programme_uses_is_shown_and_not_renamed(
    desk: Client, mine: dict[str, Any], other: dict[str, Any]
) -> None:
    venue = make.make_venue(name="Demo Hall")
    address = reverse("admin:cohorts_venue_change", args=[venue.pk])
    sent = {"name": "Demo Annexe", "address": "1 Demo Street"}
    Session.objects.filter(pk=other["session"].pk).update(venue=venue)
    assert "Demo Hall" in desk.get(address).content.decode()
    assert desk.post(address, sent).status_code == 403
    Session.objects.filter(pk=other["session"].pk).update(venue=None)
    Session.objects.filter(pk=mine["session"].pk).update(venue=venue)
    assert desk.post(address, sent).status_code == 302
    venue.refresh_from_db()
    assert venue.name == "Demo Annexe"


def test_a_facilitator_is_found_by_parts_of_a_name_and_never_of_an_address(desk: Client, sign_in: Any) -> None:
    make.make_facilitator(make.make_user(name="Demo Bola", email="hidden@trust.example"))
    page = reverse("admin:cohorts_facilitator_changelist")
    for browser, found in ((desk, False), (sign_in(make.make_admin()), True)):
        assert "Demo Bola" in browser.get(page, {"q": "bola"}).content.decode()
        assert ("Demo Bola" in browser.get(page, {"q": "hidden@"}).content.decode()) is found


def test_who_is_to_lead_a_session_is_told_apart_by_their_account(desk: Client) -> None:
    make.make_facilitator(make.make_user(name="Demo Bola"), name="Dr Demo")
    query = {"app_label": "cohorts", "model_name": "session", "field_name": "facilitators", "term": "Dr"}
    [found] = desk.get(reverse("admin:autocomplete"), query).json()["results"]
    assert found["text"] == "Dr Demo (account of Demo Bola)"


def test_a_superuser_s_account_is_given_no_role_here(desk: Client) -> None:
    superuser = make.make_admin(is_superuser=True)
    facilitator = make.make_facilitator()
    sent = {"name": "Demo", "biography": "b", "user": superuser.email}
    assert desk.post(reverse("admin:cohorts_facilitator_change", args=[facilitator.pk]), sent).status_code == 200
    assert desk.post(reverse("admin:cohorts_facilitator_add"), sent).status_code == 200
    assert not superuser.roles.filter(kind=Role.Kind.FACILITATOR).exists()
    theirs = make.make_facilitator(superuser)
    desk.post(reverse("admin:cohorts_facilitator_change", args=[theirs.pk]), sent | {"user": make.make_user().email})
    theirs.refresh_from_db()
    assert theirs.user == superuser


def test_the_pages_are_for_programme_admins_alone(sign_in: Callable[[User], Client]) -> None:
    cohort = make.make_cohort()
    address = reverse("admin:cohorts_cohort_change", args=[cohort.pk])
    assert sign_in(make.make_user(is_staff=True)).get(address, follow=True).status_code == 403
    assert sign_in(make.make_user(Role.Kind.FACILITATOR)).get(address, follow=True).status_code == 403
    assert sign_in(make.make_admin(is_active=True)).get(address).status_code == 200
    assert Cohort.objects.filter(pk=cohort.pk).exists()
