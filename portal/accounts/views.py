"""Pages about one's own account that allauth does not have."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from portal.access import access, anyone, signed_in
from portal.accounts import typed


@require_GET
@access(signed_in)
def second_factor(request: HttpRequest) -> HttpResponse:
    """Say why a second factor is asked for, and lead to its set-up."""
    return render(request, "accounts/second_factor.html")


second_factor.before_second_factor = True  # type: ignore[attr-defined]  # read by the second_factor middleware


@require_http_methods(["GET", "POST"])
@never_cache
@access(signed_in)
def carry_on(request: HttpRequest) -> HttpResponse:
    """Show what was typed before the sign-in ended, to be sent or (POST) thrown away."""
    if request.method == "POST":
        response = redirect("home")
        typed.forget(request, response)
        return response
    return render(request, "accounts/typed.html", {"typed": typed.read(request)})


@require_GET
@access(anyone)
def sign_up_closed(request: HttpRequest) -> HttpResponse:
    """Say what to do when neither an address nor an invitation opens an account."""
    return render(request, "accounts/sign_up_closed.html")
