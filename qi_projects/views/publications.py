"""Publishing a project, as its team does it: how it stands, writing it, choosing charts, a preview, and each step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.questions import count_of
from portal.together import label, said
from qi_projects import gallery, naming, outlining, public_parts, publication_rules, publishable, publishing, rules
from qi_projects.models import Measure, Publication
from qi_projects.publication_forms import PARTS, ChartsForm, PublicationForm
from qi_projects.refusals import ProjectRefused, PublicationMoved
from qi_projects.reviewing import Point
from qi_projects.rules import Seat
from qi_projects.views.beside_others import put_down, status_of
from qi_projects.views.published_page import page_of
from qi_projects.views.seats import ASK_A_LEAD, NOT_THEIRS, refuse, seat_of

State = Publication.State


RECORDS: Final = ("project_approval", "project_statement")
"""Where what stands on record is recorded, which is done while a project goes on."""


@dataclass(frozen=True, slots=True)
class Act:
    """A step that a team takes once it has read what that does."""

    title: str
    button: str
    deed: str
    may: Callable[[Seat], bool]
    says: tuple[str, ...]
    done: str
    do: Callable[[Publication, User], object]


ACTS: Final = {
    "send": Act(
        title="Send it to an editor",
        button="Send it to an editor",
        deed="send",
        may=publication_rules.may_write,
        says=(
            "An editor of the programme team reads it as it stands now, with its charts and driver diagram.",
            "They publish it, or return it with reasons. Until then nobody changes it, and you can take it back.",
            "Read it once more for names, and for anything by which a patient or a colleague could be known.",
            "Whoever is or was in your team and has not said whether to be named is asked by email.",
            "Who does not answer is not named.",
        ),
        done="It is sent. You are told by email what the editor decides.",
        do=lambda publication, by: publishing.send(publication, by=by),
    ),
    "withdraw": Act(
        title="Take it back from the editor",
        button="Take it back",
        deed="withdraw",
        may=publication_rules.may_write,
        says=("You can go on writing then, and send it again.",),
        done="It is taken back. You can go on writing.",
        do=lambda publication, by: publishing.withdraw(publication, by=by),
    ),
    "take-back": Act(
        title="Take it out of the gallery",
        button="Take it out of the gallery",
        deed="take_back",
        may=publication_rules.may_take_back,
        says=(
            "Nobody can read it there from that moment on. What somebody has copied or printed is out of our hands.",
            "Projects that were started from it go on.",
            "You can publish it anew: your words are kept for that, and everybody is asked again whether to be named.",
        ),
        done="It is out of the gallery.",
        do=lambda publication, by: publishing.take_back(publication, by=by),
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how a project's publication stands; begin one, or ask the team whom to name."""
    seat = seat_of(request, pk)
    if request.method == "POST":
        return _do(request, seat)
    current = publishing.live_publication(seat.project)
    points: Sequence[Point] = []
    if current is None or current.is_written:
        points = publishable.checklist(seat.project, public_parts.shown_now(current) if current else None)
    writes = publication_rules.may_write(seat)
    context: dict[str, Any] = {
        "project": seat.project,
        "publication": current,
        "earlier": None if current else seat.project.publications.first(),
        "points": [(point, _address(seat, point)) for point in points],
        "ready": all(point.is_there for point in points),
        "lacks_a_record": any(point.route in RECORDS and not point.is_there for point in points),
        "may_begin": current is None and writes and not seat.project.is_private,
        "may_write": current is not None and current.is_written and writes,
    }
    if current:
        published = Publication.objects.filter(pk=current.pk)
        context |= {
            "approval_ended": published.no_longer_approved().exists(),
            "parts": _parts(current),
            "names": naming.named(current),
            "may_ask": writes,
            "is_asked": seat.place is not None,
            "mine": naming.answer_of(current, seat.person),
            "acts": [
                (key, each)
                for key, each in ACTS.items()
                if key != "send" and each.may(seat) and publishing.may_step(each.deed, current)
            ],
            "started": gallery.started_from(current),
        }
    return render(request, "qi_projects/publication.html", context)


def _do(request: HttpRequest, seat: Seat) -> HttpResponse:
    if not publication_rules.may_write(seat):
        return refuse(request, seat, ASK_A_LEAD, status=NOT_THEIRS)
    current = publishing.live_publication(seat.project)
    try:
        if request.POST.get("deed") == "begin":
            publishing.begin(seat.project, by=seat.person)
        elif request.POST.get("deed") == "ask" and current:
            messages.success(request, _asked(naming.ask_the_team(current, by=seat.person)))
        else:
            raise PublicationMoved
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    return redirect("project_publication", seat.project.pk)


def _asked(number: int) -> str:
    if not number:
        return "Nobody was asked: everybody has been asked already, or has answered."
    return f"{count_of(number, 'person is', 'people are')} asked by email."


def _address(seat: Seat, point: Point) -> str:
    """Return where the team does something about a point: nothing, for whoever cannot, or where it is this page."""
    here = point.route == "project_publication"
    return "" if seat.place is None or here else reverse(point.route, args=[seat.project.pk])


def _parts(current: Publication) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return each part's key, its title, and label and words of each of its fields."""
    return [
        (
            key,
            part.title,
            [(label(current, name), said(current, name)) for name in part.fields],
        )
        for key, part in PARTS.items()
    ]


def _edit_form(user: User, data: QueryDict, pk: int, part: str) -> PublicationForm | None:
    seat, chosen = rules.seat(user, pk), PARTS.get(part)
    current = publishing.live_publication(seat.project) if seat else None
    return PublicationForm(data, publication=current, fields=chosen.fields) if current and chosen else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_edit_form))
def edit(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Show one part of what is published, and put down what was written there."""
    seat, chosen = seat_of(request, pk), existing(PARTS.get(part))
    current = _written(request, seat)
    if isinstance(current, HttpResponse):
        return current
    sent = request.POST if request.method == "POST" else None
    form = PublicationForm(sent, publication=current, fields=chosen.fields)
    if sent is not None and form.is_valid():
        answer = put_down(
            request,
            seat,
            form,
            lambda: publishing.change(
                current,
                form.given,
                seen=form.carried,
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            ),
            lambda: Publication.objects.get(pk=current.pk),
        )
        if answer or not form.changed_meanwhile:
            return answer or redirect("project_publication", pk)
    context = {"project": seat.project, "part": chosen, "form": form}
    return render(request, "qi_projects/publication_edit.html", context, status=status_of(form))


def _charts_form(user: User, data: QueryDict, pk: int) -> ChartsForm | None:
    seat = rules.seat(user, pk)
    current = publishing.live_publication(seat.project) if seat else None
    return _form_of_charts(current, public_parts.charts_to_choose(current.project), data) if current else None


def _form_of_charts(
    current: Publication, found: Sequence[tuple[Measure, str]], data: QueryDict | None = None
) -> ChartsForm:
    measures = [measure for measure, why_not in found if not why_not]
    has_boxes = bool(outlining.read(current.project).boxes)
    return ChartsForm(data, publication=current, measures=measures, has_boxes=has_boxes)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_charts_form))
def charts(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose which charts go with what is published, and whether the driver diagram does."""
    seat = seat_of(request, pk)
    current = _written(request, seat)
    if isinstance(current, HttpResponse):
        return current
    found = public_parts.charts_to_choose(seat.project)
    form = _form_of_charts(current, found, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer = put_down(
            request,
            seat,
            form,
            lambda: publishing.change(current, form.given, seen=form.carried, by=seat.person),
            lambda: Publication.objects.get(pk=current.pk),
        )
        if answer or not form.changed_meanwhile:
            return answer or redirect("project_publication", pk)
    context = {
        "project": seat.project,
        "form": form,
        "not_shown": [(measure, why_not) for measure, why_not in found if why_not],
    }
    return render(request, "qi_projects/publication_charts.html", context, status=status_of(form))


def _written(request: HttpRequest, seat: Seat) -> Publication | HttpResponse:
    """Return a publication that somebody may write on now, or the answer where they may not."""
    if not publication_rules.may_write(seat):
        return refuse(request, seat, ASK_A_LEAD, status=NOT_THEIRS)
    current = publishing.live_publication(seat.project)
    if current and current.is_written:
        return current
    if request.method == "POST":
        return refuse(request, seat, PublicationMoved())
    return redirect("project_publication", seat.project.pk)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would be published, as everybody would read it, to those who see the project."""
    seat = seat_of(request, pk)
    current = publishing.live_publication(seat.project)
    if current is None:
        return redirect("project_publication", pk)
    context = {"project": seat.project, "is_preview": True, **page_of(gallery.whole_of(current))}
    return render(request, "qi_projects/published.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Say what a step does, and take it once that is confirmed."""
    seat, chosen = seat_of(request, pk), existing(ACTS.get(act))
    if not chosen.may(seat):
        return refuse(request, seat, ASK_A_LEAD, status=NOT_THEIRS)
    current = publishing.live_publication(seat.project)
    if current is None or not publishing.may_step(chosen.deed, current):
        is_sent = request.method == "POST"
        return refuse(request, seat, PublicationMoved()) if is_sent else redirect("project_publication", pk)
    if request.method != "POST":
        missing = publishable.what_is_missing(seat.project, public_parts.shown_now(current)) if act == "send" else []
        context = {"project": seat.project, "act": chosen, "missing": missing}
        return render(request, "qi_projects/publication_act.html", context)
    try:
        chosen.do(current, seat.person)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, chosen.done)
    return redirect("project_publication", pk)
