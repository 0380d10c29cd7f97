"""The composition, run natively: what a trust's first day with the portal needs."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.production.debian import wait_until
from tests.production.deployment import Deployment
from tests.production.running_md import do
from tests.production.visitor import Visitor

ADDRESS = "sample.person@trust.example"
NAME = "Sample Person"

SEED = f"""
factories.make_user(email={ADDRESS!r}, name={NAME!r})
print(factories.make_open_session().pk)
"""


def test_becomes_ready_and_healthy(deployment: Deployment) -> None:
    answer = json.loads(deployment.ask("/health/ready").body)
    assert answer["status"] == "ready"
    assert all(part["ok"] for part in answer["parts"].values())
    assert {name for name in ("web", "worker", "beat") if deployment.is_healthy(name)} == {
        "web",
        "worker",
        "beat",
    }


def test_front_page_answers_over_https_alone(deployment: Deployment) -> None:
    answer = deployment.ask("/")
    assert answer.status == 200
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    plain = deployment.ask("/", headers={"X-Forwarded-Proto": "http"})
    assert (plain.status, plain.headers["Location"]) == (301, "https://portal.example/")


def test_another_host_name_is_refused(deployment: Deployment) -> None:
    assert deployment.ask("/", headers={"Host": "elsewhere.example"}).status == 400


def test_demonstration_is_not_there(deployment: Deployment) -> None:
    assert deployment.ask("/demo/mail/").status == 404


@pytest.mark.parametrize(("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_static_files_are_named_by_content_packed_and_kept(
    deployment: Deployment, coding: str, unpack: Callable[[bytes], bytes]
) -> None:
    page = deployment.ask("/").body.decode()
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert sheets
    for sheet in sheets:
        assert re.search(r"\.[0-9a-f]{12}\.css$", sheet)
        plain = deployment.ask(sheet)
        packed = deployment.ask(sheet, headers={"Accept-Encoding": coding})
        assert packed.headers["Content-Encoding"] == coding
        assert unpack(packed.body) == plain.body
        assert len(packed.body) < len(plain.body)
        assert packed.headers["Cache-Control"] == "max-age=315360000, public, immutable"


def test_booking_is_told_by_mail(booked: Deployment) -> None:
    mail = booked.sink.to(ADDRESS)[-1]
    assert mail["Subject"].startswith("Booked: ")
    assert mail["From"] == "Cohort Portal <portal@portal.example>"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "https://portal.example/" in text.get_content()
    assert any(part.get_content_type() == "text/calendar" for part in mail.walk())


def test_logs_are_json_without_personal_data(booked: Deployment) -> None:
    booked.ask(f"/programmes/nowhere/?email={ADDRESS}")
    booked.ask("/", headers={"Host": "elsewhere.example", "Cookie": f"session={ADDRESS}"})
    for name in ("web", "worker", "beat"):
        text = booked.log_of(name).read_text()
        for line in text.splitlines():
            assert isinstance(json.loads(line), dict), f"{name} printed: {line}"
        for private in (ADDRESS, NAME, "sample.person"):
            assert private not in text


def test_code_is_not_written_beside(booked: Deployment) -> None:
    built = {"staticfiles"}
    brought = {"manage.py", "portal", "cohorts", "bookclub", "qi_projects", "referrals", "templates", "static"}
    assert {entry.name for entry in booked.image.app.iterdir()} == built | brought


@pytest.mark.parametrize("name", ["beat", "worker", "web"])
def test_sigterm_stops_cleanly(deployment: Deployment, name: str) -> None:
    assert deployment.stop(name) == 0
    assert "Traceback" not in deployment.log_of(name).read_text()
    deployment.start(name)
    wait_until(lambda: deployment.is_healthy(name), f"{name} is back")


def test_first_account_signs_in_and_is_asked_for_a_second_factor(deployment: Deployment, tmp_path: Path) -> None:
    do("first-account", deployment, tmp_path)
    visitor = Visitor(deployment)
    visitor.sign_in("you@example.nhs.uk")
    page = visitor.get("/admin/")
    assert page.status == 200
    assert "second" in page.body.decode()


@pytest.fixture(scope="module")
def booked(deployment: Deployment) -> Deployment:
    """Return the deployment after somebody has signed in, booked, and been told."""
    session = deployment.seed(SEED)
    visitor = Visitor(deployment)
    visitor.sign_in(ADDRESS)
    page = visitor.get(visitor.send(f"/sessions/{session}/book/"))
    assert page.status == 200
    wait_until(lambda: len(deployment.sink.to(ADDRESS)) > 1, "the booking's mail arrives")
    return deployment
