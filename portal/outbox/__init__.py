"""Every message that leaves the portal: written in the transaction that causes it, sent soon after by a worker.

    with transaction.atomic():
        booking.cancel()
        outbox.write("booking.cancelled", subject=f"booking:{booking.pk}", person=booking.user)

A row says which rule of which app caused it, what it is about and who gets it; what it says is composed when it is
sent, from what is true then (`portal.outbox.rules`). The same rule, subject and person are written once, however often
this is called.

Letters that people can do without say so, and can then be stopped in one click (ADR 0100):

    DIGEST = outbox.Optional("book-club-digest", "What is said in your book club", "Once a day at most.", reads_along)
    outbox.register(outbox.Rule("bookclub.digest", load=load, compose=compose, optional=DIGEST))
"""

from portal.outbox.mail import Calendar, Link, Mail
from portal.outbox.rules import Optional, Rule, register
from portal.outbox.writing import announce, write, write_many, write_sealed

__all__ = [
    "Calendar",
    "Link",
    "Mail",
    "Optional",
    "Rule",
    "announce",
    "register",
    "write",
    "write_many",
    "write_sealed",
]
