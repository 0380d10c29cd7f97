"""How far a cohort's people are: for whoever leads its sessions, and for nobody else but the programme's admins."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts import group_progress, progress
from cohorts.models import Cohort, Component, EvidenceKind, Membership
from portal.accounts.models import Role, User
from tests.cohorts.pages import words
from tests.factories import (
    make_choice,
    make_cohort,
    make_component,
    make_facilitator,
    make_membership,
    make_organisation,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db


SignIn = Callable[[User], Client]


PAGES = ("group", "group_components")


def page(cohort: Cohort, name: str = "group") -> str:
    return reverse(name, args=[cohort.pk])


def done(member: Membership, *components: Component) -> None:
    for component in components:
        progress.record(member, component, kind=EvidenceKind.RECORD, fulfilled_on=date(2026, 3, 2), by=None)


@pytest.fixture
def facilitator(member: Membership) -> User:
    """Return who leads a session of the member's cohort."""
    user = make_user()
    session = make_session(make_component(member.cohort.programme, title="Training day"), member.cohort)
    session.facilitators.add(make_facilitator(user))
    return user


def test_a_facilitator_sees_who_has_done_what(sign_in: SignIn, member: Membership, facilitator: User) -> None:
    programme = member.cohort.programme
    training = programme.components.get()
    workshops = [make_component(programme, title=f"Workshop {number}") for number in (1, 2, 3)]
    make_choice(*workshops, at_least=2, title="Workshops")
    make_component(programme, title="Extra", required=False)
    colleague = make_membership(cohort=member.cohort)
    make_membership(cohort=member.cohort, state=Membership.State.WITHDRAWN)
    done(member, training, workshops[0])

    client = sign_in(facilitator)
    response = client.get(page(member.cohort))
    by_component = client.get(page(member.cohort, "group_components"))

    components = {row.cells[0]: row.cells[1:] for row in by_component.context["components"]}
    assert components["Training day"] == ("Yes", "1 of 2")
    assert components["Workshop 2"] == ("At least 2 of “Workshops”", "0 of 2")
    assert components["Extra"] == ("Optional", "0 of 2")
    mine, theirs = (
        next(row.cells for row in response.context["people"] if each.user.name in row.cells[0])
        for each in (member, colleague)
    )
    assert mine[1:] == ("2 of 3", "Training day<br>Workshop 1", "1 more of “Workshops”")
    assert theirs[1:] == ("0 of 3", "Nothing yet", "Training day<br>2 more of “Workshops”")
    assert "<span>Training day<br>Workshop 1</span>" in words(response)
    assert page(member.cohort, "group_components") in words(response)
    assert page(member.cohort) in words(by_component)
    for each in (response, by_component):
        assert each["Cache-Control"] == "private, no-store"


def test_only_what_counts_is_counted_and_each_person_once(
    sign_in: SignIn, member: Membership, facilitator: User
) -> None:
    training = member.cohort.programme.components.get()
    studied = make_component(member.cohort.programme, fulfilled_by=[EvidenceKind.SELF_STUDY])
    taken_back, twice, other_kind = (make_membership(cohort=member.cohort) for _ in range(3))
    elsewhere = make_membership(cohort=make_cohort(member.cohort.programme))
    for each in (taken_back, twice, twice, elsewhere):
        done(each, training)
    done(other_kind, studied)
    progress.withdraw(taken_back.evidence.get(), by=None)

    group = group_progress.done_by(member.cohort)

    assert group.people == 4
    assert group.components == [(training, 1), (studied, 0)]


def test_the_pages_where_they_lead_link_to_it(sign_in: SignIn, member: Membership, facilitator: User) -> None:
    session = member.cohort.sessions.get()
    client = sign_in(facilitator)
    for address in (reverse("facilitate"), reverse("register", args=[session.pk])):
        assert page(member.cohort) in words(client.get(address))


@pytest.mark.parametrize("name", PAGES)
def test_nobody_else_sees_it(sign_in: SignIn, member: Membership, facilitator: User, name: str) -> None:
    elsewhere = make_user()
    make_session(member.cohort.sessions.get().component).facilitators.add(make_facilitator(elsewhere))
    assert sign_in(elsewhere).get(page(member.cohort, name)).status_code == 404
    assert (
        sign_in(make_user(Role.Kind.ORGANISATION_LEAD, organisation=make_organisation()))
        .get(page(member.cohort, name))
        .status_code
        == 403
    )
    assert sign_in(member.user).get(page(member.cohort, name)).status_code == 403
    assert sign_in(facilitator).get(page(make_cohort(), name)).status_code == 404
    # Once the session is cancelled, they lead nothing of it.
    session = member.cohort.sessions.get()
    session.cancelled_at = session.starts_at
    session.save()
    assert sign_in(facilitator).get(page(member.cohort, name)).status_code == 404


def test_people_are_read_page_by_page(
    sign_in: SignIn, member: Membership, facilitator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_progress, "PAGE", 1)
    make_membership(cohort=member.cohort)
    client = sign_in(facilitator)

    first, second = (client.get(page(member.cohort), {"page": number}) for number in (1, 2))

    assert "?page=2" in first.content.decode()
    assert first.context["people"] != second.context["people"]
    for wrong in ("3", "0", "x", "99999"):
        assert client.get(page(member.cohort), {"page": wrong}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_it_costs_the_same_for_three_people_as_for_one(
    sign_in: SignIn, member: Membership, facilitator: User, name: str
) -> None:
    client = sign_in(facilitator)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page(member.cohort, name)).status_code == 200
        return len(captured)

    done(member, member.cohort.programme.components.get())
    client.get(page(member.cohort, name))
    one = statements()
    for _ in range(2):
        component = make_component(member.cohort.programme)
        make_choice(component)
        done(make_membership(cohort=member.cohort), component)
    assert statements() == one
