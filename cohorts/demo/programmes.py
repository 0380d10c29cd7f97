"""Making the demonstration's programmes as the catalogue has them."""

from cohorts.demo.people import job_role
from cohorts.demo.plans import ComponentPlan, ProgrammePlan
from cohorts.models import Choice, Component, EvaluationQuestion, LearningOutcome, Material, Programme
from cohorts.rule_changes import choose_among


def programme_of(plan: ProgrammePlan) -> Programme:
    """Return the plan's programme, made with its components if it is missing; what an admin has changed stays."""
    programme, is_new = Programme.objects.get_or_create(
        slug=plan.slug,
        defaults={
            "name": plan.name,
            "shape": plan.shape,
            "strand": plan.strand,
            "summary": plan.summary,
            "description": plan.description,
            "audience": plan.audience,
            "eligibility": plan.eligibility,
            "length": plan.length,
            "delivery_partner": "Example Training Partners",
            "published": plan.published,
        },
    )
    if is_new:
        programme.job_roles.set([job_role(name) for name in plan.job_roles])
        _add_outcomes(programme, None, plan.outcomes)
        _add_questions(programme, plan)
        made: dict[str, Component] = {}
        for position, component in enumerate(plan.components, start=1):
            made[component.slug] = _component(programme, component, position, made.get(component.follows))
        for choice in plan.choices:
            asked = Choice.objects.create(programme=programme, title=choice.title, at_least=choice.at_least)
            choose_among(asked, [made[slug].pk for slug in choice.slugs])
    return programme


def _component(programme: Programme, plan: ComponentPlan, position: int, follows: Component | None) -> Component:
    component = Component.objects.create(
        programme=programme,
        position=position,
        slug=plan.slug,
        title=plan.title,
        kind=plan.kind,
        summary=plan.summary,
        fulfilled_by=list(plan.fulfilled_by),
        within_weeks=plan.within_weeks,
        required=plan.required,
        once=plan.once,
        cpd_points=plan.cpd_points,
        follows=follows,
    )
    _add_outcomes(programme, component, plan.outcomes)
    Material.objects.bulk_create(
        Material(
            component=component,
            position=place,
            title=material.title,
            link=material.link,
            text=material.text,
            shown=material.shown,
        )
        for place, material in enumerate(plan.materials, start=1)
    )
    return component


def _add_questions(programme: Programme, plan: ProgrammePlan) -> None:
    kinds = EvaluationQuestion.Kind
    asked = [*((text, kinds.SCALE) for text in plan.agree_with), *((text, kinds.TEXT) for text in plan.own_words_on)]
    EvaluationQuestion.objects.bulk_create(
        EvaluationQuestion(programme=programme, position=position, text=text, kind=kind)
        for position, (text, kind) in enumerate(asked, start=1)
    )


def _add_outcomes(programme: Programme, component: Component | None, texts: tuple[str, ...]) -> None:
    LearningOutcome.objects.bulk_create(
        LearningOutcome(programme=programme, component=component, position=position, text=text)
        for position, text in enumerate(texts, start=1)
    )
