"""A project's files: the list, adding one, what it is called, another in its place, taking it out, and its download."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal import together
from portal.access import access, existing, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from portal.admin_edits import SEEN
from portal.attachments import serving
from portal.attachments.kinds import CannotAttach
from qi_projects import filing, rules
from qi_projects.file_forms import FileWordsForm, NewFileForm, UploadForm
from qi_projects.models import ProjectFile
from qi_projects.refusals import FileGone, ProjectRefused
from qi_projects.rules import Seat
from qi_projects.views.beside_others import put_down, status_of
from qi_projects.views.seats import INVALID, not_theirs, refuse, seat_of


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a project's files."""
    seat = seat_of(request, pk)
    context = {
        "project": seat.project,
        "files": seat.project.files.select_related("file__uploaded_by"),
        "may_keep_files": rules.may_keep_files(seat),
    }
    return render(request, "qi_projects/files.html", context)


@require_safe
@access(signed_in)
def file(request: HttpRequest, pk: int, file_id: int) -> StreamingHttpResponse:
    """Give a file, as a download, to whoever reads the project."""
    return serving.download(existing(_file(seat_of(request, pk), file_id)).file)


def _new_form(user: User, data: QueryDict, pk: int) -> NewFileForm:
    return NewFileForm(data, by=user)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_new_form))
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a file, and say what it is."""
    seat = seat_of(request, pk)
    if not rules.may_keep_files(seat):
        return not_theirs(request, seat)
    form = NewFileForm(*_sent(request), by=seat.person)
    if request.method == "POST" and form.is_valid():
        add = partial(filing.add, seat.project, title=form.cleaned_data["title"], about=form.cleaned_data["about"])
        if answer := _take_in(request, seat, form, add, "The file is added."):
            return answer
    context = {"project": seat.project, "form": form}
    return render(request, "qi_projects/file_new.html", context, status=INVALID if form.errors else None)


def _words_form(user: User, data: QueryDict, pk: int, file_id: int) -> FileWordsForm | None:
    row = ProjectFile.objects.filter(project=pk, pk=file_id).first()
    return FileWordsForm(data, file=row) if row else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_words_form))
def change(request: HttpRequest, pk: int, file_id: int) -> HttpResponse:
    """Call a file something else."""
    seat = seat_of(request, pk)
    if not rules.may_keep_files(seat):
        return not_theirs(request, seat)
    row = _file(seat, file_id)
    if row is None:
        return refuse(request, seat, FileGone())
    form = FileWordsForm(request.POST if request.method == "POST" else None, file=row)
    if request.method == "POST" and form.is_valid():
        answer = put_down(
            request,
            seat,
            form,
            lambda: filing.change(
                seat.project,
                file_id,
                form.given,
                seen=form.carried,
                by=seat.person,
                said_not_about_patients=form.said_not_about_patients,
            ),
            lambda: existing(_file(seat, file_id)),
        )
        if answer or not form.changed_meanwhile:
            return answer or redirect("project_files", pk)
    context = {"project": seat.project, "file": row, "form": form}
    return render(request, "qi_projects/file_change.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def replace(request: HttpRequest, pk: int, file_id: int) -> HttpResponse:
    """Put another file in the place of one."""
    seat = seat_of(request, pk)
    if not rules.may_keep_files(seat):
        return not_theirs(request, seat)
    row = _file(seat, file_id)
    if row is None:
        return refuse(request, seat, FileGone())
    form = UploadForm(*_sent(request), by=seat.person)
    seen = request.POST.get(SEEN, "") if request.method == "POST" else together.seen(row, filing.WHICH)
    if request.method == "POST" and form.is_valid():
        put_in_place = partial(filing.replace, seat.project, file_id, seen=seen)
        if answer := _take_in(request, seat, form, put_in_place, "The file is replaced."):
            return answer
    context = {"project": seat.project, "file": row, "form": form, "seen": seen}
    return render(request, "qi_projects/file_replace.html", context, status=INVALID if form.errors else None)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def remove(request: HttpRequest, pk: int, file_id: int) -> HttpResponse:
    """Ask whether a file is to go, and take it out for good."""
    seat = seat_of(request, pk)
    if not rules.may_keep_files(seat):
        return not_theirs(request, seat)
    row = _file(seat, file_id)
    if row is None:
        return refuse(request, seat, FileGone())
    if request.method != "POST":
        context = {"project": seat.project, "file": row, "seen": together.seen(row, filing.WHICH)}
        return render(request, "qi_projects/file_remove.html", context)
    try:
        filing.remove(seat.project, file_id, seen=request.POST.get(SEEN, ""), by=seat.person)
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, "The file is removed.")
    return redirect("project_files", pk)


def _file(seat: Seat, file_id: int) -> ProjectFile | None:
    return seat.project.files.select_related("file").filter(pk=file_id).first()


def _take_in(
    request: HttpRequest, seat: Seat, form: UploadForm, keep: Callable[..., ProjectFile], done: str
) -> HttpResponse | None:
    """Keep what a form brings, and lead back to the list; return nothing where the form is to be shown again."""
    try:
        keep(
            received=form.cleaned_data["upload"],
            by=seat.person,
            said_not_about_patients=form.said_not_about_patients,
        )
    except CannotAttach as refused:
        form.add_error("upload", str(refused))
        return None
    except ProjectRefused as refused:
        return refuse(request, seat, refused)
    messages.success(request, done)
    return redirect("project_files", seat.project.pk)


def _sent(request: HttpRequest) -> tuple[QueryDict | None, MultiValueDict[str, Any] | None]:
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
