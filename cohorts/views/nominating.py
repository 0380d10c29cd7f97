"""An organisation lead's pages: nominating a team, and what became of one's nominations."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import nominating, rules
from cohorts.forms import NominateForm
from cohorts.models import Cohort, Membership
from cohorts.nominating import NominationsClosed
from cohorts.offering import PlaceRefused
from portal.access import access, existing, person
from portal.accounts import typed
from portal.accounts.models import User
from portal.accounts.seeing import seen_by_admins
from portal.form_words import filled_in

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


def _team(lead: User, data: QueryDict | None, **_: int) -> NominateForm:
    """Return the form that asks for a team of the lead's organisations, with what they filled in."""
    return NominateForm(data, organisations=rules.organisations_led(lead))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(rules.nominates)
@typed.told_as(typed.by_labels(_team))
def nominate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a team, show whom it would write to, and nominate them once that is confirmed."""
    lead = person(request)
    cohort = existing(rules.cohort_to_nominate_for(pk))
    form = _team(lead, request.POST if request.method == "POST" else None)
    if not cohort.takes_applications:
        return _closed(request, cohort, form)
    context = {"cohort": cohort, "form": form}
    if request.method != "POST" or not form.is_valid() or "back" in request.POST:
        status = INVALID if request.method == "POST" and form.errors else None
        return render(request, "cohorts/nominate.html", context, status=status)
    if "confirmed" not in request.POST:
        doubles = nominating.of_the_same_name(cohort, lead, form.nominees)
        return render(request, "cohorts/nominate_check.html", {**context, "doubles": doubles})
    try:
        nominating.nominate(cohort, form.organisation, form.nominees, by=lead)
    except NominationsClosed:
        return _closed(request, cohort, form)
    except PlaceRefused as refused:
        form.add_error(None, str(refused))
        return render(request, "cohorts/nominate.html", context, status=REFUSED)
    messages.success(request, NOMINATED)
    return redirect("nominations")


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(rules.nominates)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what taking back a nomination does, and take it back while it is not answered."""
    membership = existing(nominating.nominations_of(person(request)).filter(pk=pk).first())
    if request.method != "POST" and membership.state == Membership.State.NOMINATED:
        return render(request, "cohorts/nomination_take_back.html", {"membership": membership})
    if request.method == "POST" and nominating.take_back_nomination(membership, by=person(request)):
        messages.success(request, f"The nomination of {membership.user} is taken back.")
    else:
        messages.warning(request, f"{membership.user} no longer waits to answer. How it stands is below.")
    return redirect("nominations")


def _closed(request: HttpRequest, cohort: Cohort, form: NominateForm) -> HttpResponse:
    """Say that nobody can be nominated any more, with whatever was typed."""
    context = {
        "cohort": cohort,
        "closed": NominationsClosed(cohort),
        "is_sent": form.is_bound,
        "typed": filled_in(form) if form.is_bound else [],
    }
    return render(request, "cohorts/nominate.html", context, status=REFUSED if form.is_bound else None)
