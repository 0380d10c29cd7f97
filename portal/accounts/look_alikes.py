"""People who may be the same person under another address: by name and organisation, whatever the case and accents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.names import folded

Known = tuple[str, int | None]
"""A name, folded, and the key of an organisation."""


def by_name_and_organisation(people: QuerySet[User], organisations: Iterable[int]) -> Mapping[Known, list[str]]:
    """Return the addresses of these people of these organisations, by what they are compared by; in one statement."""
    found: dict[Known, list[str]] = defaultdict(list)
    rows = people.filter(organisation__in=set(organisations)).order_by("pk")
    for name, organisation, email in rows.values_list("name", "organisation", "email"):
        found[folded(name), organisation].append(email)
    return found
