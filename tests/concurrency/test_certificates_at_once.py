"""Several issue, replace and revoke certificates at the same moment: of each thing one stands, written of once."""

from collections.abc import Callable
from functools import partial
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from cohorts import certificate_letter, certificates
from cohorts.certificates import NoLongerStands
from cohorts.models import Certificate
from portal.accounts.erasure import erase, is_erased
from portal.outbox.models import Message
from tests.concurrency.at_once import at_once
from tests.factories import make_attended, make_certificate, make_cohort, make_complete, make_user

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 10
PEOPLE = 12


def test_two_batches_and_somebody_by_hand_issue_one_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "BATCH", 5)
    for _ in range(ROUNDS):
        cohort, team = make_cohort(), make_user()
        members = [make_complete(cohort=cohort) for _ in range(PEOPLE)]
        first, second, by_hand = at_once(
            partial(certificates.issue_to_all, cohort, by=team),
            partial(certificates.issue_to_all, cohort, by=team),
            partial(certificates.issue, members[-1], by=team),
        )
        assert isinstance(by_hand, Certificate), by_hand
        assert PEOPLE - 1 <= first + second <= PEOPLE
        issued = Certificate.objects.filter(membership__cohort=cohort)
        assert issued.count() == issued.standing().count() == PEOPLE
        written = Message.objects.filter(rule=certificate_letter.RULE, person__in=issued.values("holder"))
        assert written.count() == PEOPLE


def test_two_clicks_get_one_certificate_of_attendance() -> None:
    for _ in range(ROUNDS):
        came = make_attended()
        first, second = at_once(*[partial(certificates.issue_attendance, came, by=came.user)] * 2)
        assert isinstance(first, Certificate), first
        assert first == second


def test_of_replacing_and_revoking_at_once_one_is_done() -> None:
    for _ in range(ROUNDS):
        certificate, team = make_certificate(), make_user()
        told = at_once(
            partial(certificates.reissue, certificate, by=certificate.holder),
            partial(certificates.reissue, certificate, by=team),
            partial(certificates.revoke, certificate, reason="A mistake", by=team),
            partial(certificates.show_name, certificate, shown=True),
        )
        ends = [each for each in told[:3] if not isinstance(each, NoLongerStands)]
        assert len(ends) == 1, told
        assert ends[0] is None or isinstance(ends[0], Certificate), told
        assert told[3] is None or isinstance(told[3], NoLongerStands), told
    assert not Certificate.objects.filter(ended_at__isnull=False).exclude(name="", shows_name=False).exists()


def replace(by: Any) -> tuple[Any, Callable[[], Certificate]]:
    certificate = make_certificate()
    return certificate.holder, partial(certificates.reissue, certificate, by=by)


def issue(by: Any) -> tuple[Any, Callable[[], Certificate]]:
    membership = make_complete()
    return membership.user, partial(certificates.issue, membership, by=by)


def attend(by: Any) -> tuple[Any, Callable[[], Certificate]]:
    booking = make_attended()
    return booking.user, partial(certificates.issue_attendance, booking, by=by)


@pytest.mark.parametrize("meanwhile", [replace, issue, attend])
def test_what_is_issued_while_its_holder_is_erased_names_nobody(
    meanwhile: Callable[[Any], tuple[Any, Callable[[], Certificate]]],
) -> None:
    team = make_user()
    holder, deed = meanwhile(team)

    def erase_them() -> None:
        erase(holder, by=team)
        connection.close()

    erasing = Thread(target=erase_them)
    with transaction.atomic():
        deed()
        erasing.start()
        erasing.join(0.5)
        assert erasing.is_alive()
    erasing.join(10)
    holder.refresh_from_db()
    assert is_erased(holder)
    assert set(Certificate.objects.filter(holder=holder).values_list("name", flat=True)) == {""}


@pytest.mark.parametrize("meanwhile", [replace, issue, attend])
def test_of_somebody_erased_at_the_same_moment_no_certificate_keeps_the_name(
    meanwhile: Callable[[Any], tuple[Any, Callable[[], Certificate]]],
) -> None:
    team = make_user()
    for _ in range(ROUNDS):
        holder, deed = meanwhile(team)
        at_once(partial(erase, holder, by=team), deed)
        holder.refresh_from_db()
        assert is_erased(holder)
        assert not Certificate.objects.filter(holder=holder).exclude(name="").exists()
        assert not Message.objects.filter(person=holder).exists()
