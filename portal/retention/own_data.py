"""What is held about a person's erasure, and what keeps it from being done; see `portal.subject_access`."""

from collections.abc import Iterable
from typing import Any

from portal.retention.models import ErasureRequest, Hold
from portal.subject_access import Row, holds_about_people


@holds_about_people("Legal holds")
def legal_holds(person: Any) -> Iterable[Row]:
    """Tell under which holds they stand or stood, and not who set one: that is another person's."""
    for hold in Hold.objects.filter(person=person).order_by("pk"):
        yield {"reference": hold.reference, "set": hold.set_at, "lifted": hold.lifted_at}


@holds_about_people("Requests to be erased")
def requests(person: Any) -> Iterable[Row]:
    """Tell that they have asked."""
    for request in ErasureRequest.objects.filter(person=person):
        yield {"asked": request.asked_at}
