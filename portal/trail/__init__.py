"""The audit trail: who did what to what, and when; added to, never changed.

Call `record` in the transaction that does the thing, so that both stand or neither:

    trail.record("booking.cancelled", actor=user, subject=booking, late=True)

An entry names people and things by key alone. What somebody typed, an address, a name, or what kind of session
somebody chose has no place in it: whoever may read the trail may read all of it.
"""

from portal.trail.recording import (
    SYSTEM,
    Detail,
    System,
    UnfitEntry,
    record,
    record_day,
    record_many,
    subject_key,
)

__all__ = ["SYSTEM", "Detail", "System", "UnfitEntry", "record", "record_day", "record_many", "subject_key"]
