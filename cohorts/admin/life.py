"""The life of a cohort on one page, from the first application to the last certificate.

Each stage says what has happened, what waits for the team, and leads to the one page on which that is done. It names
nobody: names stand on the pages to which it leads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib import admin
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from cohorts import certificates, register
from cohorts.admin.applicants import COUNTED, lines
from cohorts.admin.keeping import count
from cohorts.admin.lacking import say_what_is_lacking, with_what_is_lacking
from cohorts.completion import with_counts, with_lateness
from cohorts.models import Booking, Certificate, Champion, Cohort, CohortMessage, Evaluation, Membership, Session
from portal.admin_needs import Task
from portal.nhsuk.dates import say_date, say_until, say_when
from portal.questions import count_of, people
from portal.small_numbers import in_fives

State = Membership.State

MOST_SESSIONS: Final = 100


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a cohort's life: when it is, its numbers by name, what waits for the team now, and where to act."""

    heading: str
    when: str
    facts: Sequence[tuple[str, int | str]]
    act: Task
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Date:
    """A session as its line tells of it. `register` and `answers` lead to their pages, where there is one to see."""

    title: str
    href: str
    when: str
    places: str
    lacks: str
    register: Task
    answers: Task


def life_page(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, pk: int) -> HttpResponse:
    """Show the stages of a cohort's life, in a number of statements that does not grow with it."""
    cohort = get_object_or_404(model_admin.get_queryset(request), pk=pk)
    in_state = _in_states(cohort)
    dates = _dates(cohort)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"The life of {cohort}",
        "opts": model_admin.opts,
        "about": cohort,
        "applications": _applications(cohort, in_state),
        "places": _places(cohort, in_state),
        "sessions": _sessions(cohort, dates),
        "dates": dates[:MOST_SESSIONS],
        "has_more_dates": len(dates) > MOST_SESSIONS,
        "later_stages": [_champions(cohort), _messages(cohort), _progress(cohort), _certificates(cohort)],
        "states": [state.label for state in COUNTED],
        "by_organisation": lines(cohort, "organisation__name"),
        "by_job_role": lines(cohort, "job_role__name"),
    }
    return TemplateResponse(request, "admin/cohorts/cohort/life.html", context)


def _page(name: str, cohort: Cohort) -> str:
    return reverse(f"admin:cohorts_cohort_{name}", args=[cohort.pk])


def _list(model: str, filtered: str) -> str:
    return f"{reverse(f'admin:cohorts_{model}_changelist')}?{filtered}"


def _days(first: date | None, last: date | None, otherwise: str) -> str:
    return f"{say_date(first)} to {say_date(last)}" if first and last else otherwise


def _in_states(cohort: Cohort) -> dict[str, Any]:
    """Count a cohort's people by state, with when the next offer ends as `offer_ends`."""
    found: dict[str, Any] = dict.fromkeys(State.values, 0)
    rows = cohort.memberships.order_by().values_list("state").annotate(Count("pk"), Min("offer_expires_at"))
    for state, number, ends in rows:
        found[state] = number
        if ends:
            found["offer_ends"] = ends
    return found


def _applications(cohort: Cohort, in_state: Mapping[str, Any]) -> Stage:
    applied, reserve, ends = in_state[State.APPLIED], in_state[State.RESERVE], in_state.get("offer_ends")
    offers: list[tuple[str, int | str]] = [("The next offer ends", say_until(ends))] if ends else []
    return Stage(
        "Applications",
        _days(cohort.opens_on, cohort.closes_on, "Nobody applies: no days are entered for it. The team enrols people."),
        [
            ("Applied, and wait for your decision", applied),
            ("Nominated, and have not answered", in_state[State.NOMINATED]),
            ("Offered a place, and have not answered", in_state[State.OFFERED]),
            *offers,
            ("On the reserve list", reserve),
            ("Declined, or were told that there is no place", in_state[State.DECLINED]),
        ],
        Task("See who would like to take part, and decide", _page("applicants", cohort)),
        _who_waits(applied, min(reserve, cohort.places_left)),
    )


def _who_waits(applied: int, reserve: int) -> str:
    """Say how many wait for a decision, and for how many of the reserve list there is a place."""
    said = [f"{people(applied)} applied and not answered"] if applied else []
    return ", ".join(said + ([f"a place left for {people(reserve)} on the reserve list"] if reserve else []))


def _places(cohort: Cohort, in_state: Mapping[str, Any]) -> Stage:
    return Stage(
        "Who takes part",
        f"{cohort.taken} of {count_of(cohort.places, 'place')} taken or offered",
        [
            ("Enrolled", in_state[State.ENROLLED]),
            ("Withdrawn", in_state[State.WITHDRAWN]),
            ("Deferred to a later cohort", in_state[State.DEFERRED]),
        ],
        Task(
            "See the members",
            _list("membership", f"cohort__id__exact={cohort.pk}&state__exact={State.ENROLLED}"),
        ),
    )


def _dates(cohort: Cohort) -> list[Date]:
    """Return the cohort's sessions in order: its own, and those for every cohort that fall within its days.

    One more of them than is shown at the most.
    """
    own = Q(cohort=cohort) | Q(starts_at__date__range=(cohort.starts_on, cohort.ends_on))
    of_it = OuterRef("pk")
    found: Any = (
        with_what_is_lacking(Session.objects.of_cohort(cohort.pk, cohort.programme_id).filter(own))
        .select_related("component")
        .annotate(
            waiting=count(Booking.objects.queue().filter(session=of_it), "session"),
            unmarked=count(Booking.objects.filter(session=of_it, state=Booking.State.BOOKED), "session"),
            came=count(Booking.objects.filter(session=of_it, state=Booking.State.ATTENDED), "session"),
            answered=count(Evaluation.objects.filter(session=of_it, stage=Evaluation.Stage.AFTER), "session"),
        )
        .order_by("starts_at", "pk")
    )
    return [_date(session) for session in found[: MOST_SESSIONS + 1]]


def _date(session: Any) -> Date:
    said = say_when(session.starts_at, session.ends_at)
    waiting = f", {session.waiting} waiting" if session.waiting else ""
    is_to_come = not (session.is_cancelled or session.has_begun)
    return Date(
        title=session.component.title,
        href=reverse("admin:cohorts_session_change", args=[session.pk]),
        when=f"Cancelled: {said}" if session.is_cancelled else said,
        places=f"{session.taken} of {session.places}{waiting}",
        lacks=say_what_is_lacking(vars(session)) if is_to_come else "",
        register=_register(session),
        answers=_answers(session),
    )


def _register(session: Any) -> Task:
    """Say how the register stands; the people whom it counts are those with a place."""
    if not register.is_open(session):
        return Task("" if session.is_cancelled else "Not open yet", "")
    said = f"{people(session.unmarked)} without a mark" if session.unmarked else f"Taken: {session.came} came"
    return Task(said if session.taken else "Nobody had booked", reverse("register", args=[session.pk]))


def _answers(session: Any) -> Task:
    """Say of how many people the answers are told, as the page of a session's evaluation tells them: in fives."""
    told = in_fives(session.answered)
    return Task(people(told), reverse("evaluation", args=[session.pk])) if told else Task("", "")


def _sessions(cohort: Cohort, dates: Sequence[Date]) -> Stage:
    lacking = sum(bool(each.lacks) for each in dates)
    listed = _list("session", f"when=all&cohort__id__exact={cohort.pk}")
    add = f"{reverse('admin:cohorts_session_series')}?cohort={cohort.pk}"
    return Stage(
        "Sessions",
        _days(cohort.starts_on, cohort.ends_on, ""),
        [],
        Task("See the sessions in a list", listed) if dates else Task("Add a series of sessions", add),
        f"{count_of(lacking, 'session')} to come without a facilitator, venue or link" if lacking else "",
    )


def _champions(cohort: Cohort) -> Stage:
    counted = cohort.champions.live().order_by().values_list("state").annotate(Count("pk"))
    in_state = dict(counted)
    agreed = in_state.get(Champion.State.AGREED, 0)
    return Stage(
        "Champions",
        _days(cohort.champion_opens_on, cohort.champion_closes_on, "Members do not nominate: the team asks somebody."),
        [
            ("Asked", in_state.get(Champion.State.ASKED, 0)),
            ("Said yes", agreed),
            ("Champion", in_state.get(Champion.State.CONFIRMED, 0)),
        ],
        Task("Ask, confirm or end champions", _page("champions", cohort)),
        f"{count_of(agreed, 'champion')} to confirm" if agreed else "",
    )


def _messages(cohort: Cohort) -> Stage:
    found = CohortMessage.objects.filter(cohort=cohort).aggregate(
        drafts=Count("pk", filter=Q(sent_at__isnull=True)),
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        last=Max("sent_at"),
    )
    write = f"{reverse('admin:cohorts_cohortmessage_add')}?cohort={cohort.pk}"
    listed = _list("cohortmessage", f"cohort__id__exact={cohort.pk}")
    return Stage(
        "Messages to the cohort",
        f"The last was sent on {say_date(found['last'])}" if found["last"] else "None is sent yet",
        [("Sent", found["sent"]), ("Drafts", found["drafts"])],
        Task("See the messages", listed) if found["drafts"] or found["sent"] else Task("Write to the cohort", write),
        f"{count_of(found['drafts'], 'draft')} not sent" if found["drafts"] else "",
    )


def _progress(cohort: Cohort) -> Stage:
    """Tell how far those who take part are: whoever is late may have one thing to go, too."""
    members = with_lateness(with_counts(Membership.objects.enrolled().filter(cohort=cohort)))
    found = members.aggregate(
        things=Max("asked"),
        complete=Count("pk", filter=Q(asked__gt=0, done=F("asked"))),
        nearly=Count("pk", filter=Q(asked__gt=0, done=F("asked") - 1)),
        late=Count("pk", filter=Q(is_late=True)),
    )
    late = found["late"]
    return Stage(
        "Progress",
        f"{count_of(found['things'], 'thing')} to do for each person"
        if found["things"]
        else "Nobody takes part yet, or the programme requires nothing",
        [
            ("Have done all", found["complete"]),
            ("One thing to go", found["nearly"]),
            ("A day for something has passed", late),
        ],
        Task("See who is falling behind", _list("membership", f"cohort__id__exact={cohort.pk}&late=yes"))
        if late
        else Task("Record what members have done", _page("record", cohort)),
        f"{people(late)} falling behind" if late else "",
    )


def _certificates(cohort: Cohort) -> Stage:
    had = Certificate.objects.filter(membership=OuterRef("pk"))
    due = certificates.complete(cohort).aggregate(number=Count("pk", filter=~Exists(had)))["number"]
    found = Certificate.objects.filter(membership__cohort=cohort).aggregate(
        standing=Count("pk", filter=Q(ended_at__isnull=True)), last=Max("issued_at")
    )
    is_over = cohort.has_ended
    return Stage(
        "Certificates",
        f"The last was issued on {say_date(found['last'])}"
        if found["last"]
        else f"The cohort {'ended' if is_over else 'ends'} on {say_date(cohort.ends_on)}",
        [("Issued, and stand", found["standing"]), ("Complete, and never had one", due)],
        Task(f"Issue {count_of(due, 'certificate')}", _page("certify", cohort))
        if due
        else Task("See the certificates", _list("certificate", f"programme__id__exact={cohort.programme_id}")),
        f"{count_of(due, 'certificate')} to issue" if due else "",
    )
