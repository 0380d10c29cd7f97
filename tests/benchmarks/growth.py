"""`growth.<url name>` and `growth.sweep`: the same pages and sweeps with few bookings, and with many.

Two databases stand side by side, one a copy of the other with more generated in it, each under a web server of its
own. They are asked by turns, so that whatever else the machine does slows both.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from django.db import connection, connections

from cohorts import reminders, waiting_list
from cohorts.models import Booking
from portal.outbox.sending import send_what_waits
from tests.benchmarks.client import Client
from tests.benchmarks.effort import Effort
from tests.benchmarks.pages import ask
from tests.benchmarks.result import Floor, Result, percentile
from tests.benchmarks.stack import ROOT, Stack
from tests.benchmarks.tour import Page, main_pages

BOOKINGS_EACH = 20
MANY = "many"
SWEEPS = 20


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield the growth of every main page, and that of a sweep which finds nothing due."""
    pages = main_pages()
    send_what_waits(limit=100_000)  # what was written before is not what the sweep is to find
    few_database = str(connection.settings_dict["NAME"])
    grow(stack, few_database, effort.few_bookings)
    copy_database(few_database, MANY)
    grow(stack, MANY, effort.many_bookings)
    few_url, many_url = stack.postgres.url(few_database), stack.postgres.url(MANY)
    with (
        stack.web(DATABASE_URL=few_url) as few_port,
        stack.web(DATABASE_URL=many_url) as many_port,
        Client(few_port) as few,
        Client(many_port) as many,
    ):
        for page in pages:
            yield _growth(effort, page, few, many)
    yield _sweeps(effort, few_database)


def grow(stack: Stack, database: str, bookings: int) -> None:
    """Generate what is missing to so many bookings in a database, and let PostgreSQL tidy up after it."""
    with on_database(database):
        missing = bookings - Booking.objects.count()
    if missing > 0:
        people = max(2, missing // BOOKINGS_EACH)
        subprocess.run(
            [sys.executable, "manage.py", "demo", "--people", str(people), "--bookings", str(missing)],
            env=stack.environment | {"DATABASE_URL": stack.postgres.url(database)},
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with on_database(database), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def copy_database(database: str, copy: str) -> None:
    """Make the database `copy`, as `database` is now."""
    with on_database("postgres"), connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {copy} TEMPLATE {database}")


@contextmanager
def on_database(name: str) -> Iterator[None]:
    """Have this process's own connection speak to another database of the same server."""
    was = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = was


def _growth(effort: Effort, page: Page, few: Client, many: Client) -> Result:
    at_few, at_many = at_both(effort, page, few, many)
    floor = Floor(f"the same at {effort.few_bookings:,} bookings, p95, ms", at_few)
    return Result(f"growth.{page.name}", at_many, "ms (p95)", floor, {"bookings": effort.many_bookings})


def at_both(effort: Effort, page: Page, few: Client, many: Client) -> tuple[float, float]:
    """Ask two databases for the same page by turns; return the milliseconds of each (p95, the median of the runs)."""
    request = page.request.encode()
    at_few, at_many = [], []
    for run in range(effort.runs + 1):
        pairs = [(ask(few, request, page.name), ask(many, request, page.name)) for _ in range(effort.requests)]
        if run:
            at_few.append(percentile([pair[0] for pair in pairs], 95))
            at_many.append(percentile([pair[1] for pair in pairs], 95))
    return median(at_few), median(at_many)


def _sweeps(effort: Effort, few_database: str) -> Result:
    at_few: list[float] = []
    at_many: list[float] = []
    for run in range(effort.runs + 1):
        for database, found in ((few_database, at_few), (MANY, at_many)):
            with on_database(database):
                _sweep()  # on a connection that is open
                seconds = median(_sweep() for _ in range(SWEEPS))
            if run:
                found.append(seconds * 1000)
    floor = Floor(f"the same at {effort.few_bookings:,} bookings, ms", median(at_few))
    return Result("growth.sweep", median(at_many), "ms", floor, {"bookings": effort.many_bookings})


def _sweep() -> float:
    """Return the seconds of everything that beat has done every minute, when nothing is due."""
    began = time.perf_counter()
    reminders.write_due()
    waiting_list.expire_offers()
    send_what_waits(limit=1000)
    return time.perf_counter() - began
