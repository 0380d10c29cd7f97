"""Several issue, replace and revoke certificates at the same moment: of each thing one stands, written of once."""

from functools import partial

import pytest

from cohorts import certificate_letter, certificates
from cohorts.certificates import NoLongerStands
from cohorts.models import Certificate
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
