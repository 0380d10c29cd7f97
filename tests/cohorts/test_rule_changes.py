"""Changing what completes a programme: whose completion that changes is said first, and made so after a yes."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts import progress
from cohorts.completion import with_completion
from cohorts.models import Choice, Component, EvidenceKind, Membership, Programme
from portal.accounts.models import User
from portal.trail.models import Entry
from tests import factories as make
from tests.cohorts.pages import NO_ROWS, words

pytestmark = pytest.mark.django_db


def page(programme: Programme) -> str:
    return reverse("admin:cohorts_programme_change", args=[programme.pk])


def sent(programme: Programme, *components: Component, choices: Any = (), **of_all: Any) -> dict[str, Any]:
    """Return what the page sends; a choice is its facts. What is given of a component as False is not ticked."""
    data: dict[str, Any] = {
        name: getattr(programme, name) for name in ("name", "slug", "shape", "summary", "description", "audience")
    }
    data |= NO_ROWS | {"published": "on"}
    data |= {f"components-{what}_FORMS": len(components) for what in ("TOTAL", "INITIAL")}
    for number, component in enumerate(components):
        facts: dict[str, Any] = {
            "id": component.pk,
            "kind": component.kind,
            "title": component.title,
            "slug": component.slug,
            "position": component.position,
            "fulfilled_by": component.fulfilled_by,
            "cpd_points": "0",
            "once": "on",
            "required": component.required,
        }
        facts |= of_all
        data |= {f"components-{number}-{name}": value for name, value in facts.items() if value is not False}
    data |= {"choices-TOTAL_FORMS": len(choices), "choices-INITIAL_FORMS": sum("id" in each for each in choices)}
    for number, choice in enumerate(choices):
        data |= {f"choices-{number}-{name}": value for name, value in choice.items()}
    return data


def agreed(question: Any) -> dict[str, Any]:
    """Return all that the question sends when its button is pressed."""
    found: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', question.content.decode()):
        found.setdefault(name, []).append(value)
    return found


def complete(*members: Membership) -> list[bool]:
    rows = with_completion(Membership.objects.all()).in_bulk([member.pk for member in members])
    return [rows[member.pk].is_complete for member in members]


def done(member: Membership, *components: Component) -> None:
    for component in components:
        progress.record(member, component, kind=EvidenceKind.RECORD, fulfilled_on=date(2026, 3, 2), by=None)


@pytest.fixture
def group() -> tuple[Programme, list[Component], list[Membership]]:
    """Return a programme of two required components; of its cohort's three, one did both, one the first, one none."""
    cohort = make.make_cohort()
    components = [make.make_component(cohort.programme) for _ in range(2)]
    members = [make.make_membership(cohort=cohort) for _ in range(3)]
    done(members[0], *components)
    done(members[1], components[0])
    return cohort.programme, components, members


def test_who_would_become_complete_is_said_and_done_after_a_yes(desk: Client, admin: User, group: Any) -> None:
    programme, (first, second), members = group
    second.required = False

    question = desk.post(page(programme), sent(programme, first, second))

    cohort = members[0].cohort
    assert f"{cohort.name}: 1 person would become complete." in words(question)
    assert f"<td>{members[1].user.name}</td><td>{cohort.name}</td><td>Becomes complete</td>" in words(question)
    assert complete(*members) == [True, False, False]
    assert desk.post(page(programme), agreed(question)).status_code == 302
    assert complete(*members) == [True, True, False]
    entry = Entry.objects.get(verb="programme.rules_changed")
    assert (entry.actor, entry.details) == (admin, {"complete": 1, "no_longer": 0})


def test_who_would_no_longer_be_complete_is_said_by_cohort(desk: Client, group: Any) -> None:
    programme, components, members = group
    elsewhere = make.make_membership(cohort=make.make_cohort(programme))
    done(elsewhere, *components)

    question = desk.post(page(programme), sent(programme, *components, fulfilled_by=["attendance"]))

    for member in (members[0], elsewhere):
        assert f"{member.cohort.name}: 1 person would no longer be complete." in words(question)
        assert f"<td>{member.user.name}</td>" in words(question)
    assert desk.post(page(programme), agreed(question)).status_code == 302
    assert complete(*members, elsewhere) == [False] * 4


def test_who_goes_back_finds_what_they_typed_and_nothing_is_changed(desk: Client, group: Any) -> None:
    programme, (first, second), members = group
    second.required = False
    question = desk.post(page(programme), sent(programme, first, second, summary="A new summary"))

    back = desk.post(page(programme), agreed(question) | {"back_to_form": "Go back and change it"})

    assert "Nothing has been changed yet." in words(back)
    assert words(back).count("A new summary") == 2
    assert complete(*members) == [True, False, False]
    assert not Component.objects.filter(summary="A new summary").exists()


def test_what_has_changed_since_one_looked_is_shown_again(desk: Client, group: Any) -> None:
    programme, (first, second), members = group
    second.required = False
    question = desk.post(page(programme), sent(programme, first, second))
    done(members[2], first)

    again = desk.post(page(programme), agreed(question))

    assert "2 people would become complete." in words(again)
    assert complete(*members) == [True, False, False]
    assert desk.post(page(programme), agreed(again)).status_code == 302
    assert complete(*members) == [True, True, True]


def test_what_changes_nobodys_completion_is_done_at_once(desk: Client, group: Any) -> None:
    programme, components, members = group
    assert desk.post(page(programme), sent(programme, *components, within_weeks=6)).status_code == 302
    assert set(programme.components.values_list("within_weeks", flat=True)) == {6}
    assert complete(*members) == [True, False, False]


def test_a_choice_is_made_changed_and_taken_away(desk: Client, group: Any) -> None:
    programme, components, members = group
    facts = {"title": "Either", "at_least": 1, "components": [row.pk for row in components]}

    question = desk.post(page(programme), sent(programme, *components, choices=[facts]))
    assert "1 person would become complete." in words(question)
    assert not Choice.objects.exists()
    assert desk.post(page(programme), agreed(question)).status_code == 302
    choice = programme.choices.get()
    assert set(choice.components.all()) == set(components)
    assert not programme.components.filter(required=True).exists()
    assert complete(*members) == [True, True, False]

    components = list(programme.components.order_by("position"))
    shown = words(desk.get(page(programme)))
    assert "It is part of a choice, which says this." in shown
    facts |= {"id": choice.pk, "at_least": 2}
    question = desk.post(page(programme), sent(programme, *components, choices=[facts]))
    assert "1 person would no longer be complete." in words(question)
    assert desk.post(page(programme), agreed(question)).status_code == 302
    assert complete(*members) == [True, False, False]

    question = desk.post(page(programme), sent(programme, *components, choices=[facts | {"DELETE": "on"}]))
    assert "2 people would become complete." in words(question)
    assert desk.post(page(programme), agreed(question)).status_code == 302
    assert not Choice.objects.exists()
    assert programme.components.count() == 2


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ([{"at_least": 3}], "Choose 3 or more"),
        ([{"at_least": 0}], "Ensure this value is greater than or equal to 1."),
        ([{"within_weeks": 105}], "Ensure this value is less than or equal to 104."),
        ([{}, {"title": "Another"}], "is part of two choices"),
        ([{"components": ["x"]}], "Select a valid choice"),
        ([{"components": [2**63]}], "Select a valid choice"),
    ],
)
def test_a_choice_that_does_not_fit_is_told_so(desk: Client, group: Any, choices: Any, says: str) -> None:
    programme, components, _ = group
    whole = {"title": "Either", "at_least": 1, "components": [row.pk for row in components]}

    response = desk.post(page(programme), sent(programme, *components, choices=[whole | each for each in choices]))

    assert response.status_code == 200
    assert says in words(response)
    assert "Either" in words(response)
    assert not Choice.objects.exists()


def test_a_component_that_goes_as_it_is_chosen_leaves_too_few(desk: Client, group: Any) -> None:
    programme, components, members = group
    spare = make.make_component(programme, required=False)
    data = sent(programme, *components, spare, choices=[{"title": "Spare", "at_least": 1, "components": [spare.pk]}])

    refused = desk.post(page(programme), data | {"components-2-DELETE": "on"})

    assert "“Spare” would ask for more components than it has. Nothing has been changed." in words(refused)
    back = desk.post(page(programme), agreed(refused))
    assert 'value="Spare"' in back.content.decode()
    assert programme.components.count() == 3
    assert complete(*members) == [True, False, False]


def test_a_component_of_a_choice_is_taken_out_before_it_is_removed(desk: Client, group: Any) -> None:
    programme, components, _ = group
    spare = make.make_component(programme, required=False)
    make.make_choice(spare)
    choice = {"id": spare.choice_id, "title": "Spare", "at_least": 1, "components": [spare.pk]}
    desk.post(page(programme), sent(programme, *components, spare, choices=[choice]) | {"components-2-DELETE": "on"})
    assert programme.components.count() == 3


def test_of_another_programme_nothing_can_be_chosen(desk: Client, group: Any) -> None:
    programme, components, _ = group
    stranger = make.make_component()
    facts = {"title": "Either", "at_least": 1, "components": [stranger.pk]}
    assert "Select a valid choice" in words(desk.post(page(programme), sent(programme, *components, choices=[facts])))


def test_a_change_costs_the_same_for_three_members_as_for_one(desk: Client) -> None:
    def statements(number: int) -> int:
        cohort = make.make_cohort()
        first, second = (make.make_component(cohort.programme) for _ in range(2))
        for _ in range(number):
            done(make.make_membership(cohort=cohort), first)
        second.required = False
        with CaptureQueriesContext(connection) as captured:
            assert "would become complete" in words(
                desk.post(page(cohort.programme), sent(cohort.programme, first, second))
            )
        return len(captured)

    desk.get(reverse("admin:index"))
    assert statements(1) == statements(3)
