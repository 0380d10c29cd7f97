"""Why something was not done in a book club, in words for the person."""


class BookClubRefused(Exception):
    """Nothing was done. `str()` says why."""

    message = "This has changed since you opened the page. Below is how it stands now."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class OnListAlready(BookClubRefused):
    """A book that the cohort reads already."""

    message = "This book is on the cohort's list already."


class OffList(BookClubRefused):
    """A book that was swapped or taken off meanwhile."""

    message = "Somebody else has taken this book off the list since you opened the page."


class MeetingBegun(BookClubRefused):
    """A book whose meeting goes on, or is over: people have read it for that, and talked about it."""

    message = (
        "Its meeting has begun, so this book stays on the list. Put another book on the list beside it, for a meeting "
        "to come."
    )


class NoMeeting(BookClubRefused):
    """A session that is no book club meeting of the cohort."""

    message = "Choose one of this cohort's book club meetings that is not cancelled."


class SuggestedAlready(BookClubRefused):
    """A book that waits already among the cohort's suggestions."""

    message = "Somebody has suggested this book already. You can back it in the list."


class SuggestionOver(BookClubRefused):
    """A suggestion that was decided about, or taken back."""

    message = "This suggestion was decided about, or taken back, since you opened the page."


class MeetingCancelled(BookClubRefused):
    """A meeting that will not take place."""

    message = "This meeting was cancelled. Write for the one that takes its place."


class PromptGone(BookClubRefused):
    """A prompt that was taken off meanwhile."""

    message = "Somebody else has taken this prompt off since you opened the page."


class TooManyPrompts(BookClubRefused):
    """More prompts than a meeting can talk about."""

    message = "This meeting has 20 prompts. Take one off before you add another."
