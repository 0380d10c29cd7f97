"""Taking a file in hand: its size, a virus scanner's word, what it is, and what is kept of it.

This takes seconds for a large picture or a slow scanner, and holds no lock in the database meanwhile.
"""

import hashlib
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from portal import trail
from portal.accounts.models import User
from portal.attachments.clamd import NotScanned, TooLargeToScan
from portal.attachments.kinds import ALL, MOST_BYTES, CannotAttach, Kind, said
from portal.attachments.names import safe_name
from portal.attachments.recognising import looked_into

logger = logging.getLogger(__name__)

TOO_LARGE: Final = (
    f"The file must be {MOST_BYTES // 1_000_000} MB or smaller. Make its pictures smaller, save it as PDF, or divide "
    "it."
)
EMPTY: Final = "The file is empty. Choose another one."
HARMFUL: Final = (
    "The virus scanner found something harmful in this file, so it was not kept. Tell your IT team, and do not send it "
    "to anybody."
)
NOT_SCANNED: Final = (
    "Files cannot be checked for viruses at the moment, so none are taken. Nothing was kept. Try again in a few "
    "minutes."
)
NOT_SCANNABLE: Final = "The file is too large for the virus scanner, so it was not kept. Choose a smaller one."

NAME_OF_A_VIRUS: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is fit to be kept: the content that is kept of it, and what it is. `scanned_at` is None without a
    scanner."""

    name: str
    kind: Kind
    content: bytes
    scanned_at: datetime | None

    @property
    def size(self) -> int:
        """Return how many bytes are kept."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """Return the hash of what is kept."""
        return hashlib.sha256(self.content).hexdigest()


def receive(upload: "UploadedFile[bytes]", *, by: User, kinds: tuple[Kind, ...] = ALL) -> Received:
    """Return what is kept of an uploaded file, if it is one of `kinds` and fit to be given out. Raises CannotAttach.

    That a virus was found stands in the trail, whatever becomes of the form.
    """
    if (upload.size or 0) > MOST_BYTES:
        raise CannotAttach(TOO_LARGE)
    upload.seek(0)
    content = upload.read(MOST_BYTES + 1)
    if not content:
        raise CannotAttach(EMPTY)
    scanned_at = _scan(content, by)
    kind, kept = looked_into(content, upload.name or "")
    if kind not in kinds:
        raise CannotAttach(f"Files of this kind are not taken here. Choose {said(kinds)}.")
    if len(kept) > MOST_BYTES:
        raise CannotAttach(TOO_LARGE)
    return Received(safe_name(upload.name or "", kind.ending), kind, kept, scanned_at)


def _scan(content: bytes, by: User) -> datetime | None:
    """Ask the scanner, if there is one, before anything else reads the file; return when it was content."""
    if settings.VIRUS_SCANNER is None:
        return None
    try:
        found = settings.VIRUS_SCANNER.found_in(content)
    except TooLargeToScan as error:
        logger.warning("The virus scanner takes smaller files than the portal: raise its StreamMaxLength")
        raise CannotAttach(NOT_SCANNABLE) from error
    except NotScanned as error:
        logger.warning("The virus scanner does not answer: no file is taken")
        raise CannotAttach(NOT_SCANNED) from error
    if found:
        trail.record("upload.virus_found", actor=by, subject=by, virus=NAME_OF_A_VIRUS.sub("-", found)[:100])
        raise CannotAttach(HARMFUL)
    return timezone.now()
