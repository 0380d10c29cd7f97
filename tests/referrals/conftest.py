"""What tests of referrals share: a provider with its keys, made as its lead makes them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from portal.accounts.middleware import HAS_SECOND_FACTOR
from portal.accounts.models import Organisation, User
from referrals import ceremony, intake, receipts, unlocking, vault
from referrals.models import Envelope, Offer, Provider, Referral, Section, Triager
from referrals.unlocking import Unlocked
from tests.factories import make_organisation, make_user

PASSPHRASE = "a calm river at dawn"


@pytest.fixture(autouse=True)
def _light_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretch passphrases a thousandth as far: what is tested does not depend on how long it takes."""
    monkeypatch.setattr(vault, "ARGON2_KIB", 32)
    monkeypatch.setattr(vault, "ARGON2_ITERATIONS", dict.fromkeys(vault.ARGON2_ITERATIONS, 1))


@dataclass
class Team:
    """A provider that takes referrals, its lead and another triager, and what the ceremony printed."""

    provider: Provider
    lead: Triager
    triager: Triager
    offer: Offer
    parts: list[str]
    pin: str
    passphrase: str = PASSPHRASE

    def admit(self, name: str = "", *, is_lead: bool = False) -> Triager:
        """Take one more person into the team."""
        person = make_user(**({"name": name} if name else {}))
        triager = self.key_and_admit(
            ceremony.invite_triager(self.provider, person.email, person.name, by=self.lead.user)
        )
        if is_lead:
            ceremony.share_root(triager, lead=self.lead, passphrase=self.passphrase)
        return fresh(triager)

    def key_and_admit(self, triager: Triager) -> Triager:
        """Let somebody set their passphrase, and the lead admit them."""
        triager = ceremony.set_passphrase(triager, self.passphrase)
        seen = ceremony.key_fingerprint(triager)
        ceremony.admit(triager, lead=self.lead, passphrase=self.passphrase, key_seen=seen)
        return fresh(triager)

    def unlocked(self, triager: Triager) -> unlocking.Unlocked:
        """Return a triager's open queue, as a request of theirs has it."""
        triager = fresh(triager)
        return unlocking.Unlocked(triager, vault.PrivateKey(unlocking.open_own_key(triager, self.passphrase)))


def fresh(triager: Triager) -> Triager:
    """Read a triager anew, with what verbs expect to be loaded."""
    return Triager.objects.select_related("provider", "user").get(pk=triager.pk)


def request_of(user: User) -> HttpRequest:
    """Return a request of somebody who is signed in."""
    request = RequestFactory().get("/queue/")
    request.user = user
    request.session = SessionStore()
    request.session.create()
    return request


MakeTeam = Callable[..., Team]


def new_team(slug: str = "listening", *, commissioner: Organisation | None = None) -> Team:
    """Make a provider with its keys, pinned in the settings as they are now, and two triagers."""
    provider = Provider.objects.create(name=f"Demo provider {slug}", slug=slug)
    offer = Offer.objects.create(
        provider=provider,
        commissioner=commissioner or make_organisation(),
        name="One-to-one therapy",
        who_for="Colleagues from racially minoritised groups",
    )
    person = make_user()
    lead = ceremony.invite_triager(provider, person.email, person.name, by=person, is_lead=True)
    lead = ceremony.set_passphrase(lead, PASSPHRASE)
    founded = ceremony.found_keys(lead, PASSPHRASE)
    settings.REFERRAL_ROOTS = {**settings.REFERRAL_ROOTS, slug: founded.pin}
    provider.refresh_from_db()
    team = Team(provider, fresh(lead), fresh(lead), offer, founded.parts, founded.pin)
    team.triager = team.admit()
    return team


@pytest.fixture
def make_team(settings: Any, db: None) -> MakeTeam:
    """Return what makes a provider; the pins of a test end with it."""
    settings.REFERRAL_ROOTS = {}
    return new_team


@pytest.fixture
def team(make_team: MakeTeam) -> Team:
    """A provider that takes referrals."""
    return make_team()


def signed_in(triager: Triager) -> Client:
    """Return the browser of a triager who has signed in with their second factor."""
    client = Client()
    client.force_login(triager.user)
    session = client.session
    session[HAS_SECOND_FACTOR] = True
    session.save()
    return client


def unlock(triager: Triager) -> Client:
    """Return the browser of a triager who has unlocked their queue."""
    client = signed_in(triager)
    answer = client.post(reverse("queue_unlock"), {"passphrase": PASSPHRASE})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.fixture
def desk(team: Team) -> Client:
    """The browser of the team's triager, with the queue open."""
    return unlock(team.triager)


@pytest.fixture
def leads_desk(team: Team) -> Client:
    """The browser of the team's lead, with the queue open."""
    return unlock(team.lead)


def submit_to(team: Team, name: str = "Canary Name", **how: Any) -> Referral:
    """Make a referral to a team."""
    contact = {"name": name, "ways": ["phone", "email"], "phone": "01632 960 001", "email": "canary@post.example"}
    receipt = intake.submit(team.offer, contact=contact, story={"text": "Canary story"}, **how)
    found = receipts.find(receipt.code)
    assert found
    return found


def readable_sections(sections: QuerySet[Section], unlocked: Unlocked) -> QuerySet[Section]:
    """Return those sections for which the unlocked triager has an envelope, with their envelopes."""
    mine = Q(epoch__in=unlocked.epoch_ids) | Q(triager=unlocked.triager)
    held = Envelope.objects.filter(mine, section__in=sections).values("section")
    return sections.filter(pk__in=held).select_related("epoch").prefetch_related("envelopes")


def page_of(referral: Referral) -> str:
    """Return the address of a referral's page in the queue."""
    return reverse("queue_referral", args=[referral.pk])


def act_on(referral: Referral, key: str) -> str:
    """Return the address at which something is done with a referral."""
    return reverse("queue_act", args=[referral.pk, key])
