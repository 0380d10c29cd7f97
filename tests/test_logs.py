"""Logs hold one JSON object a line, and nothing of anybody."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from portal.logs import JSONFormatter

SECRET = "amina@demo.example"


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Return a function that reads what was logged since, each line parsed."""
    written: list[str] = []

    class Keep(logging.Handler):
        """Format as production does."""

        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    handler.setFormatter(JSONFormatter())
    root = logging.getLogger()
    root.addHandler(handler)

    def read() -> list[dict[str, Any]]:
        assert not [line for line in written if "\n" in line]
        assert not [line for line in written if "amina" in line.lower()]
        return [json.loads(line) for line in written]

    yield read
    root.removeHandler(handler)


def test_our_own_text_and_facts(lines) -> None:
    logging.getLogger("portal.outbox.sending").warning("The mail server is down", extra={"error": "SMTPHeloError 501"})
    (line,) = lines()
    assert line["text"] == "The mail server is down"
    assert line["error"] == "SMTPHeloError 501"
    assert line["level"] == "WARNING"
    assert line["logger"] == "portal.outbox.sending"
    assert line["time"].endswith("+00:00")
    assert line["at"].startswith("tests/test_logs.py:")


def test_what_is_put_in_is_left_out_unless_it_is_a_number(lines) -> None:
    logger = logging.getLogger("cohorts.booking")
    logger.warning("%s booked %d of %.1f places for %r", SECRET, 3, 20.5, {"name": SECRET})
    logger.warning("%(who)s booked %(count)d", {"who": SECRET, "count": 2})
    assert [line["text"] for line in lines()] == ["<str> booked 3 of 20.5 places for '<dict>'", "<str> booked 2"]


@pytest.mark.parametrize(
    ("message", "args", "text"), [("%d places", (SECRET,), "%d places"), (ValueError(SECRET), (), None)]
)
def test_a_record_that_is_wrongly_made_is_told_all_the_same(message, args, text) -> None:
    record = logging.LogRecord("portal", logging.INFO, __file__, 1, message, args, None)
    line = JSONFormatter().format(record)
    assert json.loads(line).get("text") == text
    assert SECRET not in line


def test_facts_that_are_not_on_the_list_or_not_plain_are_left_out(lines) -> None:
    extra = {
        "who": SECRET,
        "rule": SECRET,
        "state": {"name": SECRET},
        "reason": f"For {SECRET}",
        "count": 3,
        "part": None,
    }
    logging.getLogger("portal").warning("Facts", extra=extra)
    (line,) = lines()
    assert {name: line[name] for name in ("rule", "state", "reason", "count", "part")} == {
        "rule": "<str>",
        "state": "<dict>",
        "reason": "<str>",
        "count": 3,
        "part": None,
    }
    assert "who" not in line


def test_a_text_that_another_package_put_together_is_left_out(lines) -> None:
    put_together = f"Invalid HTTP_HOST header: {SECRET}"
    logging.getLogger("django.security.DisallowedHost").error(put_together)
    (line,) = lines()
    assert "text" not in line
    assert line["at"].startswith("tests/test_logs.py:")


def test_an_exception_is_its_class_and_its_places(lines) -> None:
    def inner() -> None:
        local = SECRET
        raise ValueError(f"duplicate key (email)=({local})\nline two")

    def outer() -> None:
        try:
            inner()
        except ValueError as error:
            error.add_note(SECRET)
            raise ValidationError({"email": [SECRET]}, params={"email": SECRET}) from error

    try:
        outer()
    except ValidationError:
        logging.getLogger("portal").exception("It went wrong")
    (line,) = lines()
    first, second = line["exceptions"]
    assert first["class"] == "django.core.exceptions.ValidationError"
    assert second["class"] == "builtins.ValueError"
    assert [place.split(" ")[-1] for place in second["trace"]] == ["outer", "inner"]
    assert all(place.startswith("tests/test_logs.py:") for place in second["trace"])


def test_exceptions_that_go_in_a_circle_and_very_deep_ones_end(lines) -> None:
    first, second = ValueError(SECRET), KeyError(SECRET)
    first.__context__, second.__context__ = second, first
    logging.getLogger("portal").error("Circle", exc_info=first)

    def dig(depth: int) -> None:
        if not depth:
            raise LookupError(SECRET)
        dig(depth - 1)

    try:
        dig(100)
    except LookupError:
        logging.getLogger("portal").exception("Deep")
    circle, deep = lines()
    assert [each["class"] for each in circle["exceptions"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert len(deep["exceptions"][0]["trace"]) == 12


@pytest.mark.django_db
def test_a_page_that_fails_tells_its_route_and_no_more(lines, monkeypatch, settings) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("portal.health._asked", fail)
    client = Client(raise_request_exception=False)
    assert client.get("/health/ready", {"q": SECRET}, headers={"referer": SECRET}).status_code == 500
    (line,) = [line for line in lines() if line["logger"] == "django.request"]
    assert (line["status"], line["method"], line["route"]) == (500, "GET", "health/ready")
    assert line["exceptions"][0]["class"] == "builtins.RuntimeError"


@pytest.mark.django_db
def test_an_address_that_leads_nowhere_is_not_told(lines) -> None:
    assert Client().get(f"/people/{SECRET}", {"q": SECRET}).status_code == 404
    (line,) = [line for line in lines() if line["logger"] == "django.request"]
    assert line["status"] == 404
    assert "route" not in line


def test_celery_tells_the_task_and_not_its_arguments(lines) -> None:
    context = {"name": "portal.retention.tasks.dispose", "id": "4f2c-11", "runtime": 0.25, "return_value": SECRET}
    logger = logging.getLogger("celery.app.trace")
    logger.info("Task %(name)s[%(id)s] succeeded in %(runtime)ss: %(return_value)s", context, extra={"data": context})
    (line,) = lines()
    assert (line["task"], line["task_id"], line["seconds"]) == ("portal.retention.tasks.dispose", "4f2c-11", 0.25)


@pytest.mark.django_db
def test_that_a_form_was_answered_is_no_news(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    (written,) = [handler for handler in logging.getLogger().handlers if handler.name == "stdout"]

    assert client.post(reverse("account_login"), {"login": ""}).status_code == 422
    assert client.get("/nowhere/").status_code == 404

    logged = {getattr(record, "status_code", None): bool(written.filter(record)) for record in caplog.records}
    assert logged == {422: False, 404: True}
