"""How self-study is shown, to whoever goes through it and to whoever looks at it before it is published."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cohorts.courses import Line, Outline, Part
from cohorts.models import Component, Course, CoursePage, PageOption
from cohorts.study_forms import ExerciseForm
from portal.nhsuk.lists import Task

EXERCISE = CoursePage.Exercise


@dataclass(frozen=True, slots=True)
class Way:
    """Where the pages of a course are: its list, each page by its key, the end, and what leads to it."""

    course: str
    page: Callable[[int], str]
    finished: str
    back: str
    caption: str
    is_preview: bool = False


@dataclass(frozen=True, slots=True)
class PartShown:
    """A module as the list shows it."""

    title: str
    so_far: str
    tasks: Sequence[Task]


def course_context(course: Course, component: Component, outline: Outline, way: Way) -> dict[str, Any]:
    """Return what the page of a course shows."""
    return {
        "way": way,
        "course": course,
        "component": component,
        "outline": outline,
        "parts": [_part(part, way) for part in outline.parts],
        "following": (following := outline.goes_on_at),
        "following_href": way.page(following.pk) if following else "",
    }


def page_context(
    page: CoursePage, options: Sequence[PageOption], outline: Outline, way: Way, *, form: ExerciseForm
) -> dict[str, Any]:
    """Return what a page shows: its exercise, or what explains the right answer to whoever has found it."""
    line = outline.line(page.pk)
    before, after = outline.beside(page.pk)
    is_done = line is not None and line.is_done
    following = after or outline.goes_on_at
    return {
        "way": way,
        "page": page,
        "part": line.module_title if line else "",
        "form": form,
        "is_done": is_done,
        "right": _right(page, options) if is_done else [],
        "before": before,
        "before_href": way.page(before.pk) if before else "",
        "after": after,
        "after_href": way.page(after.pk) if after else "",
        "following": following,
        "following_href": way.page(following.pk) if following else way.finished,
    }


def _part(part: Part, way: Way) -> PartShown:
    number = len(part.lines)
    so_far = "Completed" if part.done == number else f"{part.done} of {number} done"
    return PartShown(part.title, so_far, [_task(line, way) for line in part.lines])


def _task(line: Line, way: Way) -> Task:
    has_exercise = line.exercise not in {EXERCISE.NONE, EXERCISE.REFLECTION}
    hint = "With an exercise" if has_exercise else ""
    if line.is_done:
        return Task(line.title, way.page(line.pk), hint, "Completed", completed=True)
    return Task(line.title, way.page(line.pk), hint, "To do", "blue")


def _right(page: CoursePage, options: Sequence[PageOption]) -> list[tuple[str, str]]:
    """Return each right answer with why it is so."""
    if page.exercise == EXERCISE.NUMBER and page.number is not None:
        unit = "" if page.unit == "%" else " "
        return [(f"{page.number.normalize():f}{unit if page.unit else ''}{page.unit}", "")]
    in_order = page.exercise == EXERCISE.ORDER
    return [(option.text, option.feedback) for option in options if in_order or option.is_right]
