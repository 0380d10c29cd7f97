"""Somebody at a browser, who asks the portal's own web server."""

import re

import requests
from django.conf import settings
from django.test import Client

from portal.accounts.models import User


class Visitor:
    """One browser; who is signed in there is signed in as by any other web process."""

    def __init__(self, origin: str, person: User | None = None) -> None:
        """Open the browser."""
        self._origin = origin
        self._browser = requests.Session()
        self._browser.trust_env = False
        if person:
            client = Client()
            client.force_login(person)
            name = settings.SESSION_COOKIE_NAME
            self._browser.cookies.set(name, client.cookies[name].value)

    def status_of(self, path: str) -> int:
        """Open a page; return the answer's status, or 0 when nobody answers."""
        try:
            return self._browser.get(self._origin + path, allow_redirects=False).status_code
        except requests.ConnectionError:
            return 0

    def form_on(self, path: str) -> dict[str, str]:
        """Open a page; return what its form is sent with."""
        page = self._browser.get(self._origin + path, allow_redirects=False)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token, f"{path}: {page.status_code}\n{page.text}"
        return {"csrfmiddlewaretoken": token[1]}

    def send(self, path: str, form: dict[str, str]) -> requests.Response:
        """Send a form; return the answer."""
        return self._browser.post(self._origin + path, form, allow_redirects=False)
