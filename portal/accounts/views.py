"""Pages about one's own account that allauth does not have."""

from allauth.account.utils import perform_login
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal import subject_access, trail
from portal.access import access, anyone, person, signed_in
from portal.accounts import erasure, erasure_requests, invitations, people, typed
from portal.accounts.carried_names import earlier_names
from portal.accounts.forms import DetailsForm
from portal.accounts.models import Invitation
from portal.accounts.names import NameField
from portal.retention.models import ErasureRequest


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
    """Show what was typed and not taken, to be sent or (POST) thrown away."""
    if request.method == "POST":
        response = redirect("home")
        typed.forget(request, response)
        return response
    found = typed.read(request)
    shown = found.shown_to(person(request)) if found else []
    return render(request, "accounts/typed.html", {"typed": found, "shown": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@access(signed_in)
@typed.told_as(typed.by_labels(lambda _, data: DetailsForm(data)))
def details(request: HttpRequest) -> HttpResponse:
    """Show what somebody says of themselves, and let them change it."""
    user = person(request)
    known = {"name": user.name, "organisation": user.organisation_id, "job_role": user.job_role_id}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=known)
    if not form.is_valid():
        context = {"form": form, "earlier_names": earlier_names(user)}
        return render(request, "accounts/details.html", context, status=422 if form.is_bound else 200)
    changed = people.change_own_details(user, **form.cleaned_data)
    messages.success(request, "Your details are saved." if changed else "Nothing had changed.")
    return redirect("details")


@require_GET
@never_cache
@access(signed_in)
def own_data(request: HttpRequest) -> HttpResponse:
    """Show what is held about the person, and lead to the file and to having it deleted."""
    asked = ErasureRequest.objects.filter(person=person(request)).first()
    context = {
        "sections": subject_access.in_words(person(request)),
        "most_shown": subject_access.MOST_SHOWN,
        "asked": asked,
        "answer_by": asked and erasure_requests.answer_by(asked.asked_at),
    }
    return render(request, "accounts/own_data.html", context)


@require_GET
@never_cache
@access(signed_in)
def own_data_file(request: HttpRequest) -> HttpResponse:
    """Hand out all that is held about the person, to them alone; it stands in the trail."""
    user = person(request)
    trail.record("person.data_downloaded", actor=user, subject=user)
    return JsonResponse(
        subject_access.about(user),
        json_dumps_params={"indent": 2, "ensure_ascii": False},
        headers={"Content-Disposition": 'attachment; filename="what-we-hold.json"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@access(signed_in)
def ask_to_be_erased(request: HttpRequest) -> HttpResponse:
    """Say what would be deleted and what kept, and (POST) ask for it."""
    if request.method == "POST":
        erasure_requests.ask(person(request))
        messages.success(request, "We have your request.")
        return redirect("own_data")
    context = {
        "goes": erasure.what_goes(),
        "stays": erasure.what_stays(),
        "days": erasure_requests.ANSWERED_WITHIN.days,
        "asked": ErasureRequest.objects.filter(person=person(request)).exists(),
    }
    return render(request, "accounts/ask_to_be_erased.html", context)


@require_POST
@access(signed_in)
def take_back_erasure(request: HttpRequest) -> HttpResponse:
    """Take back what one has asked."""
    taken_back = erasure_requests.take_back(person(request))
    messages.success(request, "Your request is taken back." if taken_back else "There was no request.")
    return redirect("own_data")


@require_GET
@access(anyone)
def sign_up_closed(request: HttpRequest) -> HttpResponse:
    """Say what to do when neither an address nor an invitation opens an account."""
    return render(request, "accounts/sign_up_closed.html")


@require_GET
@access(anyone)
def address_not_vouched_for(request: HttpRequest) -> HttpResponse:
    """Say what to do when a sign-in service did not verify the person's address."""
    return render(request, "accounts/address_not_vouched_for.html")


class AcceptForm(forms.Form):
    """Asks somebody who is invited for their name."""

    name = NameField()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@access(anyone)
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation, and (POST) accept it.

    A new account is signed in at once: its link went to its address alone. An account that was there before is
    asked to sign in as ever, since it may have a second factor and more to lose.
    """
    invited = invitations.find(token)
    if invited is None or not invited.is_open:
        return _closed(request, invited)
    form = AcceptForm(request.POST or None, initial={"name": invited.name})
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "accounts/invitation.html", {"form": form, "invitation": invited}, status=status)
    try:
        accepted = invitations.accept(token, form.cleaned_data["name"])
    except invitations.InvitationClosed:
        return _closed(request, invitations.find(token))
    if accepted.is_new:
        logout(request)
        signed_in_now: HttpResponse = perform_login(request, accepted.person, signup=True)
        return signed_in_now
    messages.success(request, "You have accepted the invitation.")
    return redirect("me")


def _closed(request: HttpRequest, invited: Invitation | None) -> HttpResponse:
    status = 404 if invited is None else 410
    return render(request, "accounts/invitation.html", {"invitation": invited}, status=status)
