"""What the demonstration's records team finds: a legal hold, somebody who asks to be erased, and a log of disposal."""

from typing import Final

from portal.accounts import erasure_requests, legal_holds
from portal.accounts.models import User
from portal.retention.disposing import dispose

MATTER: Final = "DEMO/0417"


def keep(*, held: User, asks: User, by: User) -> None:
    """Set a hold on one person, let another ask to be erased, and dispose of what is past its period."""
    legal_holds.set_hold(held, MATTER, by=by)
    erasure_requests.ask(asks)
    dispose()
