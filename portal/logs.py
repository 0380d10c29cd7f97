"""Logs as one JSON object a line, holding no personal data.

Only what is named here is written. The text of a record is what its programmer wrote; what was put into it at run
time stays out, except numbers: a name, an address or a query string comes in no other way. For the same reason the
text of an exception is left out, and so is a text of another package's that was put together beforehand; `at` then
says which line of code speaks.
"""

import json
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any

from django.conf import settings

OURS = ("portal", "cohorts", "bookclub", "qi_projects", "referrals")
"""The packages whose log texts are constants: ruff's rule set G sees to that."""

FACTS = frozenset(
    {"attempt", "count", "dead", "error", "key", "part", "reason", "rule", "seconds", "state", "task", "task_id"}
)
"""What our own code may add to a record with `extra`."""

PLAIN = re.compile(r"[A-Za-z0-9 _.:/<>\[\]-]{0,120}")
"""What a fact that is text may look like: the name of a rule, a class, a state. No address has this form."""

FRAMES = 12
"""Innermost lines of code told of each exception."""

PLACES = re.compile(r"^.*/(?:site-packages|lib/python3\.\d+)/")
ROOT = f"{Path(__file__).resolve().parent.parent}/"


class LeaveOutSealedPath(logging.Filter):
    """Drops what is logged of a request on the sealed path, unless it failed.

    That somebody was refused a page of the referral form at such a time is nobody's business. A failure has to be
    found: it is told without the page that it happened on.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is written."""
        return record.levelno >= logging.ERROR or not _is_sealed(record)


class LeaveOutAnswers(logging.Filter):
    """Drops Django's warning that a form was answered 409 or 422: a session was full, or a field was left out.

    That is told to the person who sent it. A full session would write such a line for everybody who comes too late.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is written."""
        return getattr(record, "status_code", None) not in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}


class JSONFormatter(logging.Formatter):
    """One record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's JSON object, without a line break."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "at": f"{_place(record.pathname)}:{record.lineno}",
        }
        if text := _text(record):
            entry["text"] = text
        entry |= _facts(record) | _request(record) | _task(record)
        if record.exc_info and record.exc_info[1]:
            entry["exceptions"] = list(_exceptions(record.exc_info[1]))
        return json.dumps(entry, ensure_ascii=True)


def _text(record: logging.LogRecord) -> str:
    """Return the programmer's text with numbers put in, and each other argument replaced by its type."""
    if not isinstance(record.msg, str):
        return ""
    if not record.args:
        return record.msg if record.name.split(".", 1)[0] in OURS else ""
    try:
        if isinstance(record.args, Mapping):
            return record.msg % {name: _argument(value) for name, value in record.args.items()}
        return record.msg % tuple(_argument(value) for value in record.args)
    except (TypeError, ValueError, KeyError):
        return record.msg


def _argument(value: object) -> object:
    """Let numbers through; of anything else say only what it is."""
    return value if isinstance(value, int | float) else f"<{type(value).__name__}>"


def _facts(record: logging.LogRecord) -> dict[str, Any]:
    """Return the facts that our own code added."""
    return {name: _fact(value) for name, value in vars(record).items() if name in FACTS}


def _fact(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    return value if isinstance(value, str) and PLAIN.fullmatch(value) else f"<{type(value).__name__}>"


def _request(record: logging.LogRecord) -> dict[str, Any]:
    """Return what is told of the request that Django's own records carry: its route, never its address."""
    told: dict[str, Any] = {}
    if isinstance(status := getattr(record, "status_code", None), int):
        told["status"] = status
    request = getattr(record, "request", None)
    if isinstance(method := getattr(request, "method", None), str):
        told["method"] = _fact(method)
    if _is_sealed(record):
        told["route"] = settings.SEALED_PREFIX
    elif match := getattr(request, "resolver_match", None):
        told["route"] = match.route
    return told


def _is_sealed(record: logging.LogRecord) -> bool:
    path = getattr(getattr(record, "request", None), "path_info", "")
    return isinstance(path, str) and path.startswith(settings.SEALED_PREFIX)


def _task(record: logging.LogRecord) -> dict[str, Any]:
    """Return which task a record of Celery's is about; not its arguments, nor what it returned."""
    context = getattr(record, "data", None)
    if not (record.name.startswith("celery.") and isinstance(context, Mapping)):
        return {}
    named = {"name": "task", "id": "task_id", "runtime": "seconds"}
    return {told: _fact(context[name]) for name, told in named.items() if name in context}


def _exceptions(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """Yield each exception of a chain, the one that was logged first: its class and where it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        kind = type(error)
        yield {"class": f"{kind.__module__}.{kind.__qualname__}", "trace": _trace(error.__traceback__)}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _trace(trace: TracebackType | None) -> list[str]:
    """Return the innermost lines of a traceback, as places in the code without a word of what they held."""
    frames = [
        f"{_place(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}" for frame, line in traceback.walk_tb(trace)
    ]
    return frames[-FRAMES:]


def _place(path: str) -> str:
    """Return a source file's path within its package or this project, so that it names no machine's folders."""
    return PLACES.sub("", path).removeprefix(ROOT)
