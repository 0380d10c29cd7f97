"""Self-study: a course, its pages one by one with their exercises, and the page that says that it is done.

Nothing here is shown to admins who see what somebody sees: where somebody is, and what they answer, is theirs alone.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cohorts import about, courses, my_bookings, progress, rules, studying
from cohorts.models import Component, Course, CoursePage, Membership
from cohorts.study_forms import ExerciseForm
from cohorts.studying import NotOffered, NotStudying
from cohorts.views.addresses import COMPONENTS, STUDIES, STUDIES_FINISHED, STUDY_PAGES
from cohorts.views.study_lines import Way, course_context, page_context
from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User

REFUSED, INVALID = 409, 422


@dataclass(frozen=True, slots=True)
class Place:
    """A course that somebody goes through, and by which membership. None: it is not open at the moment."""

    membership: Membership
    component: Component
    course: Course | None

    @property
    def way(self) -> Way:
        """Return where its pages are."""
        membership_id, slug = self.membership.pk, self.component.slug
        return Way(
            course=STUDIES.of(membership_id, slug),
            page=lambda page_id: STUDY_PAGES.of(membership_id, slug, page_id),
            finished=STUDIES_FINISHED.of(membership_id, slug),
            back=COMPONENTS.of(membership_id, slug),
            caption=self.membership.cohort.name,
        )


def _place(user: User, membership_id: int, slug: str) -> Place:
    """Return where somebody is. Raises Http404 where there is no course, and they have begun none."""
    membership = existing(rules.own_membership(user, membership_id))
    component = existing(about.part(membership.cohort.programme_id, slug))
    course = courses.offered(component)
    if course is None and not courses.has_begun(membership, component):
        raise Http404
    return Place(membership, component, course)


def _form(person: User, data: QueryDict, membership_id: int, component: str, page_id: int) -> ExerciseForm | None:
    """Return the form of a page with what somebody answered, if there is such a page for them."""
    try:
        course = _place(person, membership_id, component).course
    except Http404:
        return None
    page = courses.page_of(course, page_id) if course else None
    return ExerciseForm(data, page=page, options=courses.options_of(page)) if page else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
def study(request: HttpRequest, membership_id: int, component: str) -> HttpResponse:
    """Show a course's pages and how far somebody is; record it for whoever has done all, where that is left."""
    place = _place(person(request), membership_id, component)
    if place.course is None:
        return _not_open(request, place)
    if request.method == "POST":
        try:
            is_whole = studying.finish(place.membership, place.course)
        except NotStudying as refused:
            return _refuse(request, place, refused)
        return redirect(place.way.finished if is_whole else place.way.course)
    outline = courses.outline(place.course, place.membership)
    context = {
        **course_context(place.course, place.component, outline, place.way),
        "done_on": progress.fulfilled_on(place.membership, place.component),
    }
    return render(request, "cohorts/study.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_form))
def study_page(request: HttpRequest, membership_id: int, component: str, page_id: int) -> HttpResponse:
    """Show a page; keep that it is done, once its exercise is right, if it has one."""
    place = _place(person(request), membership_id, component)
    if place.course is None:
        return _not_open(request, place)
    page = courses.page_of(place.course, page_id)
    if page is None:
        if request.method == "POST":
            return _refuse(request, place, studying.PageGone())
        raise Http404
    options = courses.options_of(page) if page.is_checked else []
    form = ExerciseForm(request.POST if request.method == "POST" else None, page=page, options=options)
    if request.method == "POST":
        try:
            if form.is_valid():
                return _keep(request, place, place.course, page)
            studying.stop_at(place.membership, place.course, page)
        except NotStudying as refused:
            return _refuse(request, place, refused)
    outline = courses.outline(place.course, place.membership)
    context = page_context(page, options, outline, place.way, form=form)
    return render(request, "cohorts/study_page.html", context, status=INVALID if form.is_bound else None)


@require_safe
@cache_control(private=True, no_store=True)
@access(signed_in)
def study_finished(request: HttpRequest, membership_id: int, component: str) -> HttpResponse:
    """Say that all of it is done, what that counts for, and what may be cancelled now."""
    place = _place(person(request), membership_id, component)
    if place.course is None:
        return _not_open(request, place)
    outline = courses.outline(place.course, place.membership)
    done_on = progress.fulfilled_on(place.membership, place.component)
    if not done_on or not (outline.is_whole or outline.recorded_on):
        return redirect(place.way.course)
    context = {
        "way": place.way,
        "component": place.component,
        "outline": outline,
        "done_on": done_on,
        "held": my_bookings.held_for(place.membership, place.component),
    }
    return render(request, "cohorts/study_finished.html", context)


def _keep(request: HttpRequest, place: Place, course: Course, page: CoursePage) -> HttpResponse:
    """Keep that a page is done; lead to what explains the answer, or on. Raises NotStudying."""
    is_whole = studying.do_page(place.membership, course, page)
    if page.is_checked:
        messages.success(request, "That is right.")
        return redirect(place.way.page(page.pk))
    if is_whole:
        return redirect(place.way.finished)
    _, following = courses.outline(course, place.membership).beside(page.pk)
    return redirect(place.way.page(following.pk) if following else place.way.course)


def _not_open(request: HttpRequest, place: Place) -> HttpResponse:
    return _refuse(request, place, NotOffered(), REFUSED if request.method == "POST" else 200)


def _refuse(request: HttpRequest, place: Place, refused: NotStudying, status: int = REFUSED) -> HttpResponse:
    """Say why nothing is kept, or shown."""
    context = {
        "way": place.way,
        "component": place.component,
        "refused": refused,
        "goes_on": isinstance(refused, studying.PageGone),
    }
    return render(request, "cohorts/study_refused.html", context, status=status)
