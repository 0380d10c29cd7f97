"""A virus scanner has a word in what is taken; where it says none, nothing is."""

import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.accounts.models import User
from portal.attachments import clamd, receiving
from portal.attachments.clamd import NotScanned, Scanner, TooLargeToScan, scanner_at
from portal.attachments.kinds import MOST_BYTES, CannotAttach
from portal.attachments.receiving import receive
from portal.trail.models import Entry
from tests.attachments import made
from tests.attachments.scanner import running_clamd
from tests.factories import make_user


@pytest.fixture
def by(db: None) -> User:
    return make_user()


def refusal(content: bytes, by: User) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(CannotAttach) as refused:
        receive(made.upload(content, "canary-name.txt"), by=by)
    return str(refused.value)


@pytest.mark.parametrize(
    ("url", "scanner"),
    [
        ("", None),
        ("unix:///run/clamav/clamd.ctl", Scanner(path="/run/clamav/clamd.ctl")),
        ("tcp://clamav:3311", Scanner(host="clamav", port=3311)),
        ("tcp://clamav", Scanner(host="clamav", port=3310)),
    ],
)
def test_where_it_is_stands_in_an_address(url: str, scanner: Scanner | None) -> None:
    assert scanner_at(url) == scanner


@pytest.mark.parametrize(
    "url", ["clamav:3310", "unix://clamd.sock", "http://clamav", "tcp://", "tcp://a:b", "/run/clamd"]
)
def test_an_address_that_is_none_stops_the_start(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CLAMAV_URL"):
        scanner_at(url)


@pytest.mark.parametrize("is_local", [True, False])
def test_it_is_sent_the_whole_file_and_finds_what_is_in_it(tmp_path: Path, *, is_local: bool) -> None:
    with running_clamd(tmp_path if is_local else None) as (scanner, server):
        harmless = bytes(range(256)) * 1_000
        assert scanner.found_in(harmless) == ""
        assert server.seen == [harmless]
        assert scanner.found_in(made.EICAR.encode()) == "Win.Test.EICAR_HDB-1"


def test_a_file_in_which_a_virus_is_found_is_refused_and_that_stands_in_the_trail(by: User, settings: Any) -> None:
    with running_clamd() as (settings.VIRUS_SCANNER, _):
        assert refusal(made.EICAR.encode(), by) == receiving.HARMFUL
    entry = Entry.objects.get(verb="upload.virus_found")
    assert (entry.actor, entry.subject) == (by, f"user:{by.pk}")
    assert entry.details == {"virus": "Win.Test.EICAR_HDB-1"}


def test_it_sees_what_was_uploaded_before_anything_else_does(by: User, settings: Any) -> None:
    with running_clamd() as (settings.VIRUS_SCANNER, server):
        received = receive(made.upload(made.photograph()), by=by)
        assert "cannot be read" in refusal(b"\xff\xd8\xff nonsense", by)
    assert server.seen == [made.photograph(), b"\xff\xd8\xff nonsense"]
    assert received.scanned_at


def test_without_one_files_are_taken_and_say_that_they_were_not_scanned(by: User, settings: Any) -> None:
    assert settings.VIRUS_SCANNER is None
    assert receive(made.upload(b"text"), by=by).scanned_at is None


@pytest.mark.parametrize(
    "says",
    [b"stream: UNKNOWN COMMAND ERROR\0", b"", b"stream: OK, or so\0", b"stream: OK FOUND?\0", b"\xff\0", b"x" * 9_000],
)
def test_whatever_else_it_says_takes_no_file(by: User, settings: Any, says: bytes) -> None:
    with running_clamd(says=says) as (settings.VIRUS_SCANNER, _):
        assert refusal(b"text", by) == receiving.NOT_SCANNED


def test_where_nobody_listens_no_file_is_taken(by: User, settings: Any, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        for scanner in (Scanner("", *free.getsockname()), Scanner(path=str(tmp_path / "nobody.sock"))):
            settings.VIRUS_SCANNER = scanner
            assert refusal(b"text", by) == receiving.NOT_SCANNED


def test_one_that_is_too_slow_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clamd, "TAKES_AT_MOST", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotScanned):
        Scanner("", *silent.getsockname()).found_in(b"text")


def test_a_file_that_is_too_large_for_it_is_refused(by: User, settings: Any) -> None:
    with running_clamd(most=1_000) as (settings.VIRUS_SCANNER, _):
        with pytest.raises(TooLargeToScan):
            settings.VIRUS_SCANNER.found_in(b"a" * 5_000)
        says = refusal(b"a" * MOST_BYTES, by)
    # It hangs up on whoever goes on sending; whether its last word is still read, the network decides.
    assert says in {receiving.NOT_SCANNABLE, receiving.NOT_SCANNED}
