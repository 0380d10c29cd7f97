"""Requests to an organisation's sign-in service, which may be slow, down, or not talking sense."""

import logging
from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from django.shortcuts import redirect

logger = logging.getLogger(__name__)

SECONDS = 5
"""How long a person waits for the service to connect, and again for it to answer."""


class ServiceSession(requests.Session):
    """Leads to the page that says so when the service does not answer, or answers a reading request with an error."""

    def request(self, method: str, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Send a request. What the service says to a request for tokens is for allauth to judge."""
        try:
            response = super().request(method, url, *args, **options | {"timeout": SECONDS})
            if method == "GET":
                response.raise_for_status()
                response.json()
        except requests.RequestException as error:
            logger.warning("A sign-in service did not answer as it should", extra={"error": type(error).__name__})
            raise ImmediateHttpResponse(redirect("socialaccount_login_error")) from error
        return response
