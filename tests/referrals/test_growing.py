"""The benchmark's many referrals are rows as the models have them now: it fills them in by SQL, past the models."""

import pytest

from referrals.models import Envelope, Referral
from tests.benchmarks.referrals import fill_up
from tests.referrals.conftest import Team, submit_to


@pytest.mark.django_db
def test_referrals_are_filled_up_to_a_number(team: Team) -> None:
    submit_to(team)
    fill_up(5, team.provider)
    assert Referral.objects.open().count() == 5
    assert Envelope.objects.filter(section__kind="contact").count() == 5
