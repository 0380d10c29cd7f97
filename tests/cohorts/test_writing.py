"""Writing to a cohort, or to a part of it."""

from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cohorts import progress, writing
from cohorts.models import Cohort, CohortMessage, Evidence, Membership
from cohorts.writing import LetterChanged, NotSent, NumberChanged
from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.concurrency.at_once import at_once
from tests.factories import (
    make_admin,
    make_admin_of,
    make_booking,
    make_cohort,
    make_component,
    make_membership,
    make_organisation,
    make_session,
    make_user,
    make_waiting,
)

pytestmark = pytest.mark.django_db

Part = CohortMessage.Part


@pytest.fixture
def admin() -> User:
    return make_admin(email="admin@demo.example")


@pytest.fixture
def desk(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort(name="Perinatal cohort 4")


def draft(cohort: Cohort, admin: User, **fields: Any) -> CohortMessage:
    given = {"subject": "About {cohort}", "body": "Dear {name},\n\nYours", **fields}
    return CohortMessage.objects.create(cohort=cohort, written_by=admin, **given)


def member(cohort: Cohort, name: str, **fields: Any) -> Membership:
    return make_membership(make_user(name=name), cohort, **fields)


def send(message: CohortMessage, *, to: int, by: User) -> int:
    """Send a message as whoever has just looked at it does."""
    return writing.send(message, looked_at=writing.digest(message), to=to, by=by)


def names(message: CohortMessage) -> list[str]:
    return [membership.user.name for membership in writing.recipients(message)]


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


class TestWhom:
    """To whom it goes, as things stand."""

    def test_to_who_takes_part_and_nobody_else(self, cohort: Cohort, admin: User) -> None:
        member(cohort, "Ada")
        for state in (Membership.State.WITHDRAWN, Membership.State.APPLIED, Membership.State.OFFERED):
            member(cohort, "Not", state=state)
        make_membership()
        closed = member(cohort, "Closed").user
        closed.is_active = False
        closed.save()
        assert names(draft(cohort, admin)) == ["Ada"]

    def test_to_some_of_them(self, cohort: Cohort, admin: User) -> None:
        component = make_component(cohort.programme)
        session = make_session(component, cohort, places=1)
        done, booked, waits, nothing = (member(cohort, name) for name in ("Done", "Has", "Waits", "Zoe"))
        progress.record(done, component, kind=Evidence.Kind.RECORD, fulfilled_on=session.starts_at.date(), by=admin)
        make_booking(booked.user, session)
        make_waiting(waits.user, session)
        assert names(draft(cohort, admin, part=Part.NOT_DONE, component=component)) == ["Has", "Waits", "Zoe"]
        assert names(draft(cohort, admin, part=Part.NOT_BOOKED, component=component)) == ["Zoe"]
        trust = make_organisation()
        Membership.objects.filter(pk=nothing.pk).update(organisation=trust)
        assert names(draft(cohort, admin, organisation=trust)) == ["Zoe"]


class TestSending:
    """Once, to as many as was said."""

    def test_it_goes_to_each_in_their_own_words(self, cohort: Cohort, admin: User) -> None:
        ada = member(cohort, "Ada {cohort}", organisation=make_organisation(name="Demo Coast Trust"))
        member(cohort, "Bea")
        message = draft(cohort, admin, body="Dear { name } of {organisation} in {programme}")
        assert send(message, to=2, by=admin) == 2
        assert send(message, to=7, by=admin) == 2
        assert Message.objects.filter(rule=writing.RULE).count() == 2
        subject = Message.objects.get(person=ada.user).subject
        mail = writing.compose(writing.load([subject])[subject], ada.user)
        assert mail.subject == "About Perinatal cohort 4"
        # A name is no place to write placeholders: what was filled in is not read again.
        assert mail.context["body"] == f"Dear Ada {{cohort}} of Demo Coast Trust in {cohort.programme.name}"
        message.refresh_from_db()
        assert (message.sent_to, message.sent_at is not None) == (2, True)
        assert Entry.objects.filter(verb="cohort.written_to").count() == 1

    def test_another_number_than_was_said_sends_nothing(self, cohort: Cohort, admin: User) -> None:
        member(cohort, "Ada")
        message = draft(cohort, admin)
        with pytest.raises(NumberChanged) as changed:
            send(message, to=2, by=admin)
        assert changed.value.number == 1
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        "changed", [{"subject": "Another"}, {"body": "Another"}, {"part": Part.NOT_DONE}, {"part": Part.NOT_BOOKED}]
    )
    def test_what_was_changed_since_one_looked_is_not_sent(
        self, cohort: Cohort, admin: User, changed: dict[str, Any]
    ) -> None:
        member(cohort, "Ada")
        message = draft(cohort, admin)
        looked_at = writing.digest(message)
        component = make_component(cohort.programme) if "part" in changed else None
        CohortMessage.objects.update(**changed, component=component)
        with pytest.raises(LetterChanged):
            writing.send(message, looked_at=looked_at, to=1, by=admin)
        assert not Message.objects.exists()

    def test_whom_it_is_for_is_part_of_what_one_looked_at(self, cohort: Cohort, admin: User) -> None:
        first, second = (make_component(cohort.programme) for _ in range(2))
        letters = [
            draft(cohort, admin),
            draft(cohort, admin, organisation=make_organisation()),
            draft(cohort, admin, part=Part.NOT_DONE, component=first),
            draft(cohort, admin, part=Part.NOT_DONE, component=second),
            draft(cohort, admin, part=Part.NOT_BOOKED, component=second),
            draft(make_cohort(), admin),
        ]
        assert len({writing.digest(letter) for letter in letters}) == len(letters)
        assert writing.digest(draft(cohort, admin)) == writing.digest(letters[0])

    def test_to_nobody_it_is_not_sent(self, cohort: Cohort, admin: User) -> None:
        message = draft(cohort, admin)
        with pytest.raises(NotSent):
            send(message, to=0, by=admin)
        with pytest.raises(NotSent):
            writing.try_out(message, by=admin)

    def test_whoever_has_left_meanwhile_gets_none(self, cohort: Cohort, admin: User) -> None:
        ada = member(cohort, "Ada")
        send(draft(cohort, admin), to=1, by=admin)
        Membership.objects.filter(pk=ada.pk).update(state=Membership.State.WITHDRAWN)
        assert writing.load([Message.objects.get().subject]) == {}

    def test_a_test_goes_to_oneself_alone_as_often_as_one_likes(self, cohort: Cohort, admin: User) -> None:
        member(cohort, "Ada")
        message = draft(cohort, admin)
        for _ in range(2):
            writing.try_out(message, by=admin)
        assert list(Message.objects.values_list("rule", "person")) == [(writing.TEST, admin.pk)] * 2
        message.refresh_from_db()
        assert message.sent_at is None


class TestPages:
    """In the admin: a draft, a look, a test, and sending."""

    def given(self, cohort: Cohort, **changed: Any) -> dict[str, Any]:
        facts = {"cohort": cohort.pk, "part": "everybody", "subject": "About {cohort}", "body": "Dear {name}"}
        return {**facts, **changed}

    def test_from_a_draft_to_the_record(self, desk: Client, cohort: Cohort, admin: User) -> None:
        member(cohort, "Ada Example")
        add = reverse("admin:cohorts_cohortmessage_add")
        assert f"{add}?cohort={cohort.pk}" in words(desk.get(reverse("admin:cohorts_cohort_change", args=[cohort.pk])))
        look = desk.post(add, self.given(cohort)).headers["Location"]
        page = words(desk.get(look))
        digest = desk.get(look).context["digest"]
        assert f'name="digest" value="{digest}"' in page
        assert "It goes to 1 person." in page
        assert "Dear Ada Example" in page
        assert f"It is on its way to {admin.email}, and to nobody else." in words(
            desk.post(look, {"test": "yes"}, follow=True)
        )
        member(cohort, "Bea Example")
        sent = {"send": "yes", "digest": digest}
        assert "it would go to 2 instead" in words(desk.post(look, {**sent, "to": "1"}, follow=True))
        assert "It is on its way to 2 people." in words(desk.post(look, {**sent, "to": "2"}, follow=True))
        message = CohortMessage.objects.get()
        assert (message.written_by, message.sent_to) == (admin, 2)
        change = reverse("admin:cohorts_cohortmessage_change", args=[message.pk])
        assert "It was sent or deleted since" in words(desk.post(change, self.given(cohort, body="Another")))
        message.refresh_from_db()
        assert message.body == "Dear {name}"
        assert "It was sent to 2 people on" in words(desk.get(look))
        again = f"{add}?like={message.pk}"
        assert again in words(desk.get(change))
        assert desk.get(again).context["adminform"].form.initial["body"] == "Dear {name}"

    @pytest.mark.parametrize("like", ["", "x", "0", "9" * 19, "another's"])
    def test_nothing_is_begun_from_what_is_not_theirs(self, sign_in: Any, cohort: Cohort, like: str) -> None:
        keeper = make_admin_of(cohort.programme)
        other = make_cohort()
        hidden = CohortMessage.objects.create(cohort=other, subject="Hidden", body="Hidden", written_by=make_admin())
        page = f"{reverse('admin:cohorts_cohortmessage_add')}?like={hidden.pk if like.startswith('another') else like}"
        response = sign_in(keeper).get(page)
        assert response.status_code == 200
        assert "Hidden" not in words(response)

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"body": "Dear {first_name}"}, "We do not know {first_name}"),
            ({"subject": ""}, "This field is required"),
            ({"part": "not_booked"}, "Choose a component"),
            ({"body": "x" * 5001}, "at most 5000 characters"),
        ],
    )
    def test_what_cannot_be_is_said(self, desk: Client, cohort: Cohort, changed: dict[str, str], why: str) -> None:
        answer = desk.post(reverse("admin:cohorts_cohortmessage_add"), self.given(cohort, **changed))
        assert answer.status_code in {200, 422}
        assert why in words(answer)
        assert not CohortMessage.objects.exists()

    def test_a_component_of_another_programme_is_refused(self, desk: Client, cohort: Cohort) -> None:
        given = self.given(cohort, part="not_done", component=make_component().pk)
        assert "This is not part of" in words(desk.post(reverse("admin:cohorts_cohortmessage_add"), given))

    def test_what_somebody_else_has_changed_meanwhile_is_looked_at_again_first(
        self, desk: Client, cohort: Cohort, admin: User
    ) -> None:
        member(cohort, "Ada Example")
        message = draft(cohort, admin)
        look = reverse("admin:cohorts_cohortmessage_send", args=[message.pk])
        sent = {"send": "yes", "to": "1", "digest": desk.get(look).context["digest"]}
        desk.post(
            reverse("admin:cohorts_cohortmessage_change", args=[message.pk]), self.given(cohort, body="Quite another")
        )
        page = words(desk.post(look, sent, follow=True))
        assert "Somebody has changed it since you looked. Nothing was sent." in page
        assert "Quite another" in page
        assert not Message.objects.exists()

    def test_saving_a_draft_counts_no_test_twice(
        self, desk: Client, cohort: Cohort, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        member(cohort, "Ada Example")
        message = draft(cohort, admin)
        hold = writing.hold_draft

        def hold_just_after_a_test(opened: CohortMessage) -> None:
            writing.try_out(opened, by=admin)
            hold(opened)

        monkeypatch.setattr(writing, "hold_draft", hold_just_after_a_test)
        change = reverse("admin:cohorts_cohortmessage_change", args=[message.pk])
        desk.post(change, self.given(cohort, body="Dear all"))
        message.refresh_from_db()
        assert (message.body, message.tests) == ("Dear all", 1)

    def test_a_draft_that_is_deleted_meanwhile_is_not_saved(
        self, desk: Client, cohort: Cohort, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = draft(cohort, admin)
        hold = writing.hold_draft

        def hold_just_after_it_is_deleted(opened: CohortMessage) -> None:
            CohortMessage.objects.all().delete()
            hold(opened)

        monkeypatch.setattr(writing, "hold_draft", hold_just_after_it_is_deleted)
        change = reverse("admin:cohorts_cohortmessage_change", args=[message.pk])
        assert "It was sent or deleted since" in words(desk.post(change, self.given(cohort)))
        assert not CohortMessage.objects.exists()

    @pytest.mark.parametrize("to", ["", "x", "-1", "9" * 30])
    def test_a_number_that_no_page_sends_sends_nothing(
        self, desk: Client, cohort: Cohort, admin: User, to: str
    ) -> None:
        member(cohort, "Ada")
        message = draft(cohort, admin)
        look = reverse("admin:cohorts_cohortmessage_send", args=[message.pk])
        assert desk.post(look, {"send": "yes", "to": to, "digest": writing.digest(message)}).status_code == 302
        assert not Message.objects.exists()

    def test_a_message_of_another_programme_is_not_there(self, cohort: Cohort, admin: User) -> None:
        message = draft(cohort, admin)
        client = Client()
        client.force_login(make_admin_of(make_cohort().programme))
        session = client.session
        session[HAS_SECOND_FACTOR] = True
        session.save()
        assert client.get(reverse("admin:cohorts_cohortmessage_send", args=[message.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_is_sent_while_somebody_saves_it_stays_as_it_was_sent(
    desk: Client, cohort: Cohort, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    member(cohort, "Ada Example")
    message = draft(cohort, admin)
    hold = writing.hold_draft

    def hold_just_after_it_is_sent(opened: CohortMessage) -> None:
        assert at_once(partial(send, message, to=1, by=admin)) == [1]
        hold(opened)

    monkeypatch.setattr(writing, "hold_draft", hold_just_after_it_is_sent)
    change = reverse("admin:cohorts_cohortmessage_change", args=[message.pk])
    answer = desk.post(change, {"cohort": cohort.pk, "part": "everybody", "subject": "Another", "body": "Another"})
    assert "It was sent or deleted since you opened it. What you changed was not saved." in words(answer)
    sent = CohortMessage.objects.get()
    assert (sent.subject, sent.sent_to, sent.sent_at is not None) == ("About {cohort}", 1, True)
