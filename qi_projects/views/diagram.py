"""A project's driver diagram: the picture, the outline in which it is edited, and a page for each change of a box."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Final

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from portal import together
from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import linking, outlining, rules
from qi_projects.diagram import Level, key_of
from qi_projects.diagram_drawing import draw, sheets
from qi_projects.diagram_forms import BoxForm, LinkForm, RenameForm
from qi_projects.link_forms import MeasuresForm
from qi_projects.models import DiagramItem, Project
from qi_projects.parts import aim_of
from qi_projects.refusals import BoxGone, IdeaTried, ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views import choosing_measures
from qi_projects.views.beside_others import put_down, status_of
from qi_projects.views.seats import INVALID, not_theirs, refuse, seat_of

PLACE: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
"""What a button of the outline sends: which box it is about, and under which other (0: under none)."""
LEVELS: Final = {level.slug: level for level in Level}


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def diagram(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a driver diagram as picture and outline; move a box of the outline, or take it off a driver."""
    seat = seat_of(request, pk)
    if request.method == "POST":
        return _rearrange(request, seat)
    project = seat.project
    found = outlining.read(project)
    aim = aim_of(project)
    said = {"title": str(project), "aim": aim}
    context = {
        "project": project,
        "aim": aim,
        "diagram": found,
        "picture": mark_safe(draw(found, **said, name="diagram")),  # noqa: S308  # escaped as it is drawn
        "sheets": [mark_safe(sheet) for sheet in sheets(found, **said, name="sheet")],  # noqa: S308  # as above
        "may_edit": rules.may_edit(seat),
        "at": request.GET.get("at", ""),
        "levels": list(Level),
    }
    return render(request, "qi_projects/diagram.html", context)


def _rearrange(request: HttpRequest, seat: Seat) -> HttpResponse:
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    deed = next((name for name in ("up", "down", "unlink") if name in request.POST), "")
    place = PLACE.fullmatch(request.POST.get(deed, ""))
    if place is None:
        return refuse(request, seat, ProjectRefused())
    item, upper = int(place[1]), int(place[2]) or None
    try:
        if deed == "unlink":
            outlining.unlink(seat.project, item, upper or 0, by=seat.person)
            messages.success(request, "It no longer hangs on that driver. It is still in the diagram.")
            return redirect("project_diagram", seat.project.pk)
        outlining.move(seat.project, item, up=deed == "up", under=upper, by=seat.person)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    return _back_to(seat.project, key_of(item, upper))


def _back_to(project: Project, place: str) -> HttpResponse:
    """Lead back to a place of the outline, with what can be done there open."""
    return redirect(_at(project, place))


def _at(project: Project, place: str) -> str:
    return f"{reverse('project_diagram', args=[project.pk])}?at={place}#box-{place}"


def _new_form(user: User, data: QueryDict, pk: int, level: str) -> BoxForm | None:
    return BoxForm(data, level=LEVELS[level]) if level in LEVELS else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_new_form))
def add(request: HttpRequest, pk: int, level: str) -> HttpResponse:
    """Add a box that hangs on no other box."""
    seat, chosen = seat_of(request, pk), existing(LEVELS.get(level))
    return _add(request, seat, chosen, None) if rules.may_edit(seat) else not_theirs(request, seat)


def _of_a_box(page: Callable[[HttpRequest, Seat, DiagramItem], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a page the box that it is about; answer whoever may not change it, and where it is there no more."""

    @wraps(page)
    def answer(request: HttpRequest, pk: int, item: int) -> HttpResponse:
        seat = seat_of(request, pk)
        if not rules.may_edit(seat):
            return not_theirs(request, seat)
        box = _item(seat, item)
        return page(request, seat, box) if box else refuse(request, seat, BoxGone())

    return answer


def _form_under(user: User, data: QueryDict, pk: int, item: int) -> BoxForm | None:
    above = DiagramItem.objects.filter(project=pk, pk=item).first()
    level = above and Level(above.level).below
    return BoxForm(data, level=level) if level else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_form_under))
@_of_a_box
def add_under(request: HttpRequest, seat: Seat, above: DiagramItem) -> HttpResponse:
    """Add a box that hangs on another."""
    level = Level(above.level).below
    if level is None:
        return refuse(request, seat, ProjectRefused(outlining.IDEAS_END))
    return _add(request, seat, level, above)


def _add(request: HttpRequest, seat: Seat, level: Level, above: DiagramItem | None) -> HttpResponse:
    form = BoxForm(request.POST if request.method == "POST" else None, level=level)
    context = {"project": seat.project, "form": form, "level": level, "above": above}
    if request.method != "POST" or not form.is_valid():
        return render(request, "qi_projects/diagram_add.html", context, status=INVALID if form.errors else None)
    text, said = form.cleaned_data["text"], form.said_not_about_patients
    try:
        if above:
            added = outlining.add_under(seat.project, above.pk, text, by=seat.person, said_not_about_patients=said)
        else:
            added = outlining.add(seat.project, text, level, by=seat.person, said_not_about_patients=said)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    if "another" in request.POST:
        messages.success(request, f"Added: {text}")
        return redirect(request.path)
    return _back_to(seat.project, key_of(added.pk, above.pk if above else None))


def _rename_form(user: User, data: QueryDict, pk: int, item: int) -> RenameForm | None:
    found = DiagramItem.objects.filter(project=pk, pk=item).first()
    return RenameForm(data, item=found) if found else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_rename_form))
@_of_a_box
def rename(request: HttpRequest, seat: Seat, box: DiagramItem) -> HttpResponse:
    """Let a box say something else."""
    form = RenameForm(request.POST if request.method == "POST" else None, item=box)
    if request.method == "POST" and form.is_valid():
        answer = put_down(
            request,
            seat,
            form,
            lambda: outlining.rename(
                seat.project,
                box.pk,
                form.given["text"],
                seen=form.carried,
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            ),
            lambda: _as_now(box),
        )
        if answer or not form.changed_meanwhile:
            return answer or _back_to(seat.project, _first_place(seat.project, box.pk))
    context = {"project": seat.project, "form": form, "box": box}
    return render(request, "qi_projects/diagram_rename.html", context, status=status_of(form))


def _link_form(user: User, data: QueryDict, pk: int, item: int) -> LinkForm | None:
    seat = rules.seat(user, pk)
    box = seat and _item(seat, item)
    return LinkForm(data, uppers=outlining.read(seat.project).of_level(Level(box.level - 1))) if seat and box else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_link_form))
@_of_a_box
def link(request: HttpRequest, seat: Seat, box: DiagramItem) -> HttpResponse:
    """Let a box hang on one more driver."""
    found = outlining.read(seat.project)
    above = Level(box.level).above
    has = {each.key for each in found.uppers[box.pk]}
    uppers = [each for each in found.of_level(above) if each.key not in has] if above else []
    form = LinkForm(request.POST if request.method == "POST" else None, uppers=uppers)
    context = {"project": seat.project, "form": form, "box": box, "uppers": uppers, "above": above}
    if request.method != "POST" or not form.is_valid():
        return render(request, "qi_projects/diagram_link.html", context, status=INVALID if form.errors else None)
    upper = int(form.cleaned_data["upper"])
    try:
        outlining.link(seat.project, box.pk, upper, by=seat.person)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    return _back_to(seat.project, key_of(box.pk, upper))


def _measures_form(user: User, data: QueryDict, pk: int, item: int) -> MeasuresForm | None:
    seat = rules.seat(user, pk)
    box = seat and _item(seat, item)
    return choosing_measures.form_of(data, seat.project, linking.measures_of_box(box)) if seat and box else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_measures_form))
@_of_a_box
def measures(request: HttpRequest, seat: Seat, box: DiagramItem) -> HttpResponse:
    """Choose the measures that tell of a box."""
    return choosing_measures.choose(
        request,
        seat,
        "qi_projects/diagram_measures.html",
        {"box": box, "is_idea": box.level == Level.IDEA},
        linked=linking.measures_of_box(box),
        link=lambda chosen, seen: linking.link_box(seat.project, box.pk, chosen, seen=seen, by=seat.person),
        then=lambda: _at(seat.project, _first_place(seat.project, box.pk)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@_of_a_box
def delete(request: HttpRequest, seat: Seat, box: DiagramItem) -> HttpResponse:
    """Say what hangs on a box, and delete it once that is confirmed."""
    if request.method != "POST":
        found = outlining.read(seat.project)
        context = {
            "project": seat.project,
            "box": box,
            "seen": together.seen(box, ["text"]),
            "tried": IdeaTried.message if box.ramps.exists() else "",
            "uppers": found.uppers[box.pk],
            "staying": [(lower, len(found.uppers[lower.key]) > 1) for lower in found.lowers[box.pk]],
        }
        return render(request, "qi_projects/diagram_delete.html", context)
    try:
        outlining.delete(seat.project, box.pk, seen=request.POST.get("seen", ""), by=seat.person)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, f"Deleted: {box.text}")
    return redirect("project_diagram", seat.project.pk)


def _item(seat: Seat, item: int) -> DiagramItem | None:
    return seat.project.diagram_items.filter(pk=item).first()


def _as_now(box: DiagramItem) -> Model:
    box.refresh_from_db()
    return box


def _first_place(project: Project, item: int) -> str:
    uppers = outlining.read(project).uppers.get(item)
    return key_of(item, uppers[0].key if uppers else None)
