"""Ask a web server of the portal how it is: what a container's health check runs.

    python -I portal/probe.py http://127.0.0.1:8000/health/live
    python -I portal/probe.py http://web:8000/health/ready beat

Without a part the answer's status decides. With one, that part of the answer does, and the others may fail.

It is run as a file, apart from the package, because a check that comes every half minute should not load Django.
"""

import json
import os
import sys
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

PATIENCE = 5.0
"""Seconds to wait for the answer."""


def is_well(address: str, part: str | None) -> bool:
    """Say whether the web server at `address`, or the `part` that its answer names, is well."""
    # Only the portal's own host name is answered, whatever the address it is reached at.
    host = urlsplit(os.environ["PORTAL_ORIGIN"]).netloc
    try:
        with urlopen(Request(address, headers={"Host": host}), timeout=PATIENCE) as answer:  # noqa: S310  # our own web server
            body, well = answer.read(), True
    except HTTPError as refusal:
        body, well = refusal.read(), False
    except (URLError, TimeoutError, ConnectionError):
        return False
    if part is None:
        return well
    try:
        return json.loads(body)["parts"][part]["ok"] is True
    except (ValueError, KeyError, TypeError):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_well(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None) else 1)
