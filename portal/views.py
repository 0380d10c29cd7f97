"""The front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.access import access, anyone


@access(anyone)
def home(request: HttpRequest) -> HttpResponse:
    """Say what the portal is, and lead each person to what they came for."""
    return render(request, "home.html")
