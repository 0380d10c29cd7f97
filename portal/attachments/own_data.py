"""What is held about a person's files; see `portal.subject_access`."""

from collections.abc import Iterable

from portal.accounts.models import User
from portal.attachments.models import Attachment
from portal.subject_access import Row, holds_about_people


@holds_about_people("Files that you uploaded")
def files(person: User) -> Iterable[Row]:
    """Tell each file that is still there, by its name. What it holds they have, and download where it is attached."""
    for file in Attachment.objects.filter(uploaded_by=person).order_by("pk"):
        yield {
            "name": file.name,
            "kind": file.get_kind_display(),
            "bytes": file.size,
            "uploaded": file.uploaded_at,
            "checked for viruses": file.scanned_at,
        }
