"""An organisation lead's pages: nominating a team, and what became of one's nominations."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cohorts import nominating, rules
from cohorts.forms import NominateForm
from cohorts.models import Cohort
from cohorts.nominating import NominationsClosed
from portal.access import access, existing, person
from portal.accounts.seeing import seen_by_admins

REFUSED, INVALID = 409, 422
NOMINATED = (
    "Whom you could nominate stands in the list below, and is written to. Whoever is with another organisation, or on "
    "the cohort's list in another way, is left out."
)


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.nominates)
@seen_by_admins
def nominations(request: HttpRequest) -> HttpResponse:
    """Show the cohorts that take nominations, and whom the lead has nominated."""
    lead = person(request)
    context = {
        "cohorts": Cohort.objects.taking_applications().select_related("programme").order_by("closes_on", "name"),
        "nominations": [nominating.told(each) for each in nominating.nominations_of(lead)],
    }
    return render(request, "cohorts/nominations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(rules.nominates)
def nominate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a team, show whom it would write to, and nominate them once that is confirmed."""
    lead = person(request)
    cohort = existing(Cohort.objects.taking_applications().select_related("programme").filter(pk=pk).first())
    form = NominateForm(request.POST if request.method == "POST" else None, organisations=rules.organisations_led(lead))
    context = {"cohort": cohort, "form": form}
    if request.method != "POST" or not form.is_valid() or "back" in request.POST:
        status = INVALID if request.method == "POST" and form.errors else None
        return render(request, "cohorts/nominate.html", context, status=status)
    if "confirmed" not in request.POST:
        doubles = nominating.of_the_same_name(cohort, lead, form.nominees)
        return render(request, "cohorts/nominate_check.html", {**context, "doubles": doubles})
    try:
        nominating.nominate(cohort, form.organisation, form.nominees, by=lead)
    except NominationsClosed as closed:
        form.add_error(None, str(closed))
        return render(request, "cohorts/nominate.html", context, status=REFUSED)
    messages.success(request, NOMINATED)
    return redirect("nominations")


@require_POST
@cache_control(private=True, no_store=True)
@access(rules.nominates)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a nomination that was not answered."""
    membership = existing(nominating.nominations_of(person(request)).filter(pk=pk).first())
    nominating.take_back_nomination(membership, by=person(request))
    messages.success(request, "The nomination is taken back, unless it was answered already.")
    return redirect("nominations")
