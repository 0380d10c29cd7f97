"""Who makes the requests: people who are signed in already, so that no benchmark measures a sign-in."""

import time
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from portal.accounts.middleware import SEEN_AT, SIGNED_IN_AT
from portal.accounts.models import User


def signed_in(user: User) -> str:
    """Return a session cookie of the portal for `user`."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    return _fill(store, user, settings.AUTHENTICATION_BACKENDS[0])


def signed_in_at_floor(user: User) -> str:
    """Return a session cookie of the bare view for `user`."""
    return _fill(SessionStore(), user, "django.contrib.auth.backends.ModelBackend")


def _fill(store: SessionStore, user: User, backend: str) -> str:
    now = time.time()
    store.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: backend,
            HASH_SESSION_KEY: user.get_session_auth_hash(),
            SIGNED_IN_AT: now,
            SEEN_AT: now,
        }
    )
    store.save()
    return str(store.session_key)
