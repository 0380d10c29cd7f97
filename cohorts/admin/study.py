"""Self-study: the course of a component, its modules, and its pages with their exercises.

A course is looked at as a participant sees it, and published once it is whole.
"""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Field, ForeignKey, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from cohorts import publishing
from cohorts.admin.keeping import KeptAdmin, KeptFilter, count
from cohorts.models import Course, CourseModule, CoursePage, PageDone, PageOption
from cohorts.publishing import NotWhole
from cohorts.rules import keeps_programmes
from portal.access import person
from portal.administration import AsksRule
from portal.generics import BaseInlineFormSet, ModelChoiceField, ModelForm, StackedInline
from portal.questions import Question, ask, is_confirmed

MOST_MODULES = 20
MOST_OPTIONS = 12
FEEDBACK_LACKS = "Say to whoever chooses this why it is right, or what speaks against it."


class CourseModuleFormSet(BaseInlineFormSet[Any, Course, Any]):
    """A course's modules. One that has pages stays."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let a row be removed, or not."""
        super().add_fields(form, index)
        if form.instance.pk and form.instance.number:
            form.fields["DELETE"].disabled = True


class CourseModuleInline(AsksRule, StackedInline[CourseModule, Course]):
    """The parts of a course, in order."""

    rule = keeps_programmes
    may_delete = True
    model = CourseModule
    formset = CourseModuleFormSet
    extra = 0
    fields = (("position", "title"),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CourseModule]:
        """Return modules, each with the number of its pages."""
        return super().get_queryset(request).annotate(number=Count("pages"))

    def get_formset(self, request: HttpRequest, obj: Course | None = None, **kwargs: Any) -> Any:
        """Read no more rows than there may be, however many are sent."""
        limits = {"max_num": MOST_MODULES, "absolute_max": MOST_MODULES + 1, "validate_max": True}
        return super().get_formset(request, obj, **limits, **kwargs)


@admin.register(Course)
class CourseAdmin(KeptAdmin[Course]):
    """Courses of self-study, one of each component."""

    programme = "component__programme"
    fields = ("component", "minutes", "introduction")
    inlines = (CourseModuleInline,)
    list_display = ("component", "of_programme", "pages_of_it", "minutes", "published")
    list_filter = (("component__programme", KeptFilter), "published")
    list_select_related = ("component__programme",)
    search_fields = ("component__title", "component__programme__name")
    autocomplete_fields = ("component",)
    ordering = ("component__programme", "component__position")
    sortable_by = ()
    may_delete = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        """Return courses with what names them."""
        return super().get_queryset(request).select_related("component__programme")

    def with_figures(self, rows: QuerySet[Course]) -> QuerySet[Course]:
        """Count the pages of each."""
        return rows.annotate(number=count(CoursePage.objects.filter(module__course=OuterRef("pk")), "module__course"))

    @admin.display(description="programme")
    def of_programme(self, course: Course) -> str:
        """Return the programme that it is of."""
        return str(course.component.programme)

    @admin.display(description="pages")
    def pages_of_it(self, course: Any) -> int:
        """Return how many pages it has."""
        number: int = course.number
        return number

    def get_readonly_fields(self, request: HttpRequest, obj: Course | None = None) -> tuple[str, ...]:
        """Keep a course with its component once it is made: people are in the middle of it, or will be."""
        return ("component",) if obj else ()

    def is_in_use(self, obj: Course) -> bool:
        """Say whether anybody has begun it."""
        return obj.studies.exists()

    def pages(self) -> list[URLPattern]:
        """Add publishing and taking off."""
        return [path("<int:pk>/publish/", self.publish_page, name="cohorts_course_publish")]

    def publish_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what publishing does, or what is lacking for it; of a published course, what taking it off does."""
        course = get_object_or_404(self.get_queryset(request), pk=pk)
        back = reverse("admin:cohorts_course_change", args=[pk])
        if is_confirmed(request):
            if "take_off" in request.POST:
                publishing.take_off(course, by=person(request))
                messages.success(request, f"Taken off: the self-study of {course.component}.")
                return HttpResponseRedirect(back)
            try:
                publishing.publish(course, by=person(request))
            except NotWhole:
                messages.error(request, "Nothing was published: something is lacking by now.")
                return HttpResponseRedirect(request.path)
            messages.success(request, f"Published: the self-study of {course.component}.")
            return HttpResponseRedirect(back)
        return ask(request, self, _taking_off(course) if course.published else _publishing(course))


def _taking_off(course: Course) -> Question:
    return Question(
        title=f"Take off the self-study of {course.component}",
        says=[
            "Nobody can begin it, read it or go on with it until you publish it again.",
            "What people have done of it is kept, and what they have completed stays completed.",
        ],
        button="Take it off",
        about=course,
        unseen=[("take_off", "yes")],
    )


def _publishing(course: Course) -> Question:
    if lacking := publishing.lacking(course):
        return Question(
            title=f"The self-study of {course.component} cannot be published yet", says=lacking, about=course
        )
    return Question(
        title=f"Publish the self-study of {course.component}",
        says=[
            f"Everybody who takes part in {course.component.programme} can do it from now on. Nobody is written to.",
            "You can change it later. What people have done by then stays done.",
        ],
        button="Publish it",
        about=course,
    )


class PageOptionFormSet(BaseInlineFormSet[Any, CoursePage, Any]):
    """The answers of a page's exercise: as many as it needs, the right ones marked, and each explained."""

    def clean(self) -> None:
        """Require what the kind of exercise needs, so that it can be got right."""
        super().clean()
        given = [form.cleaned_data for form in self.forms if getattr(form, "cleaned_data", None)]
        kept = [row for row in given if row.get("text") and not row.get("DELETE")]
        said = publishing.lacks(self.instance.exercise, len(kept), sum(bool(row.get("is_right")) for row in kept))
        if said:
            raise ValidationError([f"Answers: {what}" for what in said])
        if self.instance.exercise in {CoursePage.Exercise.ONE, CoursePage.Exercise.SEVERAL}:
            for form in self.forms:
                row = getattr(form, "cleaned_data", {})
                if row in kept and not row.get("feedback"):
                    form.add_error("feedback", FEEDBACK_LACKS)


class PageOptionInline(AsksRule, StackedInline[PageOption, CoursePage]):
    """What can be answered, or what is to be put in order."""

    rule = keeps_programmes
    may_delete = True
    model = PageOption
    formset = PageOptionFormSet
    extra = 0
    fields = (("position", "is_right"), "text", "feedback")

    def get_formset(self, request: HttpRequest, obj: CoursePage | None = None, **kwargs: Any) -> Any:
        """Read no more rows than there may be, however many are sent."""
        limits = {"max_num": MOST_OPTIONS, "absolute_max": MOST_OPTIONS + 1, "validate_max": True}
        return super().get_formset(request, obj, **limits, **kwargs)


class ModuleField(ModelChoiceField[CourseModule]):
    """A choice among modules, also of several courses."""

    def label_from_instance(self, module: CourseModule) -> str:
        """Say which component the course is of."""
        return f"{module.course.component}: {module}"


class CoursePageForm(ModelForm[CoursePage]):
    """One page. It stays in its course: there are people who have done it."""

    class Meta:
        model = CoursePage
        fields = (
            *("module", "position", "title", "text", "video_link", "transcript"),
            *("exercise", "question", "number", "tolerance", "unit", "hint", "explanation"),
        )
        field_classes: ClassVar = {"video_link": partial(forms.URLField, assume_scheme="https")}

    def clean_module(self) -> CourseModule:
        """Keep the page in its course, and leave no module of a published one without a page."""
        module: CourseModule = self.cleaned_data["module"]
        if "module" in self.changed_data and self.instance.pk:
            before = CourseModule.objects.select_related("course").get(pages=self.instance.pk)
            if before.course_id != module.course_id:
                raise ValidationError("Choose a module of the same course.")
            if before.course.published and before.pages.count() == 1:
                raise ValidationError(f"It is the only page of “{before}”. Add another page there first.")
        return module


@admin.register(CoursePage)
class CoursePageAdmin(KeptAdmin[CoursePage]):
    """The pages of courses. Their order is that of their numbers."""

    programme = "module__course__component__programme"
    form = CoursePageForm
    inlines = (PageOptionInline,)
    fieldsets = (
        (None, {"fields": ("module", ("position", "title"), "text")}),
        ("Video", {"fields": ("video_link", "transcript")}),
        (
            "Exercise",
            {"fields": ("exercise", "question", ("number", "tolerance", "unit"), "hint", "explanation")},
        ),
    )
    list_display = ("title", "in_course", "in_module", "position", "exercise")
    list_filter = (("module__course", KeptFilter),)
    list_select_related = ("module__course__component__programme",)
    search_fields = ("title", "module__title", "module__course__component__title")
    ordering = ("module__course", "module__position", "module", "position", "id")
    sortable_by = ()
    may_delete = True

    def get_field_queryset(
        self, db: str | None, db_field: "Field[Any, Any]", request: HttpRequest
    ) -> QuerySet[Any] | None:
        """Offer the modules of the courses that somebody keeps; of a page that is there, those of its course."""
        if db_field.name != "module":
            return super().get_field_queryset(db, db_field, request)
        courses: Any = self.admin_site.get_model_admin(Course)
        modules = CourseModule.objects.filter(course__in=courses.get_queryset(request))
        match = request.resolver_match
        if match and str(match.kwargs.get("object_id", "")).isdecimal():
            of_page = CourseModule.objects.filter(pages=int(match.kwargs["object_id"]))
            modules = modules.filter(course__in=of_page.values("course"))
        return modules.select_related("course__component").order_by(
            "course__component__programme", "course", "position", "pk"
        )

    def formfield_for_foreignkey(self, db_field: "ForeignKey[Any]", request: HttpRequest, **kwargs: Any) -> Any:
        """Say of a module which course it is of."""
        if db_field.name == "module":
            kwargs["form_class"] = ModuleField
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description="self-study of")
    def in_course(self, page: CoursePage) -> str:
        """Return which component it is about."""
        return str(page.module.course.component)

    @admin.display(description="module")
    def in_module(self, page: CoursePage) -> str:
        """Return which part of the course it is in."""
        return str(page.module)

    def is_in_use(self, obj: CoursePage) -> bool:
        """Say whether it is the only page of a module of a published course."""
        return obj.module.course.published and obj.module.pages.count() == 1

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name what goes with a page: its answers, and not how many people have done it."""
        _, counted, needed, kept = super().get_deleted_objects(objs, request)
        done = PageDone._meta.verbose_name_plural
        return [str(obj) for obj in objs], {name: n for name, n in counted.items() if name != done}, needed, kept
