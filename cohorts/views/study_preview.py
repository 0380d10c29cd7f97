"""A course of self-study as a participant sees it, for the programme team, published or not. Nothing is kept here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import courses, rules
from cohorts.courses import Outline
from cohorts.models import Course
from cohorts.study_forms import ExerciseForm
from cohorts.views.addresses import COURSE_PAGE_PREVIEWS, COURSE_PREVIEWS
from cohorts.views.study_lines import Way, course_context, page_context
from portal.access import access, existing, person

INVALID = 422


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.keeps_programmes)
def course(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a course as whoever has begun nothing of it sees it."""
    found = existing(rules.kept_course(person(request), pk))
    context = course_context(found, found.component, courses.bare_outline(found), _way(found))
    return render(request, "cohorts/study.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(rules.keeps_programmes)
def page(request: HttpRequest, pk: int, page_id: int) -> HttpResponse:
    """Show a page, and say of an answer what a participant is told."""
    found = existing(rules.kept_course(person(request), pk))
    shown = existing(courses.page_of(found, page_id))
    options, outline, way = courses.options_of(shown), courses.bare_outline(found), _way(found)
    form = ExerciseForm(request.POST if request.method == "POST" else None, page=shown, options=options)
    is_done = form.is_valid()
    if is_done and not shown.is_checked:
        _, following = outline.beside(shown.pk)
        return redirect(way.page(following.pk) if following else way.course)
    if is_done:
        outline = Outline([line._replace(is_done=line.pk == shown.pk) for line in outline.lines])
    context = page_context(shown, options, outline, way, form=form)
    status = INVALID if form.is_bound and not is_done else None
    return render(request, "cohorts/study_page.html", context, status=status)


def _way(course: Course) -> Way:
    """Return where the pages of a preview are; what leads to it, and its end, is the course in the admin."""
    in_admin = reverse("admin:cohorts_course_change", args=[course.pk])
    return Way(
        course=COURSE_PREVIEWS.of(course.pk),
        page=lambda page_id: COURSE_PAGE_PREVIEWS.of(course.pk, page_id),
        finished=in_admin,
        back=in_admin,
        caption="As a participant sees it",
        is_preview=True,
    )
