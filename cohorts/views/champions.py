"""Champions: nominating one, saying yes or no, being one, and letting one's own know that one would like to hear."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import champion_rules, champions, rules
from cohorts.champion_forms import NominateChampionForm, ShownForm
from cohorts.champions import ChampionRefused, NominationsClosed
from cohorts.models import Champion, ChampionContact, ChampionNomination, Conversation
from cohorts.retention import CHAMPION_MESSAGES
from portal.access import access, existing, person, signed_in

REFUSED, INVALID = 409, 422
State = Champion.State


@require_safe
@access(signed_in)
def guidance(request: HttpRequest) -> HttpResponse:
    """Say what a champion does, and what a champion does not do."""
    return render(request, "cohorts/champion_guidance.html", {"kept_for": CHAMPION_MESSAGES.kept_for})


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def nominate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a member whom they would like as champion, and keep it, or take it back."""
    membership = existing(rules.own_membership(person(request), pk))
    own = ChampionNomination.objects.filter(by=membership).select_related("nominee__user").first()
    sent = request.POST if request.method == "POST" else None
    members = champions.members_of_place(membership)
    form = NominateChampionForm(sent, members=members, initial={"nominee": own and own.nominee_id})
    context = {"membership": membership, "form": form, "own": own}
    if sent is None:
        context["is_open"] = champions.nominates_now(membership)
        return render(request, "cohorts/champion_nominate.html", context)
    takes_back = "take_back" in sent
    if not takes_back and not form.is_valid():
        context["is_open"] = champions.nominates_now(membership)
        return render(request, "cohorts/champion_nominate.html", context, status=INVALID)
    try:
        if takes_back:
            champions.take_nomination_back(membership)
        else:
            champions.nominate(membership, form.cleaned_data["nominee"])
    except ChampionRefused as refused:
        context |= {"refused": refused, "is_open": not isinstance(refused, NominationsClosed)}
        return render(request, "cohorts/champion_nominate.html", context, status=REFUSED)
    messages.success(request, "Your nomination is taken back." if takes_back else "Thank you. We have your nomination.")
    return redirect("me")


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody who is asked to be champion say yes, with how they are shown, or no; and change how later."""
    champion = existing(champion_rules.own_place_as_champion(person(request), pk))
    known = {"name": champion.shown_name, "role": champion.shown_role}
    if not champion.shown_name:
        membership = champion.membership
        known = {"name": membership.user.name, "role": str(membership.job_role or "")}
    sent = request.POST if request.method == "POST" else None
    says_no = sent is not None and "no" in sent
    form = ShownForm(None if says_no else sent, initial=known)
    context = {"champion": champion, "form": form}
    if not says_no and not form.is_valid():
        return render(request, "cohorts/champion_answer.html", context, status=INVALID if sent is not None else 200)
    try:
        if says_no:
            champions.decline(champion)
        else:
            champions.agree(champion, name=form.cleaned_data["name"], role=form.cleaned_data["role"])
    except ChampionRefused as refused:
        champion.refresh_from_db()
        return render(request, "cohorts/champion_answer.html", {**context, "refused": refused}, status=REFUSED)
    messages.success(request, _said(champion, no=says_no))
    return redirect("me" if says_no else "champion_answer", *([] if says_no else [pk]))


def _said(champion: Champion, *, no: bool) -> str:
    if no:
        return "You have said no. Thank you for telling us."
    if champion.state == State.ASKED:
        return "Thank you. The programme team confirms it next, and writes to you."
    return "How you are shown is saved."


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def desk(request: HttpRequest) -> HttpResponse:
    """Show a champion who would like to be in touch, and who has written."""
    places = list(champion_rules.places_as_champion(person(request)))
    contacts = ChampionContact.objects.filter(champion__in=places).select_related("membership__user")
    conversations = Conversation.objects.filter(champion__in=places).select_related("membership__user")
    shown = [
        {
            "champion": place,
            "contacts": [each for each in contacts.order_by("membership__user__name") if each.champion_id == place.pk],
            "conversations": [each for each in conversations.order_by("-latest_at") if each.champion_id == place.pk],
        }
        for place in places
    ]
    return render(request, "cohorts/champion_desk.html", {"places": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def stand_down(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a champion whether they are sure, and let them stand down."""
    champion = existing(champion_rules.own_place_as_champion(person(request), pk))
    if request.method != "POST" and champion.state in Champion.LIVE:
        return render(request, "cohorts/champion_stand_down.html", {"champion": champion})
    if request.method == "POST":
        champions.stand_down(champion)
        messages.success(request, "You have stood down. Thank you for all that you have done.")
    return redirect("me")


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def in_touch(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody's champion know that they would like to be in touch, or take that back."""
    champion, membership = existing(champion_rules.champion_of(person(request), pk))
    is_in_touch = ChampionContact.objects.filter(champion=champion, membership=membership).exists()
    context = {"champion": champion, "membership": membership, "is_in_touch": is_in_touch}
    if request.method != "POST":
        return render(request, "cohorts/champion_in_touch.html", context)
    if "take_back" in request.POST:
        champions.stay_out_of_touch(champion, membership)
        messages.success(request, "You have taken it back. Your champion no longer sees your name there.")
        return redirect("me")
    try:
        champions.get_in_touch(champion, membership)
    except ChampionRefused as refused:
        return render(request, "cohorts/champion_in_touch.html", {**context, "refused": refused}, status=REFUSED)
    messages.success(request, "Your champion sees that you would like to be in touch.")
    return redirect("me")
