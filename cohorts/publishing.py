"""Letting people do a course of self-study, once it is whole; and taking it off again."""

from django.db import transaction
from django.db.models import Count, Q

from cohorts.models import Course, CoursePage, EvidenceKind
from portal import trail
from portal.accounts.models import User

Exercise = CoursePage.Exercise


class NotWhole(Exception):
    """Nothing was published. `lacking` says what the course lacks, a sentence for each."""

    def __init__(self, lacking: list[str]) -> None:
        self.lacking = lacking
        super().__init__("The course cannot be published yet.")


def lacking(course: Course) -> list[str]:
    """Return what a course lacks before people can do it, a sentence for each; nothing where it is whole."""
    modules = list(course.modules.annotate(number=Count("pages")))
    said = [] if modules else ["It has no module yet."]
    if EvidenceKind.SELF_STUDY not in course.component.fulfilled_by:
        said.append(
            f"“{course.component}” is not fulfilled by self-study: on the programme's page, tick “Passed the "
            "self-study” for it."
        )
    said += [f"The module “{module}” has no page yet." for module in modules if not module.number]
    pages = CoursePage.objects.filter(module__course=course).annotate(
        number_of_options=Count("options"), right=Count("options", filter=Q(options__is_right=True))
    )
    for page in pages.order_by("module__position", "module", "position", "pk"):
        said += [f"The page “{page}”: {what}" for what in lacks(page.exercise, page.number_of_options, page.right)]
    return said


def lacks(exercise: str, options: int, right: int) -> list[str]:
    """Return what an exercise lacks that has so many answers, so many of them right."""
    if exercise == Exercise.ORDER:
        return [] if options > 1 else ["enter two things or more to put in order."]
    if exercise not in {Exercise.ONE, Exercise.SEVERAL}:
        return [] if not options else ["this kind of exercise has no answers to choose. Remove them."]
    said = [] if options > 1 else ["enter two answers or more."]
    if exercise == Exercise.ONE and right != 1:
        said.append("mark one answer as right, and only one.")
    if exercise == Exercise.SEVERAL and not right:
        said.append("mark each answer that applies as right.")
    return said


def publish(course: Course, *, by: User) -> None:
    """Let people do a course. Raises NotWhole, with nothing changed."""
    with transaction.atomic():
        course = _hold(course)
        if missing := lacking(course):
            raise NotWhole(missing)
        _set(course, published=True, by=by)


def take_off(course: Course, *, by: User) -> None:
    """Take a course off. What people have done of it, and what they completed, stays."""
    with transaction.atomic():
        _set(_hold(course), published=False, by=by)


def _hold(course: Course) -> Course:
    return Course.objects.select_related("component").select_for_update(of=("self",), no_key=True).get(pk=course.pk)


def _set(course: Course, *, published: bool, by: User) -> None:
    if course.published != published:
        course.published = published
        course.save(update_fields=["published"])
        trail.record("course.published" if published else "course.taken_off", actor=by, subject=course)
