"""Book clubs as programme teams keep them: the catalogue, each cohort's list, its meetings, what members suggest, the
copies that programmes lend, and posts that were reported."""

from bookclub.admin import books, copies, copy_requests, lists, loans, meetings, reports, suggestions, today

__all__ = ["books", "copies", "copy_requests", "lists", "loans", "meetings", "reports", "suggestions", "today"]
