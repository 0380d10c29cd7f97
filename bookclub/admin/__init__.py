"""Book clubs as programme teams keep them: the catalogue, each cohort's list, and what members suggest."""

from bookclub.admin import books, lists, suggestions, today

__all__ = ["books", "lists", "suggestions", "today"]
