"""The pages of proof and of disposals: for the lead alone, and no more than may be told."""

import csv
from datetime import date

import pytest
from django.urls import reverse

from portal.trail.models import Entry
from referrals import intake, receipts, retention
from referrals.models import Disposal, Epoch, Proof, Referral
from tests.factories import make_organisation
from tests.referrals.conftest import MakeTeam, Team, signed_in
from tests.referrals.test_proof import JANUARY, drawn_on, received, triaged

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(team: Team) -> Team:
    """A team with a table: 40 in time, 12 late for want of a language, 11 for want of room, 3 not triaged yet."""
    Epoch.objects.update(began_on=date(2026, 1, 12))
    for number, wait, reason in ((40, 5, ""), (12, 9, "no_language"), (11, 9, "no_capacity")):
        for _ in range(number):
            triaged(team, JANUARY, wait, reason=reason)
    for _ in range(3):
        received(team, JANUARY)
    drawn_on("2026-02-08")
    return team


def test_the_page_tells_groups(told: Team) -> None:
    client = signed_in(told.lead)
    commissioner = told.offer.commissioner
    page = client.get(reverse("queue_proof")).content.decode()
    assert commissioner.name in page
    response = client.get(reverse("queue_proof_of", args=[commissioner.pk]))
    page = response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    for words in (
        "1 January 2026 to 31 January 2026",
        "50 or more",
        "60%",
        "5, 5, 9",
        "No therapist or interpreter for the language yet: 12",
        "Each other reason: fewer than 10",
        "There is no table yet",
    ):
        assert words in page
    assert "No appointment was free: 11" not in page  # with it, the others could be worked out
    assert ">66<" not in page  # how many there were


def test_the_file_tells_the_same_and_is_in_the_trail(told: Team) -> None:
    client = signed_in(told.lead)
    response = client.get(reverse("queue_proof_file", args=[told.offer.commissioner_id]))
    assert response.headers["Content-Type"].startswith("text/csv")
    assert "no-store" in response.headers["Cache-Control"]
    headings, row, *others = response.content.decode("utf-8-sig").splitlines()
    assert not others
    cells = next(csv.reader([row]))
    assert cells[:12] == ["Triage within a week", "2026-01-01", "2026-01-31", "2026-02-08", "50", "60", *"559559"]
    assert cells.count("fewer than 10") == 7
    assert len(next(csv.reader([headings]))) == len(cells)
    assert Entry.objects.get(verb="proof.given_out").actor == told.lead.user


@pytest.mark.parametrize("address", ["queue_proof", "queue_disposals"])
def test_they_are_the_leads(team: Team, address: str) -> None:
    assert signed_in(team.triager).get(reverse(address)).status_code == 404
    assert signed_in(team.lead).get(reverse(address)).status_code == 200


def test_another_commissioner_or_providers_table_is_not_there(told: Team, make_team: MakeTeam) -> None:
    client = signed_in(told.lead)
    stranger, other = make_organisation(), make_team("elsewhere")
    for commissioner in (stranger, other.offer.commissioner):
        for address in ("queue_proof_of", "queue_proof_file"):
            assert client.get(reverse(address, args=[commissioner.pk])).status_code == 404


class TestDisposals:
    """What was ended, why and when; what a hold keeps."""

    def end(self, team: Team, number: int = 1) -> list[Referral]:
        ended = []
        for _ in range(number):
            referral = receipts.find(intake.submit(team.offer, contact={}, story={}).code)
            assert referral
            intake.withdraw(referral)
            ended.append(referral)
        Referral.objects.update(purge_on=date(2026, 1, 1))
        return ended

    def test_the_log(self, team: Team) -> None:
        (referral,) = self.end(team)
        client = signed_in(team.lead)
        assert "Nothing was disposed of yet" in client.get(reverse("queue_disposals")).content.decode()
        retention.dispose_of_due()
        page = client.get(reverse("queue_disposals")).content.decode()
        assert f"Referral {str(referral.pk)[:8]}" in page
        assert "Its time was over" in page
        assert "Withdrawn: 30 days after the end" in page

    def test_what_a_hold_keeps(self, team: Team) -> None:
        (referral,) = self.end(team)
        Referral.objects.update(on_hold=True)
        page = signed_in(team.lead).get(reverse("queue_disposals")).content.decode()
        assert "Kept by a legal hold" in page
        assert f"{reverse('queue_trail')}?referral={referral.pk}" in page

    def test_pages_of_it(self, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retention, "SHOWN", 2)
        self.end(team, 3)
        retention.dispose_of_due()
        client = signed_in(team.lead)
        first = client.get(reverse("queue_disposals"))
        assert first.context["older"] == f"?before={Disposal.objects.order_by('-pk')[1].pk}"
        older = client.get(reverse("queue_disposals") + first.context["older"])
        assert len(older.context["lines"]) == 1
        assert older.context["older"] == ""
        for odd in ("x", "-1", "9" * 40):
            assert client.get(reverse("queue_disposals"), {"before": odd}).status_code == 200

    def test_another_providers_are_not_told(self, team: Team, make_team: MakeTeam) -> None:
        other = make_team("elsewhere")
        self.end(other)
        retention.dispose_of_due()
        page = signed_in(team.lead).get(reverse("queue_disposals")).content.decode()
        assert "Nothing was disposed of yet" in page


@pytest.mark.parametrize("page", ["queue_proof_of", "queue_disposals"])
def test_statements_do_not_grow_with_the_rows(team: Team, page: str, django_assert_max_num_queries) -> None:
    client = signed_in(team.lead)
    client.get(reverse("queue_team"))  # the first request writes the session
    asked = []
    for number in (1, 3):
        while Proof.objects.count() < number:
            month = Proof.objects.count() + 1
            Proof.objects.create(
                provider=team.provider,
                commissioner=team.offer.commissioner,
                clock="triage",
                since=date(2026, month, 1),
                until=date(2026, month, 28),
                drawn_on=date(2026, month + 1, 8),
                size=10,
                share=90,
                waits=[1, 2, 3],
                waits_from_submission=[1, 2, 3],
                reasons={},
            )
        while Disposal.objects.count() < number:
            TestDisposals().end(team)
            retention.dispose_of_due()
        address = reverse(page, args=[team.offer.commissioner_id] if page == "queue_proof_of" else [])
        with django_assert_max_num_queries(30) as seen:
            client.get(address)
        asked.append(len(seen.captured_queries))
    assert asked[0] == asked[1]
