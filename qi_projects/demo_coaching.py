"""The demonstration's coaches and reviews, made once, through the verbs, beside the projects that `demo` makes.

Two coaches, one of them away while the other stands in; a project whose team has asked for help, one that may be stuck,
one that waits for a reviewer, one returned with reasons, and one accepted that was returned once. What lies in the past
is dated back: no verb does that.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from cohorts.models import Membership
from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import Role as PortalRole
from portal.accounts.models import User
from portal.accounts.roles import grant_role
from portal.trail import SYSTEM
from qi_projects import coaches, commenting, demo, life, reviewing, scoring, standing_in
from qi_projects.models import ProgressScore, Project, Side, Theme, Thread
from qi_projects.models.teams import Role

GLUCOSE: Final = "A glucose test that fits a working week"
PANELS: Final = "Interview panels that look like our ward"
HAIR: Final = "Theatre caps that fit"

STUCK: Final[dict[str, Any]] = {
    "setting": Project.Setting.COMMUNITY,
    "noticed": "Women who are paid by the hour miss the two-hour glucose test more often, and nobody asks why.",
    "why_it_matters": "Gestational diabetes that is found late harms mothers and babies, and it is more common among "
    "women racialised as Black or Asian.",
    "aim_what": "Everybody who is offered the test has it by 28 weeks.",
    "aim_for_whom": "Women at our two community clinics",
    "first_change": "One Saturday morning a month for the test.",
}
SENT_BACK: Final[dict[str, Any]] = {
    "setting": Project.Setting.TRUST_WIDE,
    "noticed": "Candidates racialised as Black are shortlisted as often as others, and appointed half as often.",
    "why_it_matters": "Who leads a ward decides who feels safe to speak there.",
    "aim_what": "Every panel for bands 7 and 8a has a trained member from another team, and asks the same questions.",
    "aim_how_much": "Every panel",
    "aim_for_whom": "Candidates for bands 7 and 8a in maternity",
    "first_change": "Two panels with the same six questions, scored before anybody speaks.",
}
WAITS: Final[dict[str, Any]] = {
    "setting": Project.Setting.MATERNITY,
    "noticed": "Our theatre caps fit no braids, locs or headscarves, so some colleagues stand outside.",
    "why_it_matters": "Somebody who has to ask for a cap that fits each time learns that they were not thought of.",
    "aim_what": "Caps that fit everybody hang where all caps hang.",
    "aim_how_much": "In all four theatres",
    "aim_for_whom": "Everybody who works in theatres, and birth partners",
    "first_change": "A box of large caps in one theatre for two weeks, and a tally of how many are taken.",
}
ASKED: Final = (
    "We count how long people wait, and on nights nobody has time to. Is every third shift enough, or do we lose "
    "what we look for?"
)
ANSWERED: Final = (
    "Every third shift is plenty to begin with, if you fix beforehand which ones. Write down what you count as the "
    "beginning and the end of the wait, so that two people would write the same. Then look at the first 10 together."
)
ASKED_AGAIN: Final = (
    "Two colleagues say that the board makes them look slow. How do we talk about it without it becoming about them?"
)
COMMENTED: Final = (
    "“From about half to 9 of 10” is an aim that I can see on a chart, and that you say it for women racialised as "
    "Black as well is what most aims lack. One thing to try: say from when to when the half was."
)
REASONS: Final = (
    "You have changed something real, and your team is still at it. Two things first: say over how many panels you "
    "have looked, and ask two candidates how it was for them."
)
REASONS_ONCE: Final = "It is nearly there. Please say how many women needed an interpreter before you began, and when."
ACCEPTED: Final = (
    "Seventeen of 20, and you say plainly what did not help. I will show other teams what you found about telephone "
    "interpreting."
)


@transaction.atomic
def make() -> int:
    """Put coaches beside the projects, and three more projects; return how many. Needs `demo.make` first."""
    if ProgressScore.objects.exists():
        return 0
    participant, champion, coach, admin = (
        User.objects.get(email=f"{name}@{DEMO_DOMAIN}") for name in ("participant", "champion", "coach", "admin")
    )
    elsewhere = demo.somebody_of_another_organisation(participant)
    second = _second_coach(participant, elsewhere)
    _coach_the_first(Project.objects.get(title=demo.HEARD), champion, coach)
    _make_stuck(elsewhere, coach, admin)
    _return_one(elsewhere, second, by=coach, admin=admin)
    waits = _begin(champion, HAIR, WAITS, "Staff experience of racism")
    demo.since(waits, 12)
    _score(waits, "2.5", "A tally from one theatre: 14 caps in two weeks.", champion)
    reviewing.submit(waits, "Our sponsor is on leave, so the approval comes later.", by=champion)
    _accept_one(Project.objects.get(title=demo.INTERPRETERS), by=second, before=coach)
    today = timezone.localdate()
    standing_in.say_away(second, from_on=today - timedelta(days=2), to_on=today + timedelta(days=12), cover=coach)
    return 3


def _second_coach(participant: User, elsewhere: User) -> User:
    """Let a colleague of the same cohort, who leads no project, be a coach as well."""
    cohorts = Membership.objects.enrolled().filter(user=participant).values("cohort")
    found = User.objects.filter(memberships__cohort__in=cohorts, memberships__state=Membership.State.ENROLLED)
    second = found.filter(project_places__isnull=True).exclude(pk=elsewhere.pk).order_by("pk")[0]
    grant_role(second, PortalRole.Kind.COACH, granted_by=SYSTEM)
    return second


def _coach_the_first(project: Project, lead: User, coach: User) -> None:
    """Let a team ask, be answered, and ask again; a comment, and two scores that differ."""
    _score(project, "1.5", "We meet on Thursdays, and know what we need.", lead)
    project.scores.update(set_at=timezone.now() - timedelta(weeks=34))
    thread = commenting.ask_for_help(project, ASKED, help_with=Thread.Help.DATA, part="why", by=lead)
    commenting.answer(thread, ANSWERED, side=Side.COACH, by=coach)
    commenting.settle(thread, side=Side.TEAM, by=lead)
    commenting.comment(project, COMMENTED, part="aim", by=coach)
    scoring.set_score(
        project,
        Decimal("3.0"),
        supported_by="The wait has come down since every shift writes requests on the board, and has stayed there.",
        side=Side.COACH,
        by=coach,
    )
    commenting.ask_for_help(project, ASKED_AGAIN, help_with=Thread.Help.PEOPLE, by=lead)


def _make_stuck(lead: User, coach: User, admin: User) -> None:
    project = _begin(lead, GLUCOSE, STUCK, "Diabetes in pregnancy")
    coaches.assign(project, coach, by=admin)
    _score(project, "1.0", "The aim, and two of us.", lead)
    long_ago = timezone.now() - timedelta(weeks=14)
    project.scores.update(set_at=long_ago)
    Project.objects.filter(pk=project.pk).update(last_activity_at=long_ago, active_since=long_ago, state_since=long_ago)


def _return_one(lead: User, coach: User, *, by: User, admin: User) -> None:
    project = _begin(lead, PANELS, SENT_BACK, "Recruitment and progression")
    demo.since(project, 20)
    coaches.assign(project, coach, by=admin)
    _score(project, "3.0", "Two panels, and both appointed somebody whom the old way would have missed.", lead)
    sent = reviewing.submit(project, "", by=lead)
    reviewing.send_back(sent, REASONS, read=sent.version, by=by)


def _accept_one(project: Project, *, by: User, before: User) -> None:
    lead = project.team.get(role=Role.LEAD).user
    _score(project, "4.0", "17 of 20 at the end, and it has held for two months.", lead)
    first = reviewing.submit(project, "", by=lead)
    reviewing.send_back(first, REASONS_ONCE, read=first.version, by=before)
    again = reviewing.submit(project, "It was 8 of 20, in the month before we began.", by=lead)
    reviewing.accept(again, ACCEPTED, read=again.version, by=by)


def _begin(lead: User, title: str, says: dict[str, Any], theme: str) -> Project:
    about = {**says, "theme": Theme.objects.get(name=theme), "aim_by_when": demo.in_weeks(20)}
    return life.activate(demo.write(lead, title, about), by=lead)


def _score(project: Project, score: str, supported_by: str, by: User) -> None:
    scoring.set_score(project, Decimal(score), supported_by=supported_by, side=Side.TEAM, by=by)
