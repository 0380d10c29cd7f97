"""A pytest plugin: how `pytest -n 2` deals the suite out to its workers.

A worker takes one file after another, whole, so that what a file sets up for its tests is set up once. The folders
whose tests share servers of their own are taken whole. Without `-n` nothing here has a part.
"""

from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# What takes longest is dealt out first, and what is quick fills in: the workers end within seconds of each other.
LONGEST_FIRST: Final = ["tests/production", "tests/faults", "tests/embedded", "tests/concurrency", "tests/browser"]
TAKEN_WHOLE: Final = {"tests/production", "tests/faults"}


def file_of(test: str) -> str:
    """Return the file that a test stands in, by the test's id."""
    return test.split("::", 1)[0]


def folder_of(test: str) -> str:
    """Return the folder of that file."""
    return file_of(test).rpartition("/")[0]


def rank(item: pytest.Item) -> int:
    """Say how early a test is dealt out: the lower, the earlier."""
    folder = folder_of(item.nodeid)
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


class Dealing(LoadFileScheduling):
    """Files in the order in which they were collected, and some folders as if each were one file."""

    def _split_scope(self, nodeid: str) -> str:
        folder = folder_of(nodeid)
        return folder if folder in TAKEN_WHOLE else file_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealing | None:
    """Deal in this way, unless `--dist` asks for another."""
    if config.option.dist != "load":
        return None
    config.option.loadscopereorder = False  # by the number of tests, which says little of the time they take
    return Dealing(config, log)


@pytest.hookimpl(trylast=True)  # after pytest-django, whose order holds within each file
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put first, in a worker, what takes longest."""
    if hasattr(config, "workerinput"):
        items.sort(key=rank)
