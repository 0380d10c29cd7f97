"""What these tests share: somebody in a cohort, and the browsers of those who work in the admin pages."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from cohorts.models import Membership
from portal.accounts.models import User
from tests import factories as make
from tests.signed_in import desk_of


@pytest.fixture
def member(db: None) -> Membership:
    """Somebody enrolled in a cohort."""
    return make.make_membership()


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """Return the browser of somebody who has signed in with a second factor."""
    return desk_of


@pytest.fixture
def admin(db: None) -> User:
    """Return an admin of all programmes."""
    return make.make_admin()


@pytest.fixture
def desk(sign_in: Callable[[User], Client], admin: User) -> Client:
    """Return the admin's browser."""
    return sign_in(admin)


@pytest.fixture
def browser(member: Membership) -> Client:
    """Return their browser, past the first request, which writes their login session."""
    client = Client()
    client.force_login(member.user)
    client.get(reverse("home"))
    return client
