"""What stands on record about a project: its organisation's approval, and that it holds no patient data."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from portal.access import access, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import rules, vouching
from qi_projects.forms import ApprovalForm, StatementForm
from qi_projects.refusals import ProjectRefused
from qi_projects.views.seats import INVALID, not_theirs, refuse, seat_of


def _approval_form(user: User, data: QueryDict, pk: int) -> ApprovalForm:
    return ApprovalForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_approval_form))
def approval(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what was recorded of the organisation's approval, and record what was decided."""
    seat = seat_of(request, pk)
    may_record, sent = rules.may_record_approval(seat), request.method == "POST"
    if sent and not may_record:
        return not_theirs(request, seat)
    form = ApprovalForm(request.POST if sent else None) if may_record else None
    if sent and form and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("decision", "name", "role", "decided_on", "note")}
        try:
            vouching.record_approval(seat.project, **given, by=seat.person)
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        messages.success(request, "Recorded.")
        return redirect("project", pk)
    context = {
        "project": seat.project,
        "records": seat.project.approvals.select_related("recorded_by"),
        "form": form,
    }
    return render(request, "qi_projects/approval.html", context, status=INVALID if form and form.errors else None)


def _statement_form(user: User, data: QueryDict, pk: int) -> StatementForm:
    return StatementForm(data)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_statement_form))
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what the team has said about ethics and patient data, and take what somebody says now."""
    seat = seat_of(request, pk)
    may_state, sent = rules.may_state(seat), request.method == "POST"
    if sent and not may_state:
        return not_theirs(request, seat)
    form = StatementForm(request.POST if sent else None) if may_state else None
    if sent and form and form.is_valid():
        try:
            vouching.state(
                seat.project,
                basis=form.cleaned_data["basis"],
                reference=form.cleaned_data["reference"],
                by=seat.person,
            )
        except ProjectRefused as refused:
            return refuse(request, seat, refused)
        messages.success(request, "Thank you. It stands on record.")
        return redirect("project", pk)
    context = {
        "project": seat.project,
        "records": seat.project.statements.select_related("said_by"),
        "form": form,
    }
    return render(request, "qi_projects/statement.html", context, status=INVALID if form and form.errors else None)
