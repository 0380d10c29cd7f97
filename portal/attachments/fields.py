"""The form field on which somebody chooses a file."""

from typing import Any, Final

from django import forms

from portal.attachments.kinds import ALL, MOST_BYTES, Kind, said
from portal.attachments.receiving import EMPTY

MEGABYTES: Final = MOST_BYTES // 1_000_000


class AttachmentField(forms.FileField):
    """Asks for a file, and says which kinds are taken and how large. What it is, `receiving.receive` finds out."""

    def __init__(self, *, kinds: tuple[Kind, ...] = ALL, **kwargs: Any) -> None:
        self.kinds = kinds
        accepted = ",".join(part for kind in kinds for part in (kind.ending, kind.content_type.partition(";")[0]))
        super().__init__(
            **{
                "label": "File",
                "help_text": f"{said(kinds)[:1].upper()}{said(kinds)[1:]}, up to {MEGABYTES} MB.",
                "widget": forms.FileInput(attrs={"accept": accepted}),
                "error_messages": {"required": "Choose a file", "empty": EMPTY},
                **kwargs,
            }
        )
