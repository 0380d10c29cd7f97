"""The demonstration's provider: referrals in every state, made once."""

from pathlib import Path
from typing import Any

import pytest

from portal.accounts.demo_people import DEMO_DOMAIN
from referrals import demo, keyring
from referrals.models import Offer, Provider, Referral
from referrals.transitions import State
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db


def test_it_has_referrals_in_every_state_and_is_made_once(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.DEMO, settings.REFERRAL_ROOTS = True, {}
    monkeypatch.setattr(demo, "PINS", tmp_path / "pins")
    make_organisation()
    for name in ("triage-lead", "triager"):
        make_user(email=f"{name}@{DEMO_DOMAIN}")

    made = demo.make()

    assert made == Referral.objects.count() == 30
    assert set(Referral.objects.values_list("state", flat=True)) == set(State.values)
    assert keyring.takes_referrals(Provider.objects.get())
    assert Offer.objects.get().active
    assert (tmp_path / "pins").read_text()
    assert demo.make() == 0
