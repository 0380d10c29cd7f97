"""Two tabs and two workers: what one does to an open queue, the other finds done, whichever comes first."""

from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from referrals import ceremony
from referrals.models import Unlock
from referrals.views.desk import COOKIE
from tests.concurrency.at_once import at_once
from tests.referrals.conftest import PASSPHRASE, Team, make_team, signed_in, team

__all__ = ["make_team", "team"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)

QUEUE, LOCK, UNLOCK = reverse("queue"), reverse("queue_lock"), reverse("queue_unlock")
ROUNDS = 10


@pytest.fixture(autouse=True)
def _light_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("referrals.vault.ARGON2_KIB", 32)
    monkeypatch.setattr("referrals.pace.goes_too_fast", lambda *_: False)


def tab_of(browser: Client) -> Client:
    """Return another tab: the same cookies, and nothing else in common."""
    tab = Client()
    tab.cookies.load(browser.cookies)
    return tab


def unlock(tab: Client) -> str:
    """Unlock in a tab, and return the key that it got."""
    answer = tab.post(UNLOCK, {"passphrase": PASSPHRASE})
    return answer.cookies[COOKIE].value if answer.status_code == 302 else ""


def test_two_tabs_that_unlock_at_once_leave_one_queue_open(team: Team) -> None:
    for _ in range(ROUNDS):
        browser = signed_in(team.triager)
        keys = at_once(partial(unlock, tab_of(browser)), partial(unlock, tab_of(browser)))
        assert Unlock.objects.count() == 1
        opened = []
        for key in keys:
            browser.cookies[COOKIE] = key
            opened.append(browser.get(QUEUE).status_code == 200)
        assert opened.count(True) == 1
        browser.post(LOCK)


def test_a_page_that_loads_as_the_queue_locks_is_a_page_or_the_way_to_unlock(team: Team) -> None:
    browser = signed_in(team.triager)
    for _ in range(ROUNDS):
        unlock(browser)
        tabs = [tab_of(browser) for _ in range(4)]
        answers = at_once(*(partial(tab.get, QUEUE) for tab in tabs[1:]), partial(tabs[0].post, LOCK))
        assert {answer.status_code for answer in answers} <= {200, 302}
        assert not Unlock.objects.exists()
        assert browser.get(QUEUE).status_code == 302


def test_a_passphrase_that_changes_meanwhile_opens_nothing_afterwards(team: Team) -> None:
    browser = signed_in(team.triager)
    new, old = "a new one of many words", PASSPHRASE
    for _ in range(ROUNDS):
        triager = team.provider.triagers.get(pk=team.triager.pk)
        at_once(
            lambda: tab_of(browser).post(UNLOCK, {"passphrase": old}),  # noqa: B023  # done within the round
            partial(ceremony.change_passphrase, triager, old, new),
        )
        assert not Unlock.objects.exists()
        old, new = new, old
