"""The gallery: published projects for everybody to find, to read, and to start their own from."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from portal.access import access, anyone, existing, person, signed_in
from qi_projects import building_on, rules
from qi_projects import gallery as reads
from qi_projects.chart_table import as_csv
from qi_projects.charts import reckon
from qi_projects.forms import CountsForForm
from qi_projects.freezing import series_of
from qi_projects.gallery import Whole
from qi_projects.models import Publication
from qi_projects.publication_forms import GalleryForm
from qi_projects.refusals import PublicationMoved
from qi_projects.views.published_page import page_of
from qi_projects.views.seats import INVALID, REFUSED


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def gallery(request: HttpRequest) -> HttpResponse:
    """Show published projects, the newest first, or those that somebody looks for."""
    form = GalleryForm(request.GET, themes=reads.themes())
    wanted = form.wanted
    before = request.GET.get("before", "")
    found = reads.page(wanted, before=before)
    further = request.GET.copy()
    further["before"] = found.next_before
    context = {
        "form": form,
        "cards": found.rows,
        "next_href": f"?{further.urlencode()}" if found.next_before else "",
        "is_first": not before,
        "is_all": wanted.is_all,
    }
    return render(request, "qi_projects/gallery.html", context, status=INVALID if form.errors else None)


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def publication(request: HttpRequest, number: int) -> HttpResponse:
    """Show a published project."""
    return _show(request, existing(reads.published(number)))


def _show(request: HttpRequest, found: Publication) -> HttpResponse:
    whole = reads.whole_of(found)
    context = {
        **page_of(whole),
        "comes_along": _comes_along(whole),
        "started": reads.started_from(found),
        "signed_in": request.user.is_authenticated,
    }
    return render(request, "qi_projects/published.html", context)


def _comes_along(whole: Whole) -> str:
    """Say what a project that is started from one begins with."""
    along = ["this title and aim to adapt"]
    if whole.diagram:
        along.append("a copy of the driver diagram")
    if whole.charts:
        along.append("what is measured here, without its data")
    return get_text_list(along, "and")


@require_safe
@cache_control(private=True, no_store=True)
@access(anyone)
def data(request: HttpRequest, number: int, chart: int) -> HttpResponse:
    """Give the figures of a published chart as a CSV file."""
    found = existing(existing(reads.published(number)).charts.filter(position=chart).first())
    disposition = {"Content-Disposition": f'attachment; filename="project-{number}-chart-{chart}.csv"'}
    body = b"".join(as_csv(reckon(series_of(found.shown))))
    return HttpResponse(body, content_type="text/csv; charset=utf-8", headers=disposition)


@require_POST
@cache_control(private=True, no_store=True)
@access(signed_in)
def start(request: HttpRequest, number: int) -> HttpResponse:
    """Start a project of one's own from a published one; ask first for which cohort, where it could be several."""
    user = person(request)
    found = existing(reads.published(number))
    memberships = rules.memberships_to_count_for(user)
    if len(memberships) > 1:
        form = CountsForForm(request.POST if "counts_for" in request.POST else None, memberships=memberships)
        if not form.is_valid():
            context = {"publication": found, "form": form}
            return render(request, "qi_projects/gallery_start.html", context, status=INVALID if form.errors else None)
        membership = form.membership
    else:
        membership = memberships[0] if memberships else None
    try:
        begun = building_on.begin_from(found, user, membership=membership)
    except PublicationMoved as refused:
        return render(request, "qi_projects/naming_over.html", {"refused": refused}, status=REFUSED)
    counts = f" It counts for {membership.cohort.name}." if membership else ""
    messages.success(request, f"This is your own draft. Read what came along, and make it yours.{counts}")
    return redirect(begun)
