"""Requests that no browser makes get an answer, not an error of ours."""

from typing import Any

import pytest
from django.test import RequestFactory

from portal.wsgi import application

pytestmark = pytest.mark.django_db
"""Django closes old connections as a request begins, in whatever order tests run."""

UNREADABLE = ("zlib", "hex", "idna", "punycode", "undefined", "unicode_escape", "utf-16", "utf-7", "nothing", "x" * 999)


def status(content_type: str) -> str:
    """Return how the application that the web server loads answers a request with this Content-Type."""
    environ = RequestFactory().get("/health/live?q=%5Cud800").environ | {"CONTENT_TYPE": content_type}
    told: list[str] = []

    def start_response(line: str, *_: Any) -> None:
        told.append(line)

    b"".join(application(environ, start_response))
    return told[0]


@pytest.mark.parametrize("charset", UNREADABLE)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_another_encoding_than_utf_8_is_refused(kind: str, charset: str) -> None:
    assert status(f"{kind}; charset={charset}") == "400 Bad Request"


@pytest.mark.parametrize(
    "parameters", ["charset*=idna''%ff", "x*=idna''%ff", "charset=utf-8; charset=zlib", 'CharSet = "zlib"']
)
def test_no_way_of_writing_it_goes_past(parameters: str) -> None:
    assert status(f"text/plain; {parameters}") == "400 Bad Request"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "nonsense", "text/plain; charset=utf-8", 'text/plain; Charset="UTF-8"; x=y', "a/b;charset=utf8"],
)
def test_anything_else_is_read(content_type: str) -> None:
    assert status(content_type) == "200 OK"
