"""What coaches and teams are told by letter. No subject names a project, nor anybody; no letter says what was written.

Whoever has left a team, or stands in no longer, is written to no more.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from qi_projects.models import CoachAbsence, Submission, TeamPlace, ThreadMessage

TEAM: Final = "qi_projects/team"
COACH: Final = "qi_projects/coach"
RETURNED: Final = (
    "Whoever reviewed the project “{project}” has returned it to you, with what they would like to see first. You can "
    "work on it and send it again, as often as you need."
)
ACCEPTED: Final = (
    "The project “{project}” was accepted. If it counts for a cohort of yours, “Your programme” shows it as done."
)
UNDONE: Final = (
    "The acceptance of the project “{project}” was taken back, and with it what it counted for. Its page says why, and "
    "you can send it again."
)
REVIEWED: Final = {
    "review.returned": ("Your project was returned to you", RETURNED, Submission.State.RETURNED),
    "review.accepted": ("Your project was accepted", ACCEPTED, Submission.State.ACCEPTED),
    "review.undone": ("Your project is no longer accepted", UNDONE, Submission.State.UNDONE),
}


def register() -> None:
    """Make these letters known to the outbox."""
    _register("project.coach_assigned", _load_places, compose_assigned)
    _register("coaching.team_wrote", _load_messages, compose_to_coach)
    _register("coaching.coach_wrote", _load_messages, compose_to_team)
    _register("coaching.cover_asked", _load_absences, compose_cover_asked)
    _register("coaching.cover_declined", _load_absences, compose_cover_declined)
    for rule in REVIEWED:
        _register(rule, _load_submissions, _composing_review(rule))


def compose_assigned(place: TeamPlace, person: User) -> outbox.Mail | None:
    """Tell a team that it has a coach, and the coach that they have a project."""
    if place.left_at:
        return None
    if person.pk == place.user_id:
        lead = f"You are asked to coach the project “{place.project}”. Its team knows. Read it, and say hello."
        return _mail("You have a project to coach", COACH, lead, "Read the project", _project(place.project_id))
    lead = (
        f"{place.user} coaches your project “{place.project}” from now on. They can read it and comment on it, and you "
        "can ask them for help."
    )
    return _mail("Your project has a coach", TEAM, lead, "See the project", _project(place.project_id))


def compose_to_coach(message: ThreadMessage, person: User) -> outbox.Mail | None:
    """Tell a coach that a team has written: that it did, and where, and not what."""
    if message.thread.settled_at:
        return None
    lead = (
        f"The team of the project “{message.thread.project}” has written to you as its coach, or to whom you stand in "
        "for."
    )
    return _mail("A team has written to you", COACH, lead, "Read and answer", _thread(message))


def compose_to_team(message: ThreadMessage, person: User) -> outbox.Mail | None:
    """Tell somebody of a team that a coach has written, while they are in it."""
    project = message.thread.project
    if message.thread.settled_at or person.pk not in {place.user_id for place in project.team.all()}:
        return None
    lead = f"A coach has written to the team of the project “{project}”."
    return _mail("Your coach has written to you", TEAM, lead, "Read it", _thread(message))


def compose_cover_asked(absence: CoachAbsence, person: User) -> outbox.Mail | None:
    """Tell a coach that they stand in for another, if they still do."""
    if absence.covered_by_id != person.pk or absence.to_on < timezone.localdate():
        return None
    lead = (
        f"{absence.coach} is away from {say_date(absence.from_on)} to {say_date(absence.to_on)}, and has named you to "
        "stand in. On those days you see their projects beside yours. If you cannot, say so there, and they ask "
        "somebody else."
    )
    return _mail("You stand in for another coach", COACH, lead, "See when", reverse("coach_absence", args=[absence.pk]))


def compose_cover_declined(absence: CoachAbsence, person: User) -> outbox.Mail | None:
    """Tell a coach that whoever was to stand in cannot, unless somebody else does by now."""
    if absence.covered_by_id or absence.to_on < timezone.localdate():
        return None
    lead = (
        f"Whoever you named to stand in for you from {say_date(absence.from_on)} to {say_date(absence.to_on)} cannot. "
        "Choose another coach, so that your teams have somebody to ask."
    )
    return _mail(
        "Somebody else has to stand in for you", COACH, lead, "Choose", reverse("coach_absence", args=[absence.pk])
    )


def _composing_review(rule: str) -> Callable[[Submission, User], outbox.Mail | None]:
    subject, says, state = REVIEWED[rule]

    def compose(submission: Submission, person: User) -> outbox.Mail | None:
        """Tell somebody of a team what was decided, while it stands and they are in it."""
        project = submission.project
        if submission.state != state or person.pk not in {place.user_id for place in project.team.all()}:
            return None
        address = reverse("project_review", args=[project.pk])
        return _mail(subject, TEAM, says.format(project=project), "See what was decided", address)

    return compose


def _register(name: str, load: Callable[[Sequence[str]], Mapping[str, Any]], compose: Callable[..., Any]) -> None:
    outbox.register(outbox.Rule(name, load=load, compose=compose, private=True))


def _load_places(subjects: Sequence[str]) -> Mapping[str, TeamPlace]:
    return _by_subject(subjects, TeamPlace.objects.select_related("project", "user"))


def _load_messages(subjects: Sequence[str]) -> Mapping[str, ThreadMessage]:
    rows = ThreadMessage.objects.select_related("thread__project")
    return _by_subject(subjects, rows.prefetch_related(Prefetch("thread__project__team", TeamPlace.objects.live())))


def _load_absences(subjects: Sequence[str]) -> Mapping[str, CoachAbsence]:
    return _by_subject(subjects, CoachAbsence.objects.select_related("coach"))


def _load_submissions(subjects: Sequence[str]) -> Mapping[str, Submission]:
    rows = Submission.objects.select_related("project")
    return _by_subject(subjects, rows.prefetch_related(Prefetch("project__team", TeamPlace.objects.live())))


def _by_subject(subjects: Sequence[str], rows: Any) -> Mapping[str, Any]:
    keys = {subject: int(subject.partition(":")[2]) for subject in subjects}
    found = rows.in_bulk(keys.values())
    return {subject: found[key] for subject, key in keys.items() if key in found}


def _mail(subject: str, template: str, lead: str, text: str, address: str) -> outbox.Mail:
    return outbox.Mail(subject=subject, template=template, context={"lead": lead}, link=outbox.Link(text, address))


def _project(pk: int) -> str:
    return reverse("project", args=[pk])


def _thread(message: ThreadMessage) -> str:
    return reverse("project_thread", args=[message.thread.project_id, message.thread_id])
