"""Somebody's own place in a cohort, before they take part: how it stands, and saying yes or no."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import offering, rules
from cohorts.forms import SayNoForm
from cohorts.models import ApplicationQuestion, Membership
from cohorts.offering import PlaceRefused
from cohorts.place_messages import has_dates, next_step
from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.accounts.seeing import seen_by_admins
from portal.form_words import filled_in

REFUSED, INVALID = 409, 422
State = Membership.State


@dataclass(frozen=True, slots=True)
class Act:
    """One answer that somebody can give: in which states, as a button says it, and what is said afterwards.

    `about` and `done` get what comes `{next}` for who has a place.
    """

    states: frozenset[str]
    button: str
    heading: str
    about: str
    done: str
    do: Callable[[Membership, str], Membership]
    asks_why: bool = False


ACTS = {
    "accept": Act(
        frozenset({State.OFFERED}),
        "Accept the place",
        "Accept the place?",
        "You are enrolled in this cohort then. {next}",
        "You have a place. {next}",
        lambda membership, _: offering.accept(membership),
    ),
    "decline": Act(
        frozenset({State.OFFERED}),
        "Decline the place",
        "Decline the place?",
        "It goes to somebody else. You can apply again while applications are open.",
        "You have declined the place. Thank you for telling us.",
        offering.say_no,
        asks_why=True,
    ),
    "yes": Act(
        frozenset({State.NOMINATED}),
        "Yes, I would like to take part",
        "Would you like to take part?",
        "The programme team then decides about the places, and writes to you.",
        "Thank you. The programme team writes to you with its decision.",
        lambda membership, _: offering.agree_to_nomination(membership),
    ),
    "no": Act(
        frozenset({State.NOMINATED}),
        "No, thank you",
        "Say no to this nomination?",
        "Whoever nominated you sees that you said no, and not why.",
        "You have said no. Thank you for telling us.",
        offering.say_no,
        asks_why=True,
    ),
    "withdraw": Act(
        frozenset({State.APPLIED, State.RESERVE}),
        "I no longer want a place",
        "Do you no longer want a place?",
        "You can apply again while applications are open.",
        "Your application is withdrawn. Thank you for telling us.",
        offering.say_no,
        asks_why=True,
    ),
}


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
@seen_by_admins
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how somebody's place stands, and what they can say to it."""
    membership = existing(rules.own_place(person(request), pk))
    if membership.state == State.ENROLLED:
        return redirect("me")
    return render(request, "cohorts/place.html", _context(membership))


def answer_in_words(person: User, fields: typed.Fields, pk: int, act: str) -> typed.Fields:
    """Say which answer somebody gave, to what, and why."""
    membership, chosen = rules.own_place(person, pk), ACTS.get(act)
    if membership is None or chosen is None:
        return []
    why = filled_in(SayNoForm(typed.as_sent(fields))) if chosen.asks_why else []
    return [("Cohort", membership.cohort.name), ("Your answer", chosen.button), *why]


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(answer_in_words)
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Ask whether somebody is sure of their answer, and take it."""
    membership = existing(rules.own_place(person(request), pk))
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    if request.method != "POST" and membership.state not in chosen.states:
        return redirect("place", pk)
    form = SayNoForm(request.POST if request.method == "POST" else None) if chosen.asks_why else None
    following = next_step(has_dates=has_dates(membership.cohort))
    if request.method != "POST" or (form and not form.is_valid()):
        about = chosen.about.format(next=following)
        context = {"membership": membership, "cohort": membership.cohort, "act": chosen, "about": about, "form": form}
        return render(request, "cohorts/place_act.html", context, status=INVALID if request.method == "POST" else None)
    try:
        chosen.do(membership, form.cleaned_data["reason"] if form else "")
    except PlaceRefused as refused:
        membership.refresh_from_db()
        return render(request, "cohorts/place.html", {**_context(membership), "refused": refused}, status=REFUSED)
    messages.success(request, chosen.done.format(next=following))
    return redirect("me" if act == "accept" else "place", *([] if act == "accept" else [pk]))


def _context(membership: Membership) -> dict[str, object]:
    cohort, asked = membership.cohort, membership.state == State.APPLIED and membership.cohort.takes_applications
    is_held = membership.state in {State.OFFERED, State.ENROLLED}
    return {
        "membership": membership,
        "cohort": cohort,
        "acts": [(key, each.button) for key, each in ACTS.items() if membership.state in each.states],
        "dates_come_later": is_held and not has_dates(cohort),
        "has_lapsed": offering.has_lapsed(membership),
        # Who was nominated and said yes has not told the team anything yet.
        "still_to_say": asked
        and ApplicationQuestion.objects.filter(programme=cohort.programme_id).exists()
        and not membership.user.applications.filter(cohort=cohort, sent_at__isnull=False).exists(),
        "may_apply": membership.may_apply_again and cohort.takes_applications,
    }
