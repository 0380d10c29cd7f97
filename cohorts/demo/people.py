"""The demonstration's people and where they work. Names, trusts and codes are made up and look it."""

from collections.abc import Iterator, Sequence
from itertools import count, islice

from django.contrib.auth.hashers import make_password

from portal import trail
from portal.accounts.demo_people import DEMO_DOMAIN, DEMO_PASSWORD, DEMO_PEOPLE, DemoPerson
from portal.accounts.invitations import invite
from portal.accounts.models import Invitation, JobRole, Organisation, Role, User
from portal.accounts.people import add_people, add_person
from portal.accounts.roles import grant_role

ORGANISATIONS: tuple[tuple[str, str, list[str]], ...] = (
    ("DEMO1", "Example Vale University Hospitals NHS Trust", [DEMO_DOMAIN]),
    ("DEMO2", "Sampleshire Women and Children's NHS Foundation Trust", []),
    ("DEMO3", "Imaginary Coast Community Health NHS Trust", []),
    ("DEMO4", "Made-up Moors NHS Foundation Trust", []),
)

JOB_ROLES = {
    "participant": "Midwife",
    "applicant": "Neonatal nurse",
    "champion": "Health visitor",
    "graduate": "Midwife",
    "lead": "Director",
    "coach": "Quality lead",
}

# First names as they are heard on any ward, each with a plant or a bird after it: nobody can take these for anybody.
# As many as have no common divisor go round one another: no two people have the same name.
FIRST_NAMES = (
    "Amara", "Bao", "Chidi", "Dilnaz", "Esi", "Farah", "Gethin", "Hana", "Idris", "Jaya", "Kwame", "Leila",
    "Mairead", "Nasrin", "Olu", "Parveen", "Quentin", "Rosa", "Siân", "Tendai", "Uzma", "Vikram", "Wanjiru", "Ximena",
    "Yetunde", "Zofia", "Abdi", "Bronwen", "Ciara", "Dariusz", "Efua", "Fatoumata", "Gurpreet", "Huda", "Ioana",
    "Jamal", "Keziah", "Lubna", "Mei", "Niamh", "Oksana",
)  # fmt: skip
SURNAMES = (
    "Alder", "Birch", "Bracken", "Bramble", "Briar", "Bunting", "Clover", "Crane", "Dunnock", "Elder", "Fern", "Finch",
    "Goldcrest", "Hawthorn", "Hazel", "Heather", "Heron", "Holly", "Juniper", "Kestrel", "Larch", "Lark", "Linden",
    "Linnet", "Lupin", "Maple", "Martin", "Nettle", "Osprey", "Plover", "Rowan", "Sorrel", "Swift", "Tansy", "Teal",
    "Willow", "Wren",
)  # fmt: skip


def organisations() -> list[Organisation]:
    """Return the demonstration's trusts, made where they are missing."""
    return [
        Organisation.objects.get_or_create(ods_code=code, defaults={"name": name, "email_domains": domains})[0]
        for code, name, domains in ORGANISATIONS
    ]


def job_role(name: str) -> JobRole:
    """Return the job role of that name, made if it is missing."""
    return JobRole.objects.get_or_create(name=name)[0]


def demo_people() -> dict[str, User]:
    """Return the people who can be signed in with one click, by address, made where they are missing."""
    home = organisations()[0]
    people = {plan.email: _demo_person(plan, home) for plan in DEMO_PEOPLE}
    if new := [person for person in people.values() if not person.has_usable_password()]:
        # All of them have the same one. It is slow to hash, as it should be, and so it is hashed once.
        User.objects.filter(pk__in=[person.pk for person in new]).update(password=make_password(DEMO_PASSWORD))
    return people


def new_names() -> Iterator[str]:
    """Return names that nobody of the demonstration has yet."""
    for number in count(User.objects.filter(email__endswith=f"@{DEMO_DOMAIN}").count()):
        yield f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {SURNAMES[number % len(SURNAMES)]}"


def colleagues(number: int, group: str, roles: Sequence[str], workplaces: Sequence[Organisation]) -> list[User]:
    """Make so many colleagues of a group, with roles and workplaces by turns. Nobody knows a password for them."""
    found = {role: job_role(role) for role in roles}
    people = [
        User(
            email=f"colleague-{place + 1}.{group}@{DEMO_DOMAIN}",
            name=name,
            organisation=workplaces[place % len(workplaces)],
            job_role=found[roles[place % len(roles)]],
        )
        for place, name in zip(range(number), new_names(), strict=False)
    ]
    add_people(people, added_by=trail.SYSTEM)
    return people


def invite_some(*, by: User) -> None:
    """See to it that a facilitator and the lead of another trust are, or were, invited."""
    if not Invitation.objects.exists():
        facilitator, lead = islice(new_names(), 2)
        invite(f"new-facilitator@{DEMO_DOMAIN}", facilitator, [Role.Kind.FACILITATOR], None, by)
        invite(f"new-lead@{DEMO_DOMAIN}", lead, [Role.Kind.ORGANISATION_LEAD], organisations()[1], by)


def _demo_person(plan: DemoPerson, home: Organisation) -> User:
    person = User.objects.filter(email=plan.email).first()
    if person is None:
        role = JOB_ROLES.get(plan.email.partition("@")[0])
        person = add_person(
            plan.email,
            plan.name,
            added_by=trail.SYSTEM,
            organisation=home,
            job_role=job_role(role) if role else None,
        )
    held = set(person.roles.current().values_list("kind", flat=True))
    for kind in map(Role.Kind, plan.kinds):
        # Whoever is confirmed as a cohort's champion has that role by it, and loses it with it.
        if kind not in held and kind != Role.Kind.CHAMPION:
            trust = home if kind in Role.OF_AN_ORGANISATION else None
            grant_role(person, kind, granted_by=trail.SYSTEM, organisation=trust)
    return person
