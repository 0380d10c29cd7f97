"""A referral full of canary words goes through its whole life; then everything that is kept is searched for them.

Searched are a dump of the database, Valkey's memory, everything logged, mail (but the provider's own letter), temporary
files and every page of the admin. The same life with a vault that seals nothing is found at once, so the search works.
"""

import base64
import io
import json
import logging
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus, urlencode
from uuid import uuid4

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import User
from portal.logs import JSONFormatter
from portal.outbox.sending import send_what_waits
from referrals import escalation
from referrals.models import GroupBooking, GroupSession, Referral
from tests.outbox.sink import Sink, running_sink
from tests.referrals.conftest import PASSPHRASE, Team, make_team, page_of, signed_in, team
from tests.referrals.form import CHECK, ON_BEHALF, SENT, START, code_on, page
from tests.referrals.sessions import announce

__all__ = ["make_team", "team"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = (
    *("Zaubernuss", "Quittenbaum", "zaubernuss@quitten.example", "Ünlü-Käuzchen", "07700 900461"),
    "https://begegnung.example/hagebutte",
)
NAME, STORY, EMAIL, NOTE, PHONE, JOIN = WORDS


Place = TypeVar("Place")


def encodings(word: str) -> Iterator[bytes]:
    """Yield a word as it might lie about: in several encodings, at each offset of base 64."""
    for raw in {word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be"), word.encode("latin-1")}:
        yield raw
        yield raw.hex().encode()
        yield raw[::-1]
        for offset in range(3):
            yield base64.b64encode(b"\0" * offset + raw)[4:-4]
    yield json.dumps(word).strip('"').encode()
    yield quote(word).encode()
    yield quote_plus(word).encode()


def found_in(kept: Mapping[Place, bytes], words: Sequence[str] = WORDS) -> set[tuple[Place, str]]:
    """Return where which word is found."""
    return {
        (place, word)
        for place, content in kept.items()
        for word in words
        for encoded in encodings(word)
        if len(encoded) > 5 and encoded.lower() in content.lower()
    }


@pytest.fixture
def relay(team: Team, settings: Any) -> Iterator[Sink]:
    where = SimpleNamespace()
    with running_sink(where) as sink:
        settings.REFERRAL_RELAYS = {team.provider.slug: f"smtp://127.0.0.1:{where.EMAIL_PORT}"}
        settings.REFERRAL_SENDERS = {team.provider.slug: "team@provider.example"}
        yield sink


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything that is logged, as production writes it, from the lowest level on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JSONFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    # Statements are logged in DEBUG mode alone, which no mode needs (DESIGN §8).
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def answers(team: Team) -> dict[str, dict[str, Any]]:
    """What somebody types into the form."""
    return {
        **ON_BEHALF,
        "who": {"who": "myself"},
        "name": {"name": NAME},
        "contact": {"ways": ["email", "phone"], "email": EMAIL, "phone": PHONE, "safe": STORY},
        "language": {"language": STORY},
        "story": {"text": f"{STORY} {NOTE}"},
        "wishes": {"times": STORY, "access": NOTE},
    }


def live_through(team: Team, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    """Submit one referral for oneself and one on behalf, and do all that is done with a referral, failures included."""
    browser = Client(raise_request_exception=False)
    browser.post(START)
    browser.post(page("offer"), {"offer": str(team.offer.pk)})
    said = answers(team)
    for key in ("who", "name", "contact", "language", "story", "wishes", "lead-first"):
        browser.post(page(key), said[key])
    browser.get(CHECK)
    browser.post(CHECK)
    code = code_on(browser.get(SENT).content.decode())
    browser.post(reverse("referral_receipt"), {"code": code, "act": "note", "text": f"{NOTE} {STORY}"})

    submit_on_behalf(team, said)
    unfinished = Client()
    unfinished.post(START)
    unfinished.post(page("name"), {"name": NAME})
    unfinished.post(page("contact"), {"ways": ["email"], "email": EMAIL})

    referral = Referral.objects.get(on_behalf=False)
    desk = signed_in(team.triager)
    desk.raise_request_exception = False
    desk.post(reverse("queue_unlock"), {"passphrase": PASSPHRASE})
    desk.get(reverse("queue"))
    desk.post(reverse("queue_find"), {"name": NAME})
    desk.get(reverse("queue_referral", args=[referral.pk]))
    today = {f"on_{part}": str(getattr(timezone.localdate(), part)) for part in ("day", "month", "year")}
    words = {"text": f"{NOTE} {STORY}"}
    sink.at_recipient["everybody"] = "550 No"
    for key, sent in (
        ("claim", {}),
        ("note", words),
        ("attempt", {"how": "phone", **words}),
        ("letter", {**words, "number": str(uuid4())}),
        ("note", {"text": STORY * 5000}),
        ("accept", words),
        ("appointment", {**today, "begins": "10am", "therapist": NAME, "how": STORY}),
        ("held", today),
        ("session", today),
    ):
        desk.post(reverse("queue_act", args=[referral.pk, key]), sent)
    sink.at_recipient.clear()
    desk.post(reverse("queue_act", args=[referral.pk, "letter"]), {**words, "number": str(uuid4())})
    desk.post(reverse("queue_export", args=[referral.pk]))
    desk.post(reverse("queue_lock"))
    desk.post(reverse("queue_act", args=[referral.pk, "note"]), words)
    desk.post(reverse("queue_unlock"), {"passphrase": PASSPHRASE})
    desk.get(reverse("queue_unsent"))
    with monkeypatch.context() as broken:
        broken.setattr("referrals.views.intake.drafts.Draft.save", _fail)
        failing = Client(raise_request_exception=False)
        failing.cookies = unfinished.cookies
        assert failing.post(page("story"), {"text": f"{STORY} {NOTE}"}).status_code == 500
    desk.post(f"{reverse('queue_keep')}?{urlencode({'next': page_of(referral)})}", words)
    desk.post(reverse("queue_act", args=[referral.pk, "close"]), words)
    come_to_a_group(team, desk)
    escalation.sweep(timezone.now().replace(hour=12))
    send_what_waits(limit=100)
    referral.refresh_from_db()
    assert referral.state == Referral.State.CLOSED


def submit_on_behalf(team: Team, said: dict[str, dict[str, Any]]) -> None:
    """Submit one for somebody else, who has agreed."""
    other = Client()
    other.post(START)
    other.post(page("offer"), {"offer": str(team.offer.pk)})
    other.post(page("who"), {"who": "somebody"})
    consent = {"submitter": NAME, "relation": STORY, "how": NOTE, "agreed": "on"}
    other.post(page("consent-given"), consent)
    for key in ("name", "contact", "language", "story", "wishes", "lead-first"):
        other.post(page(key), said[key])
    other.post(CHECK)


def come_to_a_group(team: Team, desk: Client) -> None:
    """Book a group session, be given the link to join, come, and cancel another one; the team looks at all of it."""
    browser = Client()
    sessions = [announce(team, link=JOIN), announce(team, link=JOIN)]
    for session in sessions:
        address = reverse("referral_group", args=[session.pk])
        code = code_on(browser.get(address).content.decode())
        browser.post(address, {"name": NAME, "reach": EMAIL, "code": code})
        desk.get(reverse("queue_group", args=[session.pk]))
        desk.post(reverse("queue_group_link", args=[session.pk]))
        browser.post(reverse("referral_group_receipt"), {"code": code})
    browser.post(reverse("referral_group_receipt"), {"code": code, "act": "calendar"})
    browser.post(reverse("referral_group_receipt"), {"code": code, "act": "cancel"})
    GroupSession.objects.update(starts_at=timezone.now() - timedelta(minutes=5))
    booking = GroupBooking.objects.get(session=sessions[0])
    desk.post(reverse("queue_group_register", args=[sessions[0].pk]), {str(booking.pk): "came"})
    booking.refresh_from_db()
    assert booking.attended
    assert GroupBooking.objects.get(session=sessions[1]).cancelled_on


def _fail(*_: object) -> None:
    raise RuntimeError(f"{STORY} {NAME}")


def everything_kept(logs: io.StringIO) -> dict[str, bytes]:
    """Return all that a thief, an operator or a superuser could lay hands on, by where it is."""
    from django.core import mail  # noqa: PLC0415  # Django replaces its outbox for each test

    store: Any = cache
    server = store._cache.get_client()
    valkey = b"".join(server.dump(key) + key for key in server.keys("*"))
    valkey += b"".join(server.get(key) or b"" for key in server.keys("*") if server.type(key) == b"string")
    letters = b"".join(message.message().as_bytes() for message in mail.outbox)
    fresh = timezone.now().timestamp() - 120
    temporary = b"".join(
        path.read_bytes()
        for path in Path(tempfile.gettempdir()).glob("*")
        if path.is_file() and path.stat().st_mtime > fresh and os.access(path, os.R_OK)
    )
    return {
        "dump": dump(),
        "valkey": valkey,
        "logs": logs.getvalue().encode(),
        "mail": letters,
        "temporary files": temporary,
        "admin": admin_pages(),
    }


def dump() -> bytes:
    """Return a dump of the database, as a backup has it but for its compression."""
    at = connection.settings_dict
    environment = {**os.environ, "PGPASSWORD": str(at["PASSWORD"] or "")}
    command = ["pg_dump", "--inserts", "-d", str(at["NAME"]), "-h", str(at["HOST"]), "-U", str(at["USER"])]
    if at["PORT"]:
        command += ["-p", str(at["PORT"])]
    told = subprocess.run(command, env=environment, capture_output=True, check=False)
    if told.returncode == 0:
        return told.stdout
    # A pg_dump older than the server refuses: every row of every table then, which is what it would write.
    with connection.cursor() as cursor:
        content = b""
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # tables of our own
            content += b"\n".join(
                bytes(value) if isinstance(value, bytes | memoryview) else repr(value).encode()
                for row in cursor.fetchall()
                for value in row
            )
        return content


def admin_pages() -> bytes:
    """Return every list of the admin, each row's page and history, and the start page, as a superuser has them."""
    client = Client()
    client.force_login(User.objects.create_superuser("root@demo.example", "Demo Superuser"))
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    seen = client.get(reverse("admin:index"), secure=True).content
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        try:
            seen += client.get(reverse(f"{name}_changelist"), secure=True).content
        except NoReverseMatch:
            continue
        for row in model._default_manager.all()[:50]:
            for kind in ("change", "history"):
                seen += client.get(reverse(f"{name}_{kind}", args=[row.pk]), secure=True).content
    return seen


def test_nothing_of_a_referral_is_found_anywhere(
    team: Team, relay: Sink, logs: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_through(team, relay, monkeypatch)
    kept = everything_kept(logs)
    assert all(len(content) > 100 for place, content in kept.items() if place != "temporary files")
    assert found_in(kept) == set()
    # The provider's own letter is the one thing that carries words, and it went to the person alone.
    assert [letter["To"] for letter in relay.mails] == [EMAIL]


def test_the_same_search_finds_all_where_nothing_is_sealed(
    team: Team, relay: Sink, logs: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A double of the vault that seals nothing: what the search is worth."""

    def plain(content: bytes, *_: object, **__: object) -> tuple[bytes, bytes]:
        return b"k" * 32, content

    def opened(key: bytes, sealed: bytes, *_: object, **__: object) -> bytes:
        return sealed

    for module in ("referrals.vault", "referrals.sealing", "referrals.unsent"):
        monkeypatch.setattr(f"{module}.seal_content", plain)
    monkeypatch.setattr("referrals.vault.open_content", opened)
    live_through(team, relay, monkeypatch)
    found = found_in({"dump": dump()})
    assert {word for _, word in found} == set(WORDS)
