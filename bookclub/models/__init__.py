"""What book clubs are made of. A new piece has a module of its own here."""

from bookclub.models.books import Book
from bookclub.models.copies import Copy, LendingTerms
from bookclub.models.digests import Digest
from bookclub.models.lists import ListedBook
from bookclub.models.loans import CopyRequest, Loan
from bookclub.models.meetings import MeetingPlan, Prompt
from bookclub.models.readings import Reading
from bookclub.models.reflections import Reflection
from bookclub.models.suggestions import Backing, Suggestion
from bookclub.models.threads import Post, PostReport, Thread

__all__ = [
    "Backing",
    "Book",
    "Copy",
    "CopyRequest",
    "Digest",
    "LendingTerms",
    "ListedBook",
    "Loan",
    "MeetingPlan",
    "Post",
    "PostReport",
    "Prompt",
    "Reading",
    "Reflection",
    "Suggestion",
    "Thread",
]
