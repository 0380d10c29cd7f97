"""Text that people write and no copy of the database should tell, sealed under SECRET_KEY for one purpose."""

from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import QuerySet

from portal.secret_box import secret_box


@dataclass(frozen=True, slots=True)
class SealedText:
    """How text of one purpose is sealed and opened; `unreadable` is said of it once no key opens it any more."""

    purpose: str
    unreadable: str

    def seal(self, text: str) -> bytes:
        """Seal what somebody wrote."""
        return secret_box(self.purpose).encrypt(text.encode())

    def opened(self, sealed: bytes | memoryview | None) -> str:
        """Open what is sealed: nothing for nothing, and `unreadable` for what no key opens any more."""
        if sealed is None:
            return ""
        try:
            return secret_box(self.purpose).decrypt(bytes(sealed)).decode()
        except InvalidToken:
            return self.unreadable

    @transaction.atomic
    def seal_anew(self, rows: QuerySet[Any], *names: str) -> int:
        """Seal columns of rows under the present SECRET_KEY; return how many rows there are.

        It can be run again at any time. Raises cryptography.fernet.InvalidToken, with nothing changed, when no key
        opens one.
        """
        box, number = secret_box(self.purpose), 0
        # Each is held, so that what somebody saves at this moment is not put back.
        for row in rows.select_for_update(no_key=True).order_by("pk").iterator(chunk_size=100):
            for name in names:
                if (sealed := getattr(row, name)) is not None:
                    setattr(row, name, box.rotate(bytes(sealed)))
            row.save(update_fields=names)
            number += 1
        return number
