"""What teams fill in about the files of their project.

What stands in a table or a plain text is looked through for patients, as what people type is. Into documents and
pictures nobody looks but who adds them; so they say of each file that it identifies no patient.
"""

import codecs
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from portal.accounts.models import User
from portal.attachments.fields import AttachmentField
from portal.attachments.kinds import CSV, TEXT, CannotAttach
from portal.attachments.receiving import Received, receive
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look
from qi_projects.forms import LONGEST, OneLine
from qi_projects.models import ProjectFile
from qi_projects.together_forms import FormOfRow
from qi_projects.watchful_forms import WatchesForPatients

AGAIN: Final = "Choose the file again: your browser does not keep it"
WORDS: Final = ("title", "about")


def _title() -> OneLine:
    return OneLine(
        label="What is it called?",
        help_text="A few words by which the team knows it. For example: the card with six requests",
        max_length=150,
        required=True,
        error_messages={"required": "Enter what the file is called"},
    )


def _about() -> LongAnswer:
    return LongAnswer(
        label="What is it about?", help_text="What it is for, and who uses it.", max_length=LONGEST, rows=3
    )


class UploadForm(WatchesForPatients):
    """A file in the place of another. `by` is who chooses it."""

    upload = AttachmentField()
    no_patient_data = forms.BooleanField(
        label="I have looked through this file. Nothing in it identifies a patient",
        error_messages={"required": "Tick the box once you have looked through the file"},
    )
    looks = {"upload": Look(size="m")}

    def __init__(
        self, data: QueryDict | None = None, files: MultiValueDict[str, Any] | None = None, *, by: User
    ) -> None:
        super().__init__(data, files)
        self.by = by
        self._received: Received | None = None

    def clean_upload(self) -> Received:
        """Look into the file, before anything is locked: that may take a while."""
        try:
            self._received = receive(self.cleaned_data["upload"], by=self.by)
        except CannotAttach as refused:
            raise ValidationError(str(refused)) from refused
        return self._received

    def clean(self) -> dict[str, Any]:
        """Ask for a file that could be kept once more where something has to be put right."""
        cleaned = super().clean()
        if self.errors and self._received:
            self.add_error("upload", AGAIN)
        return cleaned

    def _texts(self, cleaned: dict[str, Any]) -> list[tuple[str, str]]:
        """Return what was written, and what stands in a file of text."""
        texts = super()._texts(cleaned)
        if self._received and self._received.kind in (CSV, TEXT):
            texts.append(("upload", self._received.content.removeprefix(codecs.BOM_UTF8).decode()))
        return texts


class NewFileForm(UploadForm):
    """A file, and what it is called and about."""

    looks = {name: Look(size="m") for name in ("upload", *WORDS)}
    field_order = ("upload", *WORDS, "no_patient_data")

    def __init__(
        self, data: QueryDict | None = None, files: MultiValueDict[str, Any] | None = None, *, by: User
    ) -> None:
        super().__init__(data, files, by=by)
        self.fields["title"], self.fields["about"] = _title(), _about()
        self.order_fields(self.field_order)


class FileWordsForm(FormOfRow):
    """What a file that is there is called, and what it is about."""

    looks = {name: Look(size="m") for name in WORDS}

    def __init__(self, data: QueryDict | None = None, *, file: ProjectFile) -> None:
        super().__init__(data, row=file, names=WORDS)
        self.fields["title"], self.fields["about"] = _title(), _about()
