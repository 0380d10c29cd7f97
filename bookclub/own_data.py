"""What is held about a person's part in book clubs; see `portal.subject_access`."""

from collections.abc import Iterable

from bookclub import targets
from bookclub.models import Backing, CopyRequest, Loan, Post, PostReport, Reading, Reflection, Suggestion
from bookclub.sealed_words import draft_of, words_of
from bookclub.thread_words import TEXT
from portal.accounts.models import User
from portal.subject_access import Row, holds_about_people


@holds_about_people("Books that you suggested")
def suggestions(person: User) -> Iterable[Row]:
    """Tell what they would like their cohorts to read."""
    for suggestion in Suggestion.objects.filter(suggested_by=person).select_related("cohort").order_by("pk"):
        yield {
            "cohort": suggestion.cohort.name,
            "book": suggestion.title,
            "author": suggestion.authors,
            "why": suggestion.why,
            "suggested": suggestion.suggested_at,
            "state": suggestion.get_state_display(),
        }


@holds_about_people("Books that you back")
def backings(person: User) -> Iterable[Row]:
    """Tell which suggestions they back, their own among them."""
    for backing in Backing.objects.filter(backed_by=person).select_related("suggestion__cohort").order_by("pk"):
        yield {
            "cohort": backing.suggestion.cohort.name,
            "book": backing.suggestion.title,
            "since": backing.backed_at,
        }


@holds_about_people("Where you are in the books of your cohorts")
def readings(person: User) -> Iterable[Row]:
    """Tell which books they have begun or finished, as they said."""
    rows = Reading.objects.filter(reader=person).select_related("listed__cohort", "listed__book").order_by("pk")
    for reading in rows:
        yield {
            "cohort": reading.listed.cohort.name,
            "book": str(reading.listed.book),
            "where": reading.get_state_display(),
            "chapter or page": reading.place,
            "said": reading.said_at,
        }


@holds_about_people("Your book club reflections")
def reflections(person: User) -> Iterable[Row]:
    """Tell what they wrote, and what they were writing. It is handed out to them alone."""
    rows = Reflection.objects.with_target().filter(author=person)
    for reflection in rows.order_by("pk"):
        about = targets.of(reflection)
        yield {
            "cohort": reflection.cohort.name,
            "about": about.name,
            "prompt": about.prompt.text if about.prompt else "",
            "begun": reflection.begun_at,
            "saved": reflection.saved_at,
            "what you wrote": words_of(reflection),
            "who reads it": reflection.get_audience_display(),
            "shared": reflection.shared_at,
            "draft": draft_of(reflection),
            "draft kept": reflection.draft_at,
        }


@holds_about_people("Books that you borrowed")
def loans(person: User) -> Iterable[Row]:
    """Tell what they have on loan, and what they gave back, as long as that is kept."""
    rows = Loan.objects.filter(borrower=person).select_related("copy__book", "cohort").order_by("pk")
    for loan in rows:
        yield {
            "cohort": loan.cohort.name,
            "book": str(loan.copy.book),
            "marked": loan.copy.label,
            "lent": loan.lent_on,
            "due back": loan.due_on,
            "state": loan.get_outcome_display(),
            "ended": loan.ended_on,
            "reminded before": loan.reminded_before_at,
            "reminded when due": loan.reminded_due_at,
        }


@holds_about_people("Books that you asked to borrow")
def copy_requests(person: User) -> Iterable[Row]:
    """Tell which copies they asked for, and what was answered."""
    for request in CopyRequest.objects.filter(asked_by=person).select_related("cohort", "book").order_by("pk"):
        yield {
            "cohort": request.cohort.name,
            "book": str(request.book),
            "which kind": request.format_in_words.capitalize(),
            "asked": request.asked_at,
            "state": request.get_state_display(),
            "since": request.state_since,
            "answer": request.answer,
        }


@holds_about_people("What you posted in your book clubs")
def posts(person: User) -> Iterable[Row]:
    """Tell what they posted, and what became of it; never who has reported it."""
    rows = Post.objects.filter(author=person).select_related("thread__cohort", "thread__meeting__component")
    for post in rows.order_by("pk"):
        yield {
            "cohort": post.thread.cohort.name,
            "meeting": post.thread.meeting.component.title,
            "posted": post.written_at,
            "edited": post.edited_at,
            "what you wrote": TEXT.opened(post.sealed),
            "taken back": post.taken_back_at,
            "taken away by a moderator": post.taken_away_at,
            "why": post.get_taken_away_for_display(),
            "what the moderator wrote to you": TEXT.opened(post.sealed_note),
        }


@holds_about_people("Posts that you reported")
def reports(person: User) -> Iterable[Row]:
    """Tell what they reported and why; not what another has written there."""
    rows = PostReport.objects.filter(reported_by=person).select_related("post__thread__cohort")
    for report in rows.order_by("pk"):
        yield {
            "cohort": report.post.thread.cohort.name,
            "reported": report.reported_at,
            "reason": report.get_reason_display(),
            "what you wrote": TEXT.opened(report.sealed),
            "what became of it": report.get_state_display(),
        }
