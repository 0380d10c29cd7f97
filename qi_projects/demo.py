"""The demonstration's projects, made once, through the verbs: one just begun, one active, one finished, one stopped.

They are written as teams write, with what they do not know yet. Whoever adds to them (measures, cycles, a coach) finds
each by its title.
"""

from datetime import date, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from cohorts.models import Component, Membership
from portal import together
from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import User
from qi_projects import demo_cycles, demo_measures, demo_publication, editing, inviting, life, starting, vouching
from qi_projects.guide import question
from qi_projects.models import Approval, Project, Statement, Theme
from qi_projects.models.teams import Role

THEMES: Final = (
    "Pain relief and being heard",
    "Interpreting",
    "Diabetes in pregnancy",
    "Data and monitoring",
    "Staff experience of racism",
    "Recruitment and progression",
)
HEARD: Final = "Heard within 15 minutes"
INTERPRETERS: Final = "An interpreter at every booking appointment"
NEWBORN: Final = "Looking for jaundice in every skin tone"

UNHEARD: Final = (
    "On our postnatal ward women racialised as Black and Brown seem to go home without having talked to anybody about "
    "feeding, more often than others. I may be wrong. Nobody counts it."
)
ANSWERS: Final = (
    ("noticed", UNHEARD),
    ("affected", "Women racialised as Black and Brown on the postnatal ward, and their babies"),
)
ACTIVE: Final = {
    "setting": Project.Setting.MATERNITY,
    "noticed": "Women racialised as Black told us after birth that they had asked for pain relief and waited, or were "
    "told that it was too early. When we asked ten colleagues how long people wait, we got ten answers.",
    "why_it_matters": "Pain that is not believed is harm in itself. People who were not heard once ask later the next "
    "time, and in maternity that can cost a life. National reports have said so for years.",
    "aim_what": "Everybody who asks for pain relief in labour is answered within 15 minutes, and told what happens "
    "next.",
    "aim_how_much": "From about half of requests to 9 of 10, and as often for women racialised as Black as for others",
    "aim_for_whom": "Everybody who gives birth on our labour ward; we look first at women racialised as Black",
    "who_could_help": "The anaesthetic team, the health care assistants of the ward, our Maternity and Neonatal Voices "
    "Partnership, and the director of midwifery as sponsor",
    "first_change": "On two night shifts we write the time of each request on the board, and whoever passes says when "
    "somebody comes.",
}
FINISHED: Final = {
    "setting": Project.Setting.COMMUNITY,
    "noticed": "Partners and children interpreted at booking appointments, because nobody had asked beforehand which "
    "language a woman speaks best.",
    "why_it_matters": "A woman cannot speak of violence at home, or of an earlier loss, through her husband or her "
    "child.",
    "aim_what": "Every woman who needs one has a professional interpreter at her booking appointment.",
    "aim_how_much": "From 4 of 10 to 9 of 10",
    "aim_for_whom": "Women who speak little or no English, at two community clinics",
    "who_could_help": "The clinics' receptionists, the interpreting service, and women who had booked without one",
    "first_change": "Receptionists ask one question when they make the appointment: in which language do you speak "
    "best of your health?",
}
FINISHED_BECAUSE: Final = (
    "After five months 17 of 20 women who needed an interpreter had one at their booking appointment. The one question "
    "at the reception did most of it. Telephone interpreting at short notice did not help: the line was poor, and "
    "women told us that they felt rushed. What we would tell the next team: ask the receptionists first, they "
    "knew it all along."
)
STOPPED: Final = {
    "setting": Project.Setting.NEONATAL,
    "noticed": "Our teaching on newborn jaundice shows babies with light skin alone.",
    "why_it_matters": "Jaundice that is seen late can harm a baby for life, and it is seen later where skin is dark.",
    "aim_what": "Every newborn check uses a bilirubin meter where there is any doubt, whatever the baby's skin tone.",
    "aim_for_whom": "Babies with brown and black skin, and their parents",
    "first_change": "A teaching hour with pictures of babies of every skin tone, and one meter kept on the ward.",
}
STOPPED_BECAUSE: Final = (
    "We planned for one meter that the ward would share, and it was needed elsewhere on most days. By the time "
    "another one was ordered, three of the four of us had moved to other posts. The teaching hour was worth it and "
    "goes on. Next time we would find a sponsor before we begin, and measure for two weeks before we change anything."
)


@transaction.atomic
def make() -> int:
    """Make the projects unless there are any; return how many were made. Needs `manage.py demo` first."""
    if Project.objects.exists():
        return 0
    themes = {name: Theme.objects.get_or_create(name=name)[0] for name in THEMES}
    participant, champion, graduate, coach, sponsor, admin = (
        User.objects.get(email=f"{name}@{DEMO_DOMAIN}")
        for name in ("participant", "champion", "graduate", "coach", "lead", "admin")
    )
    elsewhere = somebody_of_another_organisation(participant)
    _begin_draft(participant)
    active = write(champion, HEARD, {**ACTIVE, "theme": themes[THEMES[0]], "aim_by_when": in_weeks(18)})
    for person, role in ((participant, Role.MEMBER), (elsewhere, Role.MEMBER), (coach, Role.COACH)):
        join(active, person, role)
    join(active, sponsor, Role.SPONSOR)
    _approve(active, sponsor)
    life.activate(active, by=champion)
    demo_cycles.tell(active, champion)
    demo_measures.make(active, by=champion)
    since(active, demo_measures.WEEKS + 2)
    finished = write(graduate, INTERPRETERS, {**FINISHED, "theme": themes[THEMES[1]], "aim_by_when": in_weeks(-4)})
    for person, role in ((elsewhere, Role.MEMBER), (champion, Role.MEMBER)):
        join(finished, person, role)
    _approve(finished, sponsor)
    life.activate(finished, by=graduate)
    demo_publication.measure(finished, by=graduate)
    since(finished, 34)
    life.finish(finished, FINISHED_BECAUSE, by=graduate)
    demo_publication.publish(finished, by=graduate, named=elsewhere, editor=admin)
    stopped = write(elsewhere, NEWBORN, {**STOPPED, "theme": themes[THEMES[3]], "aim_by_when": in_weeks(8)})
    join(stopped, participant, Role.VIEWER)
    _approve(stopped, sponsor)
    life.activate(stopped, by=elsewhere)
    since(stopped, 26)
    life.abandon(stopped, STOPPED_BECAUSE, by=elsewhere)
    demo_publication.send(stopped, by=elsewhere)
    return 4


def _begin_draft(person: User) -> None:
    """Answer the first questions of the guided start, and stop there."""
    project = starting.begin(person, membership=_membership(person))
    for key, text in ANSWERS:
        asked = question(key)
        if asked:
            _put(project, {asked.field: text}, by=person)
            starting.go_on_from(project, key)


def write(lead: User, title: str, says: dict[str, Any]) -> Project:
    """Begin a project with its title, and write what it says; state what has to be stated."""
    project = starting.begin(lead, title=title, membership=_membership(lead))
    _put(project, says, by=lead)
    vouching.state(project, basis=Statement.Basis.IMPROVEMENT, reference="", by=lead)
    return project


def _put(project: Project, says: dict[str, Any], *, by: User) -> None:
    project.refresh_from_db()
    editing.change(project, says, seen=together.seen(project, says), by=by)


def join(project: Project, person: User, role: Role) -> None:
    lead = project.team.get(role=Role.LEAD).user
    inviting.accept(inviting.invite(project, person.email, role, by=lead), person, membership=_membership(person))


def _approve(project: Project, sponsor: User) -> None:
    vouching.record_approval(
        project,
        decision=Approval.Decision.APPROVED,
        name=sponsor.name,
        role="Director of midwifery",
        decided_on=timezone.localdate() - timedelta(days=3),
        note="In the register of improvement projects.",
        by=project.team.get(role=Role.LEAD).user,
    )


def _membership(person: User) -> Membership | None:
    asked = Component.objects.filter(kind=Component.Kind.PROJECT).values("programme")
    rows = Membership.objects.enrolled().filter(user=person, cohort__programme__in=asked)
    return rows.order_by("-cohort__starts_on").first()


def since(project: Project, weeks: int) -> None:
    """Let a project have begun so many weeks ago: its team, its approval and what was stated with it."""
    then = timezone.now() - timedelta(weeks=weeks)
    Project.objects.filter(pk=project.pk).update(begun_at=then, active_since=then, state_since=then)
    project.team.update(joined_at=then)
    project.statements.update(said_at=then)
    project.approvals.update(decided_on=timezone.localdate(then))
    project.refresh_from_db()


def somebody_of_another_organisation(person: User) -> User:
    """Return a colleague of somebody's cohort who works elsewhere."""
    cohorts = Membership.objects.enrolled().filter(user=person).values("cohort")
    others = User.objects.filter(memberships__cohort__in=cohorts, memberships__state=Membership.State.ENROLLED)
    return others.exclude(organisation=person.organisation).order_by("pk")[0]


def in_weeks(number: int) -> date:
    return timezone.localdate() + timedelta(weeks=number)
