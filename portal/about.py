"""What every public service says of itself: whom to write to, what becomes of information, whether all can use it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.access import access, anyone
from portal.retention.categories import all_of_them

COMPLAINTS = "https://ico.org.uk/make-a-complaint/"
ADVICE = "https://www.equalityadvisoryservice.com/"
WINDOW = "Until you close your browser"
COOKIES = (
    (settings.SESSION_COOKIE_NAME, "Keeps you signed in", WINDOW),
    (settings.CSRF_COOKIE_NAME, "Protects you from forms that another website sends in your name", WINDOW),
    ("messages", "Carries a notice, such as that a booking is made, to the next page", WINDOW),
    ("last_person", "Gives what you were typing back to you alone, if you are signed out meanwhile", WINDOW),
    ("typed", "Opens what you were typing", "30 minutes"),
    ("typed_waits", "Tells you, once you sign in, that what you were typing is kept", "30 minutes"),
    ("answers", "Opens what you are filling in as you ask for confidential support", WINDOW),
    ("queue", "Keeps the queue of confidential support open, for its team alone", WINDOW),
)
"""Name, purpose, and how long it lasts. All are strictly necessary, so none needs consent (PECR regulation 6(4))."""


@require_safe
@access(anyone)
def contact(request: HttpRequest) -> HttpResponse:
    """Say whom to write to."""
    return render(request, "about/contact.html", {"contact": settings.CONTACT_EMAIL})


@require_safe
@access(anyone)
def privacy(request: HttpRequest) -> HttpResponse:
    """Say what is kept about people, who sees it and for how long, and which cookies there are."""
    context = {
        "contact": settings.CONTACT_EMAIL,
        "notice": settings.PRIVACY_NOTICE,
        "kept": all_of_them(),
        "cookies": COOKIES,
        "complaints": COMPLAINTS,
    }
    return render(request, "about/privacy.html", context)


@require_safe
@access(anyone)
def accessibility(request: HttpRequest) -> HttpResponse:
    """State how far everybody can use the portal, as the regulations of 2018 on accessibility ask of public bodies."""
    return render(request, "about/accessibility.html", {"contact": settings.CONTACT_EMAIL, "advice": ADVICE})
