"""Why something was not done in a book club, in words for the person."""

from bookclub.models import Post, Reflection


class BookClubRefused(Exception):
    """Nothing was done. `str()` says why."""

    message = "This has changed since you opened the page. Below is how it stands now."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class OnListAlready(BookClubRefused):
    """A book that the cohort reads already."""

    message = "This book is on the cohort's list already."


class NotOffered(BookClubRefused):
    """A book that no list takes up any more."""

    message = (
        "This book is no longer offered to cohorts. Choose another one, or tick “Offered” on its page in the catalogue."
    )


class OffList(BookClubRefused):
    """A book that was swapped or taken off meanwhile."""

    message = "Somebody else has taken this book off the list since you opened the page."


class ListOver(BookClubRefused):
    """A swap on the list of a cohort that has ended: it tells what was read."""

    message = "This cohort has ended, so no book of its list is swapped: nobody would read the other one."


class MeetingBegun(BookClubRefused):
    """A book whose meeting goes on, or is over: people have read it for that, and talked about it."""

    message = (
        "Its meeting has begun, so this book stays on the list. Put another book on the list beside it, for a meeting "
        "to come."
    )


class MeetingNotToCome(BookClubRefused):
    """A book that would go to a meeting that goes on, or is over, where it stays."""

    message = "This meeting has begun, or is over, and a book that is put there stays. Choose a meeting to come."


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


class PromptReworded(BookClubRefused):
    """A prompt that reads otherwise than on the page on which somebody would take it off."""

    message = (
        "Somebody else has put this prompt in other words since you opened the page. Nothing was done yet. Below is "
        "how it reads now: look at it, and decide."
    )


class TooManyPrompts(BookClubRefused):
    """More prompts than a meeting can talk about."""

    message = "This meeting has 20 prompts. Take one off before you add another."


class NoMember(BookClubRefused):
    """Somebody who is not, or is no longer, in the cohort in which they would write."""

    message = "You take no part in this cohort any more. What you saved before stays yours to read and to download."


class ReflectionGone(BookClubRefused):
    """A reflection that its author has deleted in another tab."""

    message = "You have deleted this reflection since you opened the page, so nothing was saved or shared."


class NoLongerReadable(BookClubRefused):
    """A reflection, or its draft, that no key opens: what is sealed stays as it is, for when the key is found."""

    message = "What you wrote here before cannot be read now, so nothing was put in its place."


class TooManyReflections(BookClubRefused):
    """Somebody has as many reflections in a cohort as there is room for."""

    message = "You have as many reflections here as there is room for. Delete one, or write in one that you have."


class ChangedInOtherTab(BookClubRefused):
    """What is saved, or who reads it, is not what the page knew. `now` is what stands there."""

    message = (
        "You have changed this in another tab or on another device since you opened this page. Nothing was done yet. "
        "Below is what stands now: look at it, and decide."
    )

    def __init__(self, now: Reflection) -> None:
        self.now = now
        super().__init__()


class DraftedElsewhere(BookClubRefused):
    """Another tab has kept a draft, or saved, since this one was opened."""

    message = (
        "You are writing this in another tab too, or have saved it there. What you write here is kept once you press "
        "“Save”: you are shown both then, and nothing is lost."
    )


class CohortOver(BookClubRefused):
    """A cohort that has ended: its members read and keep what they wrote, and share nothing more."""

    message = "Your cohort has ended, so nothing more is shared. What you wrote stays yours."


class NothingToShare(BookClubRefused):
    """A draft, which nobody but its author ever reads."""

    message = "This is a draft. Save it first; then you can share it."


class CopyNotIn(BookClubRefused):
    """A copy that somebody has, or that is lost or withdrawn."""

    message = "Somebody has this copy, or it is lost or withdrawn. Choose another one."


class CopyIsLent(BookClubRefused):
    """A copy that somebody has, of which something was asked that needs it to be in."""

    message = "Somebody has this copy. Say first that it is back, or lost."


class NotOut(BookClubRefused):
    """A loan that has ended meanwhile."""

    message = "This copy was given back, or counted as lost, since you opened the page."


class NotInProgramme(BookClubRefused):
    """Somebody who takes part in no cohort of the programme to which a copy belongs."""

    message = "Copies are lent to people who take part in a cohort of the programme to which the copy belongs."


class WrongDueDate(BookClubRefused):
    """A day on which no copy can be due back."""

    message = "Choose a day from tomorrow on, and no more than a year ahead."


class OtherBook(BookClubRefused):
    """A copy of another book, or of another programme, than the one for which somebody asks."""

    message = "Choose a copy of the book that they ask for, from their own programme."


class NothingToLend(BookClubRefused):
    """A book of which the programme has no copies."""

    message = "Your programme lends no copies of this book. The book club's page says how else to get it."


class AskedAlready(BookClubRefused):
    """A book for which somebody has asked before."""

    message = "You have asked for a copy of this book already. The programme team will answer."


class HasIt(BookClubRefused):
    """A book that somebody has borrowed already."""

    message = "You have a copy of this book on loan."


class RequestOver(BookClubRefused):
    """A request that was answered, or taken back."""

    message = "This request was answered, or taken back, since you opened the page."


class ThreadClosed(BookClubRefused):
    """A thread that a facilitator has closed."""

    message = "A facilitator has closed this thread, so nothing new is written here for now. Everybody can read it."


class ThreadOver(BookClubRefused):
    """A thread of a cohort that has ended."""

    message = "Your cohort has ended, so nothing new is written here. You can read what was, and take back your own."


class PostGone(BookClubRefused):
    """A post that was taken back, or taken away, meanwhile."""

    message = "This post was taken back, or taken away by a moderator, since you opened the page."


class PostChanged(BookClubRefused):
    """A post that its author has changed elsewhere. `now` is what stands there."""

    message = (
        "You have changed this post in another tab or on another device since you opened this page. Nothing was "
        "saved yet: look at both below, and decide."
    )

    def __init__(self, now: Post) -> None:
        self.now = now
        super().__init__()


class PostUnreadable(BookClubRefused):
    """A post that no key opens: what is sealed stays as it is, for when the key is found."""

    message = "What stands here cannot be read now, so nothing was put in its place. Write a new post."


class PostedAlready(BookClubRefused):
    """Other words from a page whose post stands there already."""

    message = (
        "You have posted from this page already, with other words. What you wrote now is below, and not posted: edit "
        "the post, or write a new one."
    )


class TooManyPosts(BookClubRefused):
    """Somebody has posted as much as goes in an hour."""

    message = "You have posted a lot within an hour. What you wrote is below, and not posted: post it a little later."


class OwnPost(BookClubRefused):
    """A report of one's own post."""

    message = "This is your own post. You can edit it, or take it back."


class TooManyReports(BookClubRefused):
    """Somebody has reported as much as goes in a day."""

    message = (
        "You have reported a lot today. What you wrote is below, and not sent: please speak to the programme team."
    )


class LookedAtAlready(BookClubRefused):
    """A report of what a moderator has looked at as it stands, and let be."""

    message = (
        "A moderator has looked at this post as it stands, and decided to let it stay. If that troubles you, please "
        "speak to the programme team."
    )


class ReportedAlready(BookClubRefused):
    """A second report of a post, while the first waits."""

    message = "You have reported this post already. A moderator looks at it, and you are told what becomes of it."


class NotTheirsToModerate(BookClubRefused):
    """A moderator who would deal with a report of what they wrote themselves."""

    message = "You wrote this post yourself, so somebody else deals with it."


class TheirReport(NotTheirsToModerate):
    """A moderator who would decide about what they have reported themselves, where another one is there."""

    message = "You reported this post yourself, so another moderator decides what becomes of it."
