"""Book clubs as programme teams keep them: the catalogue, each cohort's list, its meetings, what members suggest, and
the copies that programmes lend."""

from bookclub.admin import books, copies, copy_requests, lists, loans, meetings, suggestions, today

__all__ = ["books", "copies", "copy_requests", "lists", "loans", "meetings", "suggestions", "today"]
