"""A person's own name, workplace and job role, which they change themselves."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.trail.models import Entry
from tests.cohorts.pages import words
from tests.factories import make_cohort, make_job_role, make_membership, make_organisation, make_user

pytestmark = pytest.mark.django_db

PAGE = reverse("details")


@pytest.fixture
def amina() -> User:
    return make_user(name="Demo Amina", organisation=make_organisation(name="Demo Trust North"))


@pytest.fixture
def browser(amina: User) -> Client:
    client = Client()
    client.force_login(amina)
    return client


def test_somebody_changes_trust_job_and_name(browser: Client, amina: User) -> None:
    trust, job = make_organisation(name="Demo Trust South"), make_job_role(name="Health visitor")
    sent = {"name": "  Demo  Amína ", "organisation": trust.pk, "job_role": job.pk}
    assert "Your details are saved." in words(browser.post(PAGE, sent, follow=True))
    amina.refresh_from_db()
    assert (amina.name, amina.organisation, amina.job_role) == ("Demo Amína", trust, job)
    entry = Entry.objects.get(verb="person.details_changed")
    assert (entry.actor, entry.details) == (amina, {"fields": "name,organisation,job_role"})


def test_a_cohort_keeps_where_they_worked_as_they_joined(browser: Client, amina: User) -> None:
    membership = make_membership(amina, make_cohort(), organisation=amina.organisation)
    browser.post(PAGE, {"name": amina.name, "organisation": make_organisation().pk})
    membership.refresh_from_db()
    assert membership.organisation == amina.organisation


def test_the_same_again_changes_nothing(browser: Client, amina: User) -> None:
    sent = {"name": amina.name, "organisation": amina.organisation_id or "", "job_role": ""}
    assert "Nothing had changed." in words(browser.post(PAGE, sent, follow=True))
    assert not Entry.objects.filter(verb="person.details_changed").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "\u202e"},
        {"name": "x" * 201},
        {"organisation": "999999"},
        {"organisation": "x"},
        {"job_role": "9" * 40},
        {"job_role": "\0"},
    ],
)
def test_what_cannot_be_is_said_and_nothing_changes(browser: Client, amina: User, wrong: dict[str, str]) -> None:
    answer = browser.post(PAGE, {"name": "Another name", "organisation": "", "job_role": "", **wrong})
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)
    amina.refresh_from_db()
    assert amina.name == "Demo Amina"


def test_who_is_signed_out_signs_in_first() -> None:
    assert Client().get(PAGE).headers["Location"] == f"{reverse('account_login')}?next={PAGE}"
