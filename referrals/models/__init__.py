"""Fields, constraints, and QuerySets that read. None of these is ever registered in the admin (DESIGN §4)."""

from referrals.models.clocks import Disposal, Escalation, Proof, Round
from referrals.models.groups import GroupBooking, GroupSession
from referrals.models.keys import Epoch, Grant, RootHolding, Unlock, Unsent
from referrals.models.providers import Offer, Provider, Triager
from referrals.models.referrals import Envelope, Referral, Section

__all__ = [
    "Disposal",
    "Envelope",
    "Epoch",
    "Escalation",
    "Grant",
    "GroupBooking",
    "GroupSession",
    "Offer",
    "Proof",
    "Provider",
    "Referral",
    "RootHolding",
    "Round",
    "Section",
    "Triager",
    "Unlock",
    "Unsent",
]
