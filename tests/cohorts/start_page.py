"""What tests of the start page share."""

from cohorts.admin.first_few import Kind, first_few
from portal.accounts.models import User
from portal.admin_needs import Need


def waits(kind: Kind, user: User) -> Need | None:
    """Return what waits for somebody of one kind."""
    needs = first_few([kind], user)
    return needs[0] if needs else None
