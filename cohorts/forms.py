"""What people type about their bookings."""

from django import forms

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
