"""The people of the demonstration: the same for ever, plainly fictional, and never present in production.

This module is data alone, so that the command which prints the people needs no database.
"""

from dataclasses import dataclass

DEMO_PASSWORD = "demo-portal-only"  # noqa: S105  # printed in the README: it opens nothing outside a demonstration
DEMO_PASSPHRASE = "demo-queue-only"  # noqa: S105  # printed in the README too: it opens a demonstration's queue alone
DEMO_DOMAIN = "demo.example"


@dataclass(frozen=True)
class DemoPerson:
    """One of the people who can be signed in with one click."""

    email: str
    name: str
    role_description: str
    kinds: tuple[str, ...] = ()
    """Values of `Role.Kind` that they hold."""
    is_staff: bool = False


DEMO_PEOPLE = (
    DemoPerson(f"participant@{DEMO_DOMAIN}", "Demo Participant", "Takes part in a programme and books sessions"),
    DemoPerson(
        f"lead@{DEMO_DOMAIN}",
        "Demo Lead",
        "Organisation lead: leads this work in their own organisation",
        ("organisation_lead",),
    ),
    DemoPerson(
        f"facilitator@{DEMO_DOMAIN}",
        "Demo Facilitator",
        "Runs sessions and keeps their registers",
        ("facilitator",),
    ),
    DemoPerson(f"coach@{DEMO_DOMAIN}", "Demo Coach", "Coaches quality improvement (QI) projects", ("coach",)),
    DemoPerson(
        f"admin@{DEMO_DOMAIN}",
        "Demo Admin",
        "Programme admin, of all programmes: sets up programmes, cohorts and sessions",
        ("all_programmes_admin",),
        is_staff=True,
    ),
    DemoPerson(f"triager@{DEMO_DOMAIN}", "Demo Triager", "Works on a provider's confidential referrals", ("triager",)),
    DemoPerson(f"triage-lead@{DEMO_DOMAIN}", "Demo Triage Lead", "Leads that provider's team", ("triager",)),
)


def is_demo_address(email: str) -> bool:
    """Say whether an address belongs to the demonstration's people."""
    return email.strip().lower().rpartition("@")[2] == DEMO_DOMAIN
