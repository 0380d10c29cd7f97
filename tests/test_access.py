"""Every address times every role, held to the written table of `tests/access_table.py`."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from bookclub import asking, nudging, suggesting
from bookclub.models import LendingTerms, MeetingPlan, Prompt
from cohorts import calendars, conversations, progress, studying
from cohorts.models import (
    Cohort,
    CohortMessage,
    Component,
    ConversationMessage,
    CoursePage,
    Evidence,
    Facilitator,
    Material,
    Membership,
    MessageReport,
    Session,
)
from portal.access import existing, is_guarded
from portal.accounts import invitations
from portal.accounts.legal_holds import set_hold
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import Role, User
from portal.attachments import attaching
from portal.imports.models import FileImport
from portal.outbox import stop_links
from portal.outbox.models import Message
from portal.retention.models import Disposal, ErasureRequest
from portal.trail.models import Entry
from qi_projects import commenting, inviting, life, rebasing, standing_in
from qi_projects.models import CoachAbsence, Project, Publication, RebaseDecision, TeamPlace, Theme
from referrals import intake, receipts
from referrals.models import GroupSession
from tests.access_table import EVERYBODY, TABLE, Line
from tests.attachments import made
from tests.bookclub.lending import make_copy, make_loan
from tests.bookclub.making import make_listed
from tests.bookclub.reflections import share, write
from tests.bookclub.threads import make_report
from tests.cohorts.champions import make_champion
from tests.cohorts.champions import seat as conversation_seat
from tests.factories import (
    make_admin,
    make_admin_of,
    make_booking,
    make_certificate,
    make_cohort,
    make_complete,
    make_component,
    make_course,
    make_facilitator,
    make_graduation,
    make_invitation,
    make_job_role,
    make_membership,
    make_open_cohort,
    make_organisation,
    make_programme,
    make_series,
    make_session,
    make_testimony,
    make_user,
    make_venue,
)
from tests.qi_projects.coaching import make_coach, make_sendable, send
from tests.qi_projects.making import approve, join, lead_of, make_active
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.publishing import make_published
from tests.qi_projects.test_cycles import Tried
from tests.qi_projects.test_files import make_file
from tests.referrals.conftest import new_team

SIGN_IN = "sign in"
REACHED = "reached"
SIGNED_OUT = b"You have been signed out"


def patterns(
    resolver: URLResolver | None = None, namespace: str = "", route: str = "/"
) -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the portal with its full name (without one, its route), straight from the URLconf."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from patterns(pattern, inside, f"{route}{pattern.pattern}")
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else f"{route}{pattern.pattern}", pattern


pytestmark = pytest.mark.django_db


def is_allauths(pattern: URLPattern) -> bool:
    """allauth's own pages open to whoever is signed in, or is not, and to no role: its own tests hold them."""
    return pattern.callback.__module__.startswith("allauth.")


def test_the_table_names_every_address_and_no_other() -> None:
    assert {name for name, pattern in patterns() if not is_allauths(pattern)} == set(TABLE)


def test_every_view_names_the_rule_that_opens_it_or_is_closed_to_all() -> None:
    unruled = {name for name, pattern in patterns() if not is_guarded(pattern.callback)}
    assert unruled == {name for name, line in TABLE.items() if line.closed}


def has_a_record(membership: Membership) -> None:
    """Record that somebody has done a component."""
    component = make_component(membership.cohort.programme)
    progress.record(membership, component, kind=Evidence.Kind.RECORD, fulfilled_on=timezone.localdate(), by=make_user())


def studied_page(membership: Membership) -> CoursePage:
    """Make a page of self-study that somebody has done."""
    component = make_component(membership.cohort.programme, required=False, fulfilled_by=[Evidence.Kind.SELF_STUDY])
    course = make_course(component, {})
    page = CoursePage.objects.select_related("module__course__component").get(module__course=course)
    studying.do_page(membership, course, page)
    return page


def poster_of(session: Session) -> Material:
    """Make a material that holds a picture."""
    material = Material(session=session, title="A poster")
    attaching.attach(made.upload(made.picture()), to=material, by=make_user())
    return material


def away_today(coach: User) -> CoachAbsence:
    """Let a coach be away today, and another stand in."""
    today = timezone.localdate()
    return standing_in.say_away(coach, from_on=today, to_on=today, cover=make_coach())


def rebase_of(project: Project) -> RebaseDecision:
    """Let a project have a measure with three points, of which the second begins new limits."""
    measure = make_measure(project)
    enter(measure, [1, 2, 3])
    return rebasing.rebase(measure, measure.points.all()[1].day, "A change", by=lead_of(project))


def published_by(member: Membership) -> Publication:
    """Let a project of somebody's that counts for their place in a cohort be published, with a chart."""
    project = make_active(member.user, membership=member)
    measure = make_measure(project)
    enter(measure, [12, 14, 13])
    approve(project)
    life.finish(project, "Done.", by=member.user)
    return make_published(project, measures_shown=[measure.pk])


GUIDE = "Begin with chapter 4 yourself; nobody else will."


def make_asked_at_meeting(cohort: Cohort, leads: Facilitator) -> Prompt:
    """Make a prompt of a book club meeting that somebody leads, with a guide."""
    meeting = make_session(make_component(cohort.programme, kind=Component.Kind.BOOK_CLUB, required=False), cohort)
    meeting.facilitators.add(leads)
    plan = MeetingPlan.objects.create(session=meeting, chapters="1 to 4", guide=GUIDE)
    make_listed(cohort, meeting=meeting)
    return Prompt.objects.create(plan=plan, position=1, text="Whose name was said wrongly?")


class World:
    """One of each thing that an address can name, and one person of each role."""

    def __init__(self) -> None:
        job_role = make_job_role()
        trust, elsewhere = make_organisation(), make_organisation()
        programme = make_programme()
        cohort = make_cohort(programme)
        component = make_component(programme)
        venue = make_venue()
        session = make_session(component, cohort, venue=venue)
        other_date = make_session(component, cohort, days=30)
        membership = make_membership(make_user(organisation=trust, job_role=job_role), cohort)
        booking = make_booking(membership.user, session)
        has_a_record(membership)
        course_page = studied_page(membership)
        testimony = make_testimony(membership.user, programme)
        certificate = make_certificate(make_complete(membership.user, make_cohort(programme)))
        graduation = make_graduation(cohort)
        asked = make_invitation(membership.user, graduation)
        material = poster_of(session)
        project = make_active(membership.user, membership=membership, theme=Theme.objects.create(name="Interpreting"))
        organisation_lead = make_user(Role.Kind.ORGANISATION_LEAD, organisation=trust)
        tried = Tried(project)
        asked_to_join = inviting.invite(project, organisation_lead.email, TeamPlace.Role.SPONSOR, by=membership.user)
        rebase, published = rebase_of(project), published_by(membership)
        series = make_series()
        series_component = make_component(series)
        make_session(series_component, venue=venue)
        other_programme = make_programme()
        celebration = graduation.session.component.programme
        programme_admin, all_programmes_admin = make_admin_of(programme, series, celebration), make_admin()
        here, other_facilitator = make_facilitator(make_user()), make_facilitator(make_user())
        session.facilitators.add(here)

        champion = make_champion(make_membership(make_user(organisation=trust), cohort))
        conversations.write(conversation_seat(champion, membership), "Hello")
        message = ConversationMessage.objects.get()

        team, elsewhere_team = new_team("here"), new_team("elsewhere")
        receipt = intake.submit(team.offer, contact={"name": "Demo Person"}, story={})
        referral = existing(receipts.find(receipt.code))
        group = GroupSession.objects.create(
            provider=team.provider, starts_at=timezone.now() + timedelta(days=3), places=8
        )

        def person(kind: Role.Kind) -> User:
            return make_user(kind, organisation=trust)

        coach = person(Role.Kind.COACH)
        self.people: dict[str, User | AnonymousUser] = {
            "anonymous": AnonymousUser(),
            "member": membership.user,
            "member of another cohort": make_membership(
                make_user(organisation=elsewhere), make_cohort(other_programme)
            ).user,
            "member who withdrew": make_membership(cohort=cohort, state=Membership.State.WITHDRAWN).user,
            "organisation lead": organisation_lead,
            "board sponsor": person(Role.Kind.BOARD_SPONSOR),
            "champion": champion.membership.user,
            "champion of another cohort": make_champion(make_membership(cohort=make_cohort())).membership.user,
            "coach": coach,
            "facilitator of the session": here.user,
            "facilitator of another session": other_facilitator.user,
            "triager": team.triager.user,
            "triage lead": team.lead.user,
            "triage lead elsewhere": elsewhere_team.lead.user,
            "programme admin": programme_admin,
            "admin of another programme": make_admin_of(other_programme),
            "admin of all programmes": all_programmes_admin,
            "superuser": User.objects.create_superuser("superuser@demo.example", "Demo Superuser"),
        }
        invitation = invitations.invite("invited@demo.example", "Demo Invited", [], None, all_programmes_admin)
        # Only the hash of a token is stored; the token itself goes out by mail.
        invitation.token_hash = sha256(b"known-to-this-test").hexdigest()
        invitation.save()
        self.clients = {role: Client(raise_request_exception=False) for role in self.people}
        for role, somebody in self.people.items():
            if isinstance(somebody, User):
                self.clients[role].force_login(somebody)
                signed_in = self.clients[role].session
                signed_in[HAS_SECOND_FACTOR] = True
                signed_in.save()
        self.values: dict[str, Any] = {
            "programme_slug": programme.slug,
            "series_slug": series.slug,
            "series_component_slug": series_component.slug,
            "component_slug": component.slug,
            "studied_slug": course_page.module.course.component.slug,
            "cohorts_course": course_page.module.course_id,
            "cohorts_coursepage": course_page.pk,
            "session": session.pk,
            "champion": champion.pk,
            "message": message.pk,
            "cohorts_messagereport": MessageReport.objects.create(message=message).pk,
            "place_act": "withdraw",
            "open_cohort": make_open_cohort().pk,
            "other_date": other_date.pk,
            "membership": membership.pk,
            "booking": booking.uid,
            "feed_token": calendars.feed_address(membership.user).rsplit("/", 1)[1].removesuffix(".ics"),
            "invitation_token": "known-to-this-test",
            "stop_token": stop_links.token_of(membership.user.pk, nudging.KIND),
            "question": "name",
            "referral": referral.pk,
            "act": "note",
            "triager": team.triager.pk,
            "offer": team.offer.pk,
            "commissioner": team.offer.commissioner_id,
            "group": group.pk,
            "app_label": "cohorts",
            "accounts_role": programme_admin.roles.get().pk,
            "accounts_invitation": invitation.pk,
            "accounts_organisation": trust.pk,
            "accounts_jobrole": job_role.pk,
            "accounts_user": membership.user.pk,
            "seen_page": "me/",
            "retention_hold": set_hold(membership.user, "ET/2026/0417", by=all_programmes_admin).pk,
            "retention_erasurerequest": ErasureRequest.objects.create(person=membership.user).pk,
            "retention_disposal": Disposal.objects.create(
                category="messages", number=1, period="180 days", up_to=timezone.localdate(), run=uuid4()
            ).pk,
            "imports_fileimport": FileImport.objects.create(
                kind="enrolment", about=cohort.pk, by=programme_admin, rows=1, sealed=b"sealed"
            ).pk,
            "outbox_message": Message.objects.earliest("id").pk,
            "trail_entry": Entry.objects.earliest("id").pk,
            "cohorts_programme": programme.pk,
            "cohorts_component": component.pk,
            "cohorts_cohort": cohort.pk,
            "cohorts_membership": membership.pk,
            "cohorts_session": session.pk,
            "cohorts_material": material.pk,
            "material_file": existing(material.file).uid,
            "cohorts_cohortmessage": CohortMessage.objects.create(
                cohort=cohort,
                subject="Hello",
                body="Hello",
                written_by=all_programmes_admin,
                sent_at=timezone.now(),
                sent_to=1,
            ).pk,
            "cohorts_testimony": testimony.pk,
            "cohorts_booking": booking.pk,
            "cohorts_graduation": graduation.pk,
            "cohorts_graduationinvitation": asked.pk,
            "cohorts_certificate": certificate.pk,
            "certificate": certificate.serial,
            "certificate_code": certificate.code,
            "bookclub_listedbook": (listed := make_listed(membership.cohort)).pk,
            "bookclub_book": listed.book_id,
            "bookclub_suggestion": suggesting.suggest(
                membership.cohort, title="Names we carry", authors="Demo Author", why="", by=membership.user
            ).pk,
            "book_act": "back",
            "bookclub_copy": (copy := make_copy(membership.cohort, listed.book)).pk,
            "bookclub_copyrequest": asking.ask(listed, by=membership.user).pk,
            "bookclub_loan": make_loan(champion.membership, copy).pk,
            "bookclub_lendingterms": LendingTerms.objects.create(programme=programme, how_to_return="Post it").pk,
            "prompt": (prompt := make_asked_at_meeting(membership.cohort, here)).pk,
            "book_meeting": (meeting := prompt.plan.session).pk,
            "bookclub_meetingplan": prompt.plan_id,
            "reflections_kind": "markdown",
            "reflection_about": f"book-{listed.pk}",
            "reflection": (reflection := share(write(membership))).uid,
            "shared_reflection": reflection.pk,
            "thread_post": (own := make_report(meeting, author=membership, reported_by=champion.membership)).post_id,
            "post_of_another": make_report(meeting, author=champion.membership, reported_by=membership).post_id,
            "bookclub_postreport": own.pk,
            "project": project.pk,
            "project_question": "noticed",
            "project_file": make_file(project).pk,
            "project_part": "aim",
            "project_act": "stop",
            "project_decision": "return",
            "project_thread": commenting.ask_for_help(project, "How?", help_with="data", by=membership.user).pk,
            "sent_project": send(make_sendable(membership.user, membership=membership)).project_id,
            "coach_absence": away_today(coach).pk,
            "project_place": join(project).pk,
            "diagram_level": "idea",
            "diagram_driver": tried.seen,
            "ramp": tried.row().ramp_id,
            "cycle": tried.cycle,
            "cycle_part": "plan",
            "cycle_step": "do",
            "cycle_question": tried.question,
            "team_invitation": asked_to_join.pk,
            "qi_projects_project": project.pk,
            "qi_projects_theme": project.theme_id,
            "published_project": published.project_id,
            "publication": published.pk,
            "qi_projects_publication": published.pk,
            "publication_chart": 1,
            "publication_part": "story",
            "publication_act": "take-back",
            "measure": rebase.measure_id,
            "measure_part": "how",
            "measure_file": "csv",
            "point": rebase.measure.points.all()[0].pk,
            "rebase": rebase.pk,
            "cohorts_venue": venue.pk,
            "cohorts_facilitator": here.pk,
        }


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    """Make the world once for the whole table; it is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


def meets(client: Client, method: str, address: str) -> str:
    """Return what somebody meets at an address: sign-in, 403, 404, a method that it has not, or the page.

    The admin pages lead whoever may not use them to their own door, which leads on. What the request did is undone.
    """
    cookies = dict(client.cookies)
    with transaction.atomic():
        response = client.generic(method, address)
        transaction.set_rollback(True)
    client.cookies.load(cookies)
    led_to = response.headers.get("Location", "")
    if led_to == reverse("admin:index") and address.endswith(("/change/", "/delete/")):
        return "404"  # in the words of Django's admin: the row does not exist, "perhaps it was deleted"
    if led_to == reverse("admin:index") or (led_to.startswith(reverse("admin:login"))):
        return meets(client, "GET", led_to)
    says = b"" if response.streaming else response.content
    if led_to.startswith(reverse(settings.LOGIN_URL)) or SIGNED_OUT in says:
        return SIGN_IN
    return str(response.status_code) if response.status_code in {403, 404, 405, 500} else REACHED


def expected(line: Line, role: str, method: str) -> str:
    """Return what the table says that somebody meets."""
    if method == "POST" and role != "anonymous" and (line.read_only or role in line.readers):
        return "403"
    if role in line.audience:
        return REACHED
    if role == "anonymous" and not line.closed:
        return SIGN_IN
    return "404" if role in line.elsewhere else str(line.others)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_role_meets_what_the_table_says(name: str, method: str, world: World, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = False
    line = TABLE[name]
    address = line.at or reverse(name, args=[world.values[key] for key in line.args]) + line.query
    said = {role: expected(line, role, method) for role in sorted(EVERYBODY)}
    met = {role: meets(world.clients[role], method, address) for role in sorted(EVERYBODY)}
    # A page that does not know a method refuses it to everybody alike, before it asks whose the thing is.
    assert {role: said[role] if what == "405" else what for role, what in met.items()} == said


def test_no_member_meets_the_guide_of_a_book_club_meeting_on_any_page(world: World, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = False
    met: dict[str, list[str]] = {"member": [], "facilitator of the session": []}
    for role, pages in met.items():
        for name, line in sorted(TABLE.items()):
            address = line.at or reverse(name, args=[world.values[key] for key in line.args]) + line.query
            with transaction.atomic():
                answer = world.clients[role].get(address)
                said = answer.getvalue()
                transaction.set_rollback(True)
            if GUIDE in said.decode(errors="ignore"):
                pages.append(name)
    assert met == {"member": [], "facilitator of the session": ["book_club_meeting", "book_club_plan"]}
