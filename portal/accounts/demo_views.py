"""Pages of a demonstration. They have no address outside one, and refuse to answer there as well."""

from collections.abc import Callable
from functools import wraps
from itertools import islice
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_login_redirect_url
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.access import access, anyone
from portal.accounts import demo_mail
from portal.accounts.demo_people import DEMO_PEOPLE
from portal.accounts.models import User

MAILS_A_PAGE = 20


def demo_people(request: HttpRequest) -> dict[str, Any]:
    """Context processor: offer the demonstration's people to the sign-in page."""
    return {"demo_people": DEMO_PEOPLE}


def in_a_demonstration(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view answer in a demonstration alone."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_POST
@access(anyone)
@in_a_demonstration
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the demonstration's people."""
    if request.POST.get("email") not in {person.email for person in DEMO_PEOPLE}:
        raise Http404
    person = User.objects.filter(email=request.POST["email"], is_active=True).first()
    if person is None:
        raise Http404
    get_adapter().login(request, person)
    return redirect(get_login_redirect_url(request))


@require_GET
@access(anyone)
@in_a_demonstration
def mail(request: HttpRequest) -> HttpResponse:
    """List the mail that would have been sent, newest first."""
    asked = request.GET.get("page", "")
    page = int(asked) if asked.isdecimal() and len(asked) < 7 and int(asked) > 0 else 1
    first = (page - 1) * MAILS_A_PAGE
    mails = list(islice(demo_mail.newest_first(), first, first + MAILS_A_PAGE + 1))
    context = {
        "mails": mails[:MAILS_A_PAGE],
        "newer": f"?page={page - 1}" if page > 1 else "",
        "older": f"?page={page + 1}" if len(mails) > MAILS_A_PAGE else "",
    }
    return render(request, "accounts/demo_mail.html", context)


@require_GET
@access(anyone)
@in_a_demonstration
def attachment(request: HttpRequest, file: str, number: int, part: int) -> HttpResponse:
    """Hand out a file that came with a mail; never as a page of ours."""
    found = demo_mail.find(file, number)
    if found is None or part >= len(found.attachments):
        raise Http404
    sent = found.attachments[part]
    response = HttpResponse(sent.content, content_type=sent.content_type)
    response.headers["Content-Disposition"] = "attachment"
    response.headers["Content-Security-Policy"] = "sandbox"
    return response
