"""What people type about their bookings."""

from django import forms

from portal.nhsuk.fieldsets import Look


class CancelForm(forms.Form):
    """Why a booking is given up."""

    reason = forms.CharField(
        label="Why are you cancelling?",
        help_text="The programme team can read this. Leave out anything about your health or family.",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    looks = {"reason": Look(size="m")}
