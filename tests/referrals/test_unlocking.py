"""Opening the queue, and everything that closes it: neither the database nor the browser alone opens anything."""

from datetime import timedelta

import pytest
from django.contrib.auth import logout
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from portal.trail.models import Entry
from referrals import ceremony, gate, unlocking
from referrals.models import Triager, Unlock
from referrals.vault import Unopenable
from tests.referrals.conftest import PASSPHRASE, Team, fresh, request_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_(team: Team) -> HttpRequest:
    return request_of(team.triager.user)


@pytest.fixture
def cookie(team: Team, request_: HttpRequest) -> str:
    return unlocking.unlock(request_, team.triager, PASSPHRASE)


def test_a_passphrase_opens_the_queue(team: Team, request_: HttpRequest, cookie: str) -> None:
    unlocked = unlocking.unlocked(request_, team.triager, cookie)
    assert unlocked is not None
    assert unlocked.epoch_key(unlocked.epoch_ids[0])
    assert fresh(team.triager).unlocked_on == timezone.localdate()
    assert Entry.objects.filter(verb="queue.unlocked", actor=team.triager.user).count() == 1


def test_a_wrong_passphrase_opens_nothing(team: Team, request_: HttpRequest) -> None:
    with pytest.raises(Unopenable):
        unlocking.unlock(request_, team.triager, "not it")
    assert not Unlock.objects.exists()


def test_a_cookie_without_its_row_opens_nothing(team: Team, request_: HttpRequest, cookie: str) -> None:
    Unlock.objects.all().delete()
    assert unlocking.unlocked(request_, team.triager, cookie) is None


def test_a_row_without_its_cookie_opens_nothing(team: Team, request_: HttpRequest, cookie: str) -> None:
    for other in ("", cookie[:-1], cookie + "A", "\0"):
        assert unlocking.unlocked(request_, team.triager, other) is None


def test_a_row_whose_place_was_forged_opens_nothing(team: Team, request_: HttpRequest, cookie: str) -> None:
    """Somebody with the database and a cookie of their own moves the row under it."""
    Unlock.objects.update(place=unlocking._place("mine"))
    assert unlocking.unlocked(request_, team.triager, "mine") is None


def test_a_cookie_in_another_sign_in_opens_nothing(team: Team, cookie: str) -> None:
    assert unlocking.unlocked(request_of(team.triager.user), team.triager, cookie) is None


def test_another_triagers_cookie_opens_nothing(team: Team, request_: HttpRequest, cookie: str) -> None:
    assert unlocking.unlocked(request_, team.lead, cookie) is None


@pytest.mark.parametrize(
    ("idle", "open_for", "is_open"),
    [(14, 14, True), (15, 15, False), (1, 7 * 60 + 59, True), (1, 8 * 60, False)],
)
def test_it_closes_by_itself(
    team: Team, request_: HttpRequest, cookie: str, idle: int, open_for: int, *, is_open: bool
) -> None:
    now = timezone.now()
    Unlock.objects.update(used_at=now - timedelta(minutes=idle), opened_at=now - timedelta(minutes=open_for))
    assert (unlocking.unlocked(request_, team.triager, cookie) is not None) == is_open
    assert unlocking.forget_closed() == (0 if is_open else 1)


def test_use_keeps_it_open(team: Team, request_: HttpRequest, cookie: str) -> None:
    before = timezone.now() - timedelta(minutes=10)
    Unlock.objects.update(used_at=before)
    unlocking.unlocked(request_, team.triager, cookie)
    assert Unlock.objects.get().used_at > before


def test_signing_out_closes_it(team: Team, request_: HttpRequest, cookie: str) -> None:
    logout(request_)
    assert not Unlock.objects.exists()


def test_a_new_passphrase_closes_it(team: Team, cookie: str) -> None:
    ceremony.change_passphrase(team.triager, PASSPHRASE, "another passphrase")
    assert not Unlock.objects.exists()


def test_leaving_closes_it(team: Team, request_: HttpRequest, cookie: str) -> None:
    ceremony.leave(team.triager, lead=team.lead, passphrase=PASSPHRASE)
    assert unlocking.unlocked(request_, fresh(team.triager), cookie) is None
    with pytest.raises(Unopenable):
        unlocking.unlock(request_, fresh(team.triager), PASSPHRASE)


@pytest.mark.parametrize("state", [Triager.State.KEYED, Triager.State.LEFT])
def test_who_is_not_active_opens_nothing(team: Team, request_: HttpRequest, cookie: str, state: str) -> None:
    team.triager.state = state
    assert unlocking.unlocked(request_, team.triager, cookie) is None


def test_unlocking_again_leaves_one_row(team: Team, request_: HttpRequest, cookie: str) -> None:
    unlocking.unlock(request_, team.triager, PASSPHRASE)
    assert Unlock.objects.count() == 1
    assert unlocking.unlocked(request_, team.triager, cookie) is None


def test_open_queues_stay_out_of_postgresqls_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'referrals_unlock'")
        assert cursor.fetchone() == ("u",)


class TestGate:
    """Few stretch a passphrase at once, and few wait."""

    def test_lets_one_in_after_another(self) -> None:
        for _ in range(3):
            with gate.gate():
                pass

    def test_frees_its_place_after_an_error(self) -> None:
        with pytest.raises(ZeroDivisionError), gate.gate():
            _ = 1 / 0
        with gate.gate():
            pass
