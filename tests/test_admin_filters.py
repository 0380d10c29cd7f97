"""A list in the admin pages is filtered by what stands on it: no address answers what the page does not tell."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from cohorts import champions
from portal.accounts import needs
from portal.accounts.models import User
from portal.accounts.needs import Needed
from portal.admin_filters import stands_on_page
from portal.administration import RuledAdmin
from tests.cohorts.champions import make_member, make_nominating_cohort
from tests.factories import make_admin, make_admin_of, make_testimony, make_user

pytestmark = pytest.mark.django_db

RULED = [page for page in admin.site._registry.values() if isinstance(page, RuledAdmin)]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    session = client.session
    session["has_second_factor"] = True
    session.save()
    return client


def answers(client: Client, page: str, query: str) -> int:
    return client.get(f"{reverse(f'admin:{page}_changelist')}?{query}").status_code


def test_the_list_of_people_does_not_say_who_wrote_a_testimony_or_needs_something() -> None:
    testimony, person = make_testimony(), make_user()
    needs.say(person, Needed("A canary-need", ""))
    desk = signed_in(make_admin())
    for query in (f"testimonies={testimony.pk}", "testimonies__isnull=False", "needs__isnull=False", "needs__gt=0"):
        assert answers(desk, "accounts_user", query) == 400, query


def test_the_list_of_people_does_not_spell_out_what_is_kept_of_a_password() -> None:
    person = make_user()
    person.set_password("canary-password")
    person.save()
    assert answers(signed_in(make_admin()), "accounts_user", f"password__startswith={person.password[:20]}") == 400


def test_the_list_of_testimonies_does_not_say_who_has_written_one() -> None:
    testimony = make_testimony()
    author = f"programme__testimonies__author={testimony.author_id}"
    desk = signed_in(make_admin())
    assert answers(desk, "cohorts_testimony", f"{author}&programme__testimonies={testimony.pk}") == 400
    assert answers(desk, "cohorts_testimony", f"author={testimony.author_id}") == 400
    assert answers(desk, "cohorts_testimony", f"programme__id__exact={testimony.programme_id}") == 200


def test_the_list_of_members_does_not_say_who_nominated_whom_or_writes_to_a_champion() -> None:
    cohort = make_nominating_cohort()
    one, other = make_member(cohort), make_member(cohort)
    champions.nominate(one, other)
    desk = signed_in(make_admin_of(cohort.programme))
    lookups = ("champion_nomination", "champion_nominations", "champion_contacts", "champion_conversations")
    for query in [f"{lookup}__isnull=False" for lookup in lookups]:
        assert answers(desk, "cohorts_membership", query) == 400, query


@pytest.mark.parametrize("page", RULED, ids=lambda page: page.opts.label)
def test_no_list_is_filtered_by_what_points_at_its_rows(page: RuledAdmin[Any]) -> None:
    desk = signed_in(make_user(is_staff=True, is_superuser=True))
    pointing = [field.name for field in page.opts.get_fields() if field.auto_created and not field.concrete]
    for name in ["pk", *pointing]:
        lookup = f"{name}__isnull"
        assert not stands_on_page(lookup, page.list_filter)
        assert answers(desk, page.opts.label_lower.replace(".", "_"), f"{lookup}=False") in {400, 403}, name
