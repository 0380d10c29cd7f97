"""How files that a form brings are received: in memory, and never in a file, where one would be left behind.

A request is refused before it is read where it is larger than any form of ours. Of a file that is too large, no more is
kept than shows that it is: the form then says so beside the field, with all else that was typed still there.
"""

from io import BytesIO
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from portal.attachments.kinds import MOST_BYTES

MOST_OF_A_REQUEST: Final = 25_000_000
"""Bytes, of all that a form brings."""
MOST_KEPT: Final = MOST_BYTES + 1
"""Bytes of one file: one more than any form takes."""


class UploadTooBig(RequestDataTooBig):
    """The request brings files that are larger than the portal reads."""


class InMemory(FileUploadHandler):
    """Keeps the files of a request in memory."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803  # Django's own
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Look at the size before anything is read. Raises UploadTooBig."""
        if content_length > MOST_OF_A_REQUEST:
            raise UploadTooBig("A form brings more than is read.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.file = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, while anybody would look at it."""
        self.file.write(raw_data[: max(0, MOST_KEPT - start)])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """Return the file, which says how large it was."""
        self.file.seek(0)
        return InMemoryUploadedFile(
            file=self.file,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
