"""Doing several things at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do everything at the same moment, each on a connection of its own; return what each returned or raised."""
    start = Barrier(len(deeds))

    def do(deed: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return deed()
        except Exception as error:  # noqa: BLE001  # what it raised is what is looked at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))
