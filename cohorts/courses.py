"""Self-study as it is read: a component's course, its pages in order, and which of them somebody has done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from cohorts.models import Component, Course, CoursePage, Membership, PageDone, PageOption, Study
from portal.prepared import Given, Prepared


class Line(NamedTuple):
    """A page as a course's list shows it."""

    pk: int
    title: str
    exercise: str
    module: int
    module_title: str
    is_done: bool = False


class Part(NamedTuple):
    """A module, with its pages in order."""

    title: str
    lines: Sequence[Line]

    @property
    def done(self) -> int:
        """How many of its pages are done."""
        return sum(line.is_done for line in self.lines)


@dataclass(frozen=True, slots=True)
class Outline:
    """A course's pages in their order, and where somebody is among them: who has begun nothing is at the first.

    `place` is the page at which they were last. `recorded_on` is the day (a UK date) on which it was recorded that they
    had done all of it, if it was; there may be new pages since.
    """

    lines: Sequence[Line]
    place: int | None = None
    recorded_on: date | None = None

    @property
    def parts(self) -> list[Part]:
        """Return the modules that have pages."""
        by_module = groupby(self.lines, key=lambda line: (line.module, line.module_title))
        return [Part(title, list(lines)) for (_, title), lines in by_module]

    @property
    def is_whole(self) -> bool:
        """Say whether every page is done, of one that has some."""
        return bool(self.lines) and all(line.is_done for line in self.lines)

    @property
    def is_begun(self) -> bool:
        """Say whether somebody was at a page of it."""
        return self.place is not None or any(line.is_done for line in self.lines)

    @property
    def goes_on_at(self) -> Line | None:
        """Return the next page to do, from where somebody was on and then from the beginning; None: all are done."""
        at = self._index(self.place)
        return next((line for line in [*self.lines[at:], *self.lines[:at]] if not line.is_done), None)

    def line(self, page_id: int) -> Line | None:
        """Return one page's line."""
        return next((line for line in self.lines if line.pk == page_id), None)

    def beside(self, page_id: int) -> tuple[Line | None, Line | None]:
        """Return the pages before and after one."""
        at = self._index(page_id)
        return (
            self.lines[at - 1] if at else None,
            self.lines[at + 1] if at + 1 < len(self.lines) else None,
        )

    def _index(self, page_id: int | None) -> int:
        return next((number for number, line in enumerate(self.lines) if line.pk == page_id), 0)


_LINE = ("pk", "title", "exercise", "module", "module__title")
_IN_ORDER = ("module__position", "module", "position", "pk")
_OFFERED = Prepared(lambda: Course.objects.offered().filter(component=Given("component")))
_OUTLINE: Prepared[Any] = Prepared(
    lambda: (
        CoursePage.objects.filter(module__course=Given("course"))
        .annotate(
            is_done=Exists(
                PageDone.objects.filter(
                    page=OuterRef("pk"), study__membership=Given("membership"), study__course=Given("course")
                )
            )
        )
        .order_by(*_IN_ORDER)
        .values_list(*_LINE, "is_done")
    )
)
_STUDY = Prepared(
    lambda: Study.objects.filter(membership=Given("membership"), course=Given("course")).values_list(
        "place", "evidence__fulfilled_on"
    )
)
_PAGE = Prepared(lambda: CoursePage.objects.filter(pk=Given("page"), module__course=Given("course")))
_OPTIONS = Prepared(lambda: PageOption.objects.filter(page=Given("page")).order_by("position", "pk"))


def offered(component: Component) -> Course | None:
    """Return the course by which people can do a component now, if there is one."""
    return _OFFERED.first(component=component.pk)


def has_begun(membership: Membership, component: Component) -> bool:
    """Say whether somebody has begun a component's course, offered or not."""
    return Study.objects.filter(membership=membership, course__component=component).exists()


def outline(course: Course, membership: Membership) -> Outline:
    """Return a course's pages, and where this membership is among them. Two statements."""
    about = {"course": course.pk, "membership": membership.pk}
    place, recorded_on = _STUDY.first(**about) or (None, None)
    return Outline([Line(*row) for row in _OUTLINE.all(**about)], place, recorded_on)


def bare_outline(course: Course) -> Outline:
    """Return a course's pages as nobody's."""
    pages = CoursePage.objects.filter(module__course=course).order_by(*_IN_ORDER).values_list(*_LINE)
    return Outline([Line(*row) for row in pages])


def page_of(course: Course, page_id: int) -> CoursePage | None:
    """Return a page of a course."""
    return _PAGE.first(course=course.pk, page=page_id)


def options_of(page: CoursePage) -> list[PageOption]:
    """Return a page's options, in their own order, which of things to put in order is the right one."""
    return _OPTIONS.all(page=page.pk)
