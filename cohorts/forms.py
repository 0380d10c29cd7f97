"""What people type about their bookings."""

from django import forms

from portal.nhsuk.fieldsets import Look


class LongAnswer(forms.CharField):
    """Some lines of text. A new line counts as one character, as the counter beside the field counts it."""

    def to_python(self, value: object) -> str | None:
        """Return the text with new lines as we keep them; browsers send two characters for each."""
        text: str | None = super().to_python(value)
        return text and text.replace("\r\n", "\n")


class CancelForm(forms.Form):
    """Why a booking is given up."""

    reason = LongAnswer(
        label="Why are you cancelling?",
        help_text="The programme team can read this. Leave out anything about your health or family.",
        max_length=300,
        required=False,
        error_messages={"max_length": "What you write must be 300 characters or fewer"},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    looks = {"reason": Look(size="m")}
