"""`growth.<url name>` and `growth.sweep`: the same pages and sweeps with few bookings, then with many."""

import statistics
import time
from collections.abc import Iterator

from django.db import connection

from cohorts import reminders, waiting_list
from cohorts.demo import bulk
from cohorts.models import Booking
from portal.outbox.sending import send_what_waits
from tests.benchmarks.client import Client
from tests.benchmarks.effort import Effort
from tests.benchmarks.pages import ask
from tests.benchmarks.result import Floor, Result, median_of, percentile
from tests.benchmarks.stack import Stack
from tests.benchmarks.tour import Page, main_pages

BOOKINGS_EACH = 20


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield the growth of every main page, and that of a sweep which finds nothing due."""
    pages = main_pages()
    grow_to(effort.few_bookings)
    few, few_sweep = _all_pages(stack, effort, pages), _sweep(effort)
    grow_to(effort.many_bookings)
    many, many_sweep = _all_pages(stack, effort, pages), _sweep(effort)
    what = f"the same at {effort.few_bookings:,} bookings"
    more = {"bookings": effort.many_bookings}
    for page in pages:
        floor = Floor(f"{what}, p95, ms", few[page.name])
        yield Result(f"growth.{page.name}", many[page.name], "ms (p95)", floor, more)
    yield Result("growth.sweep", many_sweep, "ms", Floor(f"{what}, ms", few_sweep), more)


def grow_to(bookings: int) -> None:
    """Generate what is missing to so many bookings in the database, and let PostgreSQL tidy up after it."""
    missing = bookings - Booking.objects.count()
    if missing > 0:
        bulk.generate(people=max(2, missing // BOOKINGS_EACH), bookings=missing)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _all_pages(stack: Stack, effort: Effort, pages: list[Page]) -> dict[str, float]:
    """Return the 95th percentile of each page's milliseconds: the median of the runs'."""
    with stack.web() as port, Client(port) as client:
        return {page.name: _p95(effort, client, page) for page in pages}


def _p95(effort: Effort, client: Client, page: Page) -> float:
    request = page.request.encode()
    return median_of(
        effort.runs,
        lambda: percentile([ask(client, request, page.name) for _ in range(effort.requests)], 95),
    )


def _sweep(effort: Effort) -> float:
    """Return the milliseconds of everything that beat has done every minute, when nothing is due."""

    def sweep() -> float:
        began = time.perf_counter()
        reminders.write_due()
        waiting_list.expire_offers()
        send_what_waits(limit=1000)
        return (time.perf_counter() - began) * 1000

    return median_of(effort.runs, lambda: statistics.median(sweep() for _ in range(20)))
