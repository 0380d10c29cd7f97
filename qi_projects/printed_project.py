"""A team's own project as a `Sheet` to print: all that they wrote, and nobody by name.

Names need each person's consent, which a publication asks for; a printout lies about. So the team is said as roles and
organisations, of an approval the role, and what the fields say that ask for people (who could help, who does what) is
left out. It is read in a constant number of statements, however much there is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse

from portal.nhsuk.dates import say_date
from qi_projects import outlining
from qi_projects.charting import Charted, borne_in_mind, marked_charts_of
from qi_projects.measure_fields import said_of
from qi_projects.models import Approval, Cycle, Measure, Project, Ramp, Statement, TeamPlace
from qi_projects.models.teams import Role
from qi_projects.parts import aim_of
from qi_projects.printed_parts import print_chart, print_diagram
from qi_projects.printing import PrintedChart, Section, Sheet

DRAFT: Final = "Draft: for the team alone"
FIRST: Final = list(Measure.Kind)
"""Which measures come first: what matters in the end, what was changed, what might get worse."""
CREDITED: Final = (Role.LEAD, Role.MEMBER, Role.SPONSOR, Role.COACH)
DECIDED: Final = {
    Cycle.Decision.ADOPT: "adopted",
    Cycle.Decision.ADAPT: "adapted",
    Cycle.Decision.ABANDON: "given up",
}


def sheet_of(project: Project, made_on: date) -> Sheet:
    """Return what is printed of a project, as it stands. Its theme and organisation have to be at hand."""
    ramps = _ramps(project)
    return Sheet(
        title=str(project),
        made_on=made_on,
        organisation=project.organisation.name if project.organisation else "",
        theme=project.theme.name if project.theme else "",
        setting=project.get_setting_display(),
        state=_state(project),
        credits=tuple(_credits(project)),
        aim=aim_of(project),
        facts=tuple(_facts(project)),
        opening=tuple(_opening(project, ramps)),
        diagram=print_diagram(outlining.read(project), title=str(project), aim=aim_of(project)),
        charts=tuple(_charts(project)),
        work=tuple(_work(ramps)),
        closing=tuple(_closing(project, ramps)),
        mark=DRAFT if project.is_private else "",
    )


def _state(project: Project) -> str:
    since = "since" if project.is_going_on else "on"
    return f"{project.get_state_display()} {since} {say_date(project.state_since, weekday=False)}"


def _ramps(project: Project) -> list[Ramp]:
    cycles = Prefetch("cycles", Cycle.objects.order_by("number").prefetch_related("questions"))
    return list(Ramp.objects.filter(project=project).select_related("idea").prefetch_related(cycles))


def _credits(project: Project) -> Iterator[str]:
    """Yield organisation by organisation what its people are: "Demo Trust (lead, 2 members)"."""
    live = TeamPlace.objects.live().filter(project=project, role__in=CREDITED)
    places = list(live.order_by("pk").values_list("user__organisation__name", "role"))
    for organisation in dict.fromkeys(name for name, _ in places):
        counted = Counter(Role(role) for name, role in places if name == organisation)
        roles = (
            f"{number} {role.label}s" if number > 1 else role.label for role in CREDITED if (number := counted[role])
        )
        yield f"{organisation or 'Without an organisation'} ({', '.join(map(str, roles)).lower()})"


def _facts(project: Project) -> Iterator[tuple[str, str]]:
    """Yield what stands on record: the organisation's approval, and what was said of ethics and patient data."""
    approval = Approval.objects.filter(project=project).first()
    if approval:
        when = say_date(approval.decided_on, weekday=False)
        yield "Approval", f"{approval.get_decision_display()} on {when}, {approval.approver_role}"
    statement = Statement.objects.filter(project=project).first()
    if statement:
        reference = f": {statement.reference}" if statement.reference else ""
        yield "Ethics", f"{statement.get_basis_display()}{reference}"


def _opening(project: Project, ramps: Iterable[Ramp]) -> Iterator[Section]:
    why = "\n\n".join(filter(None, (project.noticed.strip(), project.why_it_matters.strip())))
    if why:
        yield Section("Why it matters", why)
    tried = [f"{ramp.idea.text.rstrip('.')}: {_came_of(cycles)}." for ramp in ramps if (cycles := _begun(ramp))]
    if tried:
        yield Section("What we changed", "\n".join(tried))
    elif project.first_change.strip():
        heading = "What we will try first" if project.is_going_on else "What we tried"
        yield Section(heading, project.first_change)


def _begun(ramp: Ramp) -> list[Cycle]:
    return [cycle for cycle in ramp.cycles.all() if cycle.began_on]


def _came_of(cycles: list[Cycle]) -> str:
    number = f"{len(cycles)} PDSA cycle{'' if len(cycles) == 1 else 's'}"
    decisions = [Cycle.Decision(cycle.decision) for cycle in cycles if cycle.decision]
    if cycles[-1].is_going_on:
        return f"being tried, {number}"
    return f"{DECIDED[decisions[-1]]} after {number}" if decisions else f"tried and not carried through, {number}"


def _closing(project: Project, ramps: Iterable[Ramp]) -> Iterator[Section]:
    cycles = [cycle for ramp in ramps for cycle in ramp.cycles.all()]
    if not project.is_going_on:
        finished = project.state == Project.State.FINISHED
        yield Section("What came of it" if finished else "Why it stopped early", project.ended_why)
    learnt = [words for cycle in cycles if (words := cycle.learnt.strip())]
    if learnt:
        yield Section("What we learnt", "\n\n".join(learnt))
    decided = [cycle for cycle in cycles if cycle.decided_on and cycle.next_step.strip()]
    if project.is_going_on and decided:
        latest = max(decided, key=lambda cycle: (cycle.decided_on, cycle.pk))
        yield Section("What comes next", latest.next_step)


# --- Measures


def _charts(project: Project) -> Iterator[PrintedChart]:
    measures = sorted(
        project.measures.all(),
        key=lambda each: (each.put_away_at is not None, FIRST.index(Measure.Kind(each.kind)), each.pk),
    )
    charts = marked_charts_of(measures)
    is_only_one = sum(charted.found is not None for charted in charts) == 1
    for number, charted in enumerate(charts):
        yield _chart(charted, number, is_only_one=is_only_one)


def _chart(charted: Charted, number: int, *, is_only_one: bool) -> PrintedChart:
    measure = charted.measure
    # Without name and kind, which stand above it.
    facts = [fact for _, _, said in said_of(measure) for fact in said][2:]
    if measure.put_away_at:
        facts.append(("No longer measured since", say_date(measure.put_away_at, weekday=False)))
    kind = f"{measure.get_kind_display()} measure"
    if charted.found is None:
        return PrintedChart(measure.name, kind, (charted.why_not or "There are no points yet.",), facts=tuple(facts))
    file = f"{settings.ORIGIN}{reverse('measure_file', args=[measure.project_id, measure.pk, 'csv'])}"
    return print_chart(
        charted.found,
        number,
        is_only_one=is_only_one,
        kind=kind,
        facts=facts,
        mind=borne_in_mind(charted),
        file=file,
    )


# --- PDSA cycles


def _work(ramps: Iterable[Ramp]) -> Iterator[Section]:
    written = tuple(
        Section(
            ramp.name,
            f"Tries out: {ramp.idea.text.rstrip('.')}.",
            within=tuple(_cycle(cycle) for cycle in ramp.cycles.all()),
        )
        for ramp in ramps
    )
    if written:
        yield Section("PDSA cycles", within=written)


def _cycle(cycle: Cycle) -> Section:
    facts = ((label, words.strip()) for label, words in _told_of(cycle))
    return Section(str(cycle), facts=tuple((label, words) for label, words in facts if words))


def _told_of(cycle: Cycle) -> Iterator[tuple[str, str]]:
    """Yield what a cycle says, in the order of its steps and the words of its page."""
    yield "Step", cycle.get_state_display()
    yield "To learn", cycle.objective
    yield "What", cycle.plan_what
    yield "Where", cycle.plan_where
    yield "When", cycle.plan_when
    for number, question in enumerate(cycle.questions.all(), 1):
        yield f"Question {number}", question.text
        yield "Predicted", question.prediction
        yield "Found", question.answer
        yield "So", question.get_outcome_display()
    if cycle.began_on:
        last = cycle.ended_on if cycle.ended_on != cycle.began_on else None
        days = [say_date(day, weekday=False) for day in (cycle.began_on, last) if day]
        yield "Do", " to ".join(days) if cycle.ended_on else f"Since {days[0]}"
    yield "What happened", cycle.happened
    yield "Unexpected", cycle.unexpected
    yield "Learnt", cycle.learnt
    if cycle.decided_on:
        what = cycle.get_decision_display() or "Abandoned"
        yield "Decided", f"{what}, {say_date(cycle.decided_on, weekday=False)}"
    yield "Why", cycle.decided_why
    yield "Next", cycle.next_step
