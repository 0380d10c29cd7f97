"""`booking.contention` and `booking.single`: people book places on one session over HTTP."""

import re
import statistics
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.client import Answer, Client, Crowd, Request
from tests.benchmarks.crowds import Occasion, SignedInCrowd
from tests.benchmarks.effort import Effort
from tests.benchmarks.result import Floor, Result, percentile
from tests.benchmarks.stack import Stack

CLIENTS, PLACES, PEOPLE = 16, 200, 400
BOOKED, REFUSED = 302, 409


class WrongOutcome(AssertionError):
    """The benchmark's bookings are not what they had to be; its speed is then of no interest."""


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield the results of both benchmarks."""
    occasions = SignedInCrowd(PEOPLE)
    with stack.floor() as floor_port, stack.web() as port:
        with Crowd(CLIENTS) as crowd:
            yield from _contention(stack, effort, occasions, crowd, port, floor_port)
        yield _single(effort, occasions, port, floor_port)


def _contention(
    stack: Stack, effort: Effort, occasions: SignedInCrowd, crowd: Crowd, port: int, floor_port: int
) -> Iterator[Result]:
    bookings_a_second, answers_a_second, floors, answers = [], [], [], []
    bare = [Request("/", cookie).encode() for cookie in occasions.floor_cookies]
    for run in range(effort.runs + 1):
        floor_began, floor_answers = crowd.ask(floor_port, bare)
        occasion = occasions.new(places=PLACES)
        began, told = crowd.ask(port, [occasion.request(cookie).encode() for cookie in occasions.cookies])
        _require_exactly_full(occasion, told)
        if run == 0:
            continue
        answers += told
        booked_at = [answer.at for answer in told if answer.status == BOOKED]
        bookings_a_second.append(PLACES / (max(booked_at) - began))
        answers_a_second.append(PEOPLE / (max(answer.at for answer in told) - began))
        floors.append(PEOPLE / (max(answer.at for answer in floor_answers) - floor_began))
    value = statistics.median(bookings_a_second)
    more = {
        "answers_per_second": statistics.median(answers_a_second),
        "p95_ms": percentile([answer.seconds * 1000 for answer in answers], 95),
        "booked": PLACES,
        "told_full": PEOPLE - PLACES,
    }
    floor = Floor("bare view, requests/s, 16 clients", statistics.median(floors))
    yield Result("booking.contention", value, "bookings/s", floor, more)
    hot_row = statistics.median(_on_one_hot_row(stack, occasions) for _ in range(effort.runs))
    floor = Floor("the same transaction in pgbench on one hot row, transactions/s, 16 clients", hot_row)
    yield Result("booking.contention.pgbench", value, "bookings/s", floor)


def _require_exactly_full(occasion: Occasion, told: list[Answer]) -> None:
    """Raise WrongOutcome unless as many are booked as there are places, and all others were told that it is full."""
    statuses = Counter(answer.status for answer in told)
    if statuses != {BOOKED: PLACES, REFUSED: PEOPLE - PLACES}:
        raise WrongOutcome(f"Answers by status: {dict(statuses)}.")
    if (booked := occasion.booked()) != (PLACES, PLACES, PLACES):
        raise WrongOutcome(f"Bookings, people booked, places taken: {booked}.")


def _single(effort: Effort, occasions: SignedInCrowd, port: int, floor_port: int) -> Result:
    medians, floors, all_seconds = [], [], []
    requests = min(effort.requests, PEOPLE)
    with Client(port) as client, Client(floor_port) as floor_client:
        for run in range(effort.runs + 1):
            occasion = occasions.new(places=PEOPLE)
            seconds, bare = [], []
            for cookie, floor_cookie in zip(
                occasions.cookies[:requests], occasions.floor_cookies[:requests], strict=True
            ):
                answer = client.ask(occasion.request(cookie).encode())
                if answer.status != BOOKED:
                    raise WrongOutcome(f"A booking alone was answered by {answer.status}.")
                seconds.append(answer.seconds * 1000)
                bare.append(floor_client.ask(Request("/", floor_cookie).encode()).seconds * 1000)
            if run:
                medians.append(statistics.median(seconds))
                floors.append(statistics.median(bare))
                all_seconds += seconds
    floor = Floor("bare view, ms", statistics.median(floors))
    return Result("booking.single", statistics.median(medians), "ms", floor, {"p95_ms": percentile(all_seconds, 95)})


# What `cohorts.booking.book` asks of PostgreSQL, statement by statement, and nothing else.
HOT_ROW = """
SELECT nextval('benchmark_person') AS n \\gset
BEGIN;
SELECT s.*, c.*, p.* FROM cohorts_session s JOIN cohorts_component c ON c.id = s.component_id
    JOIN cohorts_programme p ON p.id = c.programme_id WHERE s.id = {session} FOR UPDATE OF s;
SELECT m.*, EXISTS (SELECT 1 FROM cohorts_booking b WHERE b.user_id = m.user_id
        AND (b.session_id = {session} AND b.state <> 'cancelled'
            OR b.state = 'booked' AND (b.during && (SELECT during FROM cohorts_session WHERE id = {session})
                OR b.membership_id = m.id AND b.once AND b.component_id =
                    (SELECT component_id FROM cohorts_session WHERE id = {session}))))
    FROM cohorts_membership m WHERE m.user_id = {first_person} + :n AND m.cohort_id = {cohort} AND m.state = 'enrolled';
INSERT INTO cohorts_booking (uid, user_id, session_id, membership_id, component_id, once, during, state, clashing,
    sequence, cancel_reason, created_at)
    SELECT gen_random_uuid(), {first_person} + :n, id, {first_membership} + :n, component_id, true, during, 'booked',
        false, 0, '', now() FROM cohorts_session WHERE id = {session} RETURNING id \\gset
WITH recorded AS (INSERT INTO trail_entry (at, actor_kind, actor_id, verb, subject, details)
    VALUES (now(), 'person', {first_person} + :n, 'booking.booked', 'booking:' || :id, '{{}}'))
INSERT INTO outbox_message (rule, subject, person_id, priority, state, skipped, attempts, message_id, last_error)
    VALUES ('booking.booked', 'booking:' || :id || ':0', {first_person} + :n, 1, 'queued', '', 0, gen_random_uuid(), '')
    ON CONFLICT (rule, subject, person_id) DO NOTHING;
COMMIT;
"""


def _on_one_hot_row(stack: Stack, occasions: SignedInCrowd) -> float:
    """Return the transactions a second of pgbench when everybody books one session."""
    occasion = occasions.new(places=PEOPLE)
    script = Path(stack.folder, "hot-row.sql")
    script.write_text(
        HOT_ROW.format(
            session=occasion.session_id,
            cohort=occasions.cohort_id,
            first_person=occasions.first_person,
            first_membership=occasions.first_membership,
        )
    )
    occasions.restart_count()
    told = stack.pgbench(
        "--file", str(script), "--client", str(CLIENTS), "--jobs", "2", "--transactions", str(PEOPLE // CLIENTS)
    )
    if occasion.booked() != (PEOPLE, PEOPLE, PEOPLE):
        raise WrongOutcome(f"pgbench did not book everybody: {occasion.booked()}.")
    found = re.search(r"tps = ([\d.]+)", told)
    if not found:
        raise WrongOutcome(f"pgbench said no speed: {told}")
    return float(found.group(1))
