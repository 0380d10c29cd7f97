"""Rows for tests: each function makes one thing with what it needs around it, and takes what the test is about.

Names, addresses and codes are counted up, so that two calls never meet in a unique constraint. What may be empty in the
model is there in what is made here, so bookings and facilitators are returned as Any: a test knows what it has made.
"""

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from cohorts import booking, certificates, progress, register, testifying
from cohorts.models import (
    Booking,
    Certificate,
    Choice,
    Cohort,
    Component,
    Course,
    CourseModule,
    CoursePage,
    EvidenceKind,
    Facilitator,
    Graduation,
    GraduationInvitation,
    Membership,
    PageOption,
    Programme,
    Session,
    Testimony,
    Venue,
)
from portal.accounts.models import JobRole, Organisation, Role, User

_number = count(1)


def make_organisation(**fields: Any) -> Organisation:
    """Make a trust that does not exist."""
    number = next(_number)
    return Organisation.objects.create(**{"name": f"Demo Trust {number}", "ods_code": f"Z{number:04}"} | fields)


def make_job_role(**fields: Any) -> JobRole:
    """Make a job role."""
    return JobRole.objects.create(**{"name": f"Midwife {next(_number)}"} | fields)


def make_user(*roles: Role.Kind, **fields: Any) -> User:
    """Make a person with a verified address who holds `roles`; a role about an organisation is about theirs."""
    number = next(_number)
    given = {"email": f"person{number}@trust.example", "name": f"Demo Person {number}"} | fields
    user: User = User.objects.create_user(**given)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    for kind in roles:
        organisation = user.organisation if kind in Role.OF_AN_ORGANISATION else None
        Role.objects.create(user=user, kind=kind, organisation=organisation)
    return user


def make_admin(**fields: Any) -> User:
    """Make an admin of all programmes, who may use the admin pages."""
    return make_user(Role.Kind.ALL_PROGRAMMES_ADMIN, is_staff=True, **fields)


def make_admin_of(*programmes: Programme, **fields: Any) -> User:
    """Make a programme admin whom these programmes name, and who keeps no other."""
    admin = make_user(Role.Kind.PROGRAMME_ADMIN, is_staff=True, **fields)
    for programme in programmes:
        programme.admins.add(admin)
    return admin


def make_programme(**fields: Any) -> Programme:
    """Make a published programme that people go through as a cohort."""
    number = next(_number)
    given = {
        "name": f"Demo programme {number}",
        "slug": f"demo-programme-{number}",
        "summary": "Anti-racist practice, over 6 months.",
        "description": "What we do together.",
        "audience": "Perinatal clinicians",
        "published": True,
    }
    return Programme.objects.create(**given | fields)


def make_series(**fields: Any) -> Programme:
    """Make a published programme of open sessions."""
    return make_programme(**{"shape": Programme.Shape.SERIES} | fields)


def make_component(programme: Programme | None = None, **fields: Any) -> Component:
    """Make a programme's next component: a required training session, fulfilled by attending or by the team's word."""
    programme = programme or make_programme()
    number = next(_number)
    given = {
        "programme": programme,
        "position": programme.components.count() + 1,
        "title": f"Training session {number}",
        "slug": f"training-session-{number}",
        "fulfilled_by": [EvidenceKind.ATTENDANCE, EvidenceKind.RECORD],
    }
    return Component.objects.create(**given | fields)


def make_choice(*components: Component, at_least: int = 1, **fields: Any) -> Choice:
    """Make a choice of these components of one programme."""
    given = {"programme": components[0].programme, "title": f"Choice {next(_number)}", "at_least": at_least}
    with transaction.atomic():
        choice = Choice.objects.create(**given | fields)
        for component in components:
            component.choice, component.required, component.within_weeks = choice, False, None
            component.save()
    return choice


def make_cohort(programme: Programme | None = None, **fields: Any) -> Cohort:
    """Make a cohort that began a month ago and has 5 months to go."""
    programme = programme or make_programme()
    number = programme.cohorts.count() + 1
    today = timezone.localdate()
    given = {
        "programme": programme,
        "number": number,
        "name": f"{programme.name}, cohort {number}",
        "starts_on": today - timedelta(days=30),
        "ends_on": today + timedelta(days=150),
        "places": 40,
    }
    return Cohort.objects.create(**given | fields)


def make_open_cohort(programme: Programme | None = None, **fields: Any) -> Cohort:
    """Make a cohort to come, of a published programme, to which people may apply today."""
    today = timezone.localdate()
    given = {
        "starts_on": today + timedelta(days=60),
        "ends_on": today + timedelta(days=240),
        "opens_on": today - timedelta(days=7),
        "closes_on": today + timedelta(days=7),
    }
    return make_cohort(programme or make_programme(published=True), **given | fields)


def make_membership(user: User | None = None, cohort: Cohort | None = None, **fields: Any) -> Membership:
    """Enrol a person in a cohort, or put them on its list in another state."""
    if fields.get("state") == Membership.State.NOMINATED and "nominated_by" not in fields:
        fields["nominated_by"] = make_user()
    if fields.get("state") == Membership.State.OFFERED:
        fields = {"offer_expires_at": timezone.now() + timedelta(days=7)} | fields
    return Membership.objects.create(user=user or make_user(), cohort=cohort or make_cohort(), **fields)


def make_venue(**fields: Any) -> Venue:
    """Make a venue that does not exist."""
    given = {
        "name": f"Demo Centre {next(_number)}",
        "address": "1 Example Street\nLondon",
        "directions": "Ask at the front desk.",
        "access": "Step-free from the street.",
    }
    return Venue.objects.create(**given | fields)


def make_facilitator(user: User | None = None, **fields: Any) -> Any:
    """Make somebody who leads sessions; with `user` they hold the role and can keep the register."""
    if user:
        Role.objects.get_or_create(user=user, kind=Role.Kind.FACILITATOR, organisation=None)
    given = {"name": user.name if user else f"Demo Facilitator {next(_number)}", "biography": "Leads with care."}
    return Facilitator.objects.create(user=user, **given | fields)


def at(day: date, clock: str) -> datetime:
    """Return the moment when the UK's clocks show `clock` ("09:30") on `day`."""
    return timezone.make_aware(datetime.combine(day, time.fromisoformat(clock)))


def make_session(
    component: Component | None = None,
    cohort: Cohort | None = None,
    *,
    days: int = 14,
    clock: str = "09:30",
    hours: float = 3,
    **fields: Any,
) -> Session:
    """Make a session `days` from today (negative: ago) at `clock`, UK time, that lasts `hours` and has 20 places.

    Without `cohort` it is held for every cohort of its programme, or in an open series for whoever books.
    """
    component = component or make_component(cohort.programme if cohort else None)
    starts_at = at(timezone.localdate() + timedelta(days=days), clock)
    given = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=hours), "places": 20}
    return Session.objects.create(component=component, cohort=cohort, **given | fields)


def make_graduation(*cohorts: Cohort, name: str = "Graduation 2026", guests_each: int = 2, **fields: Any) -> Graduation:
    """Make a graduation of these cohorts, with a session by invitation, 30 days from today, that has these `fields`."""
    component = make_component(make_programme(shape="invitation"), title=name)
    session = make_session(component, **{"days": 30, **fields})
    graduation = Graduation.objects.create(name=name, session=session, guests_each=guests_each)
    graduation.cohorts.set(cohorts)
    return graduation


def make_invitation(user: User | None = None, graduation: Graduation | None = None) -> GraduationInvitation:
    """Make somebody's invitation to a graduation."""
    return GraduationInvitation.objects.create(
        user=user or make_user(), graduation=graduation or make_graduation(make_cohort())
    )


def make_open_session(**fields: Any) -> Session:
    """Make a session of an open series."""
    return make_session(make_component(make_series()), **fields)


def make_course(
    component: Component | None = None, *pages: dict[str, Any], published: bool = True, **fields: Any
) -> Course:
    """Make the self-study of a component, of one module that has these pages; without any, of two pages to read.

    A page is its fields, and its `options`: what can be answered, by whether it is right, or what is put in order.
    """
    kinds = [EvidenceKind.ATTENDANCE, EvidenceKind.SELF_STUDY]
    course = Course.objects.create(
        component=component or make_component(fulfilled_by=kinds), **{"minutes": 40, "published": published} | fields
    )
    module = CourseModule.objects.create(course=course, title="How change works")
    for position, page in enumerate(pages or ({}, {}), start=1):
        make_course_page(module, **{"position": position} | page)
    return course


def make_course_page(module: CourseModule, **fields: Any) -> CoursePage:
    """Make a page of a module; see `make_course`."""
    options = fields.pop("options", {})
    given = {"position": module.pages.count() + 1, "title": f"Page {next(_number)}", "text": "Something to read."}
    if fields.get("exercise"):
        given["question"] = f"What is right? {next(_number)}"
    page = CoursePage.objects.create(module=module, **given | fields)
    for position, (text, is_right) in enumerate(options.items(), start=1):
        feedback = f"About {text.lower()}"
        PageOption.objects.create(page=page, position=position, text=text, is_right=is_right, feedback=feedback)
    return page


def make_booking(user: User, session: Session) -> Any:
    """Book `session` for `user` by the verb; who is not enrolled in its cohort is enrolled first."""
    if session.cohort is not None:
        Membership.objects.get_or_create(user=user, cohort=session.cohort)
    return booking.book(user, session.pk)


def make_waiting(user: User, session: Session) -> Any:
    """Put `user` on the waiting list of a full session by the verb; they are enrolled first where they are not."""
    if session.cohort is not None:
        Membership.objects.get_or_create(user=user, cohort=session.cohort)
    return booking.join_waiting_list(user, session.pk)


def make_testimony(
    author: User | None = None, programme: Programme | None = None, *, editor: User | None = None, **fields: Any
) -> Testimony:
    """Offer somebody's words by the verb, without their name; with `editor` they are published."""
    given = {
        "text": f"It has changed how I listen {next(_number)}.",
        "component": None,
        "shown_as": Testimony.ShownAs.ANONYMOUS,
        "byline": testifying.ANONYMOUS,
    }
    offered = testifying.offer(author or make_user(), programme or make_programme(), **given | fields)
    return testifying.publish(offered, looked_at=offered.sequence, by=editor) if editor else offered


def make_complete(user: User | None = None, cohort: Cohort | None = None) -> Membership:
    """Enrol a person in a cohort, and record today that they have done all that its programme requires.

    A programme that requires nothing gets one component worth 1.5 CPD points.
    """
    membership = make_membership(user, cohort)
    programme = membership.cohort.programme
    if not programme.components.exists():
        make_component(programme, cpd_points="1.5", fulfilled_by=[EvidenceKind.RECORD])
    for component in programme.components.filter(required=True):
        kind, today = EvidenceKind.RECORD, timezone.localdate()
        progress.record(membership, component, kind=kind, fulfilled_on=today, by=None)
    return membership


def make_attended(user: User | None = None, session: Session | None = None, *, days_ago: int = 3) -> Any:
    """Book a session for a person, let it be over, and mark them as attended by the register's own verb."""
    booked = make_booking(user or make_user(), session or make_session(cohort=make_cohort()))
    length = booked.session.ends_at - booked.session.starts_at
    began = at(timezone.localdate() - timedelta(days=days_ago), "09:30")
    Session.objects.filter(pk=booked.session_id).update(starts_at=began, ends_at=began + length)
    booked.session.refresh_from_db()
    register.mark(booked.session, {booked.pk: Booking.State.ATTENDED}, by=make_user())
    return Booking.objects.select_related("session__component", "user", "membership__cohort").get(pk=booked.pk)


def make_certificate(membership: Membership | None = None) -> Certificate:
    """Issue a certificate of completion by the verb; who is not complete is made so first."""
    return certificates.issue(membership or make_complete(), by=make_user())


def fill(session: Session) -> list[Any]:
    """Book every place that is left, each for somebody new."""
    session.refresh_from_db(fields=["taken"])
    return [make_booking(make_user(), session) for _ in range(session.places_left)]
