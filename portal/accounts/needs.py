"""What somebody needs in order to come, in their own words: said once, sealed, and theirs to take back.

Access needs may tell of health and a diet of religion, so this is data of special category (UK GDPR article 9), held
by explicit consent: saying it is the consent, clearing it takes the consent back. A copy of the database shows that
somebody has said something, and not what: it is sealed under SECRET_KEY and padded. Nothing of it is in the trail,
since whoever reads that would learn who has needs. Who may open it, and for how long it is kept, the app says that
holds sessions (`cohorts.needs`).
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.erasure import let_none_be_erased
from portal.accounts.models import Needs, User
from portal.secret_box import secret_box

PURPOSE: Final = "portal.accounts.needs.1"
LONGEST: Final = 500
"""Characters of each of the two."""
PADDED_TO: Final = 8192
"""Bytes: as long as the longest can be, so that how long it is tells nothing."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What somebody needs; each is empty for who said nothing of it."""

    access: str
    diet: str

    def __bool__(self) -> bool:
        """Say whether there is anything."""
        return bool(self.access or self.diet)


@transaction.atomic
def say(person: User, needed: Needed) -> None:
    """Keep what somebody needs, in place of what they said before; nothing at all takes it back.

    Of who was erased as they sent it, nothing is kept.
    """
    if needed and not let_none_be_erased([person.pk]):
        Needs.objects.update_or_create(user=person, defaults={"sealed": _seal(needed), "said_at": timezone.now()})
    else:
        take_back(person)


def take_back(person: User) -> None:
    """Delete what somebody said."""
    Needs.objects.filter(user=person).delete()


def said_by(person: User) -> tuple[Needed, datetime] | None:
    """Return what somebody said, and when. Raises cryptography.fernet.InvalidToken when no key opens it."""
    found = Needs.objects.filter(user=person).first()
    return (opened(found.sealed), found.said_at) if found else None


def opened(sealed: "bytes | memoryview") -> Needed:
    """Open what a row holds. Raises cryptography.fernet.InvalidToken when no key does."""
    return Needed(**json.loads(secret_box(PURPOSE).decrypt(bytes(sealed))))


@transaction.atomic
def seal_anew() -> int:
    """Seal everybody's under the present SECRET_KEY; return how many those are. See `portal.accounts.resealing`."""
    box, rows = secret_box(PURPOSE), list(Needs.objects.select_for_update().order_by("pk"))
    for row in rows:
        row.sealed = box.rotate(bytes(row.sealed))
    Needs.objects.bulk_update(rows, ["sealed"], batch_size=500)
    return len(rows)


def _seal(needed: Needed) -> bytes:
    return secret_box(PURPOSE).encrypt(json.dumps(asdict(needed), ensure_ascii=False).encode().ljust(PADDED_TO))
