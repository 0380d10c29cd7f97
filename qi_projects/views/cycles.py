"""A project's PDSA cycles: its ramps, beginning one, and the page of a cycle with all that is written in it."""

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import cycles, linking, rules
from qi_projects.cycle_forms import PARTS, RampForm, RenameRampForm
from qi_projects.diagram import Level
from qi_projects.link_forms import MeasuresForm
from qi_projects.models import Cycle, DiagramItem, Project, Ramp
from qi_projects.refusals import ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views import choosing_measures
from qi_projects.views.beside_others import put_down, status_of
from qi_projects.views.seats import INVALID, not_theirs, refuse, seat_of


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def ramps(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a project's ramps, each with its cycles."""
    seat = seat_of(request, pk)
    rows = Ramp.objects.filter(project=seat.project).select_related("idea")
    context = {
        "project": seat.project,
        "ramps": rows.prefetch_related(Prefetch("cycles", Cycle.objects.order_by("number"))),
        "may_edit": rules.may_edit(seat),
    }
    return render(request, "qi_projects/ramps.html", context)


def _ideas(project: Project) -> list[DiagramItem]:
    return list(DiagramItem.objects.filter(project=project, level=Level.IDEA))


def _ramp_form(user: User, data: QueryDict, pk: int) -> RampForm | None:
    seat = rules.seat(user, pk)
    return RampForm(data, ideas=_ideas(seat.project)) if seat else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_ramp_form))
def new_ramp(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a ramp that tries out a change idea."""
    seat = seat_of(request, pk)
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    ideas = _ideas(seat.project)
    data = request.POST if request.method == "POST" else None
    form = RampForm(data, ideas=ideas, chosen=request.GET.get("idea", ""))
    context = {"project": seat.project, "form": form, "ideas": ideas}
    if request.method != "POST" or not form.is_valid():
        return render(request, "qi_projects/ramp_new.html", context, status=INVALID if form.errors else None)
    try:
        begun = cycles.begin_ramp(
            seat.project,
            int(form.cleaned_data["idea"]),
            form.cleaned_data["name"],
            by=seat.person,
            said_not_about_patients=form.said_not_about_patients,
        )
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    return redirect("cycle_edit", pk, begun.pk, "objective")


def _rename_form(user: User, data: QueryDict, pk: int, ramp: int) -> RenameRampForm | None:
    row = Ramp.objects.filter(project=pk, pk=ramp).first()
    return RenameRampForm(data, ramp=row) if row else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_rename_form))
def rename_ramp(request: HttpRequest, pk: int, ramp: int) -> HttpResponse:
    """Give a ramp another name."""
    seat = seat_of(request, pk)
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    row = existing(Ramp.objects.filter(project=seat.project, pk=ramp).first())
    form = RenameRampForm(request.POST if request.method == "POST" else None, ramp=row)
    if request.method == "POST" and form.is_valid():
        answer = put_down(
            request,
            seat,
            form,
            lambda: cycles.rename_ramp(
                seat.project,
                ramp,
                form.given["name"],
                seen=form.carried,
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            ),
            lambda: Ramp.objects.get(pk=ramp),
        )
        if answer or not form.changed_meanwhile:
            return answer or redirect("cycles", pk)
    context = {"project": seat.project, "form": form}
    return render(request, "qi_projects/ramp_rename.html", context, status=status_of(form))


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def cycle(request: HttpRequest, pk: int, cycle: int) -> HttpResponse:
    """Show a cycle: its four steps, what is carried over from the one before, and what is next."""
    seat = seat_of(request, pk)
    row = cycle_of(seat, cycle)
    around = {each.number: each for each in row.ramp.cycles.filter(number__in=[row.number - 1, row.number + 1])}
    may_edit = rules.may_edit(seat)
    written = cycles.WRITTEN_IN.get(row.state, ()) if may_edit else ()
    context = {
        "project": seat.project,
        "cycle": row,
        "questions": row.questions.all(),
        "measures": linking.measures_of_cycle(row),
        "before": around.get(row.number - 1),
        "after": around.get(row.number + 1),
        "may_edit": may_edit,
        "links": {
            key: reverse("cycle_edit", args=[pk, row.pk, key])
            for key, part in PARTS.items()
            if not set(part.fields).isdisjoint(written)
        },
    }
    return render(request, "qi_projects/cycle.html", context)


def cycle_of(seat: Seat, cycle: int) -> Cycle:
    """Return a cycle of the project. Raises Http404 where there is none."""
    rows = Cycle.objects.select_related("ramp__idea").filter(pk=cycle, ramp__project=seat.project)
    return existing(rows.first())


def _measures_form(user: User, data: QueryDict, pk: int, cycle: int) -> MeasuresForm | None:
    seat = rules.seat(user, pk)
    row = seat and Cycle.objects.filter(pk=cycle, ramp__project=seat.project).first()
    return choosing_measures.form_of(data, seat.project, linking.measures_of_cycle(row)) if seat and row else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_measures_form))
def measures(request: HttpRequest, pk: int, cycle: int) -> HttpResponse:
    """Choose the measures by which a cycle is studied, whatever step it has come to."""
    seat = seat_of(request, pk)
    if not rules.may_edit(seat):
        return not_theirs(request, seat)
    row = cycle_of(seat, cycle)
    return choosing_measures.choose(
        request,
        seat,
        "qi_projects/cycle_measures.html",
        {"cycle": row},
        linked=linking.measures_of_cycle(row),
        link=lambda chosen, seen: linking.link_cycle(seat.project, row.pk, chosen, seen=seen, by=seat.person),
        then=row.get_absolute_url,
    )
