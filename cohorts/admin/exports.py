"""Lists of this app as files. What is private is no column of any: answers, reasons, whose an evaluation is.

Each list is as its page shows it: filtered the same, and of what the admin keeps alone.
"""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from cohorts.admin.applicants import listed
from cohorts.evaluation_results import Results, results
from cohorts.models import Booking, Cohort, Membership, Session
from portal.administration import CHUNK, RuledAdmin
from portal.lists_as_files import List, download_page
from portal.nhsuk.dates import say_date
from portal.questions import Question, ask, people
from portal.small_numbers import LEAST_ANSWERS
from portal.spreadsheets import Cell

MEMBERS: Final = ("Name", "Email", "Cohort", "Organisation", "Job role", "State", "Done", "Asked", "On time")
BOOKINGS: Final = ("Name", "Email", "Organisation", "Session", "Cohort", "Date", "Starts", "Ends", "State")
APPLICANTS: Final = ("Name", "Email", "Organisation", "Job role", "State", "Since")
EVALUATION: Final = (
    "What was asked",
    "People",
    "Agree",
    "Neither",
    "Disagree",
    "Mean",
    "Mean before",
    "Mean after",
    "In their own words",
)


def download_members(model_admin: RuledAdmin[Membership], request: HttpRequest) -> HttpResponseBase:
    """Give the list of members, as it is filtered, with the columns that it shows."""
    rows = model_admin.rows_of_list(request).select_related("user", "cohort", "organisation", "job_role")
    number = rows.count()
    listed_as = List(
        name="members",
        deed="membership.exported",
        subject="membership:list",
        headings=MEMBERS,
        rows=map(_member, model_admin.each_with_figures(rows)),
        number=number,
        holds=f"the names, addresses and progress of {people(number)}",
    )
    return download_page(model_admin, request, listed_as)


def download_bookings(model_admin: RuledAdmin[Booking], request: HttpRequest) -> HttpResponseBase:
    """Give the list of bookings, as it is filtered: of one session, that is its register."""
    rows = model_admin.rows_of_list(request)
    number = rows.count()
    listed_as = List(
        name="bookings",
        deed="booking.exported",
        subject="booking:list",
        headings=BOOKINGS,
        rows=_bookings(rows),
        number=number,
        holds=f"who has booked what, and who came: {number:,} in all",
    )
    return download_page(model_admin, request, listed_as)


def download_applicants(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give those who would like to take part, in the order of their page, without what they wrote."""
    cohort = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    rows = listed(cohort)
    number = rows.count()
    listed_as = List(
        name="applicants",
        deed="cohort.applicants_exported",
        subject=cohort,
        headings=APPLICANTS,
        rows=_applicants(rows),
        number=number,
        holds=f"the names and addresses of {people(number)} who would like to take part",
        about=cohort,
    )
    return download_page(model_admin, request, listed_as)


def download_evaluation(model_admin: "admin.ModelAdmin[Session]", request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give what people say of a session, in fives as on its page, and nothing while that tells nothing."""
    session = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    found = results(session)
    if not found.told:
        says = [f"Fewer than {LEAST_ANSWERS} people have answered. There is nothing to download yet."]
        return ask(request, model_admin, Question(title="Download the list", says=says, about=session))
    rows = list(_evaluation(found))
    listed_as = List(
        name="evaluation",
        deed="session.evaluation_exported",
        subject=session,
        headings=EVALUATION,
        rows=rows,
        number=len(rows),
        holds=f"what {found.told} people say of the session, without their names",
        about=session,
    )
    return download_page(model_admin, request, listed_as)


def _member(membership: Any) -> list[Cell]:
    return [
        membership.user.name,
        membership.user.email,
        membership.cohort.name,
        str(membership.organisation or ""),
        str(membership.job_role or ""),
        membership.get_state_display(),
        membership.done,
        membership.asked,
        ("No" if membership.is_late else "Yes") if membership.state == Membership.State.ENROLLED else "",
    ]


def _bookings(rows: QuerySet[Booking]) -> Iterator[list[Cell]]:
    related = rows.select_related("user__organisation", "session__component", "session__cohort")
    for booking in related.iterator(chunk_size=CHUNK):
        session = booking.session
        starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
        yield [
            booking.user.name,
            booking.user.email,
            str(booking.user.organisation or ""),
            session.component.title,
            session.cohort.name if session.cohort else "",
            starts.date().isoformat(),
            f"{starts:%H:%M}",
            f"{ends:%H:%M}",
            booking.get_state_display(),
        ]


def _applicants(rows: QuerySet[Membership]) -> Iterator[list[Cell]]:
    for row in rows.iterator(chunk_size=CHUNK):
        yield [
            row.user.name,
            row.user.email,
            str(row.organisation or ""),
            str(row.job_role or ""),
            row.get_state_display(),
            say_date(row.since),
        ]


def _evaluation(found: Results) -> Iterator[list[Cell]]:
    for change in found.changes:
        yield [change.outcome, change.people, "", "", "", "", f"{change.before:.1f}", f"{change.after:.1f}", ""]
    for scale in found.scales:
        numbers = [scale.people, scale.agree, scale.neither, scale.disagree]
        yield [scale.question, *numbers, f"{scale.mean:.1f}", "", "", ""]
    for question, texts in found.texts:
        for text in texts:
            yield [question, "", "", "", "", "", "", "", text]
