"""Putting two accounts of one person together, and two organisations."""
