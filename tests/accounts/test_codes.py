"""How often a code can be guessed at, also by a machine that sends all its guesses at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.account import forms
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.accounts.codes import guesses
from portal.accounts.people import add_person
from portal.trail import SYSTEM
from tests.accounts.conftest import Post, code_in

CONFIRM = reverse("account_confirm_login_code")
AT_ONCE = 24


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compared with a code, in the order in which it was."""
    seen: list[str] = []
    compare = forms.compare_user_code

    def watched(*, actual: str, expected: str) -> bool:
        seen.append(actual)
        return bool(compare(actual=actual, expected=expected))

    monkeypatch.setattr(forms, "compare_user_code", watched)
    return seen


@pytest.mark.django_db(transaction=True)
def test_of_guesses_sent_at_once_three_are_compared(compared: list[str]) -> None:
    person = add_person("amina@trust.example", "Demo Amina", added_by=SYSTEM)
    browser = Client()
    browser.post(reverse("account_login"), {"login": person.email})
    start = Barrier(AT_ONCE)

    def guess(number: int) -> int:
        machine = Client()
        machine.cookies.load(browser.cookies.output(header=""))
        start.wait()
        try:
            return machine.post(CONFIRM, {"code": f"AAAA-{number:04}"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as machines:
        answers = list(machines.map(guess, range(AT_ONCE)))
    assert len(compared) == 3
    assert set(answers) <= {302, 422}


@pytest.mark.django_db
def test_a_new_code_can_be_guessed_at_anew(client: Client, last_mail: Post, compared: list[str]) -> None:
    person = add_person("amina@trust.example", "Demo Amina", added_by=SYSTEM)
    client.post(reverse("account_login"), {"login": person.email})
    for _ in range(2):
        client.post(CONFIRM, {"code": "AAAA-AAAA"})
    client.post(CONFIRM, {"action": "resend"})
    client.post(CONFIRM, {"code": code_in(last_mail())})
    assert len(compared) == 3
    assert "_auth_user_id" in client.session


def test_guesses_are_counted_for_each_code() -> None:
    assert [guesses("AAAA-AAAA", within=60) for _ in range(2)] == [1, 2]
    assert guesses("BBBB-BBBB", within=60) == 1
