"""Who asks to be forgotten is: nothing names them any more, and what others count on still adds up."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookclub import nudging
from cohorts import booking as verbs
from cohorts import calendars, certificates, champions, conversations, evaluating, register, studying
from cohorts.evaluating import Answers
from cohorts.models import (
    Application,
    ApplicationAnswer,
    Booking,
    Certificate,
    Champion,
    ChampionContact,
    Cohort,
    Conversation,
    ConversationMessage,
    CoursePage,
    EvaluationQuestion,
    Evidence,
    GraduationInvitation,
    Material,
    Membership,
    MessageReport,
    Session,
    Study,
)
from portal.accounts import erasure_requests, needs, stopping
from portal.accounts.erasure import CannotErase, erase, erase_at_their_word
from portal.accounts.legal_holds import lift, set_hold
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import Role, User
from portal.accounts.people import add_person
from portal.attachments import attaching
from portal.outbox.models import Message, Stop
from portal.trail import SYSTEM
from portal.trail.models import Entry
from qi_projects import commenting, inviting, publishing, scoring
from qi_projects.models import Project, TeamInvitation, TeamPlace
from tests.attachments import made
from tests.cohorts.champions import Side, make_champion, seat
from tests.factories import (
    make_admin,
    make_booking,
    make_certificate,
    make_cohort,
    make_complete,
    make_component,
    make_course,
    make_facilitator,
    make_invitation,
    make_membership,
    make_open_cohort,
    make_open_session,
    make_session,
    make_testimony,
    make_user,
    make_waiting,
)
from tests.qi_projects.coaching import accept, make_sendable, send
from tests.qi_projects.making import approve, join, make_active, make_draft
from tests.qi_projects.publishing import agree, make_ended, make_published, make_sent
from tests.whole_database import everything_in_the_database

pytestmark = pytest.mark.django_db
WORDS = (
    "canary-matter",
    "canary-name",
    "canary-address",
    "canary-reason",
    "canary-life",
    "canary-answer",
    "canary-evaluation",
    "canary-testimony",
    *("canary-name", "canary-address", "canary-reason", "canary-life", "canary-answer", "canary-evaluation"),
    "canary-shown",
    "canary-revoked",
    "canary-file",
    "canary-alone",
    *("canary-thread", "canary-support", "canary-note", "canary-decision", "canary-reasons"),
)


@pytest.fixture
def admin() -> User:
    return make_admin()


@pytest.fixture
def amina() -> User:
    """Somebody who came once, cancelled once, has booked twice, and leads sessions."""
    person = make_user(name="Canary-Name", email="canary-address@trust.example")
    cohort = make_cohort()
    make_membership(person, cohort=cohort)
    came = make_booking(person, make_session(cohort=cohort))
    verbs.cancel(make_booking(person, make_session(cohort=cohort, days=20)), by=person, reason="canary-reason")
    make_booking(person, make_session(cohort=cohort, days=30, places=1))
    make_booking(person, make_open_session(days=40))
    began = timezone.now() - timedelta(hours=2)
    Session.objects.filter(pk=came.session_id).update(starts_at=began, ends_at=began + timedelta(hours=1))
    came.session.refresh_from_db()
    register.mark(came.session, {came.pk: Booking.State.ATTENDED}, by=make_user())
    make_facilitator(person, biography="canary-life")
    calendars.feed_address(person)
    application = Application.objects.create(user=person, cohort=make_open_cohort())
    ApplicationAnswer.objects.create(application=application, asked="Why?", text="canary-answer")
    question = EvaluationQuestion.objects.create(programme=cohort.programme, text="What next?", kind="text")
    answers = Answers(scores={}, texts={question.pk: "canary-evaluation"}, confidence={})
    evaluating.answer(evaluating.asked(person, came.session), person, answers)
    make_testimony(person, cohort.programme, editor=make_admin(), text="canary-testimony", byline=person.name)
    own = make_champion(make_membership(person, make_cohort()))
    champions.agree(own, name="canary-shown", role="Midwife")
    conversations.write(seat(own, make_membership(cohort=own.cohort)), "To Canary-Name")
    theirs = make_champion(make_membership(cohort=cohort))
    champions.get_in_touch(theirs, Membership.objects.get(user=person, cohort=cohort))
    conversations.write(seat(theirs, Membership.objects.get(user=person, cohort=cohort)), "From Canary-Name")
    conversations.report(seat(theirs, Membership.objects.get(user=person, cohort=cohort), Side.CHAMPION), latest())
    erasure_requests.ask(person)
    keeper = make_admin()
    lift([set_hold(person, "CANARY-MATTER", by=keeper)], by=keeper)
    certificates.show_name(certificates.issue_attendance(came, by=person), shown=True)
    revoked = make_certificate(make_complete(person))
    certificates.revoke(revoked, reason="canary-revoked", by=make_user())
    needs.say(person, needs.Needed(access="A hearing loop", diet=""))
    stopping.stop(person.pk, nudging.KIND)
    make_invitation(person)
    material = Material(component=came.session.component, title="A paper")
    attaching.attach(made.upload(b"For everybody", "Canary-File.txt"), to=material, by=person)
    make_draft(person, title="canary-alone")
    together = make_active(person)
    join(together)
    approve(together, person.name)
    commenting.ask_for_help(together, "canary-thread", help_with="data", by=person)
    scoring.set_score(together, Decimal(1), supported_by="canary-support", side="team", by=person)
    send(make_sendable(person), "canary-note")
    accept(send(make_sendable()), person, "canary-decision")
    agree(make_published(make_ended(person)), person)
    returned = make_sent()
    publishing.send_back(returned, "canary-reasons", read=returned.version, by=person)
    inviting.invite(make_draft(), person.email, TeamPlace.Role.MEMBER, by=make_user())
    return person


def latest() -> ConversationMessage:
    return ConversationMessage.objects.latest("pk")


def test_nothing_in_the_database_names_them(amina: User, admin: User) -> None:
    before = everything_in_the_database()
    assert all(word in before for word in WORDS), [word for word in WORDS if word not in before]

    erase_at_their_word(amina, by=admin)

    after = everything_in_the_database()
    assert not [word for word in WORDS if word in after]
    assert needs.said_by(amina) is None
    assert not GraduationInvitation.objects.exists()


def test_what_they_had_booked_passes_on_and_what_they_completed_is_counted(amina: User, admin: User) -> None:
    full = Booking.objects.get(user=amina, state=Booking.State.BOOKED, session__places=1).session
    waiting = make_waiting(make_user(), full)

    erase(amina, by=admin)

    waiting.refresh_from_db()
    assert waiting.state in {Booking.State.BOOKED, Booking.State.OFFERED}
    assert not Booking.objects.live().filter(user=amina).exists()
    assert set(Membership.objects.filter(user=amina).values_list("state", flat=True)) == {Membership.State.WITHDRAWN}
    assert Evidence.objects.standing().filter(membership__user=amina).count() == 2
    assert Certificate.objects.standing().filter(holder=amina).count() == 1
    assert not Message.objects.filter(person=amina).exists()
    assert not Stop.objects.filter(person=amina).exists()
    assert Entry.objects.get(verb="person.erased").actor == admin


def test_where_they_are_in_self_study_goes_and_what_they_completed_stays(amina: User, admin: User) -> None:
    member = Membership.objects.filter(user=amina, state=Membership.State.ENROLLED).earliest("pk")
    course = make_course(make_component(member.cohort.programme, fulfilled_by=["self_study"]), {})
    studying.do_page(member, course, CoursePage.objects.get())

    erase(amina, by=admin)

    assert not Study.objects.exists()
    assert Evidence.objects.standing().filter(component=course.component).count() == 1


def test_what_champions_and_members_wrote_goes_whole(amina: User, admin: User) -> None:
    """Their texts are sealed, so no word of them can be looked for in the database."""
    assert ConversationMessage.objects.count() == 2
    erase(amina, by=admin)
    for model in (ConversationMessage, Conversation, MessageReport, ChampionContact):
        assert not model.objects.exists()
    assert Champion.objects.get(membership__user=amina).state == Champion.State.ENDED


def test_a_champion_of_a_cohort_that_has_ended_is_erased_too(amina: User, admin: User) -> None:
    cohorts = Cohort.objects.filter(champions__membership__user=amina)
    yesterday = timezone.localdate() - timedelta(days=1)
    assert cohorts.update(starts_on=yesterday - timedelta(days=100), ends_on=yesterday)

    erase(amina, by=admin)

    champion = Champion.objects.get(membership__user=amina)
    assert (champion.state, champion.shown_name) == (Champion.State.ENDED, "")
    assert not Role.objects.current().filter(user=amina, kind=Role.Kind.CHAMPION).exists()


def test_a_team_goes_on_with_what_it_wrote_and_a_draft_of_theirs_alone_goes(amina: User, admin: User) -> None:
    erase(amina, by=admin)
    project = Project.objects.filter(team__user=amina).earliest("pk")
    assert project.state == "active"
    heir = project.team.live().get()
    assert heir.is_lead
    assert Message.objects.get(rule="project.lead_passed").person == heir.user
    assert project.approvals.get().approver_name == "Erased person"
    assert not TeamInvitation.objects.filter(email__startswith="canary").exists()


def test_they_sign_in_no_more_and_may_come_back_as_somebody_new(amina: User, admin: User) -> None:
    client = Client()
    client.force_login(amina)
    erase(amina, by=admin)

    assert client.get(reverse("me")).status_code == 302
    assert not amina.roles.current().exists()
    assert add_person("canary-address@trust.example", "Canary Again", added_by=SYSTEM).pk != amina.pk


def test_erasing_twice_and_whoever_has_to_hand_over_first_is_refused(amina: User, admin: User) -> None:
    erase(amina, by=admin)
    for person in (amina, make_user(Role.Kind.TRIAGER), make_admin(is_superuser=True)):
        with pytest.raises(CannotErase):
            erase(person, by=admin)


def test_an_admin_is_told_what_it_does_before_it_is_done(amina: User, admin: User) -> None:
    client = Client()
    client.force_login(admin)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    page, triager = reverse("admin:accounts_user_changelist"), make_user(Role.Kind.TRIAGER)
    chosen: dict[str, Any] = {"action": "erase", "_selected_action": [amina.pk, triager.pk, admin.pk]}

    asked = client.post(page, chosen).content.decode()

    assert "This deletes for ever who 1 person is" in asked
    assert "Its lead takes them out of the team first." in asked
    assert "Somebody else has to do that for you." in asked
    assert User.objects.get(pk=amina.pk).name == "Canary-Name"
    said = client.post(page, {**chosen, "_selected_action": [amina.pk], "confirmed": "yes"}, follow=True)
    assert "Erased: 1 person." in said.content.decode()
    assert User.objects.get(pk=amina.pk).name == "Erased person"


def test_an_admin_who_is_second_is_told_that_something_has_changed(
    amina: User, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another admin has erased the same person between the question and the deed."""
    client = Client()
    client.force_login(admin)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    erase(amina, by=make_admin())
    monkeypatch.setattr("portal.accounts.admin.people.why_not", lambda _: "")
    chosen = {"action": "erase", "_selected_action": [amina.pk], "confirmed": "yes"}

    said = client.post(reverse("admin:accounts_user_changelist"), chosen, follow=True)

    assert "because something has changed since you looked: 1." in said.content.decode()
