"""What waits for a programme admin: projects to review, publications to read or to ask about, and who needs a coach."""

from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse

from cohorts.admin.first_few import Facts, Kind, first_few
from portal.accounts.models import User
from portal.admin_needs import Need, Task, what_needs_doing
from portal.nhsuk.dates import say_date
from qi_projects.coaches import without_a_coach
from qi_projects.models import Project, Publication, Submission, TeamPlace
from qi_projects.publication_rules import publications_kept
from qi_projects.rules import projects_kept


def _kept(user: User) -> QuerySet[Project]:
    return projects_kept(user).order_by()


def _to_review(user: User) -> QuerySet[Any]:
    """Return what was sent by teams in which this admin is not and never was: those they cannot review themselves."""
    own = TeamPlace.objects.filter(user=user).values("project")
    return Submission.objects.waiting().filter(project__in=_kept(user).values("pk")).exclude(project__in=own)


def _to_publish(user: User) -> QuerySet[Any]:
    """Return what was sent to an editor by teams in which this admin is not and never was."""
    own = TeamPlace.objects.filter(user=user).values("project")
    sent = Publication.objects.filter(state=Publication.State.SENT)
    return sent.filter(project__in=_kept(user).values("pk")).exclude(project__in=own)


def _say(key: int, facts: Facts) -> Task:
    since = say_date(datetime.fromisoformat(facts["since"]), weekday=False)
    return Task(f"{facts['title']}: sent on {since}", reverse("project_review", args=[facts["project"]]))


def _say_uncoached(key: int, facts: Facts) -> Task:
    since = say_date(datetime.fromisoformat(facts["since"]), weekday=False)
    return Task(f"{facts['title']}: active since {since}", reverse("admin:qi_projects_project_coaches", args=[key]))


def _say_to_publish(key: int, facts: Facts) -> Task:
    since = say_date(datetime.fromisoformat(facts["since"]), weekday=False)
    return Task(f"{facts['title']}: sent on {since}", reverse("admin:qi_projects_publication_change", args=[key]))


def _say_no_longer_approved(key: int, facts: Facts) -> Task:
    since = say_date(datetime.fromisoformat(facts["since"]), weekday=False)
    address = reverse("admin:qi_projects_publication_change", args=[key])
    return Task(f"{facts['title']}: approval ended, recorded on {since}", address)


def _list(filtered: str) -> str:
    return f"{reverse('admin:qi_projects_project_changelist')}?{filtered}"


PROJECTS_TO_REVIEW: Final = Kind(
    "Projects to review",
    _to_review,
    "submitted_at",
    {"title": "project__title", "project": "project", "since": "submitted_at"},
    _say,
    lambda: _list("review=waiting"),
)

PUBLICATIONS_TO_READ: Final = Kind(
    "Projects to publish",
    _to_publish,
    "sent_at",
    {"title": "title", "since": "sent_at"},
    _say_to_publish,
    lambda: f"{reverse('admin:qi_projects_publication_changelist')}?state__exact=sent",
)

PUBLISHED_WITHOUT_APPROVAL: Final = Kind(
    "Published projects whose organisation no longer approves",
    lambda user: publications_kept(user).no_longer_approved(),
    "ended_on_record",
    {"title": "title", "since": "ended_on_record"},
    _say_no_longer_approved,
    lambda: f"{reverse('admin:qi_projects_publication_changelist')}?approval=ended",
)

PROJECTS_WITHOUT_A_COACH: Final = Kind(
    "Projects without a coach",
    lambda user: without_a_coach().filter(pk__in=_kept(user).values("pk")),
    "active_since",
    {"title": "title", "since": "active_since"},
    _say_uncoached,
    lambda: _list("coach=none"),
)

KINDS: Final = (PROJECTS_TO_REVIEW, PUBLICATIONS_TO_READ, PUBLISHED_WITHOUT_APPROVAL, PROJECTS_WITHOUT_A_COACH)


@what_needs_doing
def of_projects(user: User) -> list[Need]:
    """Tell what waits in the projects of the programmes that somebody keeps."""
    return first_few(KINDS, user)
