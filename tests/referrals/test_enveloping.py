"""Sealing anew what was sealed to an epoch that has ended."""

from datetime import timedelta

import pytest
from django.utils import timezone

from referrals import ceremony, enveloping, groups, reading
from referrals.models import Envelope, GroupSession
from tests.referrals.conftest import PASSPHRASE, Team, submit_to
from tests.referrals.sessions import LINK, NAME, REACH, announce, book

pytestmark = pytest.mark.django_db


class TestSealingAnew:
    """A new epoch: what was sealed to the one before is sealed to it."""

    def test_links_and_bookings(self, team: Team) -> None:
        session = announce(team)
        book(session)
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        assert enveloping.left(team.provider) == 2
        opened = team.unlocked(team.triager)
        assert enveloping.seal_anew(team.provider, opened) == 2
        assert enveloping.left(team.provider) == enveloping.seal_anew(team.provider, opened) == 0
        session = GroupSession.objects.select_related("epoch").get(pk=session.pk)
        assert groups.link_of(session, opened) == LINK
        assert [(guest.name, guest.reach) for guest in groups.guests(session, opened)] == [(NAME, REACH)]

    def test_one_that_somebody_changed_keeps_none_back(self, team: Team) -> None:
        broken, whole = submit_to(team), submit_to(team)
        Envelope.objects.filter(section__referral=broken).update(sealed=b"broken")
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        assert enveloping.seal_anew(team.provider, team.unlocked(team.triager)) == 2
        assert reading.read(team.unlocked(team.triager), whole.pk)
        assert enveloping.left(team.provider) == 2

    def test_an_erased_session_leaves_nothing_to_seal(self, team: Team) -> None:
        session = announce(team)
        book(session)
        GroupSession.objects.update(starts_at=timezone.now() - timedelta(days=400))
        assert groups.erase_past() == 1
        ceremony.begin_epoch(team.lead, PASSPHRASE)
        assert enveloping.left(team.provider) == 0
