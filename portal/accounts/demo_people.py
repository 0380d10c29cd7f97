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
    look_at: str
    """What there is for them to see and do, in a sentence."""
    kinds: tuple[str, ...] = ()
    """Values of `Role.Kind` that they hold."""
    is_staff: bool = False


DEMO_PEOPLE = (
    DemoPerson(
        f"participant@{DEMO_DOMAIN}",
        "Demo Participant",
        "Takes part in a programme and books sessions",
        "Book a session, join a waiting list, say what you need in order to come, read what your champion wrote, and "
        "carry on with a project that you have just begun.",
    ),
    DemoPerson(
        f"applicant@{DEMO_DOMAIN}",
        "Demo Applicant",
        "Has applied for a cohort",
        "Answer the offer of a place in a cohort to come.",
    ),
    DemoPerson(
        f"graduate@{DEMO_DOMAIN}",
        "Demo Graduate",
        "Has completed a programme",
        "Say whether you come to the graduation, download your certificate, and answer an editor about your testimony.",
    ),
    DemoPerson(
        f"champion@{DEMO_DOMAIN}",
        "Demo Champion",
        "Champion: supports colleagues of their workplace in their cohort",
        "Write to the colleague who wants to be in touch, and lead a project with a team of two trusts.",
        ("champion",),
    ),
    DemoPerson(
        f"lead@{DEMO_DOMAIN}",
        "Demo Lead",
        "Organisation lead: leads this work in their own organisation",
        "See how many of your people take part, and who has not answered your nomination; nominate a team.",
        ("organisation_lead",),
    ),
    DemoPerson(
        f"facilitator@{DEMO_DOMAIN}",
        "Demo Facilitator",
        "Runs sessions and keeps their registers",
        "Take the register of the last session, and read what people said of an earlier one.",
        ("facilitator",),
    ),
    DemoPerson(
        f"coach@{DEMO_DOMAIN}",
        "Demo Coach",
        "Coaches quality improvement (QI) projects",
        "Answer a team that asks for help, see which project may be stuck and for whom you stand in, and review one.",
        ("coach",),
    ),
    DemoPerson(
        f"programme-admin@{DEMO_DOMAIN}",
        "Demo Programme Admin",
        "Programme admin, of the perinatal programme alone",
        "Decide about applicants, confirm a champion and publish a testimony in the admin pages.",
        ("programme_admin",),
        is_staff=True,
    ),
    DemoPerson(
        f"admin@{DEMO_DOMAIN}",
        "Demo Admin",
        "Programme admin, of all programmes: sets up programmes, cohorts and sessions",
        "Find a graduation with its answers, an import that is done, a legal hold and who falls behind in the admin "
        "pages.",
        ("all_programmes_admin",),
        is_staff=True,
    ),
    DemoPerson(
        f"triager@{DEMO_DOMAIN}",
        "Demo Triager",
        "Works on a provider's confidential referrals",
        f"Open the queue with the passphrase {DEMO_PASSPHRASE}, and take a referral.",
        ("triager",),
    ),
    DemoPerson(
        f"triage-lead@{DEMO_DOMAIN}",
        "Demo Triage Lead",
        "Leads that provider's team",
        "See the referral that only the lead opens first, and the team and its keys.",
        ("triager",),
    ),
)


def is_demo_address(email: str) -> bool:
    """Say whether an address belongs to the demonstration's people."""
    return email.strip().lower().rpartition("@")[2] == DEMO_DOMAIN
