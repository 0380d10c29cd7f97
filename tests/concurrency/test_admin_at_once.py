"""Several admins who save the same at the same moment: one row, and a form for everybody else with what they typed."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Organisation
from tests.concurrency.at_once import at_once
from tests.factories import make_admin

pytestmark = pytest.mark.django_db(transaction=True)

ADMINS = 8
ROUNDS = 5


def desk() -> Client:
    """Return the browser of an admin who has signed in with a second factor."""
    client = Client()
    client.force_login(make_admin())
    session = client.session
    session["has_second_factor"] = True
    session.save()
    return client


def test_of_several_who_add_the_same_organisation_one_does_and_the_others_are_told() -> None:
    desks = [desk() for _ in range(ADMINS)]
    for number in range(ROUNDS):
        typed = {"name": f"Demo Trust {number}", "ods_code": f"ZZ{number}", "email_domains": "", "_save": "Save"}

        answers = at_once(*(partial(each.post, reverse("admin:accounts_organisation_add"), typed) for each in desks))

        assert Organisation.objects.filter(ods_code=f"ZZ{number}").count() == 1
        assert sorted(answer.status_code for answer in answers) == [*([200] * (ADMINS - 1)), 302]
        for late in (answer for answer in answers if answer.status_code != 302):
            assert f"Demo Trust {number}" in late.content.decode()
            assert late.context["errors"]
