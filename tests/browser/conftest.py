"""What the browser tests stand on: the portal running on the test's database, a mail server, and Chromium.

All of it ends with this folder: its worker would take the messages of other tests out of the same database.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from tests.browser.person import Hand, Person
from tests.browser.running_portal import running_portal
from tests.outbox.sink import Sink, running_sink

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
def origin(django_db_setup: None, mail_server: tuple[Sink, int]) -> Iterator[str]:
    """Run the portal for all of the browser tests; give its address."""
    with running_portal(connection.settings_dict["NAME"], mail_server[1]) as origin:
        yield origin


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
