"""What tests of putting accounts together share."""

from datetime import timedelta

from django.utils import timezone

from cohorts.models import (
    Session,
)
from portal.accounts.merging import foresee, merge
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.outbox.sealing import unseal
from tests.cohorts.invariants import broken
from tests.whole_database import everything_in_the_database


def put_together(old: User, new: User, by: User) -> dict[tuple[str, str], str]:
    """Do it as the page does; return what was said of each thing beforehand."""
    before = everything_in_the_database()
    plan = foresee(old, new, by=by)
    assert everything_in_the_database() == before
    merge(old, new, by=by, seen=plan.seen)
    assert broken() == []
    return {(line.what, line.about): line.becomes for line in plan.lines}


def letters() -> dict[str, str]:
    """Return the letters that wait, by address."""
    payloads = Message.objects.filter(payload__isnull=False).values_list("payload", flat=True)
    sealed = [unseal(bytes(payload or b"")) for payload in payloads]
    return {each["to"]: each["text"] for each in sealed}


def ended(session: Session) -> None:
    began = timezone.now() - timedelta(hours=2)
    Session.objects.filter(pk=session.pk).update(starts_at=began, ends_at=began + timedelta(hours=1))
    session.refresh_from_db()
