"""What people were told of a booking."""

from cohorts.models import Booking
from portal.outbox.models import Message


def messages_about(booking: Booking) -> list[str]:
    """Return the rules by which a booking's holder was written to, in order."""
    return list(
        Message.objects.filter(subject__startswith=f"booking:{booking.pk}:")
        .order_by("id")
        .values_list("rule", flat=True)
    )
