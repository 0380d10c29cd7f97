"""What people type about their bookings."""

from typing import Any

from django import forms

from cohorts.models import Booking
from portal.nhsuk.fields import LongAnswer
from portal.nhsuk.fieldsets import Look


class CancelForm(forms.Form):
    """Why a booking is given up."""

    reason = LongAnswer(
        label="Why are you cancelling?",
        help_text="The programme team can read this. Leave out anything about your health or family.",
        max_length=300,
        rows=3,
    )
    looks = {"reason": Look(size="m")}

    def __init__(self, data: Any, *, booking: Booking) -> None:
        super().__init__(data)
        if booking.state != Booking.State.BOOKED:  # who gives up no place owes no reason
            del self.fields["reason"]
