"""Going through self-study: a page is done, and the last one is recorded as evidence, once.

Each verb holds the membership's row first. So two tabs take turns, and whoever defers somebody, or puts two accounts
together, finds what was done before, and nothing in between.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts import progress
from cohorts.models import Course, CoursePage, EvidenceKind, Membership, PageDone, Study
from portal.accounts.models import User


class NotStudying(Exception):
    """Nothing was kept. `str()` says why, in words for the person."""


class NotOffered(NotStudying):
    """The course was taken off, or its component is no longer fulfilled by self-study."""

    SAYS: Final = "This self-study is not open at the moment. What you have done of it is kept."

    def __init__(self) -> None:
        super().__init__(self.SAYS)


class NotTakingPart(NotStudying):
    """The membership ended meanwhile."""

    def __init__(self) -> None:
        super().__init__("You do not take part in this programme any more, so nothing was kept.")


class PageGone(NotStudying):
    """The page was taken out of the course meanwhile."""

    def __init__(self) -> None:
        super().__init__("The programme team has taken this page out. You do not need it: go on with the next one.")


def do_page(membership: Membership, course: Course, page: CoursePage) -> bool:
    """Keep that somebody has done a page; with the last of them, record the component.

    Doing it again changes nothing. Return whether all of the course is done now. Raises NotStudying, with nothing
    changed: NotOffered, NotTakingPart, PageGone.
    """
    with _page_there(page), transaction.atomic():
        study = _hold(membership, course)
        PageDone.objects.bulk_create([PageDone(study=study, page=page)], ignore_conflicts=True)
        _be_at(study, page)
        return _record_if_whole(study)


def stop_at(membership: Membership, course: Course, page: CoursePage) -> None:
    """Keep where somebody is who has not done the page yet, so that they go on there. Raises NotStudying."""
    with _page_there(page), transaction.atomic():
        _be_at(_hold(membership, course), page)


def finish(membership: Membership, course: Course) -> bool:
    """Record the component for whoever has done all pages, where that was not done with the last one.

    So it is when the team took out the page that was left, or corrected the register by which it was done already.
    Return whether all of the course is done. Raises NotStudying.
    """
    with transaction.atomic():
        return _record_if_whole(_hold(membership, course))


def hand_on(earlier: Membership, later: Membership) -> None:
    """Let somebody go on in a later membership where they are in an earlier one. The caller holds both.

    What both have begun becomes one: a page is done that is done in either.
    """
    theirs = {study.course_id: study for study in Study.objects.filter(membership=later)}
    for study in Study.objects.filter(membership=earlier).order_by("pk"):
        if other := theirs.get(study.course_id):
            _join(study, other)
        else:
            study.membership = later
            study.save(update_fields=["membership"])


def forget(person: User) -> None:
    """Delete where somebody is in their self-study. What they have completed is evidence, and stays."""
    Study.objects.filter(membership__user=person).delete()


def let_go(keys: Sequence[int]) -> int:
    """Delete studies by their keys; return how many."""
    Study.objects.filter(pk__in=keys).delete()
    return len(keys)


@contextmanager
def _page_there(page: CoursePage) -> Iterator[None]:
    """Raise PageGone for what PostgreSQL refuses because the page was deleted meanwhile."""
    try:
        yield
    except IntegrityError:
        if CoursePage.objects.filter(pk=page.pk).exists():
            raise
        raise PageGone from None


def _hold(membership: Membership, course: Course) -> Study:
    """Lock the membership's row and return its study of a course, begun if it was not."""
    members = Membership.objects.enrolled().filter(pk=membership.pk)
    if not list(members.select_for_update(of=("self",), no_key=True).values_list("pk")):
        raise NotTakingPart
    if not Course.objects.offered().filter(pk=course.pk).exists():
        raise NotOffered
    study, _ = Study.objects.select_related("course__component", "membership__cohort").get_or_create(
        membership=membership, course=course
    )
    return study


def _be_at(study: Study, page: CoursePage) -> None:
    study.place, study.last_on = page, timezone.localdate()
    study.save(update_fields=["place", "last_on"])


def _record_if_whole(study: Study) -> bool:
    """Record the component once all pages are done, unless that was recorded before, or it was done in another way."""
    pages = CoursePage.objects.filter(module__course=study.course)
    if not pages.exists() or pages.exclude(pk__in=study.done.values("page")).exists():
        return False
    membership, component = study.membership, study.course.component
    if study.evidence_id is None and progress.fulfilled_on(membership, component) is None:
        study.evidence = progress.record(
            membership, component, kind=EvidenceKind.SELF_STUDY, fulfilled_on=timezone.localdate(), by=None
        )
        study.save(update_fields=["evidence"])
    return True


def _join(study: Study, other: Study) -> None:
    """Let `other` have what is done in either of two studies of one course, and take the first one away."""
    pages = study.done.values_list("page", flat=True)
    PageDone.objects.bulk_create([PageDone(study=other, page_id=page) for page in pages], ignore_conflicts=True)
    evidence = study.evidence
    if other.place_id is None or study.last_on > other.last_on:
        other.place, other.last_on = study.place, study.last_on
    study.delete()
    if other.evidence is None:
        other.evidence = evidence
    other.save()
