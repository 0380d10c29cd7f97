"""How tests name a page and read it."""

from typing import Any

from django.urls import reverse


def address(name: str, *args: object) -> str:
    """Return the address of a page."""
    return reverse(name, args=args)


def words(response: Any) -> str:
    """Return a page's text with its white space as a browser shows it."""
    return " ".join(response.content.decode().split())
