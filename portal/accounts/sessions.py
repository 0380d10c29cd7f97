"""Where sign-ins are kept: Django's own table, read by one prepared statement.

Every page of somebody who is signed in reads its session. Building that query anew costs more than PostgreSQL and the
wire together, and more than asking a cache would save (docs/decisions/0021).
"""

import re
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from portal.prepared import Given, Prepared

_DATA = Prepared(
    lambda: Session.objects.filter(session_key=Given("key"), expire_date__gt=Now()).values_list("session_data")
)

# What Django's keys are made of. A cookie can hold anything, even a NUL, which PostgreSQL cannot be asked about.
KEY = re.compile(r"[a-z0-9]{8,40}", re.ASCII)


class SessionStore(DatabaseStore):
    """Django's database store; all that it writes, ends and clears away is Django's."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Say whether a key can be one of ours; any other is none."""
        return bool(key and KEY.fullmatch(key))

    def load(self) -> dict[str, Any]:
        """Return what the session holds; one that is unknown or over is empty, and gets another key when used."""
        row = _DATA.first(key=self.session_key) if self.session_key else None
        if row is None:
            self._session_key = None
            return {}
        return dict(self.decode(row[0]))
