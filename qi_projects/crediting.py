"""For whom an accepted project counts, and the evidence that says so in `cohorts`.

It counts for those who lead or work on it when it is accepted, each for the cohort that they have named, if its
programme has a component that an accepted project fulfils. Who joins later takes part in what goes on from there, and
who has left before has no place to count; who leaves after keeps it.
"""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils import timezone

from cohorts import progress
from cohorts.models import Component, Evidence, EvidenceKind, Membership
from portal.accounts.models import User
from qi_projects.models import Credit, Project, Submission, TeamPlace
from qi_projects.models.teams import Role


def hold_memberships(project: Project) -> None:
    """Lock the places in cohorts of whoever is or was in a team: nobody is deferred while it is decided about.

    They come before the project in the order of locks, as they do where somebody is erased.
    """
    rows = Membership.objects.filter(user__in=project.team.values("user")).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def counts_for(project: Project) -> list[tuple[TeamPlace, Membership, Component]]:
    """Return for whom a project counts if it is accepted now, and what it fulfils; of each membership once."""
    found: dict[tuple[int, int], tuple[TeamPlace, Membership, Component]] = {}
    asked = _components(project)
    for place in _working(project):
        membership = _where_it_counts(place.membership) if place.membership else None
        for component in asked.get(membership.cohort.programme_id, ()) if membership else ():
            if membership:
                found.setdefault((membership.pk, component.pk), (place, membership, component))
    return list(found.values())


def give(submission: Submission, *, by: User) -> Sequence[Credit]:
    """Write the evidence of a project that is accepted and held, and keep which it was."""
    today = timezone.localdate()
    counted = counts_for(submission.project)
    rows = [
        Evidence(membership=membership, component=component, kind=EvidenceKind.PROJECT, fulfilled_on=today)
        for _, membership, component in counted
    ]
    evidence = progress.record_all(rows, by=by)
    return Credit.objects.bulk_create(
        Credit(submission=submission, place=place, evidence=row)
        for (place, _, _), row in zip(counted, evidence, strict=True)
    )


def take_back(submission: Submission, *, by: User) -> None:
    """Withdraw the evidence of an acceptance, where nobody has yet, with what was carried over from it."""
    standing = Evidence.objects.standing().filter(project_credit__submission=submission)
    progress.withdraw(*standing.order_by("pk"), by=by)


def _working(project: Project) -> QuerySet[TeamPlace]:
    rows = project.team.live().filter(role__in=[Role.LEAD, Role.MEMBER], membership__isnull=False)
    return rows.select_related("user", "membership__cohort__programme").order_by("joined_at", "pk")


def _components(project: Project) -> dict[int, list[Component]]:
    programmes = _working(project).order_by().values("membership__cohort__programme")
    asked = Component.objects.filter(
        kind=Component.Kind.PROJECT, fulfilled_by__contains=[EvidenceKind.PROJECT], programme__in=programmes
    )
    found: dict[int, list[Component]] = {}
    for component in asked.select_related("programme").order_by("position"):
        found.setdefault(component.programme_id, []).append(component)
    return found


def _where_it_counts(membership: Membership) -> Membership | None:
    """Return where somebody goes through the programme now: in a later cohort, if they were deferred to one.

    Who was deferred and waits for a cohort has it carried over to that one. Who has left has none.
    """
    for standing in _one_after_the_other(membership):
        if standing.state == Membership.State.ENROLLED:
            return standing
        if standing.state != Membership.State.DEFERRED:
            return None
        last = standing
    return last


def _one_after_the_other(membership: Membership) -> Iterator[Membership]:
    rows = Membership.objects.select_related("cohort__programme")
    current: Membership | None = membership
    while current:
        yield current
        current = rows.filter(deferred_from=current).first()
