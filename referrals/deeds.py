"""How what a triager does is written down: inside the seal by whom and when, and in the trail that it was done."""

from django.utils import timezone

from portal import trail
from portal.trail.recording import Detail
from referrals.models import Referral, Section
from referrals.sealing import Content, write_section
from referrals.unlocking import Unlocked


def write(referral: Referral, kind: Section.Kind, content: Content, unlocked: Unlocked) -> None:
    """Add what a triager says, with who and when inside the seal, and put it in the trail. Raises Unsigned."""
    write_section(referral, kind, {**content, **signed(unlocked)})
    record(f"referral.{kind}_added", referral, unlocked)


def signed(unlocked: Unlocked) -> Content:
    """Return by whom and when something is written, to stand inside its seal."""
    return {"author": unlocked.triager.user.name, "at": timezone.localtime().isoformat(timespec="minutes")}


def record(verb: str, referral: Referral, unlocked: Unlocked, **details: Detail) -> None:
    """Put a deed in the trail, of somebody who is in the signed team. Raises Unsigned."""
    unlocked.require_in_team()
    trail.record(verb, actor=unlocked.triager.user, subject=f"referral:{referral.pk}", **details)
