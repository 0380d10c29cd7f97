"""What book clubs are made of. A new piece has a module of its own here."""

from bookclub.models.books import Book
from bookclub.models.lists import ListedBook
from bookclub.models.meetings import MeetingPlan, Prompt
from bookclub.models.readings import Reading
from bookclub.models.reflections import Reflection
from bookclub.models.suggestions import Backing, Suggestion

__all__ = ["Backing", "Book", "ListedBook", "MeetingPlan", "Prompt", "Reading", "Reflection", "Suggestion"]
