"""What people type in threads: posts, and reports of them."""

from typing import Any, Final

from django import forms

from bookclub import discussing, reporting
from bookclub.models import Post
from portal.nhsuk.fields import LongAnswer

HOW: Final = (
    "You can use Markdown: *slanted*, **bold**, - at the beginning of a line for a list, > for what somebody else "
    "said. Please do not name patients, or describe them so that somebody could know who they are."
)


class PostForm(forms.Form):
    """The words of a post. Which one it is, its page carries beside them."""

    words = LongAnswer(label="Your words", help_text=HOW, max_length=discussing.LONGEST, rows=10, required=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["words"].error_messages["required"] = "Write something before you post it"


class ReportForm(forms.Form):
    """Why somebody reports a post."""

    reason = forms.ChoiceField(
        label="What is wrong with it?",
        widget=forms.RadioSelect,
        choices=Post.Reason,
        error_messages={"required": "Choose what is wrong with it"},
    )
    words = LongAnswer(
        label="What would you like the moderator to know?",
        help_text="The moderators read this, with your name. The author of the post does not.",
        max_length=reporting.LONGEST,
        rows=5,
    )

    @property
    def given(self) -> tuple[Post.Reason, str]:
        """Return the reason, and the words."""
        return Post.Reason(self.cleaned_data["reason"]), self.cleaned_data["words"]
