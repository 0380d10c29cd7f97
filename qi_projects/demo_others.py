"""Projects of teams in other trusts for the demonstration, made once and through the verbs, as `demo_plans` has them.

The first project of the demonstration gets what links its diagram and its cycles to its measures, and a file.
"""

from decimal import Decimal
from typing import Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from cohorts.models import Component, Membership
from portal.accounts.demo_people import DEMO_DOMAIN
from portal.accounts.models import User
from portal.attachments.receiving import receive
from qi_projects import (
    cycles,
    demo,
    demo_cycles,
    demo_measures,
    filing,
    life,
    linking,
    measuring,
    outlining,
    reviewing,
    scoring,
)
from qi_projects.demo_cycles import days_ago
from qi_projects.demo_plans import PLANS, Plan, Tried
from qi_projects.diagram import Level
from qi_projects.models import Cycle, Measure, Project, Side, Theme
from qi_projects.models.teams import Role
from qi_projects.readings import Reading

CARD: Final = """\
Point at what you need. We write down when you asked.

1. Something for the pain
2. Water, or something to eat
3. Help to change position
4. Somebody to explain what happens next
5. An interpreter
6. The person whom I came with
"""
LINKED_BOXES: Final = {
    "Nobody's request is lost": demo_measures.IN_TIME,
    "Somebody comes": demo_measures.WAIT,
    "It is clear who comes when the anaesthetist is in theatre": demo_measures.CALLS,
    "Everybody in the bay can see who waits": demo_measures.WAIT,
    demo_cycles.BOARD: demo_measures.IN_TIME,
}
LINKED_CYCLES: Final = (demo_measures.WAIT, demo_measures.IN_TIME)


@transaction.atomic
def make() -> int:
    """Make them unless they are there; return how many were made. Needs `demo.make` first."""
    if Project.objects.filter(title=PLANS[0].title).exists():
        return 0
    coach = User.objects.get(email=f"coach@{DEMO_DOMAIN}")
    if heard := Project.objects.going_on().filter(title=demo.HEARD).first():
        _link_the_first(heard, User.objects.get(email=f"champion@{DEMO_DOMAIN}"))
    people = _people()
    for plan in PLANS:
        _make(plan, people, coach)
    return len(PLANS)


def _link_the_first(project: Project, by: User) -> None:
    """Say which measures tell of what, as far as they are still there, and keep a file."""
    measures = dict(project.measures.values_list("name", "pk"))
    boxes = dict(project.diagram_items.values_list("text", "pk"))
    for text, name in LINKED_BOXES.items():
        if text in boxes and name in measures:
            linking.link_box(project, boxes[text], [measures[name]], seen=[], by=by)
    studied_by = [measures[name] for name in LINKED_CYCLES if name in measures]
    for cycle in Cycle.objects.filter(ramp__project=project):
        linking.link_cycle(project, cycle.pk, studied_by, seen=[], by=by)
    card = receive(SimpleUploadedFile("Card with six requests.txt", CARD.encode()), by=by)
    about = "The text of the card at each bed. The nine languages are with our interpreting service."
    filing.add(project, card, title="The card with six requests", about=about, by=by)


def _people() -> list[Membership]:
    """Return the places of who is in no project yet, in cohorts that have begun and ask for one, the latest first."""
    asked = Component.objects.filter(kind=Component.Kind.PROJECT).values("programme")
    begun = Membership.objects.enrolled().filter(
        cohort__programme__in=asked, cohort__starts_on__lte=timezone.localdate(), user__project_places=None
    )
    return list(begun.select_related("user__organisation", "cohort").order_by("-cohort__starts_on", "pk"))


def _take(people: list[Membership], trust: str, cohorts_ago: int) -> User:
    """Take somebody out of `people`: of this trust and cohort, or as near to them as there is."""
    begun = sorted({place.cohort.starts_on for place in people}, reverse=True)
    chosen = min(
        people,
        key=lambda place: (
            getattr(place.user.organisation, "ods_code", "") != trust,
            abs(begun.index(place.cohort.starts_on) - cohorts_ago),
        ),
    )
    people[:] = [place for place in people if place.user_id != chosen.user_id]
    return chosen.user


def _make(plan: Plan, people: list[Membership], coach: User) -> None:
    lead = _take(people, plan.trust, plan.cohorts_ago)
    theme = Theme.objects.get_or_create(name=plan.theme)[0]
    by_when = demo.in_weeks(-2 if plan.finished_because else 20)
    says = {**plan.says, "theme": theme, "organisation": lead.organisation, "aim_by_when": by_when}
    project = life.activate(demo.write(lead, plan.title, says), by=lead)
    for trust in plan.colleagues:
        demo.join(project, _take(people, trust, plan.cohorts_ago), Role.MEMBER)
    measure = measuring.begin(project, plan.measure, by=lead)
    _enter(measure, plan, lead)
    idea = _draw_up(project, plan, measure, lead)
    _try_out(project, plan.cycle, idea, measure, lead)
    demo.since(project, len(plan.figures.split()) * plan.every + 3)
    score, supported_by = plan.score
    scoring.set_score(project, Decimal(score), supported_by=supported_by, side=Side.TEAM, by=lead)
    if plan.accepted_because:
        sent = reviewing.submit(project, "", by=lead)
        reviewing.accept(sent, plan.accepted_because, read=sent.version, by=coach)
    if plan.finished_because:
        life.finish(project, plan.finished_because, by=lead)


def _enter(measure: Measure, plan: Plan, by: User) -> None:
    figures = plan.figures.split()
    days = demo_measures.weeks_before_this(len(figures) * plan.every)[:: plan.every]
    readings = []
    for day, figure in zip(days, figures, strict=True):
        few, _, of = figure.partition("/")
        if of:
            readings.append(Reading(day, numerator=Decimal(few), denominator=Decimal(of)))
        elif few == "-":
            readings.append(Reading(day, note="Nobody counted"))
        else:
            readings.append(Reading(day, value=Decimal(few)))
    demo_measures.enter(measure, readings, by)


def _draw_up(project: Project, plan: Plan, measure: Measure, by: User) -> int:
    """Draw up the diagram, let the measure tell of its first driver, and return the first idea."""
    ideas = []
    for primary, secondary, idea in plan.drivers:
        upper = outlining.add(project, primary, Level.PRIMARY, by=by)
        lower = outlining.add_under(project, upper.pk, secondary, by=by)
        ideas.append(outlining.add_under(project, lower.pk, idea, by=by))
        if len(ideas) == 1:
            linking.link_box(project, upper.pk, [measure.pk], seen=[], by=by)
    return ideas[0].pk


def _try_out(project: Project, tried: Tried, idea: int, measure: Measure, by: User) -> None:
    """Take a cycle as far as it came."""
    cycle = cycles.begin_ramp(project, idea, tried.name, by=by)
    demo_cycles.write(project, cycle, tried.plan, by)
    question = cycles.ask(project, cycle.pk, tried.asked, tried.predicted, by=by)
    linking.link_cycle(project, cycle.pk, [measure.pk], seen=[], by=by)
    if not tried.began:
        return
    cycles.begin_do(project, cycle.pk, days_ago(tried.began), by=by)
    demo_cycles.write(project, cycle, {"happened": tried.happened}, by)
    ended = days_ago(max(tried.began - tried.days, 0))
    if tried.abandoned_because:
        cycles.abandon(project, cycle.pk, tried.abandoned_because, abandoned_on=ended, by=by)
    if not tried.answer:
        return
    cycles.end_do(project, cycle.pk, ended, by=by)
    demo_cycles.put(project, question, {"answer": tried.answer, "outcome": tried.outcome}, by)
    demo_cycles.write(project, cycle, {"learnt": tried.learnt}, by)
    cycles.decide(project, cycle.pk, tried.decision, why=tried.why, next_step="", decided_on=ended, by=by)
