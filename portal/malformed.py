"""Requests that no browser makes, turned away before Django reads them.

Django decodes the address and the form by the encoding that a Content-Type names, even by one that makes no text of
bytes. It does so while it makes the request, where no error handler of ours stands. Browsers send our forms in UTF-8.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

UTF_8 = re.compile(r"charset\s*=\s*\"?utf-?8\"?\s*(?=;|$)", re.IGNORECASE)
# A parameter that names an encoding of its own (RFC 2231).
ENCODED_PARAMETER = "*="


def refuse_malformed(application: Application) -> Application:
    """Wrap a WSGI application: answer 400 for a Content-Type in another encoding than UTF-8."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if _is_utf_8(environ.get("CONTENT_TYPE", "")):
            return application(environ, start_response)
        start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"The request is not in UTF-8.\n"]

    return guarded


def _is_utf_8(content_type: str) -> bool:
    rest = UTF_8.sub("", content_type).lower()
    return "charset" not in rest and ENCODED_PARAMETER not in rest
