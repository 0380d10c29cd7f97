"""The forms in which the demonstration's self-study is written, and making a course of one."""

from dataclasses import dataclass

from cohorts import publishing
from cohorts.models import Component, Course, CourseModule, CoursePage, PageOption
from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class OptionPlan:
    """An answer to choose, with what is said to whoever chooses it; or one of some things that are put in order."""

    text: str
    feedback: str = ""
    is_right: bool = False


@dataclass(frozen=True, slots=True)
class PagePlan:
    """A page, with the exercise at the end of it, if there is one."""

    title: str
    text: str
    exercise: CoursePage.Exercise = CoursePage.Exercise.NONE
    question: str = ""
    options: tuple[OptionPlan, ...] = ()
    number: float | None = None
    tolerance: float = 0
    unit: str = ""
    hint: str = ""
    explanation: str = ""
    video_link: str = ""
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class ModulePlan:
    """A module with its pages in order."""

    title: str
    pages: tuple[PagePlan, ...]


@dataclass(frozen=True, slots=True)
class CoursePlan:
    """The self-study of the component with this slug."""

    slug: str
    minutes: int
    introduction: str
    modules: tuple[ModulePlan, ...]


def course_of(plan: CoursePlan, component: Component, *, by: User) -> Course:
    """Make a course as it is planned, and publish it."""
    course = Course.objects.create(component=component, minutes=plan.minutes, introduction=plan.introduction)
    for place, module_plan in enumerate(plan.modules, start=1):
        module = CourseModule.objects.create(course=course, position=place, title=module_plan.title)
        for number, page in enumerate(module_plan.pages, start=1):
            _add_page(module, page, number)
    publishing.publish(course, by=by)
    return course


def _add_page(module: CourseModule, plan: PagePlan, position: int) -> None:
    page = CoursePage.objects.create(
        module=module,
        position=position,
        title=plan.title,
        text=plan.text,
        exercise=plan.exercise,
        question=plan.question,
        number=plan.number,
        tolerance=plan.tolerance,
        unit=plan.unit,
        hint=plan.hint,
        explanation=plan.explanation,
        video_link=plan.video_link,
        transcript=plan.transcript,
    )
    PageOption.objects.bulk_create(
        PageOption(page=page, position=place, text=option.text, feedback=option.feedback, is_right=option.is_right)
        for place, option in enumerate(plan.options, start=1)
    )
