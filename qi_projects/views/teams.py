"""A project's team: who is in it, asking people to join, one's answer to that, and leaving."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, person, signed_in
from qi_projects import inviting, rules, teams
from qi_projects.forms import NO_COHORT, ROLE_HINTS, CountsForForm, InviteForm, RoleForm
from qi_projects.models import TeamInvitation, TeamPlace
from qi_projects.refusals import InvitationOver, ProjectRefused
from qi_projects.views.seats import INVALID, REFUSED, not_theirs, refuse, seat_of


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who is in a team, as what; and to those who lead it, who is asked to join."""
    seat = seat_of(request, pk)
    manages = rules.may_manage_team(seat)
    context = {
        "project": seat.project,
        "seat": seat,
        "places": seat.project.team.live().select_related("user__organisation", "user__job_role"),
        "manages": manages,
        "may_invite": rules.may_invite(seat),
        "invitations": seat.project.invitations.exclude(state=TeamInvitation.State.ACCEPTED) if manages else (),
    }
    return render(request, "qi_projects/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for an address and a role, and write to it."""
    seat = seat_of(request, pk)
    if not rules.may_invite(seat):
        return not_theirs(request, seat)
    form = InviteForm(request.POST if request.method == "POST" else None)
    context = {"project": seat.project, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "qi_projects/invite.html", context, status=INVALID if form.errors else None)
    try:
        sent = inviting.invite(seat.project, form.cleaned_data["email"], form.cleaned_data["role"], by=seat.person)
    except ProjectRefused as refused:
        return render(request, "qi_projects/invite.html", {**context, "refused": refused}, status=REFUSED)
    messages.success(request, f"We have written to {sent.email}. Nobody joins before they say yes.")
    return redirect("project_team", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def take_back(request: HttpRequest, pk: int, invitation_id: int) -> HttpResponse:
    """Ask whether an invitation is to be taken back, and do so."""
    seat = seat_of(request, pk)
    if not rules.may_manage_team(seat):
        return not_theirs(request, seat)
    invitation = existing(seat.project.invitations.filter(pk=invitation_id).first())
    if request.method != "POST":
        context = {"project": seat.project, "invitation": invitation}
        return render(request, "qi_projects/invitation_take_back.html", context)
    try:
        inviting.withdraw(invitation, by=seat.person)
    except ProjectRefused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"The invitation to {invitation.email} is taken back.")
    return redirect("project_team", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def place(request: HttpRequest, pk: int, place_id: int) -> HttpResponse:
    """Let a lead give somebody in the team another role, or take them off it."""
    seat = seat_of(request, pk)
    if not rules.may_manage_team(seat):
        return not_theirs(request, seat)
    chosen = existing(seat.project.team.live().select_related("user").filter(pk=place_id).first())
    sent = request.method == "POST"
    if sent and "take_off" in request.POST:
        return _take_off(request, seat, chosen)
    form = RoleForm(request.POST if sent else None, initial={"role": chosen.role})
    form.fields["role"].label = f"What is {chosen.user} in the team?"
    context = {"project": seat.project, "place": chosen, "form": form}
    if not sent or not form.is_valid():
        return render(request, "qi_projects/place.html", context, status=INVALID if form.errors else None)
    try:
        given = teams.give_role(chosen, form.cleaned_data["role"], by=seat.person)
    except ProjectRefused as refused:
        return render(request, "qi_projects/place.html", {**context, "refused": refused}, status=REFUSED)
    messages.success(request, f"In this team {chosen.user} is now: {given.get_role_display().lower()}.")
    return redirect("project_team", pk)


def _take_off(request: HttpRequest, seat: rules.Seat, chosen: TeamPlace) -> HttpResponse:
    """Take somebody off the team, once it is said what that does. Whoever means themselves leaves."""
    if chosen == seat.place:
        return redirect("project_my_part", seat.project.pk)
    if request.POST["take_off"] != "confirmed":
        context = {"project": seat.project, "place": chosen}
        return render(request, "qi_projects/take_off.html", context)
    try:
        teams.take_off(chosen, by=seat.person)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, f"{chosen.user} is no longer in the team, and is told so.")
    return redirect("project_team", seat.project.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def my_part(request: HttpRequest, pk: int) -> HttpResponse:
    """Show somebody their own place in a team: for which cohort it counts, and how to leave."""
    seat = seat_of(request, pk)
    if seat.place is None:
        raise Http404
    sent = request.method == "POST"
    try:
        if sent and "leave" in request.POST:
            teams.leave(seat.place)
            messages.success(request, f"You have left the team of “{seat.project}”.")
            return redirect("projects")
        form = CountsForForm(
            request.POST if sent else None,
            memberships=rules.memberships_to_count_for(seat.person),
            chosen=str(seat.place.membership_id or NO_COHORT),
        )
        if sent and form.is_valid():
            teams.count_for(seat.place, form.membership)
            messages.success(request, "Saved.")
            return redirect("project", pk)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    context = {"project": seat.project, "place": seat.place, "form": form}
    return render(request, "qi_projects/my_part.html", context, status=INVALID if form.errors else None)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whoever has the address what they are asked to join, and take their yes or no."""
    user = person(request)
    asked = existing(rules.own_invitation(user, pk))
    sent = request.method == "POST"
    form = CountsForForm(request.POST if sent else None, memberships=rules.memberships_to_count_for(user))
    refused: ProjectRefused | None = None if asked.state == TeamInvitation.State.OPEN else InvitationOver()
    try:
        if sent and "decline" in request.POST:
            inviting.decline(asked, user)
            messages.success(request, "You have said no. Whoever asked you is told.")
            return redirect("projects")
        if sent and form.is_valid():
            inviting.accept(asked, user, membership=form.membership)
            messages.success(request, f"You are in the team of “{asked.project}”.")
            return redirect(asked.project)
    except ProjectRefused as error:
        refused = error
    context = {
        "invitation": asked,
        "form": form,
        "refused": refused,
        "hint": ROLE_HINTS[TeamPlace.Role(asked.role)],
    }
    status = REFUSED if sent and refused else INVALID if form.errors else None
    return render(request, "qi_projects/invitation.html", context, status=status)
