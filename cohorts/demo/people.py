"""The demonstration's people and where they work. Names, trusts and codes are made up and look it."""

from portal import trail
from portal.accounts.demo_people import DEMO_DOMAIN, DEMO_PASSWORD, DEMO_PEOPLE, DemoPerson
from portal.accounts.models import JobRole, Organisation, Role, User
from portal.accounts.people import add_person
from portal.accounts.roles import grant_role

ORGANISATIONS: tuple[tuple[str, str, list[str]], ...] = (
    ("DEMO1", "Example Vale University Hospitals NHS Trust", [DEMO_DOMAIN]),
    ("DEMO2", "Sampleshire Women and Children's NHS Foundation Trust", []),
    ("DEMO3", "Imaginary Coast Community Health NHS Trust", []),
)

JOB_ROLES = {
    "participant": "Midwife",
    "lead": "Director",
    "coach": "Quality lead",
}

# Each first name with one word after it: nobody can take these for anybody.
FIRST_NAMES = (
    "Amara", "Bao", "Chidi", "Dilnaz", "Esi", "Farah", "Gethin", "Hana", "Idris", "Jaya", "Kwame", "Leila",
    "Mairead", "Nasrin", "Olu", "Parveen", "Quentin", "Rosa", "Siân", "Tendai",
)  # fmt: skip
SURNAME = "Example"


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
    return {plan.email: _demo_person(plan, home) for plan in DEMO_PEOPLE}


def colleague(number: int, group: str, role: JobRole) -> User:
    """Return a group's colleague `number` (from 0), made if missing. Nobody knows a password for them."""
    first = FIRST_NAMES[number % len(FIRST_NAMES)]
    email = f"colleague-{number + 1}.{group}@{DEMO_DOMAIN}"
    found = User.objects.filter(email=email).first()
    if found:
        return found
    trusts = organisations()
    return add_person(
        email,
        f"{first} {SURNAME}",
        added_by=trail.SYSTEM,
        organisation=trusts[number % len(trusts)],
        job_role=role,
    )


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
            password=DEMO_PASSWORD,
        )
    held = set(person.roles.current().values_list("kind", flat=True))
    for kind in map(Role.Kind, plan.kinds):
        if kind not in held:
            trust = home if kind in Role.OF_AN_ORGANISATION else None
            grant_role(person, kind, granted_by=trail.SYSTEM, organisation=trust)
    return person
