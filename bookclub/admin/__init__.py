"""Book clubs as programme teams keep them: the catalogue, each cohort's list, its meetings, what members suggest."""

from bookclub.admin import books, lists, meetings, suggestions, today

__all__ = ["books", "lists", "meetings", "suggestions", "today"]
