"""Organisations by file: added, and changed where their ODS code is known. See `portal.imports`."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

from django.core.exceptions import ValidationError
from django.urls import reverse

from portal import trail
from portal.accounts.domains import cleaned
from portal.accounts.models import Organisation, User
from portal.accounts.rules import keeps_people
from portal.imports.kinds import AddedOrChanged, Kind, Line, NotTheirs, Plan, Told
from portal.questions import count_of
from portal.spreadsheets import Column, Row

BATCH: Final = 1000
SEPARATED: Final = re.compile(r"[\s,;]+")


@dataclass(frozen=True, kw_only=True)
class Named(Line):
    """A row of the file, read: the organisation as it would be, and which of its fields that changes."""

    organisation: Organisation
    changes: Sequence[str] = field(default=())


class Organisations(Kind):
    """Organisations, by their ODS codes."""

    key = "organisation"
    deed = "organisation.file"
    title = "Add or change organisations by file"
    columns = (
        Column("ods_code", "ODS code", also=("Code", "Organisation code")),
        Column("name", "Name", also=("Organisation", "Organisation name")),
        Column("email_domains", "Email domains", also=("Domains", "Email domain"), required=False),
    )
    shown: ClassVar = ("ODS code", "Name", "Email domains")
    advice: ClassVar = (
        "An organisation whose ODS code is known gets the name of the file; any other is added.",
        "Whoever holds an address at one of the email domains may make an account. Separate several by spaces.",
        "Where a cell of email domains is empty, they stay as they are.",
        "No organisation is taken away.",
    )

    def about(self, by: User, pk: int | None, *, held: bool = False) -> None:
        """Let those who keep organisations change them; held, nobody else does meanwhile."""
        if not keeps_people(by):
            raise NotTheirs
        if held:
            list(Organisation.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))

    def plan(self, rows: Sequence[Row], about: None, *, by: User) -> Plan[Named]:
        """Work out what `rows` would do."""
        known = {organisation.ods_code: organisation for organisation in Organisation.objects.all()}
        owners = {domain: each.ods_code for each in known.values() for domain in each.email_domains}
        codes = [row.cells["ods_code"].upper() for row in rows]
        times = Counter(codes)
        first: dict[str, int] = {}
        lines = []
        for row, code in zip(rows, codes, strict=True):
            old = known.get(code)
            problems: list[str] = []
            domains = old.email_domains if old else []
            try:
                domains = cleaned(SEPARATED.split(row.cells["email_domains"])) or domains
            except ValidationError as error:
                problems += error.messages
            new = Organisation(
                pk=old.pk if old else None,
                ods_code=code,
                name=" ".join(row.cells["name"].split()),
                email_domains=domains,
            )
            problems += _problems_of_fields(new)
            if old and old.merged_into_id:
                problems.append("This organisation is part of another now, and stays as it is. Take the row out.")
            if code and times[code] > 1 and first.setdefault(code, row.number) != row.number:
                problems.append(f"Row {first[code]} has the same ODS code. Keep one of the two.")
            problems += _problems_of_domains(domains, code, owners, known)
            if not problems:
                owners |= dict.fromkeys(domains, code)
            changes = [name for name in ("name", "email_domains") if old and getattr(old, name) != getattr(new, name)]
            outcome = AddedOrChanged.of(old, changes, problems)
            lines.append(
                Named(
                    number=row.number,
                    cells=(code, new.name, ", ".join(domains)),
                    outcome=outcome,
                    acts=outcome in {AddedOrChanged.NEW, AddedOrChanged.CHANGED},
                    problems=tuple(problems),
                    notes=_notes(old, new, changes),
                    organisation=new,
                    changes=changes,
                )
            )
        return Plan(lines)

    def says(self, plan: Plan[Named], about: None) -> Sequence[str]:
        """Say how many are added, and how many changed."""
        return [
            f"This adds {count_of(plan.numbers.get(AddedOrChanged.NEW, 0), 'organisation')}.",
            f"This changes {count_of(plan.numbers.get(AddedOrChanged.CHANGED, 0), 'organisation')}.",
            "Nobody is written to.",
        ]

    def button(self, plan: Plan[Named]) -> str:
        """Say to how many something is done."""
        return f"Add or change {count_of(len(plan.acting), 'organisation')}"

    def carry_out(self, plan: Plan[Named], about: None, *, by: User, told: Told) -> None:
        """Add and change."""
        new = [line.organisation for line in plan.of(AddedOrChanged.NEW)]
        changed = plan.of(AddedOrChanged.CHANGED)
        Organisation.objects.bulk_create(new, batch_size=BATCH)
        trail.record_many("organisation.added", actor=by, entries=[(organisation, {}) for organisation in new])
        told(len(new))
        Organisation.objects.bulk_update(
            [line.organisation for line in changed], ["name", "email_domains"], batch_size=BATCH
        )
        trail.record_many(
            "organisation.changed",
            actor=by,
            entries=[(line.organisation, {"fields": ", ".join(line.changes)}) for line in changed],
        )
        told(len(new) + len(changed))

    def leads_to(self, about: int | None) -> str:
        """Lead to the list."""
        return reverse("admin:accounts_organisation_changelist")


ORGANISATIONS: Final = Organisations()


def _notes(old: Organisation | None, new: Organisation, changes: Sequence[str]) -> tuple[str, ...]:
    """Point out a name that changes: by a slip in the code one organisation would be called as another."""
    return (f"It is called {old.name} now.",) if old and "name" in changes else ()


def _problems_of_fields(organisation: Organisation) -> list[str]:
    missing = [] if organisation.name else ["Enter a name."]
    try:
        organisation.clean_fields(exclude=["id", "email_domains", *(["name"] if missing else [])])
    except ValidationError as error:
        return [*missing, *error.messages]
    return missing


def _problems_of_domains(
    domains: Sequence[str], code: str, owners: Mapping[str, str], known: Mapping[str, Organisation]
) -> list[str]:
    """Say which domains are another organisation's: an address belongs to one."""
    return [
        f"{known.get(owner, owner)} has the domain {domain} already."
        for domain in domains
        if (owner := owners.get(domain, code)) != code
    ]
