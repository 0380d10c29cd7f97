"""What the browser tests stand on: the portal running on the test's database, a mail server, and Chromium.

All of it ends with this folder: its worker would take the messages of other tests out of the same database.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from portal.accounts.models import User
from referrals.keyring import LIVE, root_fingerprint
from referrals.models import Provider
from referrals.vault import SigningKey
from tests.browser.person import Hand, Person
from tests.browser.running_portal import running_portal
from tests.outbox.sink import Sink, running_sink
from tests.referrals.conftest import Team, new_team

PROVIDER = "listening"

# Select2's inner box, the search box's label, which is a picture, and the column of row handles.
OF_DJANGO = frozenset({"aria-input-field-name", "label-title-only", "empty-table-header"})

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# It runs as root in containers, draws nothing on a screen, and is not to look for updates.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="package")
def mail_server() -> Iterator[tuple[Sink, int]]:
    """Run a mail server for all of the browser tests; give it and its port."""
    where = SimpleNamespace()
    with running_sink(where) as sink:
        yield sink, where.EMAIL_PORT


@pytest.fixture
def mails(mail_server: tuple[Sink, int]) -> Sink:
    """Return the mail server, emptied of what earlier tests sent."""
    sink, _ = mail_server
    sink.mails.clear()
    return sink


@pytest.fixture(scope="package")
def root() -> SigningKey:
    """The root that the running portal pins for the provider of these tests, which is made later."""
    return SigningKey.generate()


@pytest.fixture(scope="package")
def origin(django_db_setup: None, mail_server: tuple[Sink, int], root: SigningKey) -> Iterator[str]:
    """Run the portal for all of the browser tests; give its address."""
    pin = root_fingerprint(Provider(slug=PROVIDER, root_public=root.public(), root_purpose=LIVE))
    with running_portal(connection.settings_dict["NAME"], mail_server[1], REFERRAL_ROOTS=f"{PROVIDER}={pin}") as origin:
        yield origin


@pytest.fixture
def provider_team(transactional_db: None, root: SigningKey, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Team:
    """The provider that the running portal takes referrals for, with its lead and a triager."""
    monkeypatch.setattr(SigningKey, "generate", lambda: root)
    settings.REFERRAL_ROOTS = {}
    return new_team(PROVIDER)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Start Chromium once. Playwright runs a loop of its own in this thread: no reason for Django to refuse a query."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def somebody(transactional_db: None, origin: str, chromium: Browser) -> Iterator[Callable[[Hand], Person]]:
    """Give a function that sits somebody down at a browser of their own."""
    contexts = []

    def sit_down(hand: Hand) -> Person:
        context = chromium.new_context(viewport={"width": hand.width, "height": 800}, locale="en-GB")
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Person(context, hand, origin)

    yield sit_down
    for context in contexts:
        context.close()


@pytest.fixture
def at_the_desk(somebody: Callable[[Hand], Person]) -> Callable[[User, Hand], Person]:
    """Give a function that sits somebody down who works in Django admin."""

    def sit_down(user: User, hand: Hand) -> Person:
        admin = somebody(hand)
        admin.is_signed_in_with_a_second_step(user)
        # Django's sheets import one another.
        admin.reads_style_sheets = False
        admin.not_ours = OF_DJANGO
        return admin

    return sit_down
