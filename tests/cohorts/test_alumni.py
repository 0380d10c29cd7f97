"""Alumni: who is one, what they can come to, and what they still see."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cohorts import booking as verbs
from cohorts import rules
from cohorts.models import Cohort, Membership, Session
from cohorts.refusals import AlreadyCompleted, NotForYou
from portal.accounts.models import User
from tests import factories as make
from tests.cohorts.pages import address, words

pytestmark = pytest.mark.django_db


def end(cohort: Cohort) -> None:
    """Let a cohort have ended yesterday."""
    today = timezone.localdate()
    Cohort.objects.filter(pk=cohort.pk).update(starts_on=today - timedelta(days=200), ends_on=today - timedelta(days=1))


def opened(cohort: Cohort) -> Session:
    """Return a session of a later cohort of the same programme that is open to alumni."""
    later = make.make_cohort(cohort.programme)
    return make.make_session(make.make_component(cohort.programme), later, open_to_alumni=True)


def test_whoever_has_completed_books_what_is_open_to_alumni() -> None:
    alumnus = make.make_complete()
    session = make.make_session(
        alumnus.cohort.programme.components.get(), make.make_cohort(alumnus.cohort.programme), open_to_alumni=True
    )
    assert rules.visible_session(alumnus.user, session.pk) == session

    held = verbs.book(alumnus.user, session.pk)

    # It counts for nothing besides: they have done it.
    assert held.membership is None


def test_whose_cohort_has_ended_books_it_and_it_counts_for_what_they_have_left_to_do() -> None:
    membership = make.make_membership()
    session = opened(membership.cohort)
    end(membership.cohort)

    assert verbs.book(membership.user, session.pk).membership == membership


@pytest.mark.parametrize("state", [Membership.State.WITHDRAWN, Membership.State.DEFERRED, Membership.State.DECLINED])
def test_who_does_not_take_part_is_no_alumnus(state: Membership.State) -> None:
    membership = make.make_complete()
    session = opened(membership.cohort)
    Membership.objects.filter(pk=membership.pk).update(state=state)
    end(membership.cohort)

    assert rules.visible_session(membership.user, session.pk) is None
    with pytest.raises(NotForYou):
        verbs.book(membership.user, session.pk)


def test_what_is_not_open_to_alumni_is_not_theirs() -> None:
    alumnus = make.make_complete()
    session = opened(alumnus.cohort)
    Session.objects.filter(pk=session.pk).update(open_to_alumni=False)

    assert rules.visible_session(alumnus.user, session.pk) is None
    with pytest.raises(NotForYou):
        verbs.book(alumnus.user, session.pk)


def test_who_is_still_going_or_of_another_programme_is_no_alumnus() -> None:
    going = make.make_membership()
    session = opened(going.cohort)
    elsewhere = make.make_complete()

    for person in (going.user, elsewhere.user):
        assert rules.visible_session(person, session.pk) is None
        with pytest.raises(NotForYou):
            verbs.book(person, session.pk)


def test_a_member_who_is_still_going_does_once_what_is_done_once() -> None:
    cohort = make.make_cohort()
    done, _ = make.make_component(cohort.programme), make.make_component(cohort.programme)
    person = make.make_attended(session=make.make_session(done, cohort)).user
    again = make.make_session(done, cohort, open_to_alumni=True)

    with pytest.raises(AlreadyCompleted):
        verbs.book(person, again.pk)


def page(person: User) -> str:
    """Return what "Your programme" says to somebody."""
    client = Client()
    client.force_login(person)
    return words(client.get(address("me")))


def test_alumni_see_first_what_goes_on_and_then_what_they_have_completed() -> None:
    alumnus = make.make_complete()
    talk = make.make_session(make.make_component(make.make_series(), title="Open talk"))
    session = opened(alumnus.cohort)
    end(alumnus.cohort)

    said = page(alumnus.user)

    assert said.index("What goes on") < said.index("What you have completed") < said.index(alumnus.cohort.name)
    assert address("session", talk.pk) in said
    assert address("session", session.pk) in said


def test_who_is_still_going_sees_their_tasks_and_nothing_for_alumni() -> None:
    said = page(make.make_membership().user)

    assert "What goes on" not in said
    assert "What you have completed" not in said


def test_what_is_done_stays_readable_after_the_cohort_has_ended() -> None:
    alumnus = make.make_complete()
    end(alumnus.cohort)
    client = Client()
    client.force_login(alumnus.user)

    component = alumnus.cohort.programme.components.get()
    for name, *rest in (("component", alumnus.pk, component.slug), ("bookings",), ("certificates",)):
        assert client.get(address(name, *rest)).status_code == 200


def test_the_page_costs_the_same_with_one_and_with_three_of_each() -> None:
    costs = []
    for number in (1, 3):
        person = make.make_user()
        for _ in range(number):
            alumnus = make.make_complete(person, make.make_cohort(make.make_programme()))
            opened(alumnus.cohort)
            make.make_open_session()
            make.make_invitation(person, make.make_graduation(alumnus.cohort))
        client = Client()
        client.force_login(person)
        client.get(address("me"))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address("me")).status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]
