"""The browser of somebody who has signed in with a second step, past what that takes."""

from django.test import Client

from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import User


def desk_of(user: User) -> Client:
    """Return the browser of somebody who works in the admin pages, or leads sessions."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client
