"""The Content-Security-Policy, word for word, and that no template of ours asks for more than it allows."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from portal.nhsuk.policy import SUPPORTED_SNIPPET
from tests.nhsuk.conftest import Ours

TEMPLATES = sorted(
    path.relative_to(settings.BASE_DIR)
    for folder in ("templates", "portal", "cohorts")
    for path in (settings.BASE_DIR / folder).rglob("*.html")
    if not {"outbox", "email"} & set(path.parts)  # mails: their style has to stand in them
)


def test_the_exact_policy(client: Client) -> None:
    """Word for word; in which order the directives stand says nothing, and django-csp keeps none."""
    assert sorted(client.get("/health/live").headers["Content-Security-Policy"].split("; ")) == [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self'",
        "object-src 'none'",
        "script-src 'self' 'sha256-3xQobvuAoMNacLuoQzmb/Q+QmD/aGCliZ/H7T6Bt/KM='",
        "style-src 'self'",
    ]


def test_the_page_carries_the_script_that_the_policy_knows(ours: Ours) -> None:
    assert ours("{% supported_snippet %}") == f"<script>{SUPPORTED_SNIPPET}</script>"


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_no_inline_script_or_style(path: Path) -> None:
    text = (settings.BASE_DIR / path).read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    for attributes in re.findall(r"<script([^>]*)>", text):
        assert "src=" in attributes or 'type="application/json"' in attributes


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_nothing_from_another_host(path: Path) -> None:
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", (settings.BASE_DIR / path).read_text())


def test_nothing_built_from_another_host() -> None:
    css = (settings.BASE_DIR / "static" / "build" / "portal.css").read_text()
    assert not re.search(r"url\([\"']?(https?:|//)", css)
    assert "Frutiger" not in css
    assert "html{font-family:arial,sans-serif}" in css
