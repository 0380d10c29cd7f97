"""The provider's team: who is in it, who comes, who comes back, who goes. And the provider's own words."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.access import existing
from referrals import casework, ceremony, rules
from referrals.forms.casework import ColleagueForm
from referrals.forms.keys import AdmitForm, InviteForm, UnlockForm
from referrals.keyring import FEWEST_TRIAGERS
from referrals.models import Triager
from referrals.unlocking import Unlocked
from referrals.views.desk import at_desk, with_open_queue
from referrals.views.keys import sign


@require_http_methods(["GET", "HEAD"])
@at_desk
def team(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Show who is in the team, and what waits to be done about it."""
    members = list(
        triager.provider.triagers.exclude(state=Triager.State.LEFT).select_related("user", "vouched_by__user")
    )
    context = {
        "triager": triager,
        "leads": rules.leads(triager),
        "members": members,
        "too_few": sum(each.state == Triager.State.ACTIVE and each.may_sign_in for each in members) < FEWEST_TRIAGERS,
    }
    return render(request, "queue/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def invite(request: HttpRequest, triager: Triager) -> HttpResponse:
    """Ask somebody into the team."""
    require_lead(triager)

    def ask(form: Form) -> HttpResponse:
        said = form.cleaned_data
        ceremony.invite_triager(triager.provider, said["email"], said["name"], by=triager.user)
        return redirect("queue_team")

    return sign(request, InviteForm, ask, "queue/invite.html")


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def admit(request: HttpRequest, triager: Triager, pk: UUID) -> HttpResponse:
    """Compare somebody's key, and sign it."""
    require_lead(triager)
    member = _member(triager, pk)
    seen = ceremony.key_fingerprint(member)

    def let_in(form: Form) -> HttpResponse:
        said = form.cleaned_data
        ceremony.admit(member, lead=triager, passphrase=said["passphrase"], key_seen=said["key_seen"])
        return redirect("queue_team")

    return sign(
        request, partial(AdmitForm, initial={"key_seen": seen}), let_in, "queue/admit.html", member=member, seen=seen
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def vouch(request: HttpRequest, triager: Triager, pk: UUID) -> HttpResponse:
    """Say that a colleague who lost their passphrase made the new key themselves."""
    member = _member(triager, pk)

    def say(form: Form) -> HttpResponse:
        ceremony.vouch(member, by=triager)
        return redirect("queue_team")

    return sign(request, Form, say, "queue/vouch.html", member=member, seen=ceremony.key_fingerprint(member))


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def make_lead(request: HttpRequest, triager: Triager, pk: UUID) -> HttpResponse:
    """Give a second person the provider's root."""
    require_lead(triager)
    member = _member(triager, pk)

    def share(form: Form) -> HttpResponse:
        ceremony.share_root(member, lead=triager, passphrase=form.cleaned_data["passphrase"])
        return redirect("queue_team")

    return sign(request, UnlockForm, share, "queue/make_lead.html", member=member)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def take_out(request: HttpRequest, triager: Triager, pk: UUID) -> HttpResponse:
    """Take somebody out of the team, and begin a new epoch."""
    require_lead(triager)
    member = _member(triager, pk)

    def leave(form: Form) -> HttpResponse:
        ceremony.leave(member, lead=triager, passphrase=form.cleaned_data["passphrase"])
        return redirect("queue_enveloping")

    others = triager.provider.triagers.active().filter(may_sign_in=True).exclude(pk=member.pk)
    context = {"in_hand": member.caseload.open().count(), "too_few": others.count() < FEWEST_TRIAGERS}
    return sign(request, UnlockForm, leave, "queue/take_out.html", member=member, **context)


@require_http_methods(["GET", "HEAD", "POST"])
@with_open_queue
def hand_over_all(request: HttpRequest, opened: Unlocked, pk: UUID) -> HttpResponse:
    """Hand over all of a colleague's work, who is ill or leaves."""
    require_lead(opened.triager)
    member = _member(opened.triager, pk)
    others = opened.triager.provider.triagers.active().exclude(pk=member.pk).select_related("user")

    def hand_over(form: Form) -> HttpResponse:
        to = form.cleaned_data["to"]
        moved = casework.hand_over_all(member, to, unlocked=opened)
        stay = member.caseload.open().count()
        said = f"{moved} referral{'' if moved == 1 else 's'} handed over to {to}."
        if stay:
            said += f" {stay} stayed: {to} may not see {'it' if stay == 1 else 'them'}."
        messages.success(request, said)
        return redirect("queue")

    form = partial(ColleagueForm, team=others)
    number = member.caseload.open().count()
    return sign(request, form, hand_over, "queue/hand_over_all.html", member=member, number=number, opened=opened)


def _member(triager: Triager, pk: UUID) -> Triager:
    """Return somebody of the same team. Raises Http404 for anybody else, as for nobody."""
    team = triager.provider.triagers.exclude(state=Triager.State.LEFT).select_related("user", "provider")
    return existing(team.filter(pk=pk).first())


def require_lead(triager: Triager) -> None:
    """Raise Http404 for anybody but a lead."""
    if not rules.leads(triager):
        raise Http404
