"""The front page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.access import access, anyone


@require_safe
@access(anyone)
def home(request: HttpRequest) -> HttpResponse:
    """Say what the portal is, and lead each person to what they came for."""
    return render(request, "home.html")
