"""The conversation of a champion and a member: reading it, writing, ending it, and showing a message to the team."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import champion_rules, conversations
from cohorts.champion_forms import MessageForm
from cohorts.conversations import NotWritten, Seat
from cohorts.models import ConversationMessage
from cohorts.retention import CHAMPION_MESSAGES
from portal.access import access, existing, person, signed_in

REFUSED, INVALID = 409, 422


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def all_of_them(request: HttpRequest) -> HttpResponse:
    """Show all of somebody's conversations, those with an earlier champion too."""
    user = person(request)
    rows = conversations.of_person(user).select_related("membership__user", "champion__membership__user")
    found = rows.select_related("champion__cohort").order_by("-latest_at")
    lines = [(each, conversations.seat_in(each, user).other_name) for each in found]
    return render(request, "cohorts/conversations.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def conversation(request: HttpRequest, pk: int, membership_id: int) -> HttpResponse:
    """Show what the two have written, and take another message."""
    seat = existing(champion_rules.seat(person(request), pk, membership_id))
    if request.method != "POST":
        return _show(request, seat, MessageForm())
    if "open_again" in request.POST:
        conversations.open_again(seat)
        return redirect("conversation", pk, membership_id)
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _show(request, seat, form, status=INVALID)
    try:
        conversations.write(seat, form.cleaned_data["text"])
    except NotWritten as refused:
        seat = existing(champion_rules.seat(person(request), pk, membership_id))
        return _show(request, seat, form, refused=refused, status=REFUSED)
    messages.success(request, "Your message is sent.")
    return redirect("conversation", pk, membership_id)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def end(request: HttpRequest, pk: int, membership_id: int) -> HttpResponse:
    """Ask whether somebody is sure that they want to be left alone, and see to it."""
    seat = existing(champion_rules.seat(person(request), pk, membership_id))
    if request.method != "POST":
        return render(request, "cohorts/conversation_end.html", {"seat": seat})
    conversations.end(seat)
    messages.success(request, "You have ended the conversation.")
    return redirect("me" if seat.side == ConversationMessage.Side.MEMBER else "champion_desk")


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def report(request: HttpRequest, pk: int, membership_id: int, message_id: int) -> HttpResponse:
    """Show what the programme team would see, and show it to them once somebody says so."""
    seat = existing(champion_rules.seat(person(request), pk, membership_id))
    theirs = conversations.messages(seat).exclude(side=seat.side)
    message = existing(theirs.filter(pk=message_id).first())
    if request.method != "POST":
        context = {"seat": seat, "message": message, "text": conversations.text_of(message)}
        return render(request, "cohorts/message_report.html", context)
    conversations.report(seat, message)
    messages.success(request, "The programme team can read that message now.")
    return redirect("conversation", pk, membership_id)


def _show(
    request: HttpRequest, seat: Seat, form: MessageForm, *, refused: NotWritten | None = None, status: int = 200
) -> HttpResponse:
    found = list(conversations.messages(seat)[: conversations.SHOWN + 1]) if seat.conversation else []
    # A form that is not shown again gives back what was written in it.
    lost = form.data.get("text", "") if refused and (seat.why_not or seat.has_ended_it) else ""
    shown = reversed(found[: conversations.SHOWN])
    context = {
        "kept_for": CHAMPION_MESSAGES.kept_for,
        "seat": seat,
        "form": form,
        "refused": refused,
        "why_not": seat.why_not,
        "lines": [(message, conversations.text_of(message), message.side == seat.side) for message in shown],
        "has_more": len(found) > conversations.SHOWN,
        "shown": conversations.SHOWN,
        "written": [lost] if lost else [],
        "is_member": seat.side == ConversationMessage.Side.MEMBER,
    }
    return render(request, "cohorts/conversation.html", context, status=status)
