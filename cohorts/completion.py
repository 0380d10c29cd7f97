"""When somebody has completed a programme, which its own data says: components that it requires, and choices of some.

A component is done by evidence of any kind by which it is fulfilled (`EvidenceQuerySet.counting`). All is computed, by
`EXISTS` and subqueries, never by joins that multiply; `tally` says the same of rows that are in hand.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from django.db.models import Count, DateField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Least, Now, TruncDate

from cohorts.models import Choice, Cohort, Component, Evidence, Membership

M = TypeVar("M", Component, Choice)


def with_completion(memberships: QuerySet[Membership]) -> QuerySet[Any]:
    """Annotate memberships with `is_complete`: evidence counts for all that the programme asks.

    That is each component that it requires, and of each choice as many as it asks for.
    """
    return memberships.annotate(is_complete=~Exists(_missing()) & ~Exists(short_choices()))


def completed(memberships: QuerySet[Membership]) -> QuerySet[Any]:
    """Return those memberships of people taking part that are complete, and by which anything was done at all."""
    something = Evidence.objects.counting().filter(membership=OuterRef("pk"))
    enrolled = memberships.filter(state=Membership.State.ENROLLED)
    return with_completion(enrolled).filter(Exists(something), is_complete=True)


def with_counts(memberships: QuerySet[Membership]) -> QuerySet[Any]:
    """Annotate memberships with `done` and `asked`: how many things the programme asks, and how many are done.

    Of a choice no more are counted than it asks for. Each count is a subquery of its own, so that no join multiplies
    another.
    """
    choices = _choices()
    return memberships.annotate(
        asked=_figure(_required(), Count("pk")) + _figure(choices, Sum("at_least")),
        done=_figure(_required().filter(Exists(_shown())), Count("pk"))
        + _figure(choices, Sum(Least("at_least", _done_of_a_choice()))),
    )


def with_lateness(memberships: QuerySet[Membership]) -> QuerySet[Any]:
    """Annotate memberships with `is_late`: the last day (a UK date) for something that is asked has passed without it.

    Only of somebody who takes part is anything expected: nobody else is late.
    """
    missing, short = _overdue(_missing(), "cohort__starts_on"), _overdue(short_choices(), "cohort__starts_on")
    return memberships.annotate(is_late=Q(state=Membership.State.ENROLLED) & (Q(Exists(missing)) | Q(Exists(short))))


def with_a_day_passed(cohorts: QuerySet[Cohort]) -> QuerySet[Cohort]:
    """Return the cohorts in which the last day (a UK date) for something that is asked has passed."""
    of_it = {"programme": OuterRef("programme")}
    components = _overdue(Component.objects.filter(**of_it, required=True), "starts_on")
    choices = _overdue(Choice.objects.filter(**of_it), "starts_on")
    return cohorts.filter(Q(Exists(components)) | Q(Exists(choices)))


def short_choices() -> QuerySet[Choice]:
    """Return the choices of which too little is done: for `Exists`, in a query about memberships."""
    return _choices().filter(at_least__gt=_done_of_a_choice())


def tally(components: Sequence[Component], done: Collection[int]) -> tuple[int, int]:
    """Return how many things are done of those that a programme asks, and how many it asks: see `with_counts`.

    `components` are the programme's, each with its choice loaded; `done` are the keys of those that are done.
    """
    required = [component for component in components if component.required and not component.choice_id]
    # By keys, which are hashed sooner than rows: a page tallies fifty people.
    choices = {component.choice_id: component.choice for component in components if component.choice}
    of_choices = Counter(component.choice_id for component in components if component.pk in done)
    return (
        sum(component.pk in done for component in required)
        + sum(min(of_choices[key], choice.at_least) for key, choice in choices.items()),
        len(required) + sum(choice.at_least for choice in choices.values()),
    )


# What follows is about one membership, as `short_choices` is, the row of the query in which they stand.


def _required() -> QuerySet[Component]:
    return Component.objects.filter(programme=OuterRef("cohort__programme"), required=True)


def _choices() -> QuerySet[Choice]:
    return Choice.objects.filter(programme=OuterRef("cohort__programme"))


def _shown() -> QuerySet[Evidence]:
    """Return what counts for a component, which is the row of the query within."""
    return Evidence.objects.counting().filter(membership=OuterRef(OuterRef("pk")), component=OuterRef("pk"))


def _done_of_a_choice() -> Coalesce:
    """Count the components done of a choice, which is the row of the query within."""
    shown = Evidence.objects.counting().filter(membership=OuterRef(OuterRef("pk")), component__choice=OuterRef("pk"))
    return _figure(shown, Count("component", distinct=True), by="component__choice")


def _overdue(rows: QuerySet[M], starts_on: str) -> QuerySet[M]:
    """Narrow components or choices to those whose last day has passed; `starts_on` is the way to the cohort's start."""
    last_day = ExpressionWrapper(OuterRef(starts_on) + F("within_weeks") * 7, output_field=DateField())
    return rows.alias(last_day=last_day).filter(within_weeks__isnull=False, last_day__lt=TruncDate(Now()))


def _missing() -> QuerySet[Component]:
    return _required().filter(~Exists(_shown()))


def _figure(rows: QuerySet[Any], figure: Count | Sum, *, by: str = "programme") -> Coalesce:
    """Return a figure about rows that belong together `by` something: 0 where there are none."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(figure=figure).values("figure")), 0)
