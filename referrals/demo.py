"""The demonstration's provider: its keys, its team of two, and referrals in every state. Plainly made up.

Its passphrase is known to everybody, so its root is marked as a demonstration's, which production refuses.
"""

from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.accounts.demo_people import DEMO_DOMAIN, DEMO_PASSPHRASE
from portal.accounts.models import Organisation, User
from referrals import casework, ceremony, clocks, group_booking, groups, intake, receipts, vault
from referrals.keyring import DEMO
from referrals.models import Offer, Provider, Referral, Triager
from referrals.transitions import State
from referrals.unlocking import Unlocked, open_own_key
from referrals.vault import PrivateKey

SLUG: Final = "example-listening"
PINS: Final = Path(settings.DATA_DIR) / "referral-roots"
"""Where `make run` keeps the pin of its own provider, for the processes that start after this one."""

NAMES: Final = ("Amara", "Bao", "Chidi", "Dilnaz", "Esi", "Farah", "Hana", "Idris", "Jaya", "Kwame", "Leila", "Nasrin")
STORIES: Final = (
    "Something was said to me at handover, and nobody answered. I would like to talk to somebody.",
    "",
    "It has been building up over a year. I am tired of explaining.",
    "A patient's family refused to be looked after by me. My team carried on as if nothing had happened.",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """So many referrals that came so many days ago, how far they got, and whether somebody has them."""

    number: int
    days_ago: int
    state: State
    is_taken: bool = True
    on_behalf: bool = False
    lead_first: bool = False


PLANS: Final = (
    Plan(3, 0, State.RECEIVED, is_taken=False),
    Plan(2, 2, State.RECEIVED, is_taken=False),
    Plan(2, 5, State.RECEIVED),
    Plan(1, 9, State.RECEIVED),  # overdue
    Plan(1, 3, State.RECEIVED, is_taken=False, lead_first=True),
    Plan(1, 4, State.AWAITING_CONSENT, is_taken=False, on_behalf=True),
    Plan(4, 8, State.TRIAGED),
    Plan(4, 16, State.APPOINTMENT_OFFERED),
    Plan(5, 40, State.FIRST_HELD),
    Plan(3, 90, State.CLOSED),
    Plan(1, 12, State.DECLINED),
    Plan(2, 20, State.WITHDRAWN),
    Plan(1, 30, State.UNREACHABLE),
)


@transaction.atomic
def make() -> int:
    """Make the provider with its team and referrals, where there is none yet; return how many referrals were made."""
    if Provider.objects.filter(slug=SLUG).exists():
        return 0
    provider = Provider.objects.create(
        name="Example Listening Service",
        slug=SLUG,
        about="We are therapists of many backgrounds, outside your organisation. (This provider is made up.)",
    )
    lead, triager = _team(provider)
    provider.refresh_from_db()
    trust = Organisation.objects.order_by("ods_code")[0]
    offer = Offer.objects.create(
        provider=provider,
        commissioner=trust,
        name="One-to-one intercultural therapy",
        who_for="Colleagues from racially minoritised groups",
        languages="English, Yoruba, Bengali, Polish and others on request",
        length="6 sessions of 50 minutes, online",
    )
    made = [_referral(offer, plan, number) for plan in PLANS for number in range(plan.number)]
    for referral, plan in made:
        _advance(referral, plan, lead if plan.lead_first else triager)
    _announce_groups(lead, triager)
    return len(made)


def _announce_groups(lead: Unlocked, triager: Unlocked) -> None:
    """Announce three group sessions, of which one has a guest who has been given the link."""
    evening = timezone.localtime().replace(hour=17, minute=30, second=0, microsecond=0)
    for weeks, theme in ((1, "Names, and what is made of them"), (3, ""), (5, "Rest")):
        starts_at = evening + timedelta(weeks=weeks)
        plan = groups.Plan(theme, starts_at, 12, [triager.triager], "https://meeting.example/quiet-room")
        session = groups.plan(lead, plan)
        if theme and weeks == 1:
            group_booking.book(session, code=vault.new_code(), name="Esi Example", reach="person-1@post.example")
            groups.give_link(session, triager)


def _team(provider: Provider) -> tuple[Unlocked, Unlocked]:
    lead_user, user = (User.objects.get(email=f"{name}@{DEMO_DOMAIN}") for name in ("triage-lead", "triager"))
    lead = ceremony.invite_triager(provider, lead_user.email, "", by=lead_user, is_lead=True)
    founded = ceremony.found_keys(ceremony.set_passphrase(lead, DEMO_PASSPHRASE), DEMO_PASSPHRASE, purpose=DEMO)
    PINS.write_text(f"{provider.slug}={founded.pin}")
    settings.REFERRAL_ROOTS[provider.slug] = founded.pin
    lead = _fresh(lead)
    triager = ceremony.set_passphrase(ceremony.invite_triager(provider, user.email, "", by=lead_user), DEMO_PASSPHRASE)
    seen = ceremony.key_fingerprint(triager)
    ceremony.admit(triager, lead=lead, passphrase=DEMO_PASSPHRASE, key_seen=seen)
    return _unlocked(lead), _unlocked(_fresh(triager))


def _fresh(triager: Triager) -> Triager:
    return Triager.objects.select_related("provider", "user").get(pk=triager.pk)


def _unlocked(triager: Triager) -> Unlocked:
    return Unlocked(triager, PrivateKey(open_own_key(triager, DEMO_PASSPHRASE)))


def _referral(offer: Offer, plan: Plan, number: int) -> tuple[Referral, Plan]:
    """Submit a referral, and put it back to the day on which it came."""
    seed = number + plan.days_ago
    name = f"{NAMES[seed % len(NAMES)]} Example"
    receipt = intake.submit(
        offer,
        contact={"name": name, "ways": ["email"], "email": f"person-{seed}@post.example", "safe": "After 6pm"},
        story={"text": STORIES[seed % len(STORIES)], "times": "Evenings"},
        lead_first=plan.lead_first,
        submitter={"submitter": "A colleague", "how": "On the phone"} if plan.on_behalf else None,
    )
    referral = receipts.find(receipt.code)
    assert referral is not None  # noqa: S101  # it was made just now
    came = timezone.localdate() - timedelta(days=plan.days_ago)
    referral.submitted_on = came
    if referral.received_on:
        clocks.start(referral, came)
    else:
        referral.consent_due_on, referral.purge_on = came + clocks.CONSENT_WITHIN, came + clocks.UNCONFIRMED_AFTER
    clocks.wind(referral)
    referral.save()
    return referral, plan


def _advance(referral: Referral, plan: Plan, by: Unlocked) -> None:
    """Do what was done since."""
    if plan.is_taken:
        casework.claim(referral, unlocked=by)
    if plan.state in {State.TRIAGED, State.APPOINTMENT_OFFERED, State.FIRST_HELD, State.CLOSED}:
        casework.accept(referral, "Would like to begin soon.", unlocked=by)
    if plan.state in {State.APPOINTMENT_OFFERED, State.FIRST_HELD, State.CLOSED}:
        first = timezone.localdate() - timedelta(days=plan.days_ago - 20)
        casework.offer_appointment(referral, first, time(18), "Demo Therapist", "Online", unlocked=by)
    if plan.state in {State.FIRST_HELD, State.CLOSED}:
        held = timezone.localdate() - timedelta(days=plan.days_ago - 20)
        casework.record_held(referral, held, unlocked=by)
    if plan.state == State.CLOSED:
        casework.close(referral, "Six sessions held.", unlocked=by)
    if plan.state == State.DECLINED:
        casework.signpost(referral, "Another service fits better.", unlocked=by)
    if plan.state == State.UNREACHABLE:
        casework.give_up_reaching(referral, "Three attempts in the safe way.", unlocked=by)
    if plan.state == State.WITHDRAWN:
        intake.withdraw(referral)
