"""Somebody is erased at the moment in which they write: their words are not kept, and nobody waits for ever."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from cohorts import applying, champions, conversations, evaluating, testifying
from cohorts.models import (
    ApplicationAnswer,
    ApplicationQuestion,
    Champion,
    Cohort,
    ConversationMessage,
    EvaluationAnswer,
    Testimony,
)
from portal.accounts.erasure import erase, is_erased
from portal.accounts.models import User
from tests.cohorts.champions import make_champion, seat
from tests.cohorts.evaluations import booked, hold, say, session_with_questions
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_membership, make_open_cohort, make_user

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 6
MOMENT = 0.5
REFUSALS = (PermissionDenied, evaluating.NotAsked, conversations.NotWritten, champions.ChampionChanged)
WORDS = "Words of somebody who is erased"

Deed = tuple[User, Callable[[], object]]


def evaluates() -> Deed:
    session = session_with_questions()
    (person,) = booked(session)
    session = hold(session)
    return person, partial(say, person, session, text=WORDS)


def offers_a_testimony() -> Deed:
    person, membership = make_user(), make_membership()
    return person, partial(
        testifying.offer,
        person,
        membership.cohort.programme,
        WORDS,
        component=None,
        shown_as=Testimony.ShownAs.NAMED,
        byline=WORDS,
    )


def applies() -> Deed:
    person, cohort = make_user(), make_open_cohort()
    question = ApplicationQuestion.objects.create(programme=cohort.programme, position=1, text="Why?")
    application = applying.begin(cohort, person)
    return person, partial(applying.answer, application, question, WORDS)


def writes() -> Deed:
    membership = make_membership()
    champion = make_champion(make_membership(cohort=membership.cohort))
    has_ended(membership.cohort)
    return membership.user, partial(conversations.write, seat(champion, membership), WORDS)


def agrees() -> Deed:
    champion = make_champion(make_membership())
    has_ended(champion.cohort)
    return champion.membership.user, partial(champions.agree, champion, name=WORDS, role="Midwife")


def has_ended(cohort: Cohort) -> None:
    """Let a cohort have ended: nobody who is erased leaves it any more, so that nothing else is waited for."""
    cohort.ends_on = timezone.localdate() - timedelta(days=1)
    cohort.save(update_fields=["ends_on"])


def kept() -> bool:
    """Say whether the words stand anywhere."""
    return (
        EvaluationAnswer.objects.filter(text=WORDS).exists()
        or Testimony.objects.filter(text=WORDS).exists()
        or ApplicationAnswer.objects.filter(text=WORDS).exists()
        or ConversationMessage.objects.exists()
        or Champion.objects.filter(shown_name=WORDS).exists()
    )


@pytest.mark.parametrize("deed", [evaluates, offers_a_testimony, applies, writes, agrees])
def test_of_somebody_erased_as_they_write_nothing_is_kept(deed: Callable[[], Deed]) -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        person, do = deed()
        erased, written = at_once(partial(erase, person, by=admin), do)
        assert erased is None
        assert not isinstance(written, Exception) or isinstance(written, REFUSALS), written
        assert not kept()


@pytest.mark.parametrize("deed", [evaluates, offers_a_testimony, applies, writes, agrees])
def test_an_erasure_waits_for_what_is_being_written_and_takes_it_along(deed: Callable[[], Deed]) -> None:
    admin, (person, do) = make_admin(), deed()

    def erase_them() -> None:
        erase(person, by=admin)
        connection.close()

    erasing = Thread(target=erase_them)
    with transaction.atomic():
        do()
        erasing.start()
        erasing.join(timeout=MOMENT)
        assert erasing.is_alive()
    erasing.join()
    assert is_erased(User.objects.get(pk=person.pk))
    assert not kept()


def test_who_is_erased_already_is_told_so() -> None:
    person, do = offers_a_testimony()
    erase(person, by=make_admin())
    with pytest.raises(PermissionDenied):
        do()
