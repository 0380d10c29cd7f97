"""What is held about a person is theirs to have, whole, and nobody else's."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookclub import lending, nudging, suggesting
from cohorts import booking as verbs
from cohorts import calendars, certificates, champions, conversations, evaluating, register, studying
from cohorts.evaluating import Answers
from cohorts.models import (
    Application,
    ApplicationAnswer,
    Booking,
    CoursePage,
    EvaluationQuestion,
    Material,
    Session,
)
from portal import subject_access, trail
from portal.accounts import erasure_requests, needs, stopping
from portal.accounts.legal_holds import set_hold
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import User
from portal.attachments import attaching
from portal.nhsuk.dates import say_until
from portal.trail.models import Entry
from qi_projects import commenting, inviting, scoring, standing_in, vouching
from qi_projects.models.teams import Role
from tests.attachments import made
from tests.bookclub.lending import in_days, make_request
from tests.bookclub.making import make_listed
from tests.bookclub.reflections import draft, share, write
from tests.cohorts.champions import Side, make_champion, seat
from tests.cohorts.pages import words
from tests.factories import (
    make_admin,
    make_booking,
    make_cohort,
    make_component,
    make_course,
    make_facilitator,
    make_graduation,
    make_invitation,
    make_membership,
    make_open_cohort,
    make_session,
    make_testimony,
    make_user,
)
from tests.qi_projects.coaching import make_coach, make_sendable, send
from tests.qi_projects.making import make_active, make_draft

pytestmark = pytest.mark.django_db
FILE = reverse("own_data_file")

# What holds a person's row and is not told, with why.
NOT_TOLD = {
    "retention.hold.set_by": "what they did, which the trail tells",
    "retention.hold.lifted_by": "what they did, which the trail tells",
    "admin.logentry.user": "never written: the trail takes its place",
    "accounts.invitation.invited_by": "what they did, which the trail tells",
    "cohorts.certificate.issued_by": "what they did, which the trail tells",
    "cohorts.cohortmessage.written_by": "what they did, which the trail tells",
    "cohorts.messagereport.dealt_with_by": "what they did, which the trail tells",
    "cohorts.evidence.recorded_by": "what they did, which the trail tells",
    "cohorts.membership.nominated_by": "told with the membership; of whoever nominated, what they did is in the trail",
    "cohorts.testimony.editor": "what they did, which the trail tells",
    "qi_projects.approval.recorded_by": "what they did, which the trail tells",
    "qi_projects.thread.settled_by": "what they did, which the trail tells",
    "qi_projects.teaminvitation.invited_by": "what they did, which the trail tells",
    "qi_projects.point.entered_by": "what they did, which the trail tells",
    "qi_projects.earlierpoint.changed_by": "what they did, which the trail tells",
    "qi_projects.rebasedecision.decided_by": "what they did, which the trail tells",
    "qi_projects.annotation.written_by": "what they did, which the trail tells",
    "bookclub.loan.lent_by": "what they did, which the trail tells",
    "imports.fileimport.by": "what they did, which the trail tells",
    "cohorts.programme.admins": "what they keep, which their role tells",
}


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client


def file_of(user: User) -> dict[str, list[dict[str, Any]]]:
    """Return what somebody downloads."""
    answer = browser_of(user).get(FILE)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="what-we-hold.json"'
    assert "no-store" in answer.headers["Cache-Control"]
    told: dict[str, list[dict[str, Any]]] = json.loads(answer.content)
    return told


@pytest.fixture
def booked() -> Booking:
    """A booking of somebody who is also a facilitator, has a feed, came once, and cancelled once."""
    cohort = make_cohort()
    member = make_membership(make_user(name="Demo Amina", email="amina@trust.example"), cohort=cohort)
    came: Booking = make_booking(member.user, make_session(cohort=cohort))
    verbs.cancel(
        make_booking(member.user, make_session(cohort=cohort, days=20)), by=member.user, reason="On a night shift"
    )
    began = timezone.now() - timedelta(hours=2)
    Session.objects.filter(pk=came.session_id).update(starts_at=began, ends_at=began + timedelta(hours=1))
    came.session.refresh_from_db()
    register.mark(came.session, {came.pk: Booking.State.ATTENDED}, by=make_user())
    make_facilitator(member.user, biography="Leads with care.")
    calendars.feed_address(member.user)
    application = Application.objects.create(user=member.user, cohort=make_open_cohort())
    ApplicationAnswer.objects.create(application=application, asked="Why?", text="To change something")
    question = EvaluationQuestion.objects.create(programme=cohort.programme, text="I felt safe to speak")
    answers = Answers(scores={question.pk: 4}, texts={}, confidence={})
    evaluating.answer(evaluating.asked(member.user, came.session), member.user, answers)
    make_testimony(member.user, cohort.programme, text="It changed how I listen")
    champion = make_champion(make_membership(make_user(name="Demo Champion"), cohort))
    champions.get_in_touch(champion, member)
    conversations.write(seat(champion, member), "May I ask you something?")
    conversations.write(seat(champion, member, Side.CHAMPION), "A champion wrote this")
    erasure_requests.ask(member.user)
    set_hold(member.user, "ET/2026/0417", by=make_admin(name="Demo Keeper"))
    certificates.issue_attendance(came, by=came.user)
    needs.say(member.user, needs.Needed(access="A hearing loop", diet=""))
    graduation = make_graduation(cohort)
    course = make_course(make_component(cohort.programme, fulfilled_by=["self_study"]), {"title": "What an aim is"}, {})
    studying.do_page(member, course, CoursePage.objects.get(title="What an aim is"))
    make_invitation(member.user, graduation)
    verbs.book(member.user, graduation.session_id, guests=2)
    material = Material(component=came.session.component, title="A paper")
    attaching.attach(made.upload(b"Words", "Paper.txt"), to=material, by=member.user)
    draft(member, "I was writing", share(write(member, "I listened")))
    suggesting.suggest(cohort, title="Names we carry", authors="Demo Author", why="It is short", by=member.user)
    listed = make_listed(cohort)
    asked, by = make_request(listed, member.user), make_admin(name="Demo Keeper")
    lending.lend_as_asked(asked, listed.book.copies.get(), due_on=in_days(9), answer="In room 2", by=by)
    project = make_active(member.user, title="Heard within 15 minutes")
    inviting.invite(make_draft(title="Another team's"), member.user.email, Role.VIEWER, by=make_user())
    vouching.state(project, basis="reviewed", reference="QI-12", by=member.user)
    commenting.ask_for_help(project, "What do we count?", help_with="data", by=member.user)
    scoring.set_score(project, Decimal("1.5"), supported_by="Dates of meetings", side="team", by=member.user)
    send(make_sendable(member.user), "Our audit lead is away.")
    standing_in.say_away(member.user, from_on=date(2090, 1, 2), to_on=date(2090, 1, 9), cover=make_coach())
    stopping.stop(member.user.pk, nudging.KIND)
    return came


def test_all_of_it_is_told(booked: Booking) -> None:
    told = file_of(booked.user)

    assert set(told) == set(subject_access.headings())
    assert told["Account"][0]["name"] == "Demo Amina"
    assert [row["email address"] for row in told["Email addresses"]] == ["amina@trust.example"]
    assert {row["state"] for row in told["Bookings"]} == {"Attended", "Cancelled", "Booked"}
    assert "On a night shift" in [row["reason for cancelling"] for row in told["Bookings"]]
    assert told["What was completed"][0]["what"] == booked.session.component.title
    assert told["Self-study"][0]["pages done"] == ["What an aim is"]
    assert told["Testimonies"][0]["words"] == "It changed how I listen"
    assert told["Invitations to graduations"][0]["graduation"] == "Graduation 2026"
    assert {row["guests"] for row in told["Bookings"]} == {0, 2}
    assert told["Champions"] == [
        {"cohort": str(booked.session.cohort), "would like to be in touch with": "Demo Champion"}
    ]
    assert [row["text"] for row in told["Messages to and from a champion"]] == ["May I ask you something?"]
    assert told["Evaluations"][0]["answers"] == {"I felt safe to speak": "Agree (4 of 5)"}
    (certificate,) = told["Certificates"]
    assert (certificate["name on it"], certificate["stands"]) == ("Demo Amina", True)
    assert told["Who leads sessions"][0]["biography"] == "Leads with care."
    assert {row["why"] for row in told["Messages"]} >= {"Booking booked", "Booking cancelled"}
    assert "Booking cancelled" in [row["what"] for row in told["What you did"]]
    assert [row["name"] for row in told["Files that you uploaded"]] == ["Paper.txt"]
    assert told["Access and dietary needs"][0]["access needs"] == "A hearing loop"
    assert told["Programmes"][0]["cohort"] == str(booked.session.cohort)
    assert told["Legal holds"][0]["reference"] == "ET/2026/0417"
    assert told["Books that you suggested"][0]["why"] == "It is short"
    assert told["Books that you back"][0]["book"] == "Names we carry"
    assert told["Books that you borrowed"][0]["state"] == "Not back yet"
    assert told["Books that you asked to borrow"][0]["answer"] == "In room 2"
    (written,) = told["Your book club reflections"]
    assert (written["what you wrote"], written["draft"]) == ("I listened", "I was writing")
    assert told["Quality improvement projects"][0]["project"] == "Heard within 15 minutes"
    assert told["Invitations to projects"][0]["as"] == "Viewer"
    assert told["Statements about projects"][1]["reference"] == "QI-12"
    assert told["What you wrote beside projects"][0]["what"] == "What do we count?"
    assert told["Progress scores that you set"][0]["what supports it"] == "Dates of meetings"
    assert told["Reviews of projects"][0]["what you wrote with it"] == "Our audit lead is away."
    assert told["Days away as a coach"][0]["what"] == "Away"
    assert told["Letters that you stopped"][0]["letters"] == "Before a meeting of your book club"
    assert told["Requests to be erased"][0]["asked"]
    assert "Demo Keeper" not in json.dumps(told)


def test_it_can_be_read_on_a_page(booked: Booking) -> None:
    page = words(browser_of(booked.user).get(reverse("own_data")))
    for said in ("Demo Amina", "amina@trust.example", "On a night shift", "Leads with care.", "To change something"):
        assert said in page
    assert "I felt safe to speak: Agree (4 of 5)" in page
    assert "May use the admin pages</dt><dd" in page.replace("> <", "><")
    assert "None" not in page
    assert "{" not in page.partition("<main")[2]


def test_all_of_it_is_in_words(booked: Booking) -> None:
    membership, expires = booked.membership, timezone.now() + timedelta(days=3)
    assert membership
    make_membership(booked.user, make_open_cohort(), state="offered", offer_expires_at=expires)
    trail.record("membership.withdrawn", actor=booked.user, subject=membership, was="enrolled")
    trail.record("person.details_changed", actor=booked.user, subject=booked.user, fields="job_role,organisation")
    page = words(browser_of(booked.user).get(reverse("own_data")))
    assert f"Membership {membership.pk}" in page
    assert "Was: Enrolled" in page
    assert "Fields: Job role, organisation" in page
    assert say_until(expires) in page
    said = page.partition("<main")[2].partition("</main>")[0]
    assert not re.findall(r"[\s>][a-z_]+(?:[.:_][a-z0-9_]+)+[\s<]", re.sub(r"<[^>]*>", " ", said))


def test_of_much_the_page_shows_the_latest(booked: Booking) -> None:
    for _ in range(subject_access.MOST_SHOWN + 2):
        trail.record("person.details_changed", actor=booked.user, subject=booked.user, fields="name")
    sections = {section.heading: section for section in subject_access.in_words(booked.user)}
    done = sections["What you did"]
    assert len(done.rows) == subject_access.MOST_SHOWN < done.number
    assert dict(done.rows[0])["What"].startswith("Person details changed")


def test_nothing_of_anybody_else_is(booked: Booking) -> None:
    other = make_user(name="Demo Other", email="other@trust.example")
    make_booking(other, make_session(cohort=booked.session.cohort, days=30))

    told = json.dumps(file_of(booked.user))

    assert "Demo Other" not in told
    assert "other@trust" not in told
    assert "amina" not in json.dumps(file_of(other)).lower()


def test_no_secret_is_told(booked: Booking) -> None:
    user = booked.user
    user.set_password("a long enough password")
    user.save()
    told = json.dumps(file_of(user))
    assert user.password not in told
    assert calendars.feed_address(user) not in told


def test_that_it_was_downloaded_stands_in_the_trail(booked: Booking) -> None:
    file_of(booked.user)
    assert Entry.objects.get(verb="person.data_downloaded").actor == booked.user


def test_statements_do_not_grow_with_what_is_held(booked: Booking) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            subject_access.about(booked.user)
        return len(asked)

    few = statements()
    for days in (40, 50):
        champion = make_champion(make_membership())
        conversations.write(seat(champion, make_membership(booked.user, champion.cohort)), "Hello")
        make_booking(booked.user, make_session(cohort=booked.session.cohort, days=days))
        make_membership(booked.user)
    assert statements() == few


def test_every_table_that_names_a_person_is_told_of_or_says_why_not() -> None:
    """A new model that points at people fails this test until its app tells of it."""
    naming = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.related_model is User and not field.auto_created
    }
    told = {
        *("account.emailaddress.user", "mfa.authenticator.user", "socialaccount.socialaccount.user"),
        *(
            "accounts.role.user",
            "accounts.needs.user",
            "accounts.user.merged_into",
            "outbox.message.person",
            "outbox.stop.person",
            "trail.entry.actor",
        ),
        *("cohorts.membership.user", "cohorts.booking.user", "cohorts.facilitator.user", "cohorts.calendarfeed.user"),
        "cohorts.application.user",
        "cohorts.testimony.author",
        *("cohorts.application.user", "retention.hold.person", "retention.erasurerequest.person"),
        *("cohorts.application.user", "cohorts.certificate.holder", "cohorts.graduationinvitation.user"),
        "attachments.attachment.uploaded_by",
        *("bookclub.suggestion.suggested_by", "bookclub.backing.backed_by", "bookclub.reading.reader"),
        *("bookclub.suggestion.suggested_by", "bookclub.backing.backed_by", "bookclub.reflection.author"),
        *("bookclub.loan.borrower", "bookclub.copyrequest.asked_by"),
        *("bookclub.post.author", "bookclub.postreport.reported_by"),
        *("qi_projects.teamplace.user", "qi_projects.statement.said_by", "qi_projects.threadmessage.author"),
        *("qi_projects.progressscore.set_by", "qi_projects.coachabsence.coach", "qi_projects.coachabsence.covered_by"),
        *(f"qi_projects.submission.{deed}_by" for deed in ("submitted", "decided", "undone")),
        *(f"qi_projects.publication.{deed}_by" for deed in ("sent", "decided", "ended")),
        "qi_projects.namingconsent.person",
    }
    # A provider's own: who works in its team is its lead's to tell, and stands in the person's own trail.
    referrals = {name for name in naming if name.startswith("referrals.")}
    assert naming - referrals - told == set(NOT_TOLD)
