"""Two accounts of one person, and whoever puts them together."""

import pytest

from portal.accounts.models import User
from tests import factories as make


@pytest.fixture
def admin() -> User:
    return make.make_admin()


@pytest.fixture
def old() -> User:
    """The account that goes."""
    return make.make_user(name="Demo Amina", email="amina@nhs.example")


@pytest.fixture
def new() -> User:
    """The account that stays."""
    return make.make_user(name="Demo Amína", email="amina@trust.example")
