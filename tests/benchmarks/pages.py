"""`page.<url name>`: each main page alone, one request after another, beside the bare view."""

import statistics
from collections.abc import Iterator

from tests.benchmarks.client import Client
from tests.benchmarks.effort import Effort
from tests.benchmarks.result import Floor, Result, percentile
from tests.benchmarks.stack import Stack
from tests.benchmarks.tour import Page, bare_view, main_pages

FOUND = 200


class NotAPage(AssertionError):
    """A page answered something else than 200; its speed is then of no interest."""


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield the result of every main page."""
    pages, bare = main_pages(), bare_view()
    with stack.floor() as floor_port, stack.web() as port, Client(floor_port) as floor, Client(port) as client:
        for page in pages:
            yield measure_page(f"page.{page.name}", effort, page, client, floor, bare.encode())


def measure_page(name: str, effort: Effort, page: Page, client: Client, floor: Client, bare: bytes) -> Result:
    """Ask for the page and the bare view by turns, so that whatever slows the machine slows both."""
    request = page.request.encode()
    medians, floors, all_seconds = [], [], []
    for run in range(effort.runs + 1):
        milliseconds, bare_milliseconds = [], []
        for _ in range(effort.requests):
            milliseconds.append(ask(client, request, page.name))
            bare_milliseconds.append(ask(floor, bare, "the bare view"))
        if run:
            medians.append(statistics.median(milliseconds))
            floors.append(statistics.median(bare_milliseconds))
            all_seconds += milliseconds
    return Result(
        name,
        statistics.median(medians),
        "ms",
        Floor("bare view, ms", statistics.median(floors)),
        {"p95_ms": percentile(all_seconds, 95)},
    )


def ask(client: Client, request: bytes, name: str) -> float:
    """Return how many milliseconds the page took. Raises NotAPage unless it answered 200."""
    answer = client.ask(request)
    if answer.status != FOUND:
        raise NotAPage(f"{name} answered {answer.status}.")
    return answer.seconds * 1000
