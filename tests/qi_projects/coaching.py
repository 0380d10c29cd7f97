"""What the tests of coaching and review are made of: coaches, projects that can be sent, and what was decided."""

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

from django.utils import timezone

from cohorts.models import Component, EvidenceKind, Membership
from portal.accounts.models import Role as PortalRole
from portal.accounts.models import User
from portal.outbox.composing import Composer
from portal.outbox.models import Message
from qi_projects import coaches, reviewing, standing_in
from qi_projects.models import CoachAbsence, Project, Submission, TeamPlace
from tests.factories import make_admin, make_cohort, make_component, make_membership, make_programme, make_user
from tests.qi_projects.making import lead_of, make_active

AIM: dict[str, Any] = {
    "aim_what": "Everybody is answered within 15 minutes",
    "aim_how_much": "From half to 9 of 10",
    "aim_by_when": date(2027, 9, 30),
    "aim_for_whom": "Women on our labour ward",
}


def text_of(page: Any) -> str:
    """Return what a page says, without the marks around it and with single spaces."""
    said = unescape(re.sub(r"<[^>]*>", " ", page.content.decode()))
    return re.sub(r" ([,.:])", r"\1", " ".join(said.split()))


def make_coach(**fields: Any) -> User:
    """Make somebody with the portal's role of QI coach."""
    return make_user(PortalRole.Kind.COACH, **fields)


def coached(project: Project, coach: User | None = None) -> TeamPlace:
    """Assign a coach to a project."""
    return coaches.assign(project, coach or make_coach(), by=make_admin())


def make_sendable(lead: User | None = None, **fields: Any) -> Project:
    """Make an active project with a whole aim."""
    return make_active(lead, **{**AIM, **fields})


def make_counting(**fields: Any) -> tuple[Project, Membership]:
    """Make one that counts for its lead's place in a cohort, whose programme asks for a project."""
    programme = make_programme()
    make_component(
        programme,
        kind=Component.Kind.PROJECT,
        title="Your QI project",
        fulfilled_by=[EvidenceKind.PROJECT],
        slug="project",
    )
    membership = make_membership(cohort=make_cohort(programme))
    return make_sendable(membership.user, membership=membership, **fields), membership


def send(project: Project, note: str = "") -> Submission:
    """Send a project for review, as its lead."""
    project.refresh_from_db()
    return reviewing.submit(project, note, by=lead_of(project))


def accept(sent: Submission, by: User | None = None, words: str = "") -> None:
    """Accept what was sent, having read it as it stands."""
    version = Project.objects.values_list("version", flat=True).get(pk=sent.project_id)
    reviewing.accept(sent, words, read=version, by=by or make_coach())


def told(rule: str) -> set[User]:
    """Return who was written to by a rule."""
    return {message.person for message in Message.objects.filter(rule=rule).select_related("person") if message.person}


def mail_to(rule: str, person: User) -> Any:
    """Return the mail that somebody gets by a rule."""
    message = Message.objects.get(rule=rule, person=person)
    return Composer([message]).compose(message)


def today(days: int = 0) -> date:
    """Return the day that lies so many days ahead."""
    return timezone.localdate() + timedelta(days=days)


def away(coach: User, cover: User, first: int = 0, last: int = 7) -> CoachAbsence:
    """Let a coach be away, from and to so many days ahead."""
    return standing_in.say_away(coach, from_on=today(first), to_on=today(last), cover=cover)
