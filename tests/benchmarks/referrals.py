"""`referral.*`, `queue.*`, `unlock.*`: submitting, the queue with few referrals and with many, the sweep, unlocking.

The first page of the queue holds referrals that are really sealed, and open. Those behind it, however many, are rows of
the same shape whose content nobody asks for.
"""

import json
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median
from threading import Thread
from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.test import Client as InProcess
from django.urls import reverse
from django.utils import timezone

from portal import kept_sealed
from portal.accounts.demo_people import DEMO_DOMAIN, DEMO_PASSPHRASE
from portal.accounts.models import User
from portal.nhsuk.holidays import is_working_day
from referrals import demo, drafts, escalation, intake, pace, reading, unlocking, vault
from referrals.keyring import present_epoch
from referrals.models import Offer, Provider, Referral, Round, Section, Triager
from referrals.sealing import open_section
from referrals.unlocking import Unlocked
from tests.benchmarks.client import Answer, Client, Request, ask_all
from tests.benchmarks.effort import Effort
from tests.benchmarks.growth import at_both, copy_database, on_database
from tests.benchmarks.people import signed_in
from tests.benchmarks.result import Floor, Result, median_of, percentile
from tests.benchmarks.stack import Stack
from tests.benchmarks.tour import Page, bare_view
from tests.referrals.conftest import readable_sections

MANY = "many_referrals"
DEALT_WITH = 302
AT_ONCE = 10
BETWEEN_SALTS = 50
"""Fewer submissions than one address may send before it is asked to wait."""

ANSWERS = {
    "who": {"who": "myself"},
    "name": {"name": "Demo Example"},
    "contact": {"ways": ["email"], "email": "demo@post.example"},
    "language": {"language": "Yoruba", "interpreter": "yes"},
    "story": {"text": "Something was said at handover, and nobody answered. " * 10},
    "wishes": {"times": "Evenings"},
    "lead-first": {"lead_first": "no"},
}
GROW = """
WITH made AS (
    INSERT INTO referrals_referral (
        id, provider_id, commissioner_id, state, reason, on_behalf, receipt, submitted_on, received_on, triage_due_on,
        triage_target_on, first_due_on, first_target_on, act_by, warn_on, announced, has_news, clock_policy, on_hold
    )
    SELECT gen_random_uuid(), %(provider)s, %(commissioner)s, 'received', '', false,
           sha256((%(label)s || number)::bytea), %(today)s, %(today)s, %(due)s,
           %(due)s, %(due)s, %(due)s, %(due)s, %(due)s, true, false, 1, false
    FROM generate_series(1, %(number)s) AS number
    RETURNING id
), sections AS (
    INSERT INTO referrals_section (id, referral_id, kind, epoch_id, suite, sealed, code, "on", number)
    SELECT gen_random_uuid(), id, 'contact', %(epoch)s, 1, decode(repeat('5e', 4200), 'hex'), '', %(today)s, 1 FROM made
    RETURNING id
)
INSERT INTO referrals_envelope (section_id, epoch_id, sealed, suite, code)
SELECT id, %(epoch)s, decode(repeat('5e', 1200), 'hex'), 1, '' FROM sections
"""


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield every figure about referrals."""
    provider = Provider.objects.get(slug=demo.SLUG)
    offer = provider.offers.get()
    user = User.objects.get(email=f"triager@{DEMO_DOMAIN}")
    triager = provider.triagers.select_related("provider", "user").get(user=user)
    yield _submitting(stack, effort, offer)
    few_database = str(connection.settings_dict["NAME"])
    _fill_a_page(offer)
    _grow(effort.few_referrals, provider)
    cookie = signed_in(user)
    opened = unlocking.unlock(_request_of(user, cookie), triager, DEMO_PASSPHRASE)
    copy_database(few_database, MANY)
    with on_database(MANY):
        _grow(effort.many_referrals, provider)
    yield _queue(stack, effort, few_database, Request(reverse("queue"), cookie, more=f"queue={opened}"))
    yield _decrypting(effort, triager)
    yield _sweeping(effort, few_database)
    yield from _unlocking(stack, effort, user, triager)


def _submitting(stack: Stack, effort: Effort, offer: Offer) -> Result:
    """Measure the request that seals and stores a referral, beside the bare view and its cryptography together."""
    answers = _answers(offer)
    times, floors = [], []
    with stack.floor() as floor_port, stack.web() as port, Client(floor_port) as floor, Client(port) as client:
        for run in range(effort.runs + 1):
            cache.delete(pace.SALT)
            sent, bare = [], []
            for _ in range(min(effort.requests, BETWEEN_SALTS)):
                key = kept_sealed.keep(drafts.KIND, {"answers": answers, "receipt": None})
                request = Request(reverse("referral_check"), form={}, more=f"{drafts.COOKIE}={key}")
                sent.append(_milliseconds(client.ask(request.encode()), DEALT_WITH))
                bare.append(_milliseconds(floor.ask(bare_view().encode()), 200))
            if run:
                times.append(median(sent))
                floors.append(median(bare))
    crypto = median_of(effort.runs, lambda: _seconds_of_sealing(offer.provider)) * 1000
    what = "bare view plus the cryptography of two sections, ms"
    return Result("referral.submit", median(times), "ms", Floor(what, median(floors) + crypto), {"crypto_ms": crypto})


def _answers(offer: Offer) -> dict[str, dict[str, object]]:
    """Fill the form in once, and return what the pages keep of it."""
    person = InProcess(SERVER_NAME="localhost")
    person.post(reverse("referral_new"))
    for key, said in ({"offer": {"offer": str(offer.pk)}} | ANSWERS).items():
        answer = person.post(reverse("referral_question", args=[key]), said)
        if answer.status_code != DEALT_WITH:
            raise AssertionError(f"The question {key} answered {answer.status_code}.")
    kept: Any = kept_sealed.read(drafts.KIND, person.cookies[drafts.COOKIE].value)
    answers: dict[str, dict[str, object]] = kept["answers"]
    return answers


def _seconds_of_sealing(provider: Provider) -> float:
    reader = present_epoch(provider)
    content = json.dumps(ANSWERS).encode()
    began = time.perf_counter()
    for section in ("contact", "story"):
        key, _ = vault.seal_content(content, section)
        reader.key.seal(key, section, reader.name)
    return time.perf_counter() - began


def _fill_a_page(offer: Offer) -> None:
    """Have a page of referrals that want to be dealt with before all others."""
    for number in range(reading.PAGE):
        contact = {"name": f"Demo Example {number}", "ways": ["email"], "email": "demo@post.example"}
        intake.submit(offer, contact=contact, story={"text": "A story. " * 20})
    Referral.objects.update(announced=True)


def fill_up(number: int, provider: Provider) -> None:
    """Have so many open referrals, the new ones due in a year. Nothing is written in them: they are never opened."""
    given: dict[str, Any] = {
        "provider": provider.pk,
        "commissioner": provider.offers.values_list("commissioner", flat=True)[0],
        "epoch": provider.epochs.values_list("pk", flat=True)[0],
        "today": timezone.localdate(),
        "due": timezone.localdate() + timedelta(days=365),
        "number": number - Referral.objects.open().count(),
        "label": f"{number} ",
    }
    with connection.cursor() as cursor:
        cursor.execute(GROW, given)


def _grow(number: int, provider: Provider) -> None:
    """Have so many open referrals, and let PostgreSQL tidy up."""
    fill_up(number, provider)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _queue(stack: Stack, effort: Effort, few_database: str, request: Request) -> Result:
    """Ask for the same page of the queue by turns, of few referrals and of many."""
    few_url, many_url = stack.postgres.url(few_database), stack.postgres.url(MANY)
    with (
        stack.web(DATABASE_URL=few_url) as few_port,
        stack.web(DATABASE_URL=many_url) as many_port,
        Client(few_port) as few,
        Client(many_port) as many,
    ):
        at_few, at_many = at_both(effort, Page("queue", request), few, many)
    floor = Floor(f"the same at {effort.few_referrals:,} referrals, p95, ms", at_few)
    return Result("queue.growth", at_many, "ms (p95)", floor, {"referrals": effort.many_referrals})


def _decrypting(effort: Effort, triager: Triager) -> Result:
    """Measure the CPU of opening a page's names, beside the same number of bare HPKE and AES-GCM."""
    opened = Unlocked(triager, vault.PrivateKey(unlocking.open_own_key(triager, DEMO_PASSPHRASE)))
    newest = Section.objects.filter(
        kind=Section.Kind.CONTACT, referral__act_by__lt=timezone.localdate() + timedelta(60)
    )
    sections = list(readable_sections(newest, opened).select_related("referral")[: reading.PAGE])
    assert len(sections) == reading.PAGE  # they were made
    private = vault.PrivateKey.generate()
    key, sealed = vault.seal_content(b"{}", "bare")
    envelope = private.public().seal(key, "bare")

    def page() -> float:
        began = time.process_time()
        for section in sections:
            open_section(section, opened)
        return (time.process_time() - began) * 1000

    def bare() -> float:
        began = time.process_time()
        for _ in sections:
            vault.open_content(private.open(envelope, "bare"), sealed, "bare")
        return (time.process_time() - began) * 1000

    floor = Floor(f"{reading.PAGE} bare openings, ms of CPU", median_of(effort.runs, bare))
    return Result("queue.decrypt", median_of(effort.runs, page), "ms of CPU", floor, {"referrals": reading.PAGE})


def _sweeping(effort: Effort, few_database: str) -> Result:
    """Measure the sweep over the clocks when nothing is due, of few open referrals and of many."""
    now = _working_noon()
    found: dict[str, list[float]] = {few_database: [], MANY: []}
    for run in range(effort.runs + 1):
        for database, times in found.items():
            with on_database(database):
                escalation.sweep(now)  # on an open connection, and with what was due dealt with
                Round.objects.all().delete()
                began = time.perf_counter()
                escalation.sweep(now)
                if run:
                    times.append((time.perf_counter() - began) * 1000)
    floor = Floor(f"the same at {effort.few_referrals:,} referrals, ms", median(found[few_database]))
    return Result("growth.escalation", median(found[MANY]), "ms", floor, {"referrals": effort.many_referrals})


def _working_noon() -> datetime:
    """Return one o'clock on the next working day."""
    day = timezone.localdate()
    while not is_working_day(day):
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, datetime.min.time())).replace(hour=13)


def _unlocking(stack: Stack, effort: Effort, user: User, triager: Triager) -> Iterator[Result]:
    """Measure unlocking alone, and what another page takes while ten people unlock at once."""
    with stack.web() as port, Client(port) as client:
        alone = [_milliseconds(client.ask(_unlock(user)), DEALT_WITH) / 1000 for _ in range(effort.runs + 1)][1:]
        stretched = median_of(effort.runs, lambda: _seconds_of_stretching(triager))
        yield Result("unlock.single", median(alone), "s", Floor("stretching the passphrase alone, s", stretched))
        page = Request(reverse("me"), signed_in(User.objects.get(email=f"participant@{DEMO_DOMAIN}"))).encode()
        before = [_milliseconds(client.ask(page), 200) for _ in range(effort.requests)]
        beside, told = _while_they_unlock(port, client, page, [_unlock(user) for _ in range(AT_ONCE)])
    opened = sum(answer.status == DEALT_WITH for answer in told)
    yield Result(
        "unlock.ten_at_once",
        percentile(beside, 95),
        "ms (p95 of another page meanwhile)",
        Floor("that page with nobody unlocking, p95, ms", percentile(before, 95)),
        {"opened": opened, "asked_to_try_again": AT_ONCE - opened, "slowest_s": max(each.seconds for each in told)},
    )


def _while_they_unlock(
    port: int, client: Client, page: bytes, unlocks: Sequence[bytes]
) -> tuple[list[float], list[Answer]]:
    told: list[Answer] = []
    start_at = time.monotonic() + 0.2
    people = [Thread(target=lambda one=one: told.extend(ask_all(port, [one], start_at))) for one in unlocks]
    for one in people:
        one.start()
    time.sleep(0.2)
    beside = []
    while any(one.is_alive() for one in people):
        beside.append(_milliseconds(client.ask(page), 200))
    for one in people:
        one.join()
    return beside, told


def _unlock(user: User) -> bytes:
    """Return the request of somebody who has signed in anew: guesses are counted by sign-in."""
    return Request(reverse("queue_unlock"), signed_in(user), form={"passphrase": DEMO_PASSPHRASE}).encode()


def _seconds_of_stretching(triager: Triager) -> float:
    began = time.perf_counter()
    vault.unwrap(bytes(triager.wrapped_key or b""), DEMO_PASSPHRASE, str(triager.pk), suite=triager.suite)
    return time.perf_counter() - began


def _request_of(user: User, cookie: str) -> HttpRequest:
    """Return a request of a sign-in, as the verb that unlocks needs it."""
    request = HttpRequest()
    request.user = user
    request.session = SessionStore(cookie)
    return request


def _milliseconds(answer: Answer, status: int) -> float:
    """Return how long an answer took. Raises AssertionError for another status."""
    if answer.status != status:
        raise AssertionError(f"It answered {answer.status}, not {status}.")
    return answer.seconds * 1000
