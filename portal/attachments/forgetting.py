"""What an erased person leaves behind of files: what they uploaded for others, under a name that names nobody.

Files that are a person's own are deleted with the rows that hold them, by the app whose rows those are.
"""

from portal.accounts.erasure import forgets_people
from portal.accounts.models import User
from portal.accounts.people import Actor
from portal.attachments.kinds import ALL
from portal.attachments.models import Attachment
from portal.attachments.names import NAMELESS


@forgets_people(
    goes=("the names of files that you uploaded, which could name you",),
    stays=("files that you uploaded for a programme or a project, without your name, because others use them",),
)
def forget(person: User, by: Actor) -> None:
    """Give each of their files a name that says its kind alone."""
    for kind in ALL:
        Attachment.objects.filter(uploaded_by=person, kind=kind.key).update(name=f"{NAMELESS}{kind.ending}")
